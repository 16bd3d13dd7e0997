"""How well separated classes are: assumptions (A1) and (A2) of Li and Liang (2018), measured on points."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ntkbook.expect import expects

_BLOCK = 1000  # rows of distances held at once


@dataclass(frozen=True)
class Separation:
    """What (A1) and (A2) speak of, on a sample, which sees no more than the true diameters and no less than delta."""

    delta: float
    """Least distance between points of different classes."""
    diameter: float
    """Largest distance between points of one component."""
    components: int
    """Largest number of components in a class, l."""
    norm_range: tuple[float, float]
    """Least and largest norm of a point; (A2) wants 1."""

    @property
    def lam(self) -> float:
        """Diameter over delta, the paper's lambda."""
        return self.diameter / self.delta if self.delta > 0 else np.inf

    @property
    def allowed(self) -> float:
        """1 / (8 l), the largest lambda that (A1) allows."""
        return 1 / (8 * self.components)

    @property
    def a1(self) -> bool:
        """Whether the sample meets (A1)."""
        return self.delta > 0 and self.lam <= self.allowed

    @property
    def a2(self) -> bool:
        """Whether the sample meets (A2), to 1e-9."""
        return max(abs(norm - 1) for norm in self.norm_range) <= 1e-9


@expects(x="n d", classes="n", components="n")
def separation(x: ArrayLike, classes: ArrayLike, components: ArrayLike) -> Separation:
    """Measure delta, the diameters and the norms of (A1), (A2) on points.

    Parameters
    ----------
    x : array (n, d)
        Inputs.
    classes : array (n,)
        Class of each.
    components : array (n,)
        Component of each; no component may lie in two classes.

    Returns
    -------
    Separation

    Raises
    ------
    ValueError
        If the shapes do not fit, there is only one class, or a component lies in two classes.
    """
    x, classes, components = np.asarray(x, dtype=np.float64), np.asarray(classes), np.asarray(components)
    pairs = np.unique(np.column_stack([classes, components]), axis=0)
    owners, parts = pairs[:, 0], pairs[:, 1]
    if len(set(owners)) < 2:
        raise ValueError(f"classes: expected at least 2, found {len(set(owners))}; draw more points")
    if len(set(parts)) < len(parts):
        shared = next(part for part in parts if (parts == part).sum() > 1)
        raise ValueError(f"components: expected each in one class, found component {shared} in several; renumber them")
    delta, diameter = np.inf, 0.0
    for start in range(0, len(x), _BLOCK):
        rows = slice(start, start + _BLOCK)
        squares = _squared_distances(x[rows], x)
        other = classes[rows, None] != classes
        same = components[rows, None] == components
        delta = min(delta, float(squares.min(where=other, initial=np.inf)))
        diameter = max(diameter, float(squares.max(where=same, initial=0.0)))
    norms = np.sqrt(np.einsum("ij,ij->i", x, x))
    return Separation(
        delta=delta**0.5,
        diameter=diameter**0.5,
        components=int(np.unique(owners, return_counts=True)[1].max()),
        norm_range=(float(norms.min()), float(norms.max())),
    )


def _squared_distances(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    norms_a, norms_b = np.einsum("ij,ij->i", a, a), np.einsum("ij,ij->i", b, b)
    return np.maximum(norms_a[:, None] + norms_b - 2 * (a @ b.T), 0)  # |a|^2 + |b|^2 - 2 a.b
