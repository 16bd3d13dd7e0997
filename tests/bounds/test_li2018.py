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
    assert bounds.lemma_5_2_norm(0.1, 1.4, 10, 2) == pytest.approx(0.007)
    assert bounds.lemma_5_2_share(1.4, 10, 2) == pytest.approx(0.035)
    assert bounds.lemma_5_2_width(1.4, 10, 2) == pytest.approx(4000 / 1.4)
    assert bounds.lemma_5_2_share(2.0, 2, 1) <= 0.5  # of a single error half of the neurons know nothing


@pytest.mark.parametrize("radius", [0.05, 0.4])
def test_ceiling_of_the_planar_xor_is_that_of_the_best_class_for_each_ray(radius):
    points = data.xor_mixture(radius=radius).draw(1_000_000, np.random.default_rng(0))
    angles = np.arctan2(points.x[:, 1], points.x[:, 0])
    edges = np.linspace(-np.pi, np.pi, 4001)
    counts = np.stack([np.histogram(angles[points.classes == c], edges)[0] for c in (0, 1)])
    assert bounds.xor_ceiling(radius) == pytest.approx(counts.max(0).sum() / len(angles), abs=1e-3)


def test_ceiling_falls_with_the_radius():
    assert 1 > bounds.xor_ceiling(0.02) > bounds.xor_ceiling(0.05) > bounds.xor_ceiling(0.5)
