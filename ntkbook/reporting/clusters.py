"""Whether data are clustered as (A1) of Li and Liang (2018) asks: components far narrower than classes are apart."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from ntkbook.data import separation
from ntkbook.expect import expects
from ntkbook.wants import classes

_BLOCK = 500  # rows of inner products held at once
_MANY = 64  # components in a class beyond which no partition is looked for


@dataclass(frozen=True)
class Clusters:
    """Distances between and inside classes, and how many components (A1) would need."""

    delta: float
    """Least distance between inputs of different classes."""
    closest: tuple[int, int]
    """The rows at that distance."""
    diameter: float
    """Largest distance between inputs of one class."""
    widest: tuple[int, int]
    """The rows at that distance."""
    neighbour_errors: float
    """Share of the inputs whose nearest other input has another label."""
    components: int | None
    """Components a class with which the sample meets (A1), diameter <= delta / (8 l); None if few do not do."""
    needed: int
    """Fewest components in some class that (A1) can possibly do with."""
    largest_class: int
    """Inputs in the class that needs them."""


@expects(x="n d", of=classes("n", below="n"))
def clusters(x: NDArray[np.float64], of: NDArray[np.intp]) -> Clusters:
    """Measure (A1) on inputs and their classes.

    Parameters
    ----------
    x : ndarray (n, d)
        Rows of unit norm.
    of : ndarray (n,)
        Class of each, from 0.

    Returns
    -------
    Clusters

    Raises
    ------
    ValueError
        If all are of one class.
    """
    x, of = np.asarray(x), np.asarray(of)
    if not (of != of[0]).any():
        raise ValueError(f"of: expected at least two classes, found {of[0]} everywhere; add inputs of another")
    single, numbers = torch.from_numpy(x).float(), torch.from_numpy(of)
    own, other, far = (np.empty((len(x), 2)) for _ in range(3))  # cosine and row of the nearest, the farthest
    for start in range(0, len(x), _BLOCK):
        rows = slice(start, start + _BLOCK)
        cosines = single[rows] @ single.T
        same = numbers[rows, None] == numbers
        for into, values in (
            (far, -cosines.masked_fill(~same, torch.inf)),
            (other, cosines.masked_fill(same, -torch.inf)),
        ):
            into[rows] = np.column_stack([part.numpy() for part in values.max(1)])
        cosines.masked_fill_(~same, -torch.inf)[:, start:].fill_diagonal_(-torch.inf)
        own[rows] = np.column_stack([part.numpy() for part in cosines.max(1)])
    closest, widest = _pair(other), _pair(far)
    delta = float(np.linalg.norm(x[closest[0]] - x[closest[1]]))
    diameter = float(np.linalg.norm(x[widest[0]] - x[widest[1]]))
    lonely = np.sqrt(np.maximum(2 - 2 * own[:, 0], 0))  # distance to the nearest of the own class; infinite if alone
    needed, largest = _needed(lonely, of, delta)
    errors = float((other[:, 0] > own[:, 0]).mean())
    return Clusters(delta, closest, diameter, widest, errors, _cover(x, of, delta), needed, largest)


def _pair(nearest: NDArray[np.float64]) -> tuple[int, int]:
    row = int(np.argmax(nearest[:, 0]))
    return row, int(nearest[row, 1])


def _needed(lonely: NDArray[np.float64], of: NDArray[np.intp], delta: float) -> tuple[int, int]:
    """Count, in the class with most of them, inputs too far from their like to share a component of (A1)."""
    needed, counts = 1, np.bincount(of)
    while True:
        alone = np.bincount(of, weights=lonely > delta / (8 * needed), minlength=len(counts)).astype(int)
        alone += alone < counts  # the others fill at least one more
        if alone.max() <= needed:
            return needed, int(counts[np.argmax(alone)])
        needed = int(alone.max())


def _cover(x: NDArray[np.float64], of: NDArray[np.intp], delta: float) -> int | None:
    """Most components in a class of a partition that meets (A1), looked for greedily.

    None if there are more than 64, or than one for four inputs of the largest class: with a component for each input
    any data meet (A1).
    """
    allowed, most = 1, max(1, min(_MANY, int(np.bincount(of).max()) // 4))
    while allowed <= most and delta > 0:
        parts = _parts(x, of, delta / (8 * allowed), allowed)
        if parts is not None and (found := separation(x, of, parts)).a1:
            return found.components
        allowed *= 2
    return None


def _parts(x: NDArray[np.float64], of: NDArray[np.intp], radius: float, allowed: int) -> NDArray[np.intp] | None:
    """Number the components: all of a class within a radius of its first row, and so on; None if one class has more."""
    parts, count = np.full(len(x), -1), 0
    for label in np.unique(of):
        for _ in range(allowed):
            left = np.flatnonzero((of == label) & (parts < 0))
            if not len(left):
                break
            parts[left[np.linalg.norm(x[left] - x[left[0]], axis=1) <= radius]] = count
            count += 1
        if ((of == label) & (parts < 0)).any():
            return None
    return parts
