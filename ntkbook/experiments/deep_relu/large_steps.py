"""Steps so large that the surrogate error does not fall at each of them: where k* of Algorithm 1 has work to do."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
import xarray as xr

from ntkbook.data import Sample
from ntkbook.expect import expects
from ntkbook.experiments.deep_relu import tasks
from ntkbook.networks import DeepReLU
from ntkbook.streams import Streams
from ntkbook.training import deep_gradient_descent


@expects()
@dataclass(frozen=True)
class Settings:
    """What every cell receives."""

    n: int
    """Training images."""
    width: int
    """Neurons m of each layer."""
    n_steps: int
    """Steps K."""
    depth: int = 3
    """Hidden layers L."""

    def __post_init__(self):
        if self.n < 2 or self.width < 2 or self.width % 2 or self.n_steps < 2:
            raise ValueError(
                f"n, width, n_steps: expected at least 2 points, an even width and 2 steps, "
                f"found {self.n}, {self.width} and {self.n_steps}"
            )


@dataclass(frozen=True)
class Cell:
    """One run."""

    rate: float
    seed: int


def measure(cell: Cell, settings: Settings, samples: Mapping[str, Sample], streams: Streams, device: str) -> xr.Dataset:
    """Train one net on images with true labels, and keep the surrogate error of every step.

    Parameters
    ----------
    cell : Cell
        eta m, and seed.
    settings : Settings
        Of the part.
    samples : mapping of str to Sample
        What the tasks are made from.
    streams : Streams
        Random streams.
    device : str
        Where to train.

    Returns
    -------
    xarray.Dataset
        By step, and k*.
    """
    x, y = tasks.problem("true", settings.n, cell.seed, samples, streams, torch.float32, device)
    rng = streams("weights", settings.depth, settings.width, cell.seed)
    net = DeepReLU.initialise(x.shape[1], (settings.width,) * settings.depth, rng, device=device)
    path = deep_gradient_descent(
        net, x, y, step_size=cell.rate / settings.width, n_steps=settings.n_steps, record_at=()
    )
    return xr.Dataset(
        {"surrogate": ("step", path.surrogate_errors), "best_step": path.best_step},
        {"step": list(range(settings.n_steps + 1))},
    )
