"""The lemmas' right-hand sides against nets near their start, and Lemma B.3 where it fails."""

import math

import numpy as np
import pytest
import torch
from reference import unit_inputs
from scipy.special import gammaln

from ntkbook import margins
from ntkbook.adversarial import adversarial_shift
from ntkbook.bounds import cao2019_lemmas as bounds
from ntkbook.bounds.spectral import spectral_norm
from ntkbook.losses import logistic, logistic_derivative
from ntkbook.networks import DeepReLU, gradient_norms, layer_product, linearise, loss_gradient

X = unit_inputs(10, 6)
LABELS = torch.tensor([1.0, -1] * 5, dtype=torch.float64)


def net(widths, seed=0, d=6):
    return DeepReLU.initialise(d, widths, np.random.default_rng(seed), dtype=torch.float64)


def moved(start, radius, seed=1):
    """A random movement of |dW_l|_F = radius in every layer."""
    rng, weights = np.random.default_rng(seed), []
    for w in start.weights:
        step = torch.from_numpy(rng.standard_normal(w.shape))
        weights.append(w + radius * step / step.norm())
    return DeepReLU(tuple(weights), start.output_weights)


def changes(after, before):
    return [a - b for a, b in zip(after.weights, before.weights, strict=True)]


def test_formulas_are_as_printed():
    m, log = 1024, math.log(1024)
    assert bounds.lemma_5_1(m) == 32
    assert bounds.lemma_5_1(m, 0.25) == 8
    assert bounds.lemma_5_2_gap(0.001, m, 3, [0.1, 0.2]) == pytest.approx(9 * 0.1 * 32 * log**0.5 * 0.3)
    expected = 9 * 0.1 * 32 * log**0.5 * 0.3 * 0.5 - 0.7 + 27 * m * 0.05
    assert bounds.lemma_5_2_loss(0.001, m, 3, [0.1, 0.2], 0.5, -0.7) == pytest.approx(expected)
    assert bounds.lemma_5_3(100, 0.1) == pytest.approx(math.log(1000) ** 0.5)
    assert bounds.lemma_5_4(2, 0.32) == pytest.approx(0.02)
    assert bounds.lemma_5_5(0.3) == 0.3
    assert bounds.lemma_b_2(1, 0.32) == pytest.approx(0.08)
    assert bounds.lemma_b_3(2, 0.4) == pytest.approx(0.16 / 128)
    found = bounds.lemma_b_1(0.001, m, 3, [0.1, 0.2])
    assert found.product == 3
    assert found.shift == pytest.approx(3**0.5 * 0.3)
    assert found.flips == pytest.approx(3 ** (4 / 3) * 0.01 * m)
    assert found.sparse_pull == pytest.approx(3 ** (2 / 3) * 0.1 * 32 * log**0.5)
    assert found.pull == 32


@pytest.mark.parametrize("widths", [(600,), (400, 500), (300, 300, 400)])
def test_random_movements_stay_within_lemmas_5_1_5_2_and_b_1_up_to_small_constants(widths):
    start, radius = net(widths), 0.05
    after = moved(start, radius)
    m, depth = min(widths), len(widths)
    sizes = [spectral_norm(w) for w in changes(after, start)]
    found = linearise(after, start, X)
    rhs = bounds.lemma_b_1(radius, m, depth, sizes)
    hidden = after.hidden(X)
    pulls = [b @ w.T for b, w in zip(after.pulls(hidden), after.weights, strict=True)]
    assert float(gradient_norms(start, X).max()) <= 2 * bounds.lemma_5_1(m)
    assert float(found.gap.abs().max()) <= bounds.lemma_5_2_gap(radius, m, depth, sizes)
    assert float(found.shifts.max()) <= 2 * rhs.shift
    assert int(found.flips.max()) <= rhs.flips
    assert max(float(p.norm(dim=1).max()) for p in pulls) <= 3 * rhs.pull
    products = [spectral_norm(layer_product(after, X[0], first)) for first in range(1, depth + 1)]
    assert max(products) <= 4 * rhs.product


