import math

import pytest

from ntkbook.bounds.allenzhu2019 import log_network_complexity, log_sample_complexity
from ntkbook.bounds.allenzhu2019_theorems import theorem_1, theorem_2
from ntkbook.bounds.taylor import EXP, SIN, TANH, power

WANTED = math.log(1e6)


def test_theorem_1_for_a_linear_activation_is_arithmetic():
    """C_s(z, 1) = C 2^1.75 and C_eps(z, 1) = C (1 + sqrt(log(1/eps)))."""
    c, k, p, epsilon = 3.0, 2, 5, 1e-6
    demand = theorem_1(power(1), WANTED, targets=k, terms=p, constant=c)
    assert demand.log_inverse_epsilon == pytest.approx(WANTED)
    assert math.exp(demand.log_width) == pytest.approx(c * (1 + math.sqrt(WANTED)) / epsilon)
    assert math.exp(demand.log_samples) == pytest.approx((c * 2**1.75) ** 2 * k**3 * p**2 / epsilon**2)


def test_theorem_1_lowers_an_epsilon_above_its_limit():
    demand = theorem_1(power(1), 1.0, targets=2, terms=5)
    assert math.exp(-demand.log_inverse_epsilon) == pytest.approx(1 / (5 * 2 * 1e4 * 2**1.75))
    assert demand == theorem_1(power(1), 0.0, targets=2, terms=5)


def test_theorem_2_for_linear_activations_is_arithmetic():
    c, k, p_1, p_2, epsilon_0 = 2.0, 2, 3, 5, 1e-3
    found = theorem_2(power(1), power(1), -math.log(epsilon_0), targets=k, outer_terms=p_1, inner_terms=p_2, constant=c)
    inner = c * 2**1.75
    epsilon = epsilon_0 / (k * p_1 * p_2**2 * (inner * p_2 * inner) * inner**2)
    size = c * (1 + math.sqrt(math.log(1 / epsilon)))
    outer = size * math.sqrt(p_2) * size
    assert math.exp(-found.log_inverse_epsilon) == pytest.approx(epsilon)
    assert math.exp(found.log_width) == pytest.approx(outer / epsilon)
    assert math.exp(found.log_samples) == pytest.approx((outer * size * math.sqrt(p_2) * p_1 * k**2 / epsilon_0) ** 2)


def test_no_net_that_can_be_built_is_wide_enough_at_the_papers_constant():
    for activation in (EXP, SIN):
        assert theorem_1(activation, WANTED).log_width > 1e4
        assert theorem_2(power(1), activation, WANTED).log_width > 1e4
        assert theorem_2(power(1), activation, WANTED).log_samples > 4e4
    assert 12 * math.log(10) < theorem_1(EXP, WANTED).log_samples < 25 * math.log(10)


def test_demands_grow_with_terms_targets_and_accuracy():
    for theorem in (
        lambda *args, **kw: theorem_1(SIN, *args, **kw),
        lambda *args, **kw: theorem_2(power(2), SIN, *args, **kw),
    ):
        base = theorem(30.0, constant=1.0)
        for more in (theorem(31.0, constant=1.0), theorem(30.0, targets=2, constant=1.0), theorem(30.0, constant=2.0)):
            assert more.log_width >= base.log_width
            assert more.log_samples > base.log_samples
            assert more.log_inverse_epsilon >= base.log_inverse_epsilon
    one, two = (theorem_2(power(2), SIN, 30.0, inner_terms=p, constant=1.0) for p in (1, 2))
    assert two.log_samples > one.log_samples


def test_divergent_series_ask_for_infinite_nets():
    assert theorem_1(TANH, WANTED).log_width == math.inf
    assert theorem_1(TANH, WANTED).log_samples < math.inf
    assert theorem_2(TANH, SIN, WANTED).log_inverse_epsilon == math.inf
    assert theorem_2(power(1), TANH, WANTED).log_width == math.inf
    assert log_sample_complexity(TANH, 0.0) < log_network_complexity(TANH, 0.0, WANTED) == math.inf
