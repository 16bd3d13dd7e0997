"""Pseudo-gradients of error arrays that no training made: Li and Liang (2018), Lemma 5.2."""

from dataclasses import dataclass

import numpy as np
import torch
import xarray as xr

from ntkbook.diagnostics import neuron_norms
from ntkbook.experiments.clustered_data import simple
from ntkbook.streams import Streams

KINDS = ("one entry", "signs", "uniform", "rank one")


@dataclass(frozen=True)
class Cell:
    """Arrays of one kind."""

    kind: str
    seed: int


def measure(cell: Cell, settings: simple.Settings, n_arrays: int, streams: Streams, device: str) -> xr.Dataset:
    """Compute the pseudo-gradients of error arrays of one kind, at the start of setting (S).

    Parameters
    ----------
    cell : Cell
        Kind and seed.
    settings : simple.Settings
        Of setting (S).
    n_arrays : int
        How many are drawn.
    streams : Streams
        Random streams.
    device : str
        Where to compute.

    Returns
    -------
    xarray.Dataset
        The least over the arrays of what `simple.large` finds.
    """
    clusters, start = settings.clusters, simple.start(settings, cell.seed, streams, device)
    products, gates = start.products, start.gates
    rng = streams("arrays", cell.seed)
    found = []
    for _ in range(n_arrays):
        array = torch.tensor(draw_array(cell.kind, clusters.count, clusters.n_classes, rng), device=device)
        norms = neuron_norms(products, (array @ start.net.output_weights) * gates)
        found.append(simple.large(norms, 1.0, start.delta, clusters.n_classes, clusters.n_components))
    return xr.Dataset({name: min(row[name] for row in found) for name in ("large", "reach")})


def draw_array(kind: str, points: int, n_classes: int, rng: np.random.Generator) -> np.ndarray:
    """Error array p v (points, k) with largest entry 1 and none below -1.

    Parameters
    ----------
    kind : str
        One of `KINDS`.
    points, n_classes : int
        Its shape.
    rng : numpy.random.Generator
        Source of the draw.

    Returns
    -------
    ndarray (points, k)
    """
    if kind == "one entry":
        array = np.zeros((points, n_classes))
    elif kind == "signs":
        array = rng.choice([-1.0, 1.0], size=(points, n_classes))
    elif kind == "uniform":
        array = rng.uniform(-1, 1, (points, n_classes))
    else:
        array = np.outer(rng.choice([-1.0, 1.0], size=points), rng.uniform(-1, 1, n_classes))
    array[rng.integers(points), rng.integers(n_classes)] = 1.0
    return array
