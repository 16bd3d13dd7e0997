"""Diagnostics of a classifier in training, each against its definition."""

import numpy as np
import pytest
import torch

from ntkbook import diagnostics
from ntkbook.diagnostics import Probe, neuron_norms, neuron_pulls, pseudo_outputs, singular_values
from ntkbook.networks import TwoLayerClassifier

N, D, M, K = 12, 6, 40, 3


@pytest.fixture
def start():
    return TwoLayerClassifier.initialise(D, M, K, np.random.default_rng(0), dtype=torch.float64)


@pytest.fixture
def x():
    return torch.from_numpy(np.random.default_rng(1).standard_normal((N, D)))


@pytest.fixture
def classes():
    return torch.arange(N) % K


@pytest.fixture
def moved(start):
    return start.weights + 0.1 * torch.from_numpy(np.random.default_rng(2).standard_normal((D, M)))


@pytest.mark.parametrize("block", [1, 100, 10**6])
def test_probe_measures_what_the_paper_defines(monkeypatch, start, x, classes, moved, block):
    monkeypatch.setattr(diagnostics, "_BLOCK_ELEMENTS", block)
    found = Probe(start, x, classes)(moved)
    f = TwoLayerClassifier(moved, start.output_weights)(x)
    g = torch.zeros(N, K, dtype=torch.float64)
    for s in range(N):
        for r in range(M):
            if start.weights[:, r] @ x[s] >= 0:
                g[s] += start.output_weights[:, r] * (moved[:, r] @ x[s])
    torch.testing.assert_close(pseudo_outputs(x, moved, start), g)
    assert found["accuracy"] == pytest.approx(float((f.argmax(1) == classes).double().mean()))
    assert found["flipped"] == pytest.approx(diagnostics.gates_flipped(x, moved, start.weights))
    assert found["distance"] == pytest.approx(float((moved - start.weights).norm() / start.weights.norm()))
    assert found["pseudo_gap"] == pytest.approx(float((f - g).abs().max()))
    assert found["output"] == pytest.approx(float(f.abs().max()))
    assert found["pseudo_agree"] == pytest.approx(float((f.argmax(1) == g.argmax(1)).double().mean()))
    assert 0 < found["flipped"] < 1


def test_nothing_has_moved_at_the_start(start, x, classes):
    found = Probe(start, x, classes)(start.weights)
    assert found["flipped"] == found["distance"] == 0
    assert found["pseudo_gap"] < 1e-12
    assert found["pseudo_agree"] == 1


def test_distance_of_a_large_net_keeps_the_digits_of_float32():
    start = TwoLayerClassifier.initialise(400, 10_000, K, np.random.default_rng(0))
    moved = start.weights + 0.01 * torch.randn(400, 10_000, generator=torch.Generator().manual_seed(1))
    found = Probe(start, torch.ones(1, 400), torch.zeros(1, dtype=torch.int64))(moved)["distance"]
    w, w_0 = moved.double(), start.weights.double()
    assert found == pytest.approx(float((w - w_0).norm() / w_0.norm()), rel=1e-6)


def gradient(weights, start, x, classes):
    leaf = weights.clone().requires_grad_()
    outputs = torch.relu(x @ leaf) @ start.output_weights.T
    return torch.autograd.grad(torch.nn.functional.cross_entropy(outputs, classes), leaf)[0]


def test_pulls_and_norms_are_those_of_the_gradient_by_autograd(start, x, classes, moved):
    outputs = TwoLayerClassifier(moved, start.output_weights)(x)
    pulls = neuron_pulls(outputs, classes, start.output_weights, x @ moved >= 0)
    expected = gradient(moved, start, x, classes)
    torch.testing.assert_close(x.T @ pulls, expected, rtol=1e-10, atol=1e-14)
    torch.testing.assert_close(neuron_norms(x @ x.T, pulls), expected.norm(dim=0), rtol=1e-9, atol=1e-9)


def test_pseudo_gradient_is_the_gradient_of_the_loss_with_frozen_gates(start, x, classes, moved):
    """It takes the errors of the true net f and the gates of the start: the derivative of g, weighted by f's errors."""
    outputs = TwoLayerClassifier(moved, start.output_weights)(x)
    pulls = neuron_pulls(outputs, classes, start.output_weights, x @ start.weights >= 0)
    leaf = moved.clone().requires_grad_()
    errors = torch.softmax(outputs, 1) - torch.nn.functional.one_hot(classes, K)
    (expected,) = torch.autograd.grad((pseudo_outputs(x, leaf, start) * errors).sum() / N, leaf)
    torch.testing.assert_close(x.T @ pulls, expected, rtol=1e-10, atol=1e-14)


def test_gradient_and_pseudo_gradient_agree_where_no_gate_flipped(start, x, classes, moved):
    outputs = TwoLayerClassifier(moved, start.output_weights)(x)
    now, then = x @ moved >= 0, x @ start.weights >= 0
    difference = neuron_pulls(outputs, classes, start.output_weights, now) - neuron_pulls(
        outputs, classes, start.output_weights, then
    )
    same = (now == then).all(0)
    assert bool((difference[:, same] == 0).all())
    assert bool((neuron_norms(x @ x.T, difference)[~same] > 0).all())
    assert 0 < int(same.sum()) < M


@pytest.mark.parametrize("shape", [(6, 40), (40, 6)])
@pytest.mark.parametrize("block", [7, 10**6])
def test_singular_values_are_those_of_the_svd(monkeypatch, shape, block):
    monkeypatch.setattr(diagnostics, "_BLOCK_ELEMENTS", block)
    rng = np.random.default_rng(0)
    a, b = (torch.from_numpy(rng.standard_normal(shape)) for _ in range(2))
    torch.testing.assert_close(singular_values(a), torch.linalg.svdvals(a), rtol=1e-8, atol=1e-8)
    torch.testing.assert_close(singular_values(a, b), torch.linalg.svdvals(a - b), rtol=1e-8, atol=1e-8)
    assert singular_values(a.float()).dtype == torch.float64
