"""Targets: two-layer networks with smooth activations, eq. (3.1) of Allen-Zhu et al. (2019), and that of figure 1.

Each has unit variance, so that an error is a share of what predicting the mean leaves.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import hyp0f1

from ntkbook import data

Array = NDArray[np.float64]
Draw = Callable[[np.random.Generator, int], tuple[Array, Array]]
ACTIVATIONS: tuple[Callable[[Array], Array], ...] = (np.sin, np.tanh, np.cos, np.expm1)
_N_SCALE = 20_000


@dataclass(frozen=True)
class Concept:
    """F*(x) = sum_i a_i phi_i(B w_1,i.x) (w_2,i.x), eq. (3.1), with phi_i = sin, tanh, cos, exp - 1 in turn."""

    first: Array
    """w_1 (p, d), rows of unit norm."""
    second: Array
    """w_2 (p, d), rows of unit norm."""
    signs: Array
    """a (p,), each +1 or -1."""
    scale: float
    """B of footnote 6."""

    @classmethod
    def product(cls, d: int, terms: int, rng: np.random.Generator, *, scale: float) -> "Concept":
        """Draw w_1 and w_2 uniform on the sphere: correlations of a nonlinear and a linear measurement."""
        return cls(data.sphere(terms, d, rng), data.sphere(terms, d, rng), rng.choice([-1.0, 1.0], terms), scale)

    @classmethod
    def network(cls, d: int, terms: int, rng: np.random.Generator, *, scale: float) -> "Concept":
        """Draw w_1 alone; w_2 = (0, ..., 0, 1), so that with x_d = 1/2 this is a two-layer network."""
        return cls(
            data.sphere(terms, d, rng), np.tile(np.eye(d)[-1], (terms, 1)), rng.choice([-1.0, 1.0], terms), scale
        )

    def __call__(self, x: Array) -> Array:
        """Values at inputs (n, d), shape (n,)."""
        values = np.zeros(len(x))
        for i, (w, v, a) in enumerate(zip(self.first, self.second, self.signs, strict=True)):
            values += a * ACTIVATIONS[i % len(ACTIVATIONS)](self.scale * (x @ w)) * (x @ v)
        return values


def lifted(target: Concept, rng: np.random.Generator) -> Draw:
    """Inputs uniform on the sphere with the constant coordinate 1/2, and a target of them with unit variance.

    Parameters
    ----------
    target : Concept
        Of d coordinates, the constant one among them.
    rng : numpy.random.Generator
        For 20,000 points that tell the target's mean and variance.

    Returns
    -------
    callable
        Of a generator and n, inputs (n, d) and targets (n,).
    """
    d = target.first.shape[1]
    values = target(data.constant_coordinate(data.sphere(_N_SCALE, d - 1, rng)))
    mean, deviation = float(values.mean()), float(values.std())

    def draw(rng: np.random.Generator, n: int) -> tuple[Array, Array]:
        x = data.constant_coordinate(data.sphere(n, d - 1, rng))
        return x, (target(x) - mean) / deviation

    return draw


def figure_1() -> Callable[[Array], Array]:
    """F of figure 1 as a function of x on the unit sphere of R^4, less its mean and over its standard deviation.

    Returns
    -------
    callable
        Of inputs (n, 4).
    """
    target = data.figure_1_target()
    mean, deviation = target.sphere_mean(), target.sphere_variance() ** 0.5
    return lambda x: (target(x) - mean) / deviation


def parity_shares(target: data.Waves) -> dict[str, float]:
    """Shares of the variance on the sphere: even part, linear part, and odd part beyond it, exact.

    E x_i exp(a.x) = (a_i / d) 0F1(; d/2 + 1; a.a/4) gives the best linear function, d E[x F].x, of variance
    d |E[x F]|^2.

    Parameters
    ----------
    target : Waves
        A function of x in R^d.

    Returns
    -------
    dict of str to float
        "even", "linear" and "odd"; the last is the least error of a net without an odd part beyond degree 1.
    """
    d = target.exponents.shape[1]
    squares = (target.exponents**2).sum(1)
    weights = target.coefficients * hyp0f1(d / 2 + 1, squares / 4) / d
    slopes = (weights[:, None] * target.exponents).sum(0).real  # E[x F]  (d,)
    variance, linear = target.sphere_variance(), d * float(slopes @ slopes)
    even, odd = target.even.sphere_variance(), target.odd.sphere_variance()
    return {"even": even / variance, "linear": linear / variance, "odd": (odd - linear) / variance}
