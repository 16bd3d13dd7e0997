import math

import mpmath
import pytest

from ntkbook.bounds.allenzhu2019 import (
    growth_begins,
    log_network_complexity,
    log_sample_complexity,
    truncation_degree,
)
from ntkbook.bounds.taylor import COS, EXP, SIGMOID, SIN, TANH, polynomial, power

COEFFICIENTS = {
    "exp": (EXP, lambda i: 1 / mpmath.factorial(i)),
    "sin": (SIN, lambda i: i % 2 / mpmath.factorial(i)),
    "cos": (COS, lambda i: (i + 1) % 2 / mpmath.factorial(i)),
    "tanh": (TANH, lambda i: i % 2 * _tanh(i)),
    "sigmoid": (SIGMOID, lambda i: mpmath.mpf(1) / 2 if i == 0 else i % 2 * _tanh(i) / mpmath.mpf(2) ** (i + 1)),
    "z^3": (power(3), lambda i: int(i == 3)),
    "1 - 2 z": (polynomial([1.0, -2.0]), lambda i: [1, 2][i] if i < 2 else 0),
}


def _tanh(i):
    """|c_i| = 2^(i+1) (2^(i+1) - 1) |B_(i+1)| / (i + 1)!, odd i."""
    return 2 ** (i + 1) * (2 ** (i + 1) - 1) * abs(mpmath.bernoulli(i + 1)) / mpmath.factorial(i + 1)


def direct(coefficient, radius, log_inverse_epsilon, constant, terms):
    """Both definitions of sec. 2, term by term."""
    network = samples = mpmath.mpf(0)
    with mpmath.workdps(30):
        for i in range(terms):
            c, scale = coefficient(i), mpmath.mpf(constant) * radius
            root = mpmath.sqrt(log_inverse_epsilon) / mpmath.sqrt(max(i, 1))
            network += (scale**i + (root * scale) ** i * (i > 0)) * c
            samples += constant * mpmath.mpf(i + 1) ** mpmath.mpf("1.75") * mpmath.mpf(radius) ** i * c
        return float(mpmath.log(network)), float(mpmath.log(samples))


@pytest.mark.parametrize("name", COEFFICIENTS)
@pytest.mark.parametrize(("radius", "constant", "digits"), [(1.0, 1.0, 2), (0.5, 2.0, 30), (1.2, 1.0, 6)])
def test_complexities_are_the_definitions(name, radius, constant, digits):
    series, coefficient = COEFFICIENTS[name]
    log_inverse = digits * math.log(10)
    network, samples = direct(coefficient, radius, log_inverse, constant, 250)
    args = series, math.log(radius)
    assert log_network_complexity(*args, log_inverse, constant=constant) == pytest.approx(network, rel=1e-12, abs=1e-12)
    assert log_sample_complexity(*args, constant=constant) == pytest.approx(samples, rel=1e-12, abs=1e-12)


def test_complexity_of_exp_at_the_papers_constant_is_ten_to_the_4343_whatever_epsilon():
    for digits in (1, 6, 300):
        found = log_network_complexity(EXP, 0.0, digits * math.log(10)) / math.log(10)
        assert found == pytest.approx(1e4 / math.log(10), abs=1e-6)
        for series in (SIN, COS):
            found = log_network_complexity(series, 0.0, digits * math.log(10))
            assert found == pytest.approx(1e4 - math.log(2), abs=1e-6)


def test_second_term_rules_once_epsilon_is_small_enough():
    """log C_eps -> (3/2) (C^2 log(1/eps) / e)^(1/3), the largest term of the second sum by Stirling's formula."""
    for constant, log_inverse in ((1.0, 1e6), (1e4, 1e8)):
        expected = 1.5 * (constant**2 * log_inverse / math.e) ** (1 / 3)
        found = log_network_complexity(EXP, 0.0, log_inverse, constant=constant)
        assert found == pytest.approx(expected, rel=0.01)


