"""Lemma B.3 of Cao and Gu (2019) on points of one class, uniform on the sphere: false with one layer, true with two."""

import math
from dataclasses import dataclass

import numpy as np
import torch
import xarray as xr
from scipy.special import gammaln

from ntkbook import data
from ntkbook.bounds.cao2019_lemmas import lemma_b_3
from ntkbook.expect import expects
from ntkbook.networks import DeepReLU
from ntkbook.streams import Streams

GAMMA = 1 / math.sqrt(2 * math.pi)
"""Margin of assumption 4.10 for one class: E relu(u.x), with c = 1."""


@expects()
@dataclass(frozen=True)
class Settings:
    """What every cell receives."""

    n: int
    """Points."""
    width: int
    """Neurons m of each layer."""


@dataclass(frozen=True)
class Cell:
    """One draw of points and of a net."""

    dim: int
    depth: int
    seed: int


def measure(cell: Cell, settings: Settings, streams: Streams, device: str) -> xr.Dataset:
    """Compare the two sides of Lemma B.3 for a = 1.

    Parameters
    ----------
    cell : Cell
        Dimension, layers and seed.
    settings : Settings
        Of the part.
    streams : Streams
        Random streams.
    device : str
        Where to compute.

    Returns
    -------
    xarray.Dataset
        Left side over right side.
    """
    x = torch.tensor(data.sphere(settings.n, cell.dim, streams("one class", cell.dim, cell.seed)), device=device)
    rng = streams("weights on one class", cell.dim, cell.depth, cell.seed)
    net = DeepReLU.initialise(cell.dim, (settings.width,) * cell.depth, rng, dtype=x.dtype, device=device)
    *_, inputs, outputs = net.hidden(x)
    pulls = (outputs > 0).to(x.dtype).T @ inputs / len(x)  # (1/n) sum_i 1{w_j.x_i > 0} x_i, a row a neuron
    return xr.Dataset({"ratio": float(pulls.square().sum()) / settings.width / lemma_b_3(cell.depth, GAMMA)})


def expected(dims: tuple[int, ...], n: int) -> xr.Dataset:
    """Expectation of the ratio at L = 1, with p = (E|x_1|)^2 / 4: [p + (1/2 - p) / n] / (1 / (64 pi)), near 32 / d.

    Parameters
    ----------
    dims : tuple of int
        d.
    n : int
        Points.

    Returns
    -------
    xarray.Dataset
    """
    d = np.array(dims)
    p = np.exp(2 * (gammaln(d / 2) - gammaln((d + 1) / 2))) / (4 * math.pi)
    return xr.Dataset({"expected": ("dim", (p + (0.5 - p) / n) * 64 * math.pi)}, {"dim": list(dims)})
