"""The explorer `deep_generalization` against the package: kernels, margins, and the limit of B."""

import math

import numpy as np
import pytest
import torch

from ntkbook.kernels import conjugate_kernel, h_infinity
from ntkbook.margins import NotSeparableError, gradient_certificate, hard_margin
from ntkbook.networks import DeepReLU

ANGLES = [0.0, 1e-5, 0.019, 0.021, 0.7, 1.5, 2.9, math.pi]
LAYERS = range(6)
LABELS = [(1, 0), (2, 0), (3, 0), (0, 0), (1, 1), (3, 2)]


def inputs(angles):
    angles = torch.tensor(angles, dtype=torch.float64)
    return torch.stack([angles.cos(), angles.sin()], dim=1)


def margin_or_zero(gram, labels):
    try:
        return hard_margin(gram, torch.tensor(labels, dtype=torch.float64)).value
    except NotSeparableError:
        return 0.0


def tangent(x, layers):
    """Inner products of the last layer's gradients: the conjugate kernel before it times the share of open gates."""
    before = conjugate_kernel(x, layers - 1)
    if layers == 1:
        return h_infinity(x)
    return before * (math.pi - before.clamp(-1, 1).acos()) / (2 * math.pi)


@pytest.mark.parametrize("layers", LAYERS)
def test_conjugate_kernel_is_that_of_the_package(ask, layers):
    expected = conjugate_kernel(inputs([0.0]), layers, inputs(ANGLES))[0]
    found = ask("deep_generalization", *(["conjugate", layers, angle] for angle in ANGLES))
    assert found == pytest.approx(expected.tolist(), rel=1e-6, abs=1e-12)


@pytest.mark.parametrize("n", [4, 10, 32])
def test_margins_are_those_of_the_package_at_every_depth(ask, n):
    (points,) = ask("deep_generalization", ["circle", n])
    labelled = ask("deep_generalization", *(["label", points, q, flips, 7] for q, flips in LABELS))
    calls, expected = [], []
    for labels in labelled:
        for layers in LAYERS:
            calls += [["margin", "conjugate", layers, labels]]
            calls += [["margin", "lastLayerTangent", layers + 1, labels]]
            grams = conjugate_kernel(inputs(points), layers), tangent(inputs(points), layers + 1)
            expected += [margin_or_zero(gram, labels) for gram in grams]
    assert ask("deep_generalization", *calls) == pytest.approx(expected, rel=1e-6, abs=1e-7)


def test_odd_labels_on_antipodal_pairs_have_no_margin_before_the_second_layer(ask):
    (points,) = ask("deep_generalization", ["circle", 16])
    (labels,) = ask("deep_generalization", ["label", points, 3, 0, 0])
    found = ask("deep_generalization", *(["margin", "conjugate", layers, labels] for layers in LAYERS))
    assert found[:2] == [0, 0]
    assert min(found[2:]) > 1e-3


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_b_is_the_limit_of_the_certificate_of_wide_nets(ask, depth):
    (points,) = ask("deep_generalization", ["circle", 8])
    (labels,) = ask("deep_generalization", ["label", points, 1, 0, 0])
    (expected,) = ask("deep_generalization", ["margin", "lastLayerTangent", depth, labels])
    nets = [DeepReLU.initialise(2, (2000,) * depth, np.random.default_rng(s), dtype=torch.float64) for s in range(4)]
    y = torch.tensor(labels, dtype=torch.float64)
    found = [gradient_certificate(net, inputs(points), y) for net in nets]
    assert np.mean(found) == pytest.approx(expected, rel=0.1)


def test_flips_turn_so_many_labels_over(ask):
    (points,) = ask("deep_generalization", ["circle", 20])
    whole, flipped = ask("deep_generalization", ["label", points, 2, 0, 0], ["label", points, 2, 3, 0])
    assert np.sum(np.array(whole) != np.array(flipped)) == 3
    assert whole == np.sign(np.cos(2 * np.array(points))).tolist()


def test_the_chapter_says_what_the_explorer_shows(ask):
    (points,) = ask("deep_generalization", ["circle", 16])
    one, odd, wrong = ask(
        "deep_generalization", *(["label", points, q, flips, 1] for q, flips in [(1, 0), (3, 0), (1, 1)])
    )
    falls, climbs, brittle = (
        ask("deep_generalization", *(["margin", "conjugate", layers, y] for layers in range(7)))
        for y in (one, odd, wrong)
    )
    assert falls == sorted(falls, reverse=True)
    assert climbs[2] < climbs[3] < climbs[4]
    assert brittle[0] == 0
    assert brittle[1] < falls[1] / 3
    assert brittle[1:] == sorted(brittle[1:])
