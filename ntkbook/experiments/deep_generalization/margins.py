"""Margins of the conjugate kernel at each depth: Cao and Gu (2019), assumption 4.12."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
import xarray as xr
from torch import Tensor

from ntkbook.data import Sample
from ntkbook.expect import expects
from ntkbook.experiments.deep_generalization import tasks
from ntkbook.kernels import conjugate_kernel
from ntkbook.margins import NotSeparableError, hard_margin
from ntkbook.streams import Streams


@expects()
@dataclass(frozen=True)
class Settings:
    """What every cell receives."""

    n: int
    """Points."""
    depth: int = 5
    """Largest number of layers l."""

    def __post_init__(self):
        if self.n < 2 or self.depth < 2:
            raise ValueError(f"n, depth: expected at least 2 each, found {self.n} and {self.depth}")


@dataclass(frozen=True)
class Cell:
    """One draw of a task."""

    task: str
    seed: int


def or_zero(margin: Callable[[], float]) -> float:
    """Margin of a sample, 0 where no separation exists: the hull then holds the point 0."""
    try:
        return margin()
    except NotSeparableError:
        return 0.0


def kernel_margins(x: Tensor, labels: Tensor, depth: int) -> list[float]:
    """Margins in the kernels kappa^(l), l = 0 to `depth`, of which kappa^(l)(x, x) = 2^-l |x|^2; 0 where there is none.

    Parameters
    ----------
    x : Tensor (n, d), float64
        Inputs.
    labels : Tensor (n,)
        y, +-1.
    depth : int
        Largest l.

    Returns
    -------
    list of float
    """
    grams = (conjugate_kernel(x, layer) / 2**layer for layer in range(depth + 1))
    return [or_zero(lambda gram=gram: hard_margin(gram, labels).value) for gram in grams]


def measure(cell: Cell, settings: Settings, pools: Mapping[str, Sample], streams: Streams, device: str) -> xr.Dataset:
    """Compute the margin of one sample at each depth.

    Parameters
    ----------
    cell : Cell
        Task and draw.
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
        gamma by layer l, in the kernel kappa^(l).
    """
    sample = tasks.draw(cell.task, settings.n, cell.seed, pools, streams)
    x, y = (torch.tensor(array, device=device) for array in (sample.x_train, sample.y_train))
    return xr.Dataset(
        {"margin": ("layer", kernel_margins(x, y, settings.depth))}, {"layer": list(range(settings.depth + 1))}
    )
