import importlib
import math

import mpmath
import numpy as np
import pytest
import torch
from reference import as_float, hard_inputs, mp_conjugate_kernel, mp_neural_tangent_kernel, unit_inputs

from ntkbook.data import near_parallel_pair
from ntkbook.kernels import (
    arc_cosine_0,
    arc_cosine_1,
    conjugate_kernel,
    h_infinity,
    monte_carlo_layer,
    neural_tangent_kernel,
    relu_layer_angle,
)
from ntkbook.networks import DeepReLU

blocks = importlib.import_module("ntkbook.kernels.blocks")
KERNELS = [(conjugate_kernel, mp_conjugate_kernel), (neural_tangent_kernel, mp_neural_tangent_kernel)]


@pytest.mark.parametrize(("kernel", "oracle"), KERNELS)
@pytest.mark.parametrize("depth", [0, 1, 2, 5])
def test_kernel_matches_the_mpmath_recursion(kernel, oracle, depth):
    x = hard_inputs()
    norms = x.norm(dim=1)
    error = (kernel(x, depth) - torch.from_numpy(as_float(oracle(x, depth)))) / torch.outer(norms, norms)
    assert float(error.abs().max()) <= 1e-14 * (depth + 1)  # a hundredth of the 1e-12 that is promised


@pytest.mark.parametrize(("kernel", "oracle"), KERNELS)
@pytest.mark.parametrize("depth", [1, 5])
def test_least_eigenvalue_of_a_near_parallel_pair_keeps_its_digits(kernel, oracle, depth):
    x = near_parallel_pair(1e-4, 6, np.random.default_rng(0))
    with mpmath.workdps(40):
        exact = float(min(mpmath.eigsy(oracle(x, depth), eigvals_only=True)))
    found = float(torch.linalg.eigvalsh(kernel(torch.from_numpy(x), depth))[0])
    assert found == pytest.approx(exact, abs=2e-15 * (depth + 1), rel=0)  # rounding of entries about depth + 1
    assert exact > 1e-10


def test_layer_angle_keeps_relative_accuracy_from_zero_to_pi():
    angles = np.concatenate([np.logspace(-12, -1, 45), [0.0199, 0.0201], np.linspace(0.1, np.pi, 20)])
    with mpmath.workdps(60):
        exact = []
        for angle in angles:
            t = mpmath.mpf(float(angle))
            exact.append(float(mpmath.acos((mpmath.sin(t) + (mpmath.pi - t) * mpmath.cos(t)) / mpmath.pi)))
    np.testing.assert_allclose(relu_layer_angle(torch.from_numpy(angles)).numpy(), exact, rtol=2e-14)


def test_layer_angle_has_arc_cosine_1_as_cosine_and_shrinks_every_angle():
    angles = torch.linspace(0, math.pi, 50, dtype=torch.float64)
    mapped = relu_layer_angle(angles)
    torch.testing.assert_close(torch.cos(mapped), arc_cosine_1(angles), rtol=0, atol=1e-15)
    assert bool((mapped[1:] < angles[1:]).all())
    assert float(mapped[0]) == 0
    assert float(mapped[-1]) == pytest.approx(math.pi / 2, abs=1e-15)


def test_arc_cosine_kernels_match_gaussian_averages():
    angles = torch.linspace(0, math.pi, 7, dtype=torch.float64)
    fan = torch.stack([torch.cos(angles), torch.sin(angles)], dim=1)
    p = torch.from_numpy(np.random.default_rng(0).standard_normal((200_000, 2))) @ fan.T
    gates, hidden = (p >= 0).double(), p.clamp(min=0)
    torch.testing.assert_close(
        2 * gates.T @ gates[:, 0] / len(p), arc_cosine_0(angles), rtol=0, atol=0.011
    )  # five standard deviations
    torch.testing.assert_close(
        2 * hidden.T @ hidden[:, 0] / len(p), arc_cosine_1(angles), rtol=0, atol=0.025
    )  # the same
    for kernel in (arc_cosine_0, arc_cosine_1):
        assert kernel(angles)[[0, -1]].tolist() == pytest.approx([1, 0], abs=1e-15)


@pytest.mark.parametrize("layer", range(1, 6))
def test_kappa_of_cao_and_gu_is_the_conjugate_kernel_over_two_to_the_depth(layer):
    """kappa^(l)(x, x') = E[relu(f(x)) relu(f(x'))], f ~ N(0, kappa^(l-1)); the square of a product has mean <= 3/2."""
    x, n_samples = unit_inputs(6, 4), 400_000
    before, after = (2.0**-depth * conjugate_kernel(x, depth) for depth in (layer - 1, layer))
    found = monte_carlo_layer(before, n_samples, np.random.default_rng(layer))
    scale = 2.0 ** (1 - layer)
    torch.testing.assert_close(found, after, rtol=0, atol=5 * scale * (1.5 / n_samples) ** 0.5)
    torch.testing.assert_close(after.diagonal(), torch.full((6,), 2.0**-layer, dtype=torch.float64))


def test_monte_carlo_layer_does_not_depend_on_its_blocks(monkeypatch):
    gram = conjugate_kernel(unit_inputs(6, 4), 1)
    whole = monte_carlo_layer(gram, 1000, np.random.default_rng(0))
    monkeypatch.setattr(importlib.import_module("ntkbook.kernels.empirical"), "_BLOCK_ELEMENTS", 6 * 1000)
    torch.testing.assert_close(monte_carlo_layer(gram, 1000, np.random.default_rng(0)), whole)
    found = monte_carlo_layer(gram, 1500, np.random.default_rng(0))  # a block of 1000, then one of 500
    assert float((found - whole).abs().max()) < 0.2


