"""The explorer `kernel` against the package: the same inputs and neurons, the same numbers."""

import numpy as np
import pytest
import torch

from ntkbook.kernels import empirical_gram, h_infinity

ANGLES = np.radians([0.0, 1e-4, 1.0, 37.0, 60.0, 90.0, 121.0, 179.0])


def pair(theta):
    return torch.tensor([[1.0, 0.0], [np.cos(theta), np.sin(theta)]], dtype=torch.float64)


def test_limit_is_the_entry_of_h_infinity(ask):
    expected = [float(h_infinity(pair(theta))[0, 1]) for theta in ANGLES]
    assert ask("kernel", *(["limit", theta] for theta in ANGLES)) == pytest.approx(expected, rel=1e-6, abs=1e-15)


def test_entries_are_those_of_the_package_at_every_width(ask):
    weights = np.random.default_rng(0).standard_normal((500, 2))
    for theta, found in zip(ANGLES, ask("kernel", *(["entries", weights.tolist(), t] for t in ANGLES)), strict=True):
        for m in (1, 2, 17, 500):
            gram = empirical_gram(pair(theta), torch.tensor(weights[:m].T))
            assert found[m - 1] == pytest.approx(float(gram[0, 1]), rel=1e-6, abs=1e-15)


def test_gates_add_up_to_the_neurons(ask):
    weights = np.random.default_rng(1).standard_normal((300, 2))
    for theta, found in zip(ANGLES, ask("kernel", *(["countGates", weights.tolist(), t] for t in ANGLES)), strict=True):
        gates = (pair(theta).numpy() @ weights.T >= 0).astype(int)
        assert found["both"] == (gates[0] * gates[1]).sum()
        assert [found["both"] + found["first"], found["both"] + found["second"]] == gates.sum(1).tolist()
        assert sum(found.values()) == 300


def test_spread_is_the_standard_deviation_over_nets(ask):
    theta, m, nets = 1.0, 64, 4000
    (expected,) = ask("kernel", ["spread", theta, m])
    weights = np.random.default_rng(2).standard_normal((nets, m, 2))
    both = (weights[..., 0] >= 0) & (weights @ pair(theta)[1].numpy() >= 0)
    measured = (np.cos(theta) * both.mean(1)).std()
    assert measured == pytest.approx(expected, rel=4 / np.sqrt(2 * nets))


def test_drawn_neurons_are_gaussian_and_the_same_for_one_seed(ask):
    first, again, wider = ask(
        "kernel", ["drawNeurons", 5, 20_000], ["drawNeurons", 5, 20_000], ["drawNeurons", 5, 30_000]
    )
    assert first == again == wider[:20_000]
    w = np.array(first)
    assert np.abs(w.mean(0)).max() < 4 / np.sqrt(len(w))
    assert np.abs(np.cov(w.T) - np.eye(2)).max() < 4 * np.sqrt(2 / len(w))
    assert (w**4).mean(0) == pytest.approx([3, 3], rel=0.1)
