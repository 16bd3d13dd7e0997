"""What Theorems 1 and 2 of Allen-Zhu, Li and Liang (2019) ask of width and samples, in logarithms.

The theorems say "poly" of the width and hide constants and logarithms. Here the constants and logarithms are 1, and so
is the degree of every polynomial that is not printed: less than the theorems ask for, whatever the full proof has.
"""

import math
from dataclasses import dataclass

from ntkbook.bounds.allenzhu2019 import PAPER_CONSTANT, log_network_complexity, log_sample_complexity
from ntkbook.bounds.taylor import TaylorSeries
from ntkbook.expect import expects
from ntkbook.wants import vast, vast_or_zero


@dataclass(frozen=True)
class Demand:
    """Natural logarithms of what a theorem asks for; inf where a complexity is infinite."""

    log_inverse_epsilon: float
    """log(1 / eps) of the eps that the theorem works with."""
    log_width: float
    """log m."""
    log_samples: float
    """log N."""


@expects(log_inverse_epsilon=vast_or_zero)
def theorem_1(
    activation: TaylorSeries,
    log_inverse_epsilon: float,
    *,
    targets: int = 1,
    terms: int = 1,
    constant: float = PAPER_CONSTANT,
) -> Demand:
    """Two layers: m >= C_eps(phi, 1) / eps and N >= T = C_s(phi, 1)^2 k^3 p^2 / eps^2, for eps < 1 / (p k C_s).

    N is the number T of steps of SGD that the theorem prints, one sample a step, as example 3.1 counts them; M_0 is
    poly(C_eps(phi, 1), 1 / eps) there.

    Parameters
    ----------
    activation : TaylorSeries
        phi, the most complex one in eq. (3.1).
    log_inverse_epsilon : float
        log(1 / eps) for the excess risk eps that is wanted; an eps above the theorem's limit is lowered to it.
    targets, terms : int
        k and p.
    constant : float
        C of the complexities.

    Returns
    -------
    Demand
    """
    log_samples = log_sample_complexity(activation, 0.0, constant=constant)
    log_inverse = max(log_inverse_epsilon, math.log(terms * targets) + log_samples)
    if math.isinf(log_inverse):
        return Demand(math.inf, math.inf, math.inf)
    return Demand(
        log_inverse,
        log_network_complexity(activation, 0.0, log_inverse, constant=constant) + log_inverse,
        2 * log_samples + 3 * math.log(targets) + 2 * math.log(terms) + 2 * log_inverse,
    )


@expects(log_inverse_epsilon_0=vast)
def theorem_2(
    outer: TaylorSeries,
    inner: TaylorSeries,
    log_inverse_epsilon_0: float,
    *,
    targets: int = 1,
    outer_terms: int = 1,
    inner_terms: int = 1,
    constant: float = PAPER_CONSTANT,
) -> Demand:
    """Three layers, Algorithm 1: m >= B / eps and N >= (B c sqrt(p_2) p_1 k^2 / eps_0)^2.

    Here c = C_eps(phi, 1), B = C_eps(Phi, sqrt(p_2) c) and
    eps = eps_0 / (k p_1 p_2^2 C_s(Phi, p_2 C_s(phi, 1)) C_s(phi, 1)^2).
    The samples count C_eps here, not C_s, so N is as far out of reach as m.

    Parameters
    ----------
    outer, inner : TaylorSeries
        Phi and phi of eq. (4.1).
    log_inverse_epsilon_0 : float
        log(1 / eps_0), eps_0 in (0, 1/100].
    targets, outer_terms, inner_terms : int
        k, p_1 and p_2.
    constant : float
        C of the complexities.

    Returns
    -------
    Demand
    """
    k, p_1, p_2 = math.log(targets), math.log(outer_terms), math.log(inner_terms)
    samples_inner = log_sample_complexity(inner, 0.0, constant=constant)
    samples_outer = log_sample_complexity(outer, p_2 + samples_inner, constant=constant)
    log_inverse = log_inverse_epsilon_0 + k + p_1 + 2 * p_2 + samples_outer + 2 * samples_inner
    if math.isinf(log_inverse):
        return Demand(math.inf, math.inf, math.inf)
    size_inner = log_network_complexity(inner, 0.0, log_inverse, constant=constant)
    if math.isinf(size_inner):
        return Demand(log_inverse, math.inf, math.inf)
    size_outer = log_network_complexity(outer, p_2 / 2 + size_inner, log_inverse, constant=constant)
    log_samples = 2 * (size_outer + size_inner + p_2 / 2 + p_1 + 2 * k + log_inverse_epsilon_0)
    return Demand(log_inverse, size_outer + log_inverse, log_samples)
