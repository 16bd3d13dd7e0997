"""Complexities of activations in Allen-Zhu, Li and Liang (2019), sec. 2, in logarithms.

C_eps(phi, R) = sum_i ((C R)^i + (sqrt(log(1/eps)) C R / sqrt(i))^i) |c_i|    how large a net is asked for,
C_s(phi, R)   = C sum_i (i + 1)^1.75 R^i |c_i|                                how many samples,

for phi(z) = sum_i c_i z^i and "a sufficiently large constant C (e.g. 10^4)". With that constant C_eps(exp, 1) is about
10^4343, so everything here is a natural logarithm: of the complexity, of R, and of 1/eps.

At i = 0 the second term of C_eps reads (1 / 0)^0. Its limit as i -> 0 is 1, as the first term is, which would count
|c_0| twice; here it counts once. The two differ by |c_0|, so by a factor of 2 at most.
"""

import math

import numpy as np

from ntkbook.bounds.taylor import TaylorSeries
from ntkbook.expect import expects
from ntkbook.wants import any_number, vast, vast_or_zero

PAPER_CONSTANT = 1e4


@expects(log_radius=any_number, log_inverse_epsilon=vast)
def log_network_complexity(
    series: TaylorSeries, log_radius: float, log_inverse_epsilon: float, *, constant: float = PAPER_CONSTANT
) -> float:
    """Logarithm of C_eps(phi, R).

    Parameters
    ----------
    series : TaylorSeries
        phi.
    log_radius : float
        log R.
    log_inverse_epsilon : float
        log(1 / eps), > 0.
    constant : float
        C.

    Returns
    -------
    float
        inf where the series diverges, C R >= its radius of convergence: at C = 10^4 for tanh and sigmoid at every R
        that can be meant, so that example 2.1 truncates them. inf also where the logarithm itself passes 1e300.
    """
    log_scale = math.log(constant) + log_radius
    if log_scale >= math.log(series.radius):
        return math.inf
    first = series.log_sum(lambda i: i * log_scale)
    second = series.log_sum(lambda i: i * (log_scale + (math.log(log_inverse_epsilon) - np.log(i)) / 2))
    return _log_add(_log(series.constant), first, second)


@expects(log_radius=any_number)
def log_sample_complexity(series: TaylorSeries, log_radius: float, *, constant: float = PAPER_CONSTANT) -> float:
    """Logarithm of C_s(phi, R).

    Parameters
    ----------
    series, log_radius, constant
        As in `log_network_complexity`.

    Returns
    -------
    float
        inf where the series diverges: tanh at R >= pi / 2, sigmoid at R >= pi.
    """
    if log_radius >= math.log(series.radius):
        return math.inf
    rest = series.log_sum(lambda i: 1.75 * np.log1p(i) + i * log_radius)
    return math.log(constant) + _log_add(_log(series.constant), rest)


@expects(log_radius=any_number, log_inverse_epsilon=vast_or_zero)
def truncation_degree(series: TaylorSeries, log_radius: float, log_inverse_epsilon: float) -> int:
    """The least degree D with sum_{i > D} |c_i| R^i <= eps: Theta(log(1/eps)) for tanh and sigmoid (example 2.1).

    Parameters
    ----------
    series, log_radius, log_inverse_epsilon
        As in `log_network_complexity`; R less than the radius of convergence.

    Returns
    -------
    int

    Raises
    ------
    ValueError
        If the series does not converge at R.
    """
    if log_radius >= math.log(series.radius):
        raise ValueError(
            f"log_radius: expected less than {math.log(series.radius)}, where the series converges, found {log_radius}"
        )

    def log_tail(degree: int) -> float:
        """Logarithm of the sum over i > degree."""
        return series.after(degree).log_sum(lambda i: i * log_radius)

    low, high = -1, 0
    while log_tail(high) > -log_inverse_epsilon:
        low, high = high, 2 * high + 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if log_tail(middle) > -log_inverse_epsilon else (low, middle)
    return high


@expects(log_radius=any_number)
def growth_begins(series: TaylorSeries, log_radius: float, *, constant: float = PAPER_CONSTANT) -> float:
    """The value of log(1/eps) from which on C_eps(phi, R) < 1/eps, as example 2.1 says of exp, sin, cos, polynomials.

    Parameters
    ----------
    series, log_radius, constant
        As in `log_network_complexity`.

    Returns
    -------
    float
        About 1.11 C R for exp, sin and cos at large C R; inf if the series diverges.
    """

    def excess(log_inverse_epsilon: float) -> float:
        complexity = log_network_complexity(series, log_radius, log_inverse_epsilon, constant=constant)
        return complexity - log_inverse_epsilon

    high = 1.0
    while excess(high) > 0:
        if math.isinf(excess(high)):
            return math.inf
        high *= 2
    low = 0.0 if high == 1 else high / 2
    while high - low > 1e-9 * max(1.0, high):
        middle = (low + high) / 2
        low, high = (middle, high) if excess(middle) > 0 else (low, middle)
    return high


def _log(value: float) -> float:
    return math.log(value) if value > 0 else -math.inf


def _log_add(*logs: float) -> float:
    return float(np.logaddexp.reduce(logs))
