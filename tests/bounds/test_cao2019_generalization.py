"""Theorem 4.5: its terms as printed, and the linear part with constants, which holds."""

import math

import numpy as np
import pytest
import torch
from reference import unit_inputs

from ntkbook.bounds import cao2019_generalization as bounds
from ntkbook.losses import surrogate_error
from ntkbook.networks import DeepReLU, gradient_norms, tangent_gram

X = unit_inputs(8, 5)
START = DeepReLU.initialise(5, (30, 20), np.random.default_rng(0), dtype=torch.float64)


def signs(n, draws, seed=0):
    return torch.from_numpy(np.random.default_rng(seed).choice([-1.0, 1.0], (n, draws)))


def test_terms_are_as_printed():
    found = bounds.theorem_4_5(0.01, 400, 1024, 3)
    assert found.linear == pytest.approx(3 * 0.01 * math.sqrt(1024 / 400))
    assert found.curvature == pytest.approx(3**4 * math.sqrt(1024 * math.log(1024)) * 0.01 ** (4 / 3))
    assert found.total == found.linear + found.curvature


def test_at_a_radius_of_one_over_root_m_only_the_curvature_depends_on_the_width():
    narrow, wide = (bounds.theorem_4_5(m**-0.5, 100, m, 2) for m in (10**4, 10**10))
    assert wide.linear == pytest.approx(narrow.linear)
    assert wide.curvature < 0.2 * narrow.curvature  # m^(-1/6), and a logarithm


def test_conditions_are_as_printed_and_met_by_no_radius_of_training_at_ordinary_widths():
    assert bounds.theorem_4_5_radius(1024, 2) == pytest.approx(2**-6 * math.log(1024) ** -1.5)
    radius = bounds.theorem_4_5_radius(1024, 2)
    expected = 2 ** (-8 / 3) * radius ** (-4 / 3) * math.log(1024 / (radius * 0.1))
    assert bounds.theorem_4_5_width(radius, 100, 1024, 2, 0.1) == pytest.approx(expected)
    assert bounds.theorem_4_5_width(1.0, 100, 1024, 3, 0.1) == pytest.approx(9 * math.log(1024 * 100 / 0.1))
    assert radius < 1024**-0.5  # R = sqrt(m) tau of training is 5 and more


def test_rademacher_term_is_the_mean_supremum_over_the_ball_by_autograd():
    xi = signs(8, 6)
    grams = [tangent_gram(START, X, layer) for layer in (1, 2)]
    suprema = []
    for eps in xi.T:
        leaves = [w.clone().requires_grad_() for w in START.weights]
        h = X
        for w in leaves:
            h = torch.relu(h @ w)
        gradients = torch.autograd.grad(eps @ (h @ START.output_weights), leaves)
        suprema.append(sum(0.3 * float(g.norm()) for g in gradients) / 8)
    assert bounds.linearised_rademacher(grams, xi, 0.3) == pytest.approx(np.mean(suprema), rel=1e-12)


def test_rademacher_term_is_below_jensen_s_bound_and_that_below_the_theorem_s():
    grams = [tangent_gram(START, X, layer) for layer in (1, 2)]
    found = bounds.linearised_rademacher(grams, signs(8, 4000), 0.3)
    jensen = 0.3 / 8 * float(gradient_norms(START, X).square().sum(1).sqrt().sum())
    assert 0.8 * jensen < found < jensen
    constant = float(gradient_norms(START, X).max()) / 20**0.5  # C of Lemma 5.1
    assert jensen <= constant * bounds.theorem_4_5(0.3, 8, 20, 2).linear * (1 + 1e-12)


def test_linearised_bound_is_the_uniform_law_with_its_constants():
    found = bounds.linearised_bound(0.1, 0.2, 1000, 0.05)
    error_gap = 2 * 0.2 / 4 + 3 * math.sqrt(math.log(2 / 0.05) / 2000)  # 2 R(l' o F) + 3 sqrt(log(2/delta) / 2n)
    assert found == pytest.approx(2 * (0.1 + error_gap))
    assert bounds.linearised_bound(0.0, 0.0, 10**9, 0.05) < 1e-3


def test_linearised_bound_holds_over_the_ball_on_fresh_samples():
    """Directions that fit a sample of random labels best, where the population error is 1/2 by symmetry."""
    n, radius, slack = 100, 0.3, []
    rng = np.random.default_rng(0)
    start = DeepReLU.initialise(5, (60,), rng, dtype=torch.float64)
    for seed in range(20):
        x, y = unit_inputs(n, 5, seed), signs(n, 1, seed)[:, 0]
        gram = tangent_gram(start, x, 1)
        pull = gram @ y
        outputs = start(x) + radius * pull / (y @ pull).sqrt()  # the linearised net in the direction of sum y_i grad
        complexity = bounds.linearised_rademacher([gram], signs(n, 200, seed + 1), radius)
        slack.append(bounds.linearised_bound(float(surrogate_error(y * outputs)), complexity, n, 0.05) - 0.5)
    assert min(slack) > 0
