"""Two points and errors that pull against each other, where Lemma 5.2 of Li and Liang (2018) is hardest."""

from dataclasses import dataclass

import numpy as np
import torch
import xarray as xr

from ntkbook.diagnostics import neuron_norms
from ntkbook.experiments.clustered_data import simple
from ntkbook.experiments.clustered_data.arrays import worst_array
from ntkbook.networks import TwoLayerClassifier
from ntkbook.streams import Streams

DISTANCES = (2.0, 1.4, 1.0, 0.3, 0.1, 0.03)
KINDS = ("one entry", "opposite", "worst")
_ERRORS = {"one entry": [[1.0, 0.0], [0.0, 0.0]], "opposite": [[1.0, -1.0], [-1.0, 1.0]]}  # p v; worst: from opposite


@dataclass(frozen=True)
class Cell:
    """Two unit points of different classes at a distance, with errors of a kind."""

    kind: str
    distance: float
    seed: int


def measure(cell: Cell, width: int, streams: Streams, device: str) -> xr.Dataset:
    """Compute the pseudo-gradients of a pair at the start.

    Parameters
    ----------
    cell : Cell
        Kind, distance and seed.
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
    products, gates, outer = x @ x.T, x @ start.weights >= 0, start.output_weights
    array = torch.tensor(_ERRORS.get(cell.kind, _ERRORS["opposite"]), dtype=torch.float64, device=device)
    if cell.kind == "worst":
        array = worst_array(array, products, gates, outer, simple.kept(cell.distance, 2, 1, width))
    return xr.Dataset(simple.large(neuron_norms(products, (array @ outer) * gates), 1.0, cell.distance, 2, 1))
