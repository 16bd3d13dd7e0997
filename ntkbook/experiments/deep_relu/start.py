"""Outputs of deep ReLU nets at their start, on the sphere: Cao and Gu (2019), Lemma 5.3."""

from dataclasses import dataclass

import torch
import xarray as xr

from ntkbook import data
from ntkbook.expect import expects
from ntkbook.networks import DeepReLU
from ntkbook.streams import Streams


@expects()
@dataclass(frozen=True)
class Settings:
    """What every cell receives."""

    sizes: tuple[int, ...]
    """Numbers n of inputs, increasing; a larger sample holds the smaller ones."""
    dim: int = 100
    """Dimension of the inputs: so high that two of them are nearly orthogonal."""

    def __post_init__(self):
        if len(self.sizes) < 2 or list(self.sizes) != sorted(set(self.sizes)) or self.sizes[0] < 2:
            raise ValueError(f"sizes: expected at least two increasing sizes >= 2, found {self.sizes}")


@dataclass(frozen=True)
class Cell:
    """One net."""

    depth: int
    width: int
    seed: int


def measure(cell: Cell, settings: Settings, streams: Streams, device: str) -> xr.Dataset:
    """Find the largest output among the first n inputs, and the mean square of all.

    Parameters
    ----------
    cell : Cell
        Depth, width and seed.
    settings : Settings
        Of the part.
    streams : Streams
        Random streams.
    device : str
        Where to compute.

    Returns
    -------
    xarray.Dataset
    """
    x = data.sphere(settings.sizes[-1], settings.dim, streams("inputs at the start", cell.seed))
    rng = streams("weights at the start", cell.depth, cell.width, cell.seed)
    net = DeepReLU.initialise(settings.dim, (cell.width,) * cell.depth, rng, device=device)
    outputs = net(torch.tensor(x, dtype=torch.float32, device=device)).double()
    largest = outputs.abs().cummax(0).values
    return xr.Dataset(
        {
            "largest": ("n", [float(largest[n - 1]) for n in settings.sizes]),
            "mean_square": float(outputs.square().mean()),
        },
        {"n": list(settings.sizes)},
    )
