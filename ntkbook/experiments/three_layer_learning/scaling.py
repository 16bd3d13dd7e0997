"""Scaling the output by lambda and the weights by sqrt(lambda): sec. 4.1."""

from dataclasses import dataclass

import torch
import xarray as xr
from torch import Tensor

from ntkbook import data
from ntkbook.networks import ThreeLayer
from ntkbook.streams import Streams

_N_TEST = 500


@dataclass(frozen=True)
class Cell:
    """One net."""

    factor: float
    """lambda."""
    seed: int


def measure(cell: Cell, width: int, streams: Streams, device: str) -> xr.Dataset:
    """How far F(sqrt(lambda) W, sqrt(lambda) V) is from lambda F(W, V), in float64.

    Parameters
    ----------
    cell : Cell
        lambda and seed.
    width : int
        m_1 = m_2.
    streams : Streams
        Random streams.
    device : str
        Where to compute.

    Returns
    -------
    xarray.Dataset
        rms of the difference over rms of lambda F: without biases (`plain_gap`), with biases left alone (`biased_gap`),
        and with b_1 sqrt(lambda) and b_2 lambda (`restored_gap`).
    """
    x = torch.from_numpy(data.sphere(_N_TEST, 4, streams("scaling inputs", cell.seed))).to(device)

    def gap(biases: bool, scale_biases: bool) -> float:
        rng = streams("scaling weights", width, cell.seed)
        net = ThreeLayer.initialise(4, (width, width), rng, biases=biases, dtype=torch.float64, device=device)
        return _relative(net.scaled(cell.factor, biases=scale_biases)(x), cell.factor * net(x))

    return xr.Dataset({"plain_gap": gap(False, False), "biased_gap": gap(True, False), "restored_gap": gap(True, True)})


def _relative(found: Tensor, expected: Tensor) -> float:
    return float((found - expected).norm() / expected.norm())
