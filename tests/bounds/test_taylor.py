import math

import mpmath
import numpy as np
import pytest

from ntkbook.bounds import taylor
from ntkbook.bounds.taylor import COS, EXP, SIGMOID, SIN, TANH, polynomial, power

FUNCTIONS = {
    "exp": (EXP, mpmath.exp),
    "sin": (SIN, mpmath.sin),
    "cos": (COS, mpmath.cos),
    "tanh": (TANH, mpmath.tanh),
    "sigmoid": (SIGMOID, lambda z: 1 / (1 + mpmath.exp(-z))),
}


def geometric(log_radius):
    return lambda i: i * log_radius


@pytest.mark.parametrize("name", FUNCTIONS)
def test_coefficients_are_those_of_the_function(name):
    series, function = FUNCTIONS[name]
    with mpmath.workdps(60):
        exact = [abs(float(c)) for c in mpmath.taylor(function, 0, 25)]
    assert series.constant == pytest.approx(exact[0], abs=1e-15)
    indices = range(series.first, 26, series.stride)
    found = np.exp(series.log_coefficients(np.array(indices, dtype=float)))
    np.testing.assert_allclose(found, [exact[i] for i in indices], rtol=1e-12)
    assert max((exact[i] for i in range(1, 26) if i not in indices), default=0) < 1e-30


CLOSED = [
    (EXP, 3.0, lambda r: r + math.log1p(-math.exp(-r))),
    (EXP, 1e4, lambda r: r),
    (EXP, 1e9, lambda r: r),
    (EXP, 1e40, lambda r: r),
    (SIN, 0.5, lambda r: math.log(math.sinh(r))),
    (SIN, 1e6, lambda r: r - math.log(2)),
    (COS, 0.5, lambda r: math.log(math.cosh(r) - 1)),
    (COS, 1e4, lambda r: r - math.log(2)),
    (TANH, 1.5, lambda r: math.log(math.tan(r))),
    (TANH, math.pi / 2 - 1e-7, lambda r: math.log(math.tan(r))),
    (SIGMOID, 3.1, lambda r: math.log(math.tan(r / 2) / 2)),
    (power(3), 7.0, lambda r: 3 * math.log(r)),
    (polynomial([9.0, -2.0, 0.0, 0.5]), 2.0, lambda r: math.log(4 + 4)),
]


@pytest.mark.parametrize(("series", "radius", "closed"), CLOSED)
def test_sums_of_moduli_are_known_functions(series, radius, closed):
    """sum |c_i| R^i - |c_0| is exp R - 1, sinh R, cosh R - 1, tan R, tan(R / 2) / 2."""
    assert series.log_sum(geometric(math.log(radius))) == pytest.approx(closed(radius), rel=1e-9, abs=1e-6)


@pytest.mark.parametrize("terms", [100, 1000])
def test_terms_taken_in_steps_give_the_sum_of_all(monkeypatch, terms):
    """60 nats of a geometric series in terms / 2 steps h: the rule is off by h^2 / 12."""
    exact = [EXP.log_sum(geometric(math.log(1e5))), TANH.log_sum(geometric(math.log(1.57)))]
    monkeypatch.setattr(taylor, "_TERMS", terms)
    assert EXP.log_sum(geometric(math.log(1e5))) == pytest.approx(exact[0], abs=1e-8)
    assert TANH.log_sum(geometric(math.log(1.57))) == pytest.approx(exact[1], abs=(120 / terms) ** 2 / 10)


def test_logarithms_beyond_floats_are_infinite():
    assert EXP.log_sum(geometric(710.0)) == math.inf
    assert EXP.log_sum(geometric(500.0)) == pytest.approx(math.exp(500.0), rel=1e-9)


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("degree", [0, 1, 2, 5, 8])
def test_head_and_tail_make_the_whole(name, degree):
    series, _ = FUNCTIONS[name]
    weight = geometric(math.log(1.2))
    head, tail = series.truncated(degree).log_sum(weight), series.after(degree).log_sum(weight)
    assert math.exp(head) + math.exp(tail) == pytest.approx(math.exp(series.log_sum(weight)), rel=1e-13)
    indices = np.arange(series.first, degree + 1, series.stride, dtype=float)
    expected = np.exp(series.log_coefficients(indices) + weight(indices)).sum() if len(indices) else 0.0
    assert math.exp(head) == pytest.approx(expected, rel=1e-13)


def test_polynomials_end():
    assert power(2).truncated(5).degree == 2
    assert power(2).truncated(1).log_sum(geometric(0.0)) == -math.inf
    assert polynomial([-3.0]).log_sum(geometric(0.0)) == -math.inf
    assert polynomial([-3.0]).constant == 3
