"""Complexities against sums added up term by term, and against limits."""

import math

import numpy as np
import pytest

from ntkbook.experiments.two_layer_learning import complexity


@pytest.fixture(scope="module")
def measured():
    return complexity.complexities((1.0, 1e4))


def added_up(coefficients, epsilon, c):
    """C_eps(phi, 1) and C_s(phi, 1) as they are printed, the term i = 0 once."""
    log_inverse = math.log(1 / epsilon)
    network = sum(
        abs(a) * (c**i + (math.sqrt(log_inverse) * c / math.sqrt(i)) ** i if i else 1) for i, a in coefficients.items()
    )
    return network, c * sum((i + 1) ** 1.75 * abs(a) for i, a in coefficients.items())


SERIES = {
    "exp": {i: 1 / math.factorial(i) for i in range(60)},
    "sin": {i: 1 / math.factorial(i) for i in range(1, 60, 2)},
    "cos": {i: 1 / math.factorial(i) for i in range(0, 60, 2)},
    "z": {1: 1.0},
    "z^2": {2: 1.0},
    "z^3": {3: 1.0},
}


@pytest.mark.parametrize("name", SERIES)
def test_complexities_at_constant_one_are_the_printed_sums(measured, name):
    row = measured.sel(function=name, constant=1.0)
    network, samples = added_up(SERIES[name], 0.01, 1.0)
    assert float(row.network.sel(digits=2)) == pytest.approx(math.log10(network), rel=1e-9)
    assert float(row.samples) == pytest.approx(math.log10(samples), rel=1e-9)


def test_the_papers_constant_makes_the_exponential_cost_e_to_that_constant(measured):
    row = measured.network.sel(function="exp", constant=1e4)
    np.testing.assert_allclose(row.sel(digits=[1, 2, 16, 64]), 1e4 / math.log(10), rtol=1e-6)


def test_the_order_of_network_and_inverse_epsilon_turns_where_it_is_said_to_begin(measured):
    network, begins = measured.network.sel(constant=1e4), measured.begins.sel(constant=1e4)
    for name in complexity.ENTIRE:
        below = network.sel(function=name) < network.digits
        assert bool((below == (network.digits > begins.sel(function=name))).all()), name


def test_shares_fall_at_multiples_of_the_beginning(measured):
    share = complexity.growth(measured.begins).share
    assert bool((share.isel(multiple=0) < 1).all())
    assert bool((share.isel(multiple=1) < share.isel(multiple=0)).all())


def test_bounded_activations_are_out_of_reach_until_they_are_truncated(measured):
    assert bool(np.isinf(measured.network.sel(function=["tanh", "sigmoid"], constant=1e4)).all())
    cut = complexity.truncated((1.0, 1e4))
    assert bool(np.isfinite(cut.network).all())
    # the last term dominates: (C / r)^D with D = log(1/eps) / log r, r the radius of convergence
    for name, radius in (("tanh", math.pi / 2), ("sigmoid", math.pi)):
        power = math.log(1e4) / math.log(radius) - 1
        assert float(cut.exponent.sel(function=name, constant=1e4)[-1]) == pytest.approx(power, rel=0.02)


def test_demands_of_the_theorem_by_hand():
    found = complexity.demands((1.0, 1e4))
    network, samples = added_up(SERIES["z^2"], 0.01, 1.0)
    row = found.sel(function="z^2", constant=1.0)
    assert float(row.width) == pytest.approx(math.log10(network / 0.01), rel=1e-9)
    assert float(row["sample"]) == pytest.approx(math.log10(samples**2 / 0.01**2), rel=1e-9)
    assert float(row.epsilon) == pytest.approx(2)
    # at C = 10^4 the theorem speaks of eps < 1 / C_s alone
    row = found.sel(function="exp", constant=1e4)
    assert float(row["sample"]) == pytest.approx(4 * float(row.epsilon), rel=1e-9)
    assert float(row.width) > 4347
