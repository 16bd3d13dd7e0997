"""Clustered data: k classes of l components each, as in Li and Liang (2018)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ntkbook.data.sphere import unit_rows
from ntkbook.expect import expects
from ntkbook.wants import at_least, between, classes, not_negative


@dataclass(frozen=True, eq=False)
class Points:
    """Points of a mixture, with the class and the component each was drawn from."""

    x: NDArray[np.float64]
    """Inputs (n, d)."""
    classes: NDArray[np.int64]
    """Classes (n,), 0..k-1."""
    components: NDArray[np.int64]
    """Components (n,), 0..kl-1; a component belongs to one class."""


_OF_COMPONENTS = classes("n", below="kl")


@expects(means="kl d", classes=classes("kl"), spread=not_negative)
@dataclass(frozen=True, eq=False)
class Mixture:
    """A mixture of kl components of equal probability, ready to draw from."""

    means: NDArray[np.float64]
    """Means of the components (kl, d), before lifting and scaling."""
    classes: NDArray[np.int64]
    """Class of each component (kl,)."""
    spread: float
    """sigma of a Gaussian N(mean, sigma^2 / d I), or the radius of a ball around the mean."""
    ball: bool = False
    """Whether a component is uniform in a ball instead of Gaussian."""
    lifted: bool = False
    """Whether a constant coordinate 1 is appended, so that the net has a bias."""
    unit_norm: bool = False
    """Whether points are scaled to norm 1 at the end, as (A2) wants."""

    def _sizes(self) -> dict[str, int]:
        return {"kl": len(self.means), "d": self.means.shape[1]}

    @property
    def n_classes(self) -> int:
        """Number of classes k."""
        return int(self.classes.max()) + 1

    @expects("n")
    def draw(self, n: int, rng: np.random.Generator) -> Points:
        """Draw n independent points.

        Parameters
        ----------
        n : int
            How many, at least 1.
        rng : numpy Generator
            The source of randomness.

        Returns
        -------
        Points

        Raises
        ------
        ValueError
            If `n` is below 1.
        """
        components = rng.integers(len(self.means), size=n)
        return Points(self.around(components, rng), self.classes[components], components)

    @expects(components=_OF_COMPONENTS)
    def around(self, components: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.float64]:
        """Draw one point from each of the given components.

        Parameters
        ----------
        components : ndarray (n,)
            Which components, 0..kl-1.
        rng : numpy Generator
            The source of randomness.

        Returns
        -------
        ndarray (n, d), or (n, d + 1) if lifted
        """
        d = self.means.shape[1]
        noise = rng.standard_normal((len(components), d))
        if self.ball:  # a uniform direction, at a radius with density r^(d-1)
            noise = unit_rows(noise) * rng.random((len(components), 1)) ** (1 / d)
        else:
            noise /= d**0.5
        x = self.means[components] + self.spread * noise
        if self.lifted:
            x = np.column_stack([x, np.ones(len(x))])
        return unit_rows(x) if self.unit_norm else x


@expects("n_classes n_components d", n_classes=at_least(2), sigma=not_negative)
def clustered_mixture(
    n_classes: int, n_components: int, d: int, rng: np.random.Generator, *, sigma: float = 1.0, sigma_0: float = 5.0
) -> Mixture:
    """Draw the Gaussian mixture of Li and Liang (2018), sec. 7: means N(0, sigma_0^2 / d I), noise N(0, sigma^2 / d I).

    Points have norm near sqrt(sigma_0^2 + sigma^2), not 1, and a Gaussian has no bounded support: the paper's own
    assumptions (A1) and (A2) do not hold.

    Parameters
    ----------
    n_classes, n_components : int
        Classes k and components of each, l.
    d : int
        Dimension.
    rng : numpy Generator
        The source of the means.
    sigma, sigma_0 : float
        Scale of the noise, >= 0, and of the means, > 0.

    Returns
    -------
    Mixture

    Raises
    ------
    ValueError
        If a size or a scale is out of range.
    """
    means = rng.standard_normal((n_classes * n_components, d)) * (sigma_0 / d**0.5)
    return Mixture(means, _owners(n_classes, n_components), sigma)


@expects("n_classes n_components d", n_classes=at_least(2), radius=between(0, 1, above=False))
def separated_mixture(
    n_classes: int, n_components: int, d: int, rng: np.random.Generator, *, radius: float = 0.03
) -> Mixture:
    """Draw small balls around orthonormal means, on the sphere: they meet (A1) and (A2) of Li and Liang (2018).

    After scaling to norm 1 a component has diameter at most 2 radius / (1 - radius), and two components are at least
    sqrt(2) minus that apart, whatever d is.

    Parameters
    ----------
    n_classes, n_components : int
        Classes k and components of each, l.
    d : int
        Dimension, at least k l, so that the means can be orthogonal.
    rng : numpy Generator
        The source of the means.
    radius : float
        Of the balls before scaling, in [0, 1).

    Returns
    -------
    Mixture

    Raises
    ------
    ValueError
        If a size or the radius is out of range.
    """
    total = n_classes * n_components
    if d < total:
        raise ValueError(f"d: expected at least k l = {total}, so that the means can be orthogonal, found {d}")
    means = np.linalg.qr(rng.standard_normal((d, total)))[0].T
    return Mixture(means, _owners(n_classes, n_components), radius, ball=True, unit_norm=True)


@expects(radius=between(0, 1))
def xor_mixture(*, radius: float = 0.05, lifted: bool = False) -> Mixture:
    """XOR-type data of Li and Liang (2018), sec. 3: discs around (0, 0), (2, 2) against discs around (0, 2), (2, 0).

    Parameters
    ----------
    radius : float
        Of the discs; the paper's is 1/20.
    lifted : bool
        Whether (x, 1) / |(x, 1)| is returned instead of x: a constant coordinate, then norm 1 as (A2) wants.

    Returns
    -------
    Mixture
        Two classes of two components.

    Raises
    ------
    ValueError
        If `radius` is not in (0, 1), where the discs would touch.
    """
    means = np.array([[0.0, 0.0], [2.0, 2.0], [0.0, 2.0], [2.0, 0.0]])
    return Mixture(means, _owners(2, 2), radius, ball=True, lifted=lifted, unit_norm=lifted)


def _owners(n_classes: int, n_components: int) -> NDArray[np.int64]:
    return np.repeat(np.arange(n_classes), n_components)
