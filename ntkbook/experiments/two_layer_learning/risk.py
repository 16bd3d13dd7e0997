"""Excess risk of nets that validation stops, against sample and width, without and with label noise: Z02."""

from dataclasses import dataclass, field

import numpy as np
import xarray as xr

from ntkbook.expect import expects
from ntkbook.experiments.two_layer_learning.nets import Recipe, Run, train
from ntkbook.experiments.two_layer_learning.targets import Concept, lifted
from ntkbook.streams import Streams
from ntkbook.wants import each, not_negative


@expects(noise=each(not_negative))
@dataclass(frozen=True)
class Settings:
    """What every cell receives."""

    n_steps: int
    """T, the same for all sizes and widths; steps are in units of each net's own `step_unit`."""
    n_seeds: int
    """Targets, each with data and nets of its own."""
    noise: tuple[float, ...] = (0.0, 0.5)
    """Standard deviations of the label noise, 0 first; the targets' is 1."""
    dim: int = 5
    """d, the constant coordinate among them."""
    terms: int = 4
    """p of eq. (3.1)."""
    scale: float = 3.0
    """B of footnote 6."""
    n_validation: int = 1000
    """Points that stop the training, with the same noise."""
    n_test: int = 4000
    """Points with clean targets."""
    recipe: Recipe = field(default_factory=Recipe)
    """Of SGD."""

    def __post_init__(self):
        if self.n_steps < 1 or len(self.noise) < 2 or self.noise[0] != 0 or min(self.noise[1:]) <= 0:
            raise ValueError(
                f"n_steps, noise: expected a step, and 0 before other noise, found {self.n_steps} and {self.noise}"
            )


@dataclass(frozen=True)
class Cell:
    """Nets of one width on samples of one size."""

    n: int
    width: int


def measure(cell: Cell, settings: Settings, streams: Streams, device: str) -> xr.Dataset:
    """Train nets on every level of noise and every target, side by side.

    A seed's target, inputs and start are the same for all noise; a larger sample continues a smaller one.

    Parameters
    ----------
    cell : Cell
        Sample size and width.
    settings : Settings
        Of the part.
    streams : Streams
        Random streams.
    device : str
        Where to train.

    Returns
    -------
    xarray.Dataset
        By noise and seed: excess risk E (f - F*)^2 where the validation error is least ("stopped") and at the end
        ("final"); the share of the run at which it stopped; train error and slope at the end; noise variance "opt".
    """
    places = [(sigma, seed) for sigma in settings.noise for seed in range(settings.n_seeds)]
    runs = [_run(cell, sigma, seed, settings, streams) for sigma, seed in places]
    paths = train(runs, cell.width, settings.n_steps, settings.recipe, device)
    found: dict[str, list[float]] = {name: [] for name in ("stopped", "final", "stopped_at", "train", "slope", "opt")}
    for (sigma, _), path in zip(places, paths, strict=True):
        best = int(np.argmin(path.observations["validation"]))
        found["stopped"].append(path.observations["test"][best])
        found["final"].append(path.observations["test"][-1])
        found["stopped_at"].append(path.steps[best] / path.steps[-1])
        found["train"].append(path.train_errors[-1])
        found["slope"].append(path.convergence.slope)
        found["opt"].append(sigma**2)
    shape = (len(settings.noise), settings.n_seeds)
    return xr.Dataset(
        {name: (("noise", "seed"), np.reshape(values, shape)) for name, values in found.items()},
        {"noise": list(settings.noise), "seed": range(settings.n_seeds)},
    )


def _run(cell: Cell, sigma: float, seed: int, settings: Settings, streams: Streams) -> Run:
    target = Concept.product(settings.dim, settings.terms, streams("target", seed), scale=settings.scale)
    draw = lifted(target, streams("scale", seed))
    x, y = draw(streams("train", seed), cell.n)
    x_validation, y_validation = draw(streams("validation", seed), settings.n_validation)
    noise = streams("noise", seed)
    validation_noise, train_noise = (noise.standard_normal(size) for size in (settings.n_validation, cell.n))
    return Run(
        x,
        y + sigma * train_noise,
        {
            "validation": (x_validation, y_validation + sigma * validation_noise),
            "test": draw(streams("test", seed), settings.n_test),
        },
        streams("weights", cell.width, seed),
        streams("batches", cell.width, cell.n, seed),
    )
