"""The adversarial direction: its constants, its optimality, and its exact account of the gap."""

import itertools

import numpy as np
import pytest
import torch
from reference import unit_inputs

from ntkbook import adversarial
from ntkbook.networks import DeepReLU, linearise

X = unit_inputs(1, 20)[0]


def net(widths, seed=0, d=20):
    return DeepReLU.initialise(d, widths, np.random.default_rng(seed), dtype=torch.float64)


def moved_by(start, found, layer):
    return found.network.weights[layer - 1] - start.weights[layer - 1]


@pytest.mark.parametrize("radius", [0.005, 0.02, 0.1])
def test_gap_and_flips_have_the_constants_of_the_derivation_at_one_layer(radius):
    """At m = 4096; N flips scatter by sqrt(N), and the density is below its value at 0 by a share (c/2)^2 m / 4 / 3."""
    m = 4096
    gaps, flips = [], []
    for seed in range(20):
        found = adversarial.adversarial_shift(net((m,), seed), X, radius)
        gaps.append(found.gap / (m**0.5 * radius ** (4 / 3)))
        flips.append(found.flips / (m * radius ** (2 / 3)))
    noise = 4 / (20 * adversarial.FLIPS * m * radius ** (2 / 3)) ** 0.5
    curvature = (4 * np.pi**0.5) ** (2 / 3) * radius ** (4 / 3) / 48
    assert np.mean(gaps) == pytest.approx(0.390, rel=noise + curvature + 0.0015)  # 0.390 has three digits
    assert np.mean(flips) == pytest.approx(0.271, rel=noise + curvature + 0.0015)


def test_gap_below_the_last_layer_has_the_constant_of_gaussian_pulls():
    m, radius = 1024, 0.05
    gaps = [adversarial.adversarial_shift(net((m, m // 2), seed), X, radius, layer=1).gap for seed in range(30)]
    flips = 0.2 * m * radius ** (2 / 3)
    assert np.mean(gaps) / (m**0.5 * radius ** (4 / 3)) == pytest.approx(0.456, rel=4 / (30 * flips) ** 0.5 + 0.01)


def test_constants_are_those_of_the_text():
    constants = (adversarial.GAP, adversarial.FLIPS, adversarial.MOST_FLIPS, adversarial.GAP_BELOW)
    assert constants == pytest.approx((0.390, 0.271, 0.985, 0.456), abs=5e-4)


@pytest.mark.parametrize("widths", [(4096,), (512, 1024), (600, 1024, 512)])
def test_last_layer_s_gap_is_counted_exactly_and_the_radius_used_up(widths):
    start = net(widths)
    found = adversarial.adversarial_shift(start, X, 0.03)
    seen = linearise(found.network, start, X[None])
    assert float(seen.gap) == pytest.approx(found.gap, rel=1e-10)
    assert int(seen.flips[-1]) == found.flips
    change = moved_by(start, found, len(widths))
    assert float(change.norm()) == pytest.approx(0.03, rel=1e-12)
    assert float(torch.linalg.matrix_norm(change, 2)) == pytest.approx(0.03, rel=1e-10)  # rank one


@pytest.mark.parametrize(("widths", "layer"), [((2048, 12), 1), ((2048, 10, 8), 1), ((40, 2048, 6), 2)])
def test_lower_layer_s_gap_is_counted_exactly_while_the_narrow_layers_above_keep_their_gates(widths, layer):
    start, radius = net(widths, seed=3), 0.01
    found = adversarial.adversarial_shift(start, X, radius, layer=layer)
    seen = linearise(found.network, start, X[None])
    assert not seen.flips[layer:].any()
    assert int(seen.flips[layer - 1]) == found.flips > 10
    assert float(seen.gap) == pytest.approx(found.gap, rel=1e-9)
    assert float(moved_by(start, found, layer).norm()) == pytest.approx(radius, rel=1e-12)
    others = [r for r in range(len(widths)) if r != layer - 1]
    assert all(torch.equal(found.network.weights[r], start.weights[r]) for r in others)


def test_no_other_movement_of_the_layer_bends_the_net_more():
    """Every set of neurons with its best shifts, which are proportional to g; and random movements."""
    start, radius = net((10,), seed=1), 0.7
    found = adversarial.adversarial_shift(start, X, radius)
    z, plus = (X @ start.weights[0]).abs(), range(5)
    best = max(
        radius * len(chosen) ** 0.5 - float(z[list(chosen)].sum())
        for k in range(1, 6)
        for chosen in itertools.combinations(plus, k)
    )
    assert found.gap == pytest.approx(best, rel=1e-12)
    rng = np.random.default_rng(0)
    for _ in range(300):
        step = torch.from_numpy(rng.standard_normal((20, 10)))
        step *= radius / step.norm()
        moved = DeepReLU((start.weights[0] + step,), start.output_weights)
        assert float(linearise(moved, start, X[None]).gap.abs()) <= found.gap


def test_most_flips_is_attained_and_has_its_constant():
    m, radius = 4096, 0.02
    counts = []
    for seed in range(20):
        start = net((m,), seed)
        counts.append(adversarial.most_flips(start, X, radius, 1))
        z = X @ start.weights[0]
        nearest = z.abs().argsort()[: counts[-1]]
        shifts = torch.zeros_like(z)
        shifts[nearest] = -z[nearest] * (1 + 1e-9)
        step = torch.outer(X, shifts)
        assert float(step.norm()) <= radius * (1 + 1e-8)
        moved = DeepReLU((start.weights[0] + step,), start.output_weights)
        assert int(linearise(moved, start, X[None]).flips) == counts[-1]
        assert counts[-1] > adversarial.adversarial_shift(start, X, radius).flips
    expected = adversarial.MOST_FLIPS * m * radius ** (2 / 3)
    assert np.mean(counts) == pytest.approx(expected, rel=4 / (20 * expected) ** 0.5 + 0.01)


def test_gap_scales_with_the_length_of_the_input_and_flips_do_not():
    start = net((2048,))
    once, twice = (adversarial.adversarial_shift(start, scale * X, 0.05) for scale in (1.0, 2.0))
    assert twice.gap == pytest.approx(2 * once.gap, rel=1e-12)
    assert twice.flips == once.flips


def test_bad_requests_are_named():
    start = net((8,))
    with pytest.raises(ValueError, match="layer: expected a whole number from 1 to 1, found 2"):
        adversarial.adversarial_shift(start, X, 0.1, layer=2)
    with pytest.raises(ValueError, match="radius: expected a positive number, found 0"):
        adversarial.adversarial_shift(start, X, 0)
    with pytest.raises(ValueError, match="radius: expected one that brings a neuron across 0"):
        adversarial.adversarial_shift(start, X, 1e-9)
