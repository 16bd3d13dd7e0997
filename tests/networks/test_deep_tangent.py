"""Gradients in matrix-product form against autograd, and the gap against its definition."""

import numpy as np
import pytest
import torch
from reference import unit_inputs

from ntkbook.kernels import arc_cosine_0, conjugate_kernel, h_infinity
from ntkbook.networks import (
    DeepReLU,
    gradient_norms,
    layer_product,
    linearise,
    loss_gradient,
    tangent_gram,
)

X = unit_inputs(6, 4)
LABELS = torch.tensor([1.0, -1, 1, 1, -1, -1], dtype=torch.float64)
WIDTHS = [(18,), (17, 12), (19, 15, 24)]


def net(widths, seed=0, dtype=torch.float64, d=4):
    return DeepReLU.initialise(d, widths, np.random.default_rng(seed), dtype=dtype)


def forward(weights, v, x):
    for w in weights:
        x = torch.relu(x @ w)
    return x @ v


def leaves(network):
    return [w.clone().requires_grad_() for w in network.weights]


def jacobian(network, layer):
    """Gradients of all outputs by W_layer, flattened, (n, m_{l-1} m_l), by autograd."""
    weights = leaves(network)
    outputs = forward(weights, network.output_weights, X)
    rows = [torch.autograd.grad(f, weights[layer - 1], retain_graph=True)[0].flatten() for f in outputs]
    return torch.stack(rows)


def moved_by(network, size, seed=1):
    rng = np.random.default_rng(seed)
    steps = [torch.from_numpy(rng.standard_normal(w.shape)).to(w) * (size / w.shape[1]) for w in network.weights]
    return DeepReLU(tuple(w + s for w, s in zip(network.weights, steps, strict=True)), network.output_weights)


def in_float64(network):
    return DeepReLU(tuple(w.double() for w in network.weights), network.output_weights.double())