def test_adversarial_movement_needs_a_constant_of_0_39_over_root_log_m_in_lemma_5_2():
    start, radius, m = net((4096,)), 0.05, 4096
    shift = adversarial_shift(start, X[0], radius)
    size = [spectral_norm(w) for w in changes(shift.network, start)]
    constant = shift.gap / bounds.lemma_5_2_gap(radius, m, 1, size)
    assert constant == pytest.approx(0.390 / math.log(m) ** 0.5, rel=0.1)


@pytest.mark.parametrize("radius", [0.01, 0.3, 3.0])
def test_sharp_loss_inequality_holds_at_every_radius_and_is_nearly_attained_along_the_gradient(radius):
    start = net((60, 80))
    gradient = loss_gradient(start, X, LABELS)
    loss = float(logistic(LABELS * start(X)).mean())
    slopes = -logistic_derivative(LABELS * start(X))

    def both(direction):
        after = DeepReLU(tuple(w + s for w, s in zip(start.weights, direction, strict=True)), start.output_weights)
        seen = linearise(after, start, X)
        first_order = sum(float((s * g).sum()) for s, g in zip(direction, gradient, strict=True))
        increase = float(logistic(LABELS * after(X)).mean()) - loss
        return increase, bounds.loss_increase(slopes, seen.gap, seen.change, first_order), first_order

    for seed in range(5):
        increase, bound, _ = both(changes(moved(start, radius, seed), start))
        assert increase <= bound + 1e-14
    norm = math.sqrt(sum(float(g.square().sum()) for g in gradient))
    increase, bound, first_order = both([-radius / norm * g for g in gradient])
    assert increase <= bound + 1e-14
    if radius == 0.01:
        assert increase == pytest.approx(bound, rel=0.2)
        assert bound < 0.9 * first_order + 0.1 * abs(first_order)


def test_largest_output_at_the_start_grows_as_root_log_n_and_not_with_the_width():
    x = unit_inputs(2000, 200)
    largest = {m: np.mean([float(net((m,), seed, 200)(x).abs().max()) for seed in range(5)]) for m in (200, 2000)}
    for value in largest.values():
        assert 0.5 * bounds.lemma_5_3(2000, 1.0) < value < 1.5 * bounds.lemma_5_3(2000, 1.0)


def test_hidden_layers_keep_the_margin_of_lemma_b_2_and_gradients_that_of_b_3_and_5_4_at_depth_two():
    x = unit_inputs(30, 10)
    y = torch.where(x[:, 0] > 0, 1.0, -1.0).double()
    u = torch.from_numpy(np.random.default_rng(1).standard_normal((10, 2000)))
    gamma = margins.relu_feature_margin(x, y, u).value
    network = net((600, 600), d=10)
    for layer in (1, 2):
        assert margins.layer_margin(network, x, y, layer).value >= bounds.lemma_b_2(layer, gamma)
    certificate = margins.gradient_certificate(network, x, y)
    assert certificate**2 >= bounds.lemma_b_3(2, gamma)
    assert certificate >= bounds.lemma_5_4(2, gamma)


def one_class_share(d, n, m, seed=0):
    """sum_j |(1/n) sum_i 1{w_j.x_i > 0} x_i|^2 / m for a_i = 1 and one class on the sphere."""
    x, network = unit_inputs(n, d, seed), net((m,), seed, d)
    gates = (network.hidden(x)[1] > 0).double()
    return float((x.T @ gates / n).square().sum()) / m


@pytest.mark.parametrize(("d", "holds"), [(8, True), (16, True), (128, False)])
def test_lemma_b_3_fails_at_one_layer_for_one_class_on_the_sphere_beyond_d_32(d, holds):
    gamma = (2 * math.pi) ** -0.5  # of assumption 4.10: c = 1 gives E relu(u.x) for every x, and no c gives more
    n, bound = 4000, bounds.lemma_b_3(1, gamma)
    assert bound == pytest.approx(1 / (64 * math.pi))
    found = one_class_share(d, n, 2000)
    mean = math.exp(gammaln(d / 2) - gammaln((d + 1) / 2)) / math.pi**0.5  # E |x_1| on the sphere
    assert found == pytest.approx((1 - 1 / n) * mean**2 / 4 + 1 / (2 * n), rel=0.05)
    assert mean**2 / 4 == pytest.approx(1 / (2 * math.pi * d), rel=0.6 / d)
    assert (found >= bound) == holds
