"""Pseudo-gradients of error arrays that no training made: Li and Liang (2018), Lemma 5.2."""

from dataclasses import dataclass

import numpy as np
import torch
import xarray as xr

from ntkbook.diagnostics import neuron_norms
from ntkbook.experiments.clustered_data import simple
from ntkbook.streams import Streams

KINDS = ("one entry", "signs", "uniform", "rank one", "worst")
_DESCENT = 100  # steps towards the worst array


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
        How many are drawn; the worst one is sought once.
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
    rng, outer, worst = streams("arrays", cell.seed), start.net.output_weights, cell.kind == "worst"
    kept = simple.kept(start.delta, clusters.n_classes, clusters.n_components, outer.shape[1])
    found = []
    for _ in range(1 if worst else n_arrays):
        drawn = draw_array("uniform" if worst else cell.kind, clusters.count, clusters.n_classes, rng)
        array = torch.tensor(drawn, device=device)
        if worst:
            array = worst_array(array, products, gates, outer, kept)
        norms = neuron_norms(products, (array @ outer) * gates)
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


def worst_array(
    array: torch.Tensor, products: torch.Tensor, gates: torch.Tensor, output_weights: torch.Tensor, kept: int
) -> torch.Tensor:
    """Error array for which Lemma 5.2 is hard: descent on the mean square of the largest pseudo-gradients.

    Parameters
    ----------
    array : Tensor (n, k)
        Where to begin; its largest entry is 1, and stays.
    products : Tensor (n, n)
        X X'.
    gates : Tensor (n, m), bool
        At the start.
    output_weights : Tensor (k, m)
        Second layer a.
    kept : int
        Neurons whose pseudo-gradients are to be small, the largest ones.

    Returns
    -------
    Tensor (n, k)
        Entries in [-1, 1], the largest 1.
    """
    place = array.argmax()
    for step in range(_DESCENT):
        pulls = (array @ output_weights) * gates
        largest = neuron_norms(products, pulls).topk(kept).indices
        on, outer = gates[:, largest], output_weights[:, largest]
        gradient = ((products @ pulls[:, largest]) * on) @ outer.T  # of sum_r c_r' K c_r / 2, c = (array a) * gates
        array = (array - 0.2 * (1 - step / _DESCENT) * gradient / gradient.abs().max()).clamp(-1, 1)
        array.view(-1)[place] = 1.0
    return array
