"""Taylor series known by the logarithms of their coefficients, and logarithms of weighted sums over them.

Sums of terms as large as exp(10^300) are taken as log-sum-exp over the indices that matter.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaln, zeta

from ntkbook.expect import expects
from ntkbook.wants import at_least, natural, not_negative, unbounded

LogWeight = Callable[[NDArray[np.float64]], NDArray[np.float64]]

_NATS = 60.0
"""Terms below exp(-60) of the largest are left out."""
_TERMS = 2**20
"""Of more terms than this, the first half as many are added, and the rest by the trapezoidal rule: they vary slowly."""
_LARGEST = 1e300


@expects(constant=not_negative, radius=unbounded, degree=unbounded)
@dataclass(frozen=True)
class TaylorSeries:
    """Moduli of the coefficients of phi(z) = sum_i c_i z^i.

    phi(c z) at radius R is phi(z) at radius c R, so there is no scale here.
    """

    constant: float
    """|c_0|."""
    log_coefficients: LogWeight
    """log |c_i| for indices i = first + k stride."""
    first: int = 1
    """The least index above 0 with a coefficient other than 0."""
    stride: int = 1
    """Distance of indices: 2 for odd and even functions."""
    radius: float = math.inf
    """Radius of convergence; the series of moduli diverges there as well."""
    degree: float = math.inf
    """Of a polynomial."""

    @expects(degree=natural)
    def truncated(self, degree: int) -> "TaylorSeries":
        """The Taylor polynomial of this degree, whose sums are all finite."""
        return replace(self, degree=min(degree, self.degree), radius=math.inf)

    @expects(degree=natural)
    def after(self, degree: int) -> "TaylorSeries":
        """The terms of index above `degree`, which is at least 0."""
        skipped = max(0, (degree - self.first) // self.stride + 1)
        return replace(self, constant=0.0, first=self.first + skipped * self.stride)

    @expects()
    def log_sum(self, log_weight: LogWeight) -> float:
        """Logarithm of sum_{i >= 1} w_i |c_i|, for weights that make one hill of the terms.

        Parameters
        ----------
        log_weight : callable
            log w_i, elementwise.

        Returns
        -------
        float
            -inf for an empty sum; inf where the logarithm itself passes 1e300. The caller sees to convergence.
        """

        def log_terms(k: ArrayLike) -> NDArray[np.float64]:
            i = self.first + self.stride * np.asarray(k, dtype=float)
            return self.log_coefficients(i) + log_weight(i)

        last = math.inf if self.degree == math.inf else (self.degree - self.first) // self.stride
        low, high = (0.0, last) if last < _TERMS else _hill(log_terms, last)
        if high > _LARGEST:
            return math.inf
        if high < low:
            return -math.inf
        k, weights = _nodes(low, high)
        logs = log_terms(k)
        top = float(logs.max())
        return top if top == -math.inf else top + math.log(float(weights @ np.exp(logs - top)))


def _nodes(low: float, high: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Indices from `low` to `high` and their weights: all of them, or the first ones and then the trapezoidal rule."""
    if high - low < _TERMS:
        count = int(high - low) + 1
        return np.arange(count) + np.float64(low), np.ones(count)
    count = _TERMS // 2
    step = (high - low - count) / (count - 1)
    head = np.arange(count) + np.float64(low)
    tail = np.float64(step) * np.arange(count) + np.float64(low + count)
    weights = np.full(count, step)
    weights[[0, -1]] = (step + 1) / 2
    return np.concatenate([head, tail]), np.concatenate([np.ones(count), weights])


def _hill(log_terms: LogWeight, last: float) -> tuple[float, float]:
    """Indices between which all terms within `_NATS` of the largest lie."""

    def term(k: float) -> float:
        return float(log_terms(np.array([k]))[0])

    def rises(k: float) -> bool:
        return term(k + max(1.0, 1e-7 * k)) > term(k)  # at large k the next index is the same float

    def counts(k: float) -> bool:
        return term(k) > top - _NATS

    peak = _last(0.0, _beyond(0.0, last, rises), rises)
    top = term(peak)
    low = 0.0 if counts(0.0) else _last(peak, 0.0, counts)
    return low, _last(peak, _beyond(peak, last, counts), counts)


def _beyond(start: float, last: float, holds: Callable[[float], bool]) -> float:
    """An index after `start` at which `holds` is false, or `last`."""
    reach = 1.0
    while reach <= _LARGEST and start + reach < last and holds(start + reach):
        reach *= 2
    return min(start + reach, last)


def _last(inside: float, outside: float, holds: Callable[[float], bool]) -> float:
    """The index farthest from `inside` on the way to `outside` up to which `holds` is true, by bisection."""
    while abs(outside - inside) > 1:
        middle = float(math.floor((inside + outside) / 2))
        if middle in (inside, outside):
            break  # neighbours among floats
        inside, outside = (middle, outside) if holds(middle) else (inside, middle)
    return inside


@expects(degree=at_least(0, most=10**6))
def power(degree: int) -> TaylorSeries:
    """The monomial z^p."""
    return polynomial([0.0] * degree + [1.0])


@expects(coefficients="p")
def polynomial(coefficients: ArrayLike) -> TaylorSeries:
    """The polynomial with these coefficients c_0, c_1, ..., c_p."""
    c = np.abs(np.asarray(coefficients, dtype=float))
    with np.errstate(divide="ignore"):
        logs = np.log(c)
    return TaylorSeries(float(c[0]), lambda i: logs[np.asarray(i, dtype=int)], degree=len(c) - 1)


EXP = TaylorSeries(1.0, lambda i: -gammaln(i + 1))
"""exp z: |c_i| = 1 / i!."""
SIN = TaylorSeries(0.0, lambda i: -gammaln(i + 1), stride=2)
"""sin z."""
COS = TaylorSeries(1.0, lambda i: -gammaln(i + 1), first=2, stride=2)
"""cos z."""
TANH = TaylorSeries(
    0.0, lambda i: math.log(2) - (i + 1) * math.log(math.pi / 2) + _log_lambda(i + 1), stride=2, radius=math.pi / 2
)
"""tanh z: |c_i| = 2 (2 / pi)^(i+1) lambda(i + 1) for odd i, with lambda(s) = sum over odd n of n^-s."""
SIGMOID = TaylorSeries(
    0.5, lambda i: math.log(2) - (i + 1) * math.log(math.pi) + _log_lambda(i + 1), stride=2, radius=math.pi
)
"""1 / (1 + exp(-z)) = (1 + tanh(z / 2)) / 2."""


def _log_lambda(s: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.log1p(-(2.0**-s)) + np.log(zeta(s))