def test_growth_below_one_over_epsilon_begins_at_ten_to_minus_4839_for_the_papers_constant():
    for series in (EXP, SIN, COS):
        begins = growth_begins(series, 0.0)
        assert begins == pytest.approx(1.5**1.5 * 1e4 * math.exp(-0.5), rel=1e-3)  # where 1.5 (C^2 L / e)^(1/3) = L
        for log_inverse, sign in ((0.999 * begins, 1), (1.001 * begins, -1)):
            assert sign * (log_network_complexity(series, 0.0, log_inverse) - log_inverse) > 0
    assert 4838 < growth_begins(EXP, 0.0) / math.log(10) < 4840
    assert growth_begins(TANH, 0.0) == math.inf
    assert growth_begins(EXP, 0.0, constant=1.0) < 2
    assert growth_begins(power(2), 0.0, constant=1.0) < 1e-8  # 1 + L / 2 < exp(L) for every L > 0


@pytest.mark.parametrize(("series", "edge"), [(TANH, math.pi / 2), (SIGMOID, math.pi)])
def test_complexities_are_infinite_from_the_radius_of_convergence_on(series, edge):
    below, at = math.log(edge) - 1e-6, math.log(edge)
    assert log_sample_complexity(series, below) < math.inf == log_sample_complexity(series, at)
    assert log_network_complexity(series, below, 2.0, constant=1.0) < math.inf
    assert log_network_complexity(series, at, 2.0, constant=1.0) == math.inf
    assert log_network_complexity(series, 0.0, 2.0) == math.inf  # at C = 10^4
    assert log_network_complexity(series.truncated(9), 0.0, 2.0) < math.inf
    assert log_sample_complexity(series.truncated(9), at) < math.inf


@pytest.mark.parametrize(("series", "edge"), [(TANH, math.pi / 2), (SIGMOID, math.pi)])
def test_degree_of_truncation_is_log_one_over_epsilon_over_log_of_the_radius(series, edge):
    for log_inverse in (5.0, 50.0, 500.0):
        degree = truncation_degree(series, 0.0, log_inverse)
        assert degree == pytest.approx(log_inverse / math.log(edge), abs=4)
        assert series.after(degree).log_sum(lambda i: 0 * i) <= -log_inverse
        assert series.after(degree - 1).log_sum(lambda i: 0 * i) > -log_inverse
    with pytest.raises(ValueError, match="log_radius: expected less than"):
        truncation_degree(series, math.log(edge), 5.0)


def test_degree_of_truncation_of_exp_is_that_of_its_remainder():
    for log_inverse in (0.0, 1.0, 10.0):
        tails = [math.e - sum(1 / math.factorial(i) for i in range(degree + 1)) for degree in range(15)]
        expected = next(degree for degree, tail in enumerate(tails) if tail <= math.exp(-log_inverse))
        assert truncation_degree(EXP, 0.0, log_inverse) == expected


def test_truncated_tanh_is_polynomial_in_one_over_epsilon_of_degree_twenty_at_the_papers_constant():
    """Its top term (C 2 / pi)^D at D = log(1/eps) / log(pi / 2) alone has degree log(C) / log(pi / 2) - 1 in 1/eps."""
    log_inverses = [100.0, 1000.0]
    sizes = []
    for log_inverse in log_inverses:
        series = TANH.truncated(truncation_degree(TANH, 0.0, log_inverse))
        sizes.append(log_network_complexity(series, 0.0, log_inverse))
    degree = (sizes[1] - sizes[0]) / (log_inverses[1] - log_inverses[0])
    assert degree == pytest.approx(math.log(1e4) / math.log(math.pi / 2) - 1, abs=0.1)


def test_samples_need_no_more_than_size_but_for_constants_and_z_at_large_epsilon():
    """ "It is always true that C_s <= C_eps", sec. 2."""
    for constant in (1.0, 1e4):
        for epsilon, holds in ((0.0037, True), (0.0038, False)):
            size = log_network_complexity(power(1), 0.0, -math.log(epsilon), constant=constant)
            assert (log_sample_complexity(power(1), 0.0, constant=constant) <= size) == holds
    one = polynomial([1.0])
    assert log_network_complexity(one, 0.0, 1e6) == 0
    assert log_sample_complexity(one, 0.0) == pytest.approx(math.log(1e4))
    for series in (EXP, SIN, COS, power(2)):
        assert log_sample_complexity(series, 0.0) < log_network_complexity(series, 0.0, 5.0)
