"""Right-hand sides of Theorem 4.5 of Cao and Gu (2019), and its linear part with all constants.

Absolute constants are 1 in what is named after the theorem. m is the least width, L the number of hidden layers.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor

from ntkbook.expect import expects
from ntkbook.rademacher import linear_suprema
from ntkbook.wants import at_least, each, not_negative, probability, signs, symmetric


@dataclass(frozen=True)
class GapTerms:
    """The two terms of Theorem 4.5 beside 2 E_S."""

    linear: float
    """L tau sqrt(m / n), from the net linearised at its start."""
    curvature: float
    """L^4 sqrt(m log m) tau^(4/3), for what the net adds to that."""

    @property
    def total(self) -> float:
        """The sum, which bounds the classification error less 2 E_S."""
        return self.linear + self.curvature


@expects(radius=not_negative)
def theorem_4_5(radius: float, n: int, width: int, depth: int) -> GapTerms:
    """Terms L tau sqrt(m/n) and L^4 sqrt(m log m) tau^(4/3), with constant 1.

    The proof has sqrt(log(1/delta) / n) as well, which the statement drops.

    Parameters
    ----------
    radius : float
        tau, which bounds |W_l - W_l(0)|_F in every layer.
    n, width, depth : int
        Samples, m and L.

    Returns
    -------
    GapTerms
    """
    return GapTerms(
        depth * radius * math.sqrt(width / n), depth**4 * math.sqrt(width * math.log(width)) * radius ** (4 / 3)
    )


@expects(width=at_least(2))
def theorem_4_5_radius(width: int, depth: int) -> float:
    """Radius L^-6 (log m)^(-3/2) below which Theorem 4.5 and its lemmas want tau, with constant 1.

    Parameters
    ----------
    width, depth : int
        m and L.

    Returns
    -------
    float
    """
    return float(depth) ** -6 * math.log(width) ** -1.5


@expects(delta=probability)
def theorem_4_5_width(radius: float, n: int, width: int, depth: int, delta: float) -> float:
    """Width max{L^2 log(mn / delta), L^(-8/3) tau^(-4/3) log(m / (tau delta))} that they want, with constant 1.

    Parameters
    ----------
    radius : float
        tau.
    n, width, depth : int
        Samples, m (it enters by its logarithm) and L.
    delta : float
        Failure probability.

    Returns
    -------
    float
    """
    return max(
        depth**2 * math.log(width * n / delta),
        depth ** (-8 / 3) * radius ** (-4 / 3) * math.log(width / (radius * delta)),
    )


@expects(grams=each(symmetric("n n")), signs=signs("n s", alike=False), radius=not_negative)
def linearised_rademacher(grams: Sequence[Tensor], signs: Tensor, radius: float) -> float:
    """Rademacher complexity (tau/n) sum_l E |sum_i xi_i grad_{W_l} f(x_i)|_F of the nets linearised at the start.

    I_2 in the proof of Theorem 4.5 before Jensen's inequality: exact but for the average over the signs given.

    Parameters
    ----------
    grams : sequence of L Tensors (n, n)
        `tangent_gram` of every layer at W(0).
    signs : Tensor (n, s)
        Random sign vectors xi, as columns.
    radius : float
        tau.

    Returns
    -------
    float
    """
    return float(sum(linear_suprema(gram, signs.to(gram), radius).mean() for gram in grams))


@expects(surrogate_error=not_negative, rademacher=not_negative, delta=probability)
def linearised_bound(surrogate_error: float, rademacher: float, n: int, delta: float) -> float:
    """Bound 2 E_S + R + 6 sqrt(log(2/delta) / (2n)) on the classification error over a class of complexity R.

    The first step of the proof of Theorem 4.5 with its constants: the error is at most twice the population's E, which
    exceeds E_S by at most 2 (R/4) + 3 sqrt(log(2/delta) / (2n)), as l' is 1/4-Lipschitz with values in [-1, 0]. It
    holds for a class fixed before the sample is drawn: with R from `linearised_rademacher`, for the linearised nets.

    Parameters
    ----------
    surrogate_error : float
        E_S of a member of the class.
    rademacher : float
        R, empirical.
    n : int
        Samples.
    delta : float
        Failure probability.

    Returns
    -------
    float
        Below 1 it says something.
    """
    return 2 * surrogate_error + rademacher + 6 * math.sqrt(math.log(2 / delta) / (2 * n))
