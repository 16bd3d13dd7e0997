"""How the exact worst-case B of eq. (4.1) falls with n as labels slide into noise: Cao and Gu (2019), Remark 4.8."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
import xarray as xr

from ntkbook.data import Sample, randomise_portion
from ntkbook.expect import expects
from ntkbook.experiments.deep_generalization import tasks
from ntkbook.experiments.deep_generalization.margins import or_zero
from ntkbook.margins import gradient_certificate
from ntkbook.networks import DeepReLU
from ntkbook.streams import Streams


@expects()
@dataclass(frozen=True)
class Settings:
    """What every cell receives."""

    sizes: tuple[int, ...]
    """Sample sizes n, increasing; the smaller samples are part of the larger."""
    width: int
    """Neurons m of each layer."""

    def __post_init__(self):
        if len(self.sizes) < 2 or list(self.sizes) != sorted(set(self.sizes)):
            raise ValueError(f"sizes: expected at least two, increasing, found {self.sizes}")


@dataclass(frozen=True)
class Cell:
    """One sample of a task, a portion of its labels replaced by coin flips, and one net at its start."""

    task: str
    depth: int
    portion: float
    seed: int


def measure(cell: Cell, settings: Settings, pools: Mapping[str, Sample], streams: Streams, device: str) -> xr.Dataset:
    """Compute the certificate on growing samples.

    Parameters
    ----------
    cell : Cell
        Task, layers, portion of random labels and seed.
    settings : Settings
        Of the part.
    pools : mapping of str to Sample
        Images of the pairs.
    streams : Streams
        Random streams.
    device : str
        Where to compute.

    Returns
    -------
    xarray.Dataset
        B by sample size; 0 where the tangent features are not separable.
    """
    sample = tasks.draw(cell.task, settings.sizes[-1], cell.seed, pools, streams)
    labels = randomise_portion(sample.y_train, cell.portion, streams("label noise", cell.seed))
    x, y = (torch.tensor(array, device=device) for array in (sample.x_train, labels))
    widths, rng = (settings.width,) * cell.depth, streams("weights", cell.depth, cell.seed)
    net = DeepReLU.initialise(x.shape[1], widths, rng, dtype=x.dtype, device=device)
    found = [or_zero(lambda n=n: gradient_certificate(net, x[:n], y[:n])) for n in settings.sizes]
    return xr.Dataset({"certificate": ("n", found)}, {"n": list(settings.sizes)})
