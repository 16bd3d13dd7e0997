"""Distance of H(0), of a net at initialisation, from its limit H-infinity: Arora et al. (2019), Lemma C.3."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
import xarray as xr

from ntkbook.bounds import arora2019 as bounds
from ntkbook.experiments.kernel.images import Inputs
from ntkbook.kernels import monte_carlo_gram
from ntkbook.streams import Streams


@dataclass(frozen=True)
class Cell:
    """One initialisation."""

    data: str
    width: int
    seed: int


def measure(cell: Cell, images: Mapping[str, Inputs], streams: Streams) -> xr.Dataset:
    """Compare H(0) of one net with its limit.

    Parameters
    ----------
    cell : Cell
        Data set, width and seed.
    images : mapping of str to Inputs
        By the name of the data set.
    streams : Streams
        Random streams.

    Returns
    -------
    xarray.Dataset
        Frobenius norm and largest entry of H(0) - H-infinity.
    """
    inputs = images[cell.data]
    gap = monte_carlo_gram(inputs.x, cell.width, streams("weights", cell.width, cell.seed)) - inputs.gram
    return xr.Dataset({"frobenius": float(torch.linalg.matrix_norm(gap)), "largest_entry": float(gap.abs().max())})


def references(images: Mapping[str, Inputs], widths: tuple[int, ...], delta: float) -> xr.Dataset:
    """Compute what theory says of |H(0) - H-infinity|_F: the bound of Lemma C.3, and the exact root mean square.

    Parameters
    ----------
    images : mapping of str to Inputs
        By the name of the data set, as many of each.
    widths : tuple of int
        Numbers of neurons.
    delta : float
        Failure probability in the lemma.

    Returns
    -------
    xarray.Dataset
        By width, and by data set and width.
    """
    (n,) = {len(inputs.x) for inputs in images.values()}
    variances = [exact_variance(inputs) for inputs in images.values()]
    return xr.Dataset(
        {
            "bound": ("width", [bounds.lemma_c3_gram_deviation(n, m, delta) for m in widths]),
            "expected": (("data", "width"), np.sqrt(np.divide.outer(variances, widths))),  # sqrt(E|H(0) - H|_F^2)
        },
        {"data": list(images), "width": list(widths)},
    )


def exact_variance(inputs: Inputs) -> float:
    """Variance of H(0), m E|H(0) - H-infinity|_F^2 = sum_ij (x_i.x_j H_ij - H_ij^2).

    Each entry of H(0) is x_i.x_j times a mean of m coin flips, whose probability is H_ij / x_i.x_j.

    Parameters
    ----------
    inputs : Inputs
        Unit inputs and their kernel.

    Returns
    -------
    float
    """
    x, gram = inputs.x, inputs.gram
    return float((x @ x.T * gram - gram.square()).sum())
