"""Mixtures of the chapter, and sizes of them as several parts take them."""

from dataclasses import dataclass

import numpy as np

from ntkbook import data
from ntkbook.expect import expects

MIXTURES = ("Gaussian", "separated")
"""The paper's mixture, and the one that meets (A1) and (A2)."""


@expects()
@dataclass(frozen=True)
class Clusters:
    """Sizes, checked at construction."""

    n_classes: int = 10
    """k."""
    n_components: int = 2
    """l, components of each class."""
    dim: int = 1000
    """d, at least 2 k l, so that the spectrum of an update shows what follows its first k l singular values."""

    def __post_init__(self):
        if self.dim < 2 * self.count:
            raise ValueError(f"dim: expected at least 2 k l = {2 * self.count}, found {self.dim}")

    @property
    def count(self) -> int:
        """Components of all classes together, k l."""
        return self.n_classes * self.n_components

    def mixture(self, rng: np.random.Generator, name: str = "Gaussian") -> data.Mixture:
        """A mixture of these sizes, see the function `mixture`; the paper's has sigma = 1.

        Parameters
        ----------
        rng : numpy.random.Generator
            Source of the means.
        name : str
            One of `MIXTURES`.

        Returns
        -------
        Mixture
        """
        return mixture(name, self.n_classes, self.n_components, self.dim, rng)


def mixture(
    name: str, n_classes: int, n_components: int, dim: int, rng: np.random.Generator, *, sigma: float = 1.0
) -> data.Mixture:
    """A mixture by name.

    Parameters
    ----------
    name : str
        One of `MIXTURES`.
    n_classes, n_components, dim : int
        k, l and d.
    rng : numpy.random.Generator
        Source of the means.
    sigma : float
        Scale of the noise of the Gaussian one.

    Returns
    -------
    Mixture
    """
    if name == "separated":
        return data.separated_mixture(n_classes, n_components, dim, rng)
    return data.clustered_mixture(n_classes, n_components, dim, rng, sigma=sigma)