@pytest.mark.parametrize("widths", WIDTHS)
def test_loss_gradient_is_that_of_autograd(widths):
    network = net(widths)
    weights = leaves(network)
    loss = torch.log1p(torch.exp(-LABELS * forward(weights, network.output_weights, X))).mean()
    expected = torch.autograd.grad(loss, weights)
    for found, right in zip(loss_gradient(network, X, LABELS), expected, strict=True):
        torch.testing.assert_close(found, right, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("widths", WIDTHS)
def test_norms_and_inner_products_are_those_of_the_jacobian(widths):
    network = net(widths)
    norms = gradient_norms(network, X)
    for layer in range(1, len(widths) + 1):
        expected = jacobian(network, layer)
        torch.testing.assert_close(norms[layer - 1], expected.norm(dim=1), rtol=1e-12, atol=1e-14)
        torch.testing.assert_close(tangent_gram(network, X, layer), expected @ expected.T, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("widths", WIDTHS)
def test_products_of_gates_and_weights_give_the_output_and_its_gradient(widths):
    network = net(widths)
    hidden = network.hidden(X)
    pulls = network.pulls(hidden)
    for first in range(1, len(widths) + 1):
        for i, x in enumerate(X):
            product = layer_product(network, x, first)
            assert product.shape == (hidden[first - 1].shape[1], widths[-1])
            torch.testing.assert_close(hidden[first - 1][i] @ product, hidden[-1][i], rtol=1e-12, atol=1e-14)
            by_layer = pulls[first - 1][i] @ network.weights[first - 1].T  # v' prod_{r >= first} Sigma_r W_r'
            torch.testing.assert_close(product @ network.output_weights, by_layer, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("size", [1e-3, 0.3, 3.0])
@pytest.mark.parametrize("widths", WIDTHS)
def test_gap_is_what_autograds_first_order_leaves(widths, size):
    start = net(widths)
    moved = moved_by(start, size)
    value, slope = start(X), torch.zeros(6, dtype=torch.float64)
    for layer, (a, b) in enumerate(zip(moved.weights, start.weights, strict=True), 1):
        slope += jacobian(start, layer) @ (a - b).flatten()
    found = linearise(moved, start, X)
    torch.testing.assert_close(found.gap, moved(X) - value - slope, rtol=1e-9, atol=1e-14)
    torch.testing.assert_close(found.change, moved(X) - value, rtol=1e-9, atol=1e-14)
    pairs = list(zip(moved.hidden(X)[1:], start.hidden(X)[1:], strict=True))
    torch.testing.assert_close(found.shifts, torch.stack([(a - b).norm(dim=1) for a, b in pairs]), rtol=1e-9, atol=0)
    assert torch.equal(found.flips, torch.stack([((a > 0) ^ (b > 0)).sum(1) for a, b in pairs]))
    if size == 3.0:
        assert int(found.flips.sum()) > 0  # the branch with flips was taken


def test_gap_without_flips_falls_as_the_square_of_the_movement():
    start = net((7, 12), seed=3)
    gaps = [linearise(moved_by(start, size), start, X) for size in (1e-3, 1e-4)]
    assert int(gaps[0].flips.sum()) == 0
    torch.testing.assert_close(gaps[0].gap / 100, gaps[1].gap, rtol=0.02, atol=0)


def test_gap_keeps_its_digits_in_float32_where_the_plain_difference_loses_them():
    start = net((60, 80), dtype=torch.float32, seed=2)
    moved = moved_by(start, 1e-3)
    exact = linearise(in_float64(moved), in_float64(start), X)
    found, scale = linearise(moved, start, X.float()), float(exact.gap.abs().max())
    assert float((found.gap.double() - exact.gap).abs().max()) < 1e-4 * scale
    plain = (moved(X.float()) - start(X.float())).double()
    assert float((plain - exact.change).abs().max()) > 0.01 * scale


def test_a_net_has_no_gap_to_itself_and_one_layer_alone_without_flips_has_none():
    start = net((9, 5, 14))
    still = linearise(start, start, X)
    assert not still.gap.any()
    assert not still.flips.any()
    assert not still.shifts.any()
    for layer in range(3):
        weights = list(start.weights)
        weights[layer] = moved_by(start, 1e-4).weights[layer]
        found = linearise(DeepReLU(tuple(weights), start.output_weights), start, X)
        assert int(found.flips.sum()) == 0
        assert float(found.gap.abs().max()) <= 1e-18  # f is linear in one layer while no gate flips
        assert float(found.change.abs().max()) > 1e-6


def test_tangent_gram_of_the_last_layer_tends_to_its_kernel():
    """m H-infinity at L = 1; at L = 2 the conjugate kernel times the share of neurons that are on for both inputs."""
    x, m = unit_inputs(4, 3), 8000
    torch.testing.assert_close(tangent_gram(net((m,), d=3), x, 1) / m, h_infinity(x), rtol=0, atol=5 * 0.5 / m**0.5)
    kernel = conjugate_kernel(x, 1)
    limit = kernel * arc_cosine_0(kernel.clamp(max=1).acos().fill_diagonal_(0)) / 2
    found = tangent_gram(net((m, m // 4), d=3), x, 2) / (m // 4)
    torch.testing.assert_close(found, limit, rtol=0, atol=5 * (2.5 / m + 0.25 / (m // 4)) ** 0.5)


@pytest.mark.parametrize("layer", [0, 4])
def test_a_layer_that_is_not_there_is_named(layer):
    with pytest.raises(ValueError, match=f"(layer|first): expected a whole number (from 1 to 3|>= 1), found {layer}"):
        tangent_gram(net((9, 5, 14)), X, layer)
    with pytest.raises(ValueError, match=f"(layer|first): expected a whole number (from 1 to 3|>= 1), found {layer}"):
        layer_product(net((9, 5, 14)), X[0], layer)
