"""Inputs that coincide: what makes H-infinity singular, counted in full and named as what it is."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ntkbook.expect import expects
from ntkbook.reporting.labels import row_name

_ANGLE = 1e-10  # radians; a pair at angle t adds an eigenvalue of about t / pi, which rounding hides from here down
_NAMED = 3  # groups that a message spells out


@dataclass(frozen=True)
class Coincidences:
    """Groups of inputs that a homogeneous net cannot tell apart, or not freely."""

    duplicates: list[NDArray[np.intp]]
    """Rows of each group of parallel inputs that share their label."""
    clashes: list[NDArray[np.intp]]
    """Rows of each group of parallel inputs with different labels, which no function of the input fits."""
    antipodal: NDArray[np.intp]
    """Pairs (p, 2) of rows x and -x, one pair for each two opposite directions."""
    free: int
    """Rank of the antipodal directions: so many pairs can have labels of their own, as f(x) - f(-x) is linear in x."""

    @property
    def nullity(self) -> int:
        """Dimensions that these inputs take from H-infinity: it is singular if this is positive."""
        groups = [*self.duplicates, *self.clashes]
        return sum(len(rows) - 1 for rows in groups) + max(0, len(self.antipodal) - self.free)

    def sentences(self, call: Callable[[int], str] = row_name) -> list[str]:
        """Say in words what was found, a sentence a kind; empty where nothing coincides.

        Parameters
        ----------
        call : callable
            What the reader calls a row, given its number.

        Returns
        -------
        list of str
        """
        told, pairs = [], list(self.antipodal)
        if self.duplicates:
            found = _name(self.duplicates, call)
            told.append(f"{_count(self.duplicates, 'group')} of duplicates (parallel, same label): {found}")
        if self.clashes:
            told.append(
                f"{_count(self.clashes, 'clashing group')} (parallel, different labels): {_name(self.clashes, call)}; "
                "no function of the input fits these"
            )
        if len(self.antipodal) > self.free:
            told.append(
                f"{_count(pairs, 'antipodal pair')} x and -x: {_name(pairs, call)}; without biases f(x) - f(-x) is "
                f"linear in x, so that only {self.free} of them can have labels of their own"
            )
        return told

    @expects()
    def merged(self, n: int) -> NDArray[np.intp]:
        """Rows that stay when each group of duplicates becomes its first row and clashing groups are left out.

        Parameters
        ----------
        n : int
            Number of inputs.

        Returns
        -------
        ndarray (n_kept,)
            Row numbers, ascending.
        """
        gone = [*(rows[1:] for rows in self.duplicates), *self.clashes]
        return np.setdiff1d(np.arange(n), np.concatenate(gone)) if gone else np.arange(n)


@expects(x="n d", labels="n")
def coincidences(x: NDArray[np.float64], labels: NDArray) -> Coincidences:
    """Find all groups of parallel inputs and all antipodal pairs, in time n log n.

    Parallel rows have the same inner product with any vector: rows are sorted by their products with random vectors and
    fall apart wherever two neighbours differ, one vector after the other. What is left together is compared in full.

    Parameters
    ----------
    x : ndarray (n, d)
        Rows of unit norm.
    labels : ndarray (n,)
        Numbers: of classes, or values.

    Returns
    -------
    Coincidences
        Rows that agree to 1e-10 count as parallel.
    """
    x, labels = np.asarray(x), np.asarray(labels)
    n = len(x)
    axes = np.random.default_rng(0).standard_normal((x.shape[1], 3))
    both = _groups(np.vstack([x @ axes, -(x @ axes)]))  # row n + i stands for -x_i
    duplicates, clashes, opposite = [], [], {}
    for members in both:
        members = members[np.abs(_rows(x, members) - _rows(x, members[:1])).max(axis=1) <= _ANGLE]
        here, there = members[members < n], members[members >= n] - n
        if len(here) > 1:
            (duplicates if (labels[here] == labels[here[0]]).all() else clashes).append(here)
        if len(here) and len(there):
            pair = tuple(sorted((int(here[0]), int(there[0]))))
            opposite[pair] = None
    antipodal = np.array(sorted(opposite), dtype=np.intp).reshape(-1, 2)
    free = int(np.linalg.matrix_rank(x[antipodal[:, 0]])) if len(antipodal) else 0
    order = sorted(duplicates, key=lambda rows: int(rows[0])), sorted(clashes, key=lambda rows: int(rows[0]))
    return Coincidences(*order, antipodal, free)


def _groups(keys: NDArray[np.float64]) -> list[NDArray[np.intp]]:
    """Sets of two and more rows that lie close together in every column."""
    groups = [np.arange(len(keys))]
    for column in keys.T:
        parts = []
        for rows in groups:
            ordered = rows[np.argsort(column[rows], kind="stable")]
            breaks = np.flatnonzero(np.diff(column[ordered]) > 10 * _ANGLE) + 1
            parts += [np.sort(part) for part in np.split(ordered, breaks) if len(part) > 1]
        groups = parts
    return groups


def _rows(x: NDArray[np.float64], members: NDArray[np.intp]) -> NDArray[np.float64]:
    n = len(x)
    return np.where(members < n, 1.0, -1.0)[:, None] * x[members % n]


def _count(groups: list, what: str) -> str:
    return f"{len(groups):,} {what}{'s' if len(groups) > 1 else ''}"


def _name(groups: list, call: Callable[[int], str]) -> str:
    """Rows of the first groups."""
    said = [
        ", ".join(call(int(row)) for row in rows[:4]) + (", ..." if len(rows) > 4 else "") for rows in groups[:_NAMED]
    ]
    return "; ".join(said) + ("; ..." if len(groups) > _NAMED else "")