def test_layers_of_a_wide_net_have_the_conjugate_kernel_of_their_depth():
    x = unit_inputs(4, 3)
    grams = [torch.zeros(4, 4, dtype=torch.float64) for _ in range(3)]
    for seed in range(10):
        network = DeepReLU.initialise(3, (1200, 600, 900), np.random.default_rng(seed), dtype=torch.float64)
        for gram, h in zip(grams, network.hidden(x)[1:], strict=True):
            gram += h @ h.T / 10
    for depth, gram in enumerate(grams, 1):
        torch.testing.assert_close(gram, conjugate_kernel(x, depth), rtol=0, atol=5 * (6 * depth / 6000) ** 0.5)


@pytest.mark.parametrize("kernel", [conjugate_kernel, neural_tangent_kernel])
@pytest.mark.parametrize("depth", [0, 1, 3])
def test_cross_kernel_agrees_with_the_symmetric_one_whatever_the_block(monkeypatch, kernel, depth):
    x = hard_inputs()
    norms = x.norm(dim=1)
    whole = kernel(x, depth)
    for elements in (None, 1, 40):
        if elements:
            monkeypatch.setattr(blocks, "_BLOCK_ELEMENTS", elements)
        for gram in (kernel(x, depth), kernel(x, depth, x)):
            assert float(((gram - whole) / torch.outer(norms, norms)).abs().max()) <= 3e-15 * (depth + 1)
        assert torch.equal(kernel(x, depth), kernel(x, depth).T)
    assert kernel(x, depth, x[:4]).shape == (len(x), 4)


def test_first_layer_share_of_the_tangent_kernel_is_twice_h_infinity():
    x = hard_inputs()
    share = neural_tangent_kernel(x, 1) - conjugate_kernel(x, 1)
    torch.testing.assert_close(share, 2 * h_infinity(x), rtol=1e-13, atol=1e-14 * float(x.square().sum(1).max()))


@pytest.mark.parametrize("depth", [0, 1, 4])
def test_diagonals_count_the_layers(depth):
    x = hard_inputs()
    square = x.square().sum(1)
    torch.testing.assert_close(conjugate_kernel(x, depth).diagonal(), square, rtol=1e-14, atol=0)
    torch.testing.assert_close(neural_tangent_kernel(x, depth).diagonal(), (depth + 1) * square, rtol=1e-14, atol=0)


@pytest.mark.parametrize("kernel", [conjugate_kernel, neural_tangent_kernel])
def test_kernel_is_symmetric_positive_semidefinite_and_rotation_invariant(kernel):
    x = hard_inputs()
    gram = kernel(x, 3)
    assert torch.equal(gram, gram.T)
    assert float(torch.linalg.eigvalsh(gram)[0]) >= -1e-12 * float(gram.diagonal().max())
    x = unit_inputs(6, 4)
    rotation = torch.from_numpy(np.linalg.qr(np.random.default_rng(1).standard_normal((4, 4)))[0])
    torch.testing.assert_close(kernel(x @ rotation, 3), kernel(x, 3), rtol=0, atol=1e-13)


def test_depth_two_kernels_match_a_wide_net():
    """Gradients of a net of width 600 with variance-2 layers, by autograd, averaged over inits."""
    x, width, draws = unit_inputs(4, 3, seed=5), 600, 4
    rng = np.random.default_rng(0)
    conjugate, tangent = torch.zeros(2, 4, 4, dtype=torch.float64)
    for _ in range(draws):
        shapes = [(3, width), (width, width), (width,)]
        params = tuple(torch.from_numpy(rng.standard_normal(shape)) for shape in shapes)

        def features(w, row):
            first = torch.relu(row @ w[0]) * (2 / width) ** 0.5
            return torch.relu(first @ w[1]) * (2 / width) ** 0.5

        def net(w, row, features=features):
            return features(w, row) @ w[2]

        last = torch.stack([features(params, row) for row in x])
        conjugate += last @ last.T / draws
        rows = [torch.cat([g.flatten() for g in torch.func.grad(net)(params, row)]) for row in x]
        jacobian = torch.stack(rows)
        tangent += jacobian @ jacobian.T / draws
    torch.testing.assert_close(conjugate, conjugate_kernel(x, 2), rtol=0, atol=0.15)
    torch.testing.assert_close(tangent, neural_tangent_kernel(x, 2), rtol=0, atol=0.4)
    assert float((tangent - conjugate_kernel(x, 2)).diagonal().min()) > 1.5  # the lower layers do count


@pytest.mark.parametrize("kernel", [conjugate_kernel, neural_tangent_kernel])
@pytest.mark.parametrize("depth", [-1, 1.0, "2"])
def test_bad_depth_is_named(kernel, depth):
    with pytest.raises((ValueError, TypeError), match=r"depth: expected a whole number >= 0, found"):
        kernel(torch.eye(2), depth)


@pytest.mark.parametrize("kernel", [conjugate_kernel, neural_tangent_kernel])
def test_bad_inputs_are_named(kernel):
    with pytest.raises(ValueError, match="x: expected finite, non-zero rows, found row 1"):
        kernel(torch.tensor([[1.0], [0.0]]), 1)
    with pytest.raises(TypeError, match="x: expected a floating-point"):
        kernel(torch.eye(2, dtype=torch.int32), 1)
