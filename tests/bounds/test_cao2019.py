"""Theorem 4.7 and the corollaries, from the conditions of their proofs; and the path bound on a descent."""

import math

import numpy as np
import pytest
import torch
from reference import unit_inputs

from ntkbook.bounds import cao2019 as bounds
from ntkbook.losses import logistic, surrogate_error
from ntkbook.networks import DeepReLU, loss_gradient

B, EPS, DELTA = 0.2, 0.05, 0.1


def slope(f, at, rel=1e-6):
    """Exponent of a power law."""
    return math.log(f(at * (1 + rel)) / f(at)) / math.log1p(rel)


@pytest.mark.parametrize(
    ("width", "exponents"),
    [
        (bounds.theorem_4_7_width, (12, -4, -2)),
        (bounds.theorem_4_7_width_rederived, (18, -14, -2)),
        (bounds.theorem_4_7_width_repaired, (15, -8, -2)),
        (bounds.corollary_4_11_width, (None, -8, -14)),
        (bounds.corollary_4_11_samples, (None, -2, -4)),
        (bounds.corollary_4_13_width, (24, -8, -14)),
        (bounds.corollary_4_13_samples, (4, -2, -4)),
    ],
)
def test_widths_and_samples_are_the_power_laws_of_the_paper(width, exponents):
    assert width(1, 1.0, 1.0, math.exp(-1)) in (1, 2**8, 4)  # constants 1, but for the powers of 2^L
    if exponents[0] is not None:
        assert math.log2(width(2, B, EPS, DELTA) / width(1, B, EPS, DELTA)) == pytest.approx(exponents[0])
    assert slope(lambda b: width(3, b, EPS, DELTA), B) == pytest.approx(exponents[1], rel=1e-6)
    assert slope(lambda e: width(3, B, e, DELTA), EPS) == pytest.approx(exponents[2], rel=1e-6)
    assert width(3, B, EPS, DELTA**2) == pytest.approx(2 * width(3, B, EPS, DELTA))


def test_random_features_cost_two_to_the_8l_in_width_and_4_to_the_l_in_samples():
    for depth in (1, 2, 5):
        wide, many = (
            getattr(bounds, f"corollary_4_11_{what}")(depth, B, EPS, DELTA)
            / getattr(bounds, f"corollary_4_13_{what}")(depth, B, EPS, DELTA)
            for what in ("width", "samples")
        )
        assert (wide, many) == pytest.approx((2.0 ** (8 * depth), 4.0**depth))


def test_steps_and_step_size_satisfy_5_5_and_5_3_with_equality():
    depth, m = 3, 10**9
    k, eta = bounds.theorem_4_7_steps(depth, B, EPS), bounds.theorem_4_7_step_size(depth, B, m)
    assert (k * eta * m) ** -0.5 / B == pytest.approx(EPS)  # (5.5)
    assert depth**3 * m * eta == pytest.approx(B**2)  # (5.3)


def test_5_2_with_5_5_forces_a_radius_that_is_larger_than_the_theorem_s_by_one_over_b():
    depth, m = 2, 10**9
    k, eta = bounds.theorem_4_7_steps(depth, B, EPS), bounds.theorem_4_7_step_size(depth, B, m)
    assert (k * eta) ** 0.5 / B == pytest.approx(bounds.theorem_4_7_radius(B, EPS, m) / B)  # left-hand side of (5.2)


def test_rederived_width_is_where_the_descent_condition_holds_with_equality():
    depth, width = 3, bounds.theorem_4_7_width_rederived(3, B, EPS, math.exp(-1))
    radius = bounds.theorem_4_7_radius(B, EPS, width)
    assert depth**3 * radius ** (1 / 3) == pytest.approx(B**2)


def test_repaired_width_is_where_its_condition_holds_with_equality_and_the_path_bound_is_the_radius():
    width = bounds.theorem_4_7_width_repaired(3, B, EPS, math.exp(-1))
    radius = bounds.theorem_4_7_radius(B, EPS, width)
    assert 3**2.5 * radius ** (1 / 3) == pytest.approx(B)
    assert bounds.path_bound(0.5, B, EPS, width) == pytest.approx(radius)


def test_printed_5_4_asks_for_far_less_than_the_descent_needs():
    depth = 3
    printed = bounds.theorem_4_7_width(depth, B, EPS, math.exp(-1))
    radius = bounds.theorem_4_7_radius(B, EPS, printed)
    assert depth**2 * radius ** (1 / 3) * printed**0.5 < B**2 * printed  # (5.4) as printed
    assert depth**3 * radius ** (1 / 3) > 10 * B**2  # what the step before (5.6) uses


def test_corollary_4_9_is_epsilon_at_the_widths_and_samples_of_the_others():
    m = bounds.corollary_4_13_width(2, B, EPS, math.exp(-1))
    n = bounds.corollary_4_13_samples(2, B, EPS, math.exp(-1))
    assert bounds.corollary_4_9(2, B, EPS, n, m) == pytest.approx(3 * EPS)


def test_path_of_a_descent_is_within_its_bound_while_the_surrogate_error_lasts():
    """Gradient descent with small steps: B is the least |grad| / (sqrt(m) E_S) seen, and eps the last E_S."""
    x = unit_inputs(12, 5)
    y = torch.where(x[:, 0] > 0, 1.0, -1.0).double()
    network = DeepReLU.initialise(5, (40, 60), np.random.default_rng(0), dtype=torch.float64)
    start, path, loss_0, ratios, surrogate = network.weights, 0.0, float(logistic(y * network(x)).mean()), [], 0.0
    for _ in range(60):
        gradient = loss_gradient(network, x, y)
        norm = math.sqrt(sum(float(g.square().sum()) for g in gradient))
        surrogate = float(surrogate_error(y * network(x)))
        ratios.append(norm / (40**0.5 * surrogate))
        path += 0.2 / 40 * norm
        weights = tuple(w - 0.2 / 40 * g for w, g in zip(network.weights, gradient, strict=True))
        network = DeepReLU(weights, network.output_weights)
    descent = loss_0 - float(logistic(y * network(x)).mean())
    bound = bounds.path_bound(descent, min(ratios), surrogate, 40)
    moved = max(float((a - b).norm()) for a, b in zip(network.weights, start, strict=True))
    assert descent > 0.1
    assert moved <= path <= bound
