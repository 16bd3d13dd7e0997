"""Worst-case B for two inputs at a small distance phi with unlike labels: Cao and Gu (2019), Remark 4.8."""

from dataclasses import dataclass

import numpy as np
import torch
import xarray as xr

from ntkbook.data import near_parallel_pair
from ntkbook.expect import expects
from ntkbook.margins import gradient_certificate
from ntkbook.networks import DeepReLU
from ntkbook.streams import Streams

_DIM = 10


@expects()
@dataclass(frozen=True)
class Settings:
    """What every cell receives."""

    angles: tuple[float, ...] = (1e-6, 3e-6, 1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2)
    """Angles phi in radians between the inputs, which are their distances; 1e-6 is what float64 resolves."""


@dataclass(frozen=True)
class Cell:
    """One net with one hidden layer, and one pair at all angles."""

    width: int
    seed: int


def measure(cell: Cell, settings: Settings, streams: Streams, device: str) -> xr.Dataset:
    """Compute the certificate of pairs in one plane.

    Parameters
    ----------
    cell : Cell
        Width and seed.
    settings : Settings
        Of the part.
    streams : Streams
        Random streams.
    device : str
        Where to compute.

    Returns
    -------
    xarray.Dataset
        B by angle.
    """
    rng = streams("weights on a pair", cell.width, cell.seed)
    net = DeepReLU.initialise(_DIM, (cell.width,), rng, dtype=torch.float64, device=device)
    y = torch.tensor([1.0, -1.0], device=device, dtype=torch.float64)
    pairs = [near_parallel_pair(angle, _DIM, streams("pair", cell.seed)) for angle in settings.angles]
    found = [gradient_certificate(net, torch.tensor(pair, device=device), y) for pair in pairs]
    return xr.Dataset({"certificate": ("angle", found)}, {"angle": list(settings.angles)})


def expected(settings: Settings) -> xr.Dataset:
    """Root mean square of B over nets of any width, sqrt(E|phi(x) - phi(x')|^2 / (4 m)).

    A neuron that is on for both inputs adds |x - x'|^2 = 4 sin^2(phi/2), with probability 1/2 - phi / (2 pi); one that
    is on for one of them adds 1, with probability phi / pi.

    Parameters
    ----------
    settings : Settings
        Of the part.

    Returns
    -------
    xarray.Dataset
    """
    phi = np.array(settings.angles)
    square = (0.5 - phi / (2 * np.pi)) * 4 * np.sin(phi / 2) ** 2 + phi / np.pi
    return xr.Dataset({"expected": ("angle", np.sqrt(square / 4))}, {"angle": list(settings.angles)})
