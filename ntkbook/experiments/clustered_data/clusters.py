"""Sizes of the paper's Gaussian mixture, as several parts take them."""

from dataclasses import dataclass

import numpy as np

from ntkbook import data


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

    def mixture(self, rng: np.random.Generator) -> data.Mixture:
        """The paper's mixture of these sizes, with sigma = 1.

        Parameters
        ----------
        rng : numpy.random.Generator
            Source of the means.

        Returns
        -------
        Mixture
        """
        return data.clustered_mixture(self.n_classes, self.n_components, self.dim, rng)
