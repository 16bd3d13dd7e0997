import math

import numpy as np
import pytest
import torch

from ntkbook import data
from ntkbook.bounds import li2018 as bounds
from ntkbook.networks import TwoLayerClassifier
from ntkbook.training import sgd


@pytest.mark.parametrize("k", [2, 10])
def test_coupled_share_of_trained_neurons_is_above_the_bound_at_every_step(k):
    rng = np.random.default_rng(0)
    x = torch.from_numpy(data.sphere(2 * k, 30, rng))
    classes = torch.arange(2 * k) % k
    width, rate = 20_000, 0.2
    start = TwoLayerClassifier.initialise(30, width, k, rng, dtype=torch.float64)
    gates = x @ start.weights >= 0

    def observe(now):
        return {"coupled": ((now.preactivations >= 0) == gates).all(0).double().mean()}

    settings = {"step_size": rate / width, "batch_size": 2 * k, "n_steps": 40, "rng": rng, "observe": observe}
    path = sgd(start, x, classes, **settings)
    bound = [bounds.lemma_5_1_coupled(rate / width, int(t), k, 2, width**-0.5) for t in path.steps]
    assert bound[1] > 0
    assert (path.observations["coupled"] >= bound).all()
    assert path.observations["coupled"][-1] < 1


def test_bound_on_the_coupled_share_holds_for_neurons_that_run_straight_to_their_gates():
    rng = np.random.default_rng(0)
    k, width, sigma, tau = 10, 400_000, 0.01, 1e-4
    reach = tau * np.ptp(rng.standard_normal((width, k)), axis=1)  # eta t times the range of a neuron's output weights
    left = (np.abs(sigma * rng.standard_normal(width)) <= reach).mean()  # at one point
    allowed = 1 - bounds.lemma_5_1_coupled(tau, 1, 1, 1, sigma)
    assert allowed == pytest.approx(math.e * tau / sigma)
    assert 0.85 * allowed < left < allowed


def test_lemma_5_2_scales_as_printed():
    assert bounds.lemma_5_2_norm(0.1, 1.5, 10, 2) == pytest.approx(0.0025)
    assert bounds.lemma_5_2_share(1.6, 10, 2) == pytest.approx(0.005)
    assert bounds.lemma_5_2_width(1.4, 10, 2) == pytest.approx(4000 / 1.4)


def pseudo_gradients(x, errors, width=100_000):
    """Norms of the pseudo-gradients of random neurons (m,), from the definition."""
    rng = np.random.default_rng(0)
    w, a = rng.standard_normal((x.shape[1], width)), rng.standard_normal((errors.shape[1], width))
    return np.linalg.norm(x.T @ ((errors @ a) * (x @ w >= 0)), axis=0)


@pytest.mark.parametrize("seed", range(5))
def test_enough_pseudo_gradients_reach_the_norm_of_lemma_5_2_for_points_that_are_no_near_antipodes(seed):
    rng = np.random.default_rng(seed)
    x = data.sphere(6, 3, rng)
    products = x @ x.T - 2 * np.eye(6)
    delta = float(np.sqrt(2 - 2 * abs(products[products > -1]).max()))  # least |x - x'| and |x + x'|
    for errors in (rng.choice([-1.0, 1.0], (6, 3)), np.eye(6, 3), np.outer(rng.choice([-1, 1], 6), [1.0, -0.5, -0.5])):
        errors[0, 0] = 1.0
        share = (pseudo_gradients(x, errors) >= bounds.lemma_5_2_norm(1.0, delta, 3, 2)).mean()
        assert share >= bounds.lemma_5_2_share(delta, 3, 2)


def test_a_share_of_one_half_is_too_much_for_lemma_5_2():
    """One error, k = 2, l = 1, delta = sqrt(2): delta / (2 k l) = 0.35; 0.24 of the neurons reach v delta / (k l)."""
    norms = pseudo_gradients(np.eye(2), np.array([[1.0, 0], [0, 0]]))
    assert (norms >= 2**0.5 / 2).mean() == pytest.approx(0.24, abs=0.005)
    assert np.quantile(norms, 1 - 2**0.5 / 4) / (2**0.5 / 2) == pytest.approx(0.53, abs=0.01)


def test_pseudo_gradients_of_the_alternating_hexagon_vanish_for_every_neuron():
    """Points at 0, 60, ..., 300 degrees, classes by turns: (A1) and (A2) hold, and Lemma 5.2 does not."""
    angles = np.arange(6) * np.pi / 3
    x, classes = np.column_stack([np.cos(angles), np.sin(angles)]), np.arange(6) % 2
    found = data.separation(x, classes, np.arange(6))
    assert (found.delta, found.lam) == pytest.approx((1, 0))
    assert found.lam <= found.allowed
    errors = np.where(classes[:, None] == np.arange(2), 0.5, -0.5) / 6  # p v where all outputs are equal
    assert pseudo_gradients(x, errors).max() < 1e-15


def test_no_net_without_bias_is_right_on_the_alternating_hexagon():
    """f(x) - f(-x) is linear, and three points of a class sum to zero."""
    angles = torch.arange(6, dtype=torch.float64) * torch.pi / 3
    x, classes = torch.stack([angles.cos(), angles.sin()], dim=1), torch.arange(6) % 2
    for seed in range(20):
        rng = np.random.default_rng(seed)
        net = TwoLayerClassifier.initialise(2, 500, 2, rng, dtype=torch.float64)
        apart = net(x) @ torch.tensor([1.0, -1.0], dtype=torch.float64)
        assert abs(float((apart * (1 - 2 * classes)).sum())) < 1e-9  # so it is not positive at all six
        path = sgd(net, x, classes, step_size=10 / 500, batch_size=6, n_steps=200, rng=rng)
        assert int((path.network(x).argmax(1) == classes).sum()) <= 5


@pytest.mark.parametrize("radius", [0.05, 0.4])
def test_ceiling_of_the_planar_xor_is_that_of_the_best_class_for_each_ray(radius):
    points = data.xor_mixture(radius=radius).draw(1_000_000, np.random.default_rng(0))
    angles = np.arctan2(points.x[:, 1], points.x[:, 0])
    edges = np.linspace(-np.pi, np.pi, 4001)
    counts = np.stack([np.histogram(angles[points.classes == c], edges)[0] for c in (0, 1)])
    assert bounds.xor_ceiling(radius) == pytest.approx(counts.max(0).sum() / len(angles), abs=1e-3)


def test_ceiling_falls_with_the_radius():
    assert 1 > bounds.xor_ceiling(0.02) > bounds.xor_ceiling(0.05) > bounds.xor_ceiling(0.5)
