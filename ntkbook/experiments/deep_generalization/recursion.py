"""The recursion of the conjugate kernel against sampling: Cao and Gu (2019), assumption 4.12."""

import math
from dataclasses import dataclass

import torch
import xarray as xr
from torch import Tensor

from ntkbook import data
from ntkbook.expect import expects
from ntkbook.kernels import conjugate_kernel, monte_carlo_layer
from ntkbook.streams import Streams

_N, _DIM = 12, 5


@expects()
@dataclass(frozen=True)
class Settings:
    """What every cell receives."""

    counts: tuple[int, ...] = (1000, 10_000, 100_000)
    """Numbers N of sampled functions."""
    depth: int = 5
    """Largest number of layers l."""


@dataclass(frozen=True)
class Cell:
    """One draw of inputs and samples."""

    seed: int


def measure(cell: Cell, settings: Settings, streams: Streams, device: str) -> xr.Dataset:
    """Sample each layer of the recursion on the closed form of the layer below.

    Parameters
    ----------
    cell : Cell
        The draw.
    settings : Settings
        Of the part.
    streams : Streams
        Random streams.
    device : str
        Where to compute.

    Returns
    -------
    xarray.Dataset
        By layer l and number of samples: r.m.s. over pairs of inputs of the sampled kernel less the closed form, in
        units of the exact standard error of sampling.
    """
    x = torch.tensor(data.sphere(_N, _DIM, streams("kernel inputs", cell.seed)), device=device)
    deviation = []
    for layer in range(1, settings.depth + 1):
        below, closed = conjugate_kernel(x, layer - 1), conjugate_kernel(x, layer) / 2
        rows = []
        for count in settings.counts:
            sampled = monte_carlo_layer(below, count, streams("functions", layer, cell.seed, count))
            z = (sampled - closed) / standard_error(below, closed, count)
            rows.append(float(z.square().mean().sqrt()))
        deviation.append(rows)
    return xr.Dataset(
        {"deviation": (("layer", "count"), deviation)},
        {"layer": list(range(1, settings.depth + 1)), "count": list(settings.counts)},
    )


def standard_error(below: Tensor, mean: Tensor, count: int) -> Tensor:
    """Standard error of the mean of `count` draws of relu(f(x)) relu(f(x')), f ~ N(0, K) with K_ii = 1.

    E[relu(f)^2 relu(f')^2] = [3 sin t cos t + (pi - t)(1 + 2 cos^2 t)] / (2 pi), t the angle of K: the arc-cosine
    kernel of degree 2.

    Parameters
    ----------
    below : Tensor (n, n)
        K.
    mean : Tensor (n, n)
        E[relu(f) relu(f')].
    count : int
        Number of draws.

    Returns
    -------
    Tensor (n, n)
    """
    cosine = below.clamp(-1, 1)
    angle = cosine.acos()
    square = (3 * angle.sin() * cosine + (math.pi - angle) * (1 + 2 * cosine.square())) / (2 * math.pi)
    return ((square - mean.square()) / count).sqrt()
