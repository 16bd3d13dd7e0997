"""Two close points whose errors pull against each other, where Lemma 5.2 of Li and Liang (2018) is hardest."""

from dataclasses import dataclass

import numpy as np
import torch
import xarray as xr

from ntkbook.diagnostics import neuron_norms
from ntkbook.experiments.clustered_data import simple
from ntkbook.networks import TwoLayerClassifier
from ntkbook.streams import Streams

DISTANCES = (1.0, 0.3, 0.1, 0.03)


@dataclass(frozen=True)
class Cell:
    """Two unit points of different classes at a distance."""

    distance: float
    seed: int


def measure(cell: Cell, width: int, streams: Streams, device: str) -> xr.Dataset:
    """Compute the pseudo-gradients of a pair at the start.

    Parameters
    ----------
    cell : Cell
        Distance and seed.
    width : int
        Neurons m.
    streams : Streams
        Random streams.
    device : str
        Where to compute.

    Returns
    -------
    xarray.Dataset
        See `simple.large`.
    """
    half = np.arcsin(cell.distance / 2)
    x = torch.tensor([[np.cos(half), np.sin(half)], [np.cos(half), -np.sin(half)]], device=device)
    start = TwoLayerClassifier.initialise(2, width, 2, streams("pairs", cell.seed), dtype=torch.float64, device=device)
    array = torch.tensor([[1.0, -1.0], [-1.0, 1.0]], dtype=torch.float64, device=device)
    norms = neuron_norms(x @ x.T, (array @ start.output_weights) * (x @ start.weights >= 0))
    return xr.Dataset(simple.large(norms, 1.0, cell.distance, 2, 1))
