"""Margins at several depths: Cao and Gu (2019), assumption 4.12, in the units of the chapter on deep generalisation."""

import contextlib
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from ntkbook.kernels import conjugate_kernel
from ntkbook.margins import NotSeparableError, hard_margin

DEPTHS = (0, 1, 2, 3)
"""ReLU layers before the features; none for the inputs themselves."""
ROWS = 1000
"""Inputs on which margins are computed; they can only be larger than those of all."""


@dataclass(frozen=True)
class Depths:
    """Hard margins of classes, one against the rest, at every depth."""

    margins: NDArray[np.float64]
    """(c, depths), 0 where no direction separates."""
    rows: int
    """Inputs they were computed on."""


def margins_by_depth(x: NDArray[np.float64], labels: NDArray[np.float64], rng: np.random.Generator) -> Depths:
    """Margins of the conjugate kernel, whose features keep the length 1 of the inputs at every depth.

    Parameters
    ----------
    x : ndarray (n, d)
        Rows of unit norm.
    labels : ndarray (n, c)
        Signs, a column a class.
    rng : numpy Generator
        Draws the inputs if there are more than `ROWS`.

    Returns
    -------
    Depths
    """
    rows = np.sort(rng.permutation(len(x))[:ROWS])
    inputs, signs = torch.from_numpy(x[rows]), torch.from_numpy(labels[rows])
    margins = np.zeros((labels.shape[1], len(DEPTHS)))
    for j, depth in enumerate(DEPTHS):
        gram = conjugate_kernel(inputs, depth)
        for c in range(labels.shape[1]):
            with contextlib.suppress(NotSeparableError):  # the margin is 0
                margins[c, j] = hard_margin(gram, signs[:, c], inputs=inputs).value
    return Depths(margins, len(rows))
