import importlib

import mpmath
import numpy as np
import pytest
import torch
from reference import DIGITS, hard_inputs, kappa_0, kappa_1, mp_angle, mp_norm, unit_inputs

from ntkbook.data import near_parallel_pair
from ntkbook.kernels import (
    biased_conjugate_kernel,
    biased_tangent_kernel,
    conjugate_kernel,
    h_infinity,
    neural_tangent_kernel,
)

KERNELS = [biased_conjugate_kernel, biased_tangent_kernel]


def mp_kernels(x, y, depth, bias):
    """The recursions on covariances, to `DIGITS` digits."""
    with mpmath.workdps(DIGITS):
        square, other = mp_norm(x) ** 2, mp_norm(y) ** 2
        inner, tangent = mp_norm(x) * mp_norm(y) * mpmath.cos(mp_angle(x, y)), mpmath.mpf(0)
        for _ in range(depth):
            product = mpmath.sqrt((square + bias) * (other + bias))
            cosine = max(min((inner + bias) / product, mpmath.mpf(1)), mpmath.mpf(-1))
            tangent = (tangent + inner) * kappa_0(cosine) / 2
            inner = product * kappa_1(cosine) / 2
            square, other = (square + bias) / 2, (other + bias) / 2
        return float(inner), float(tangent)


@pytest.mark.parametrize("biases", [True, False])
@pytest.mark.parametrize("depth", [1, 2, 4])
def test_kernels_match_the_mpmath_recursion(depth, biases):
    x = hard_inputs()
    norms = (x.square().sum(1) + biases).sqrt()
    exact = np.array([[mp_kernels(a, b, depth, biases) for b in x.numpy()] for a in x.numpy()])
    for which, kernel in enumerate(KERNELS):
        error = (kernel(x, depth, biases=biases) - torch.from_numpy(exact[:, :, which])) / torch.outer(norms, norms)
        assert float(error.abs().max()) <= 1e-14 * (depth + 1)


@pytest.mark.parametrize("kernel", KERNELS)
def test_least_eigenvalue_of_a_near_parallel_pair_keeps_its_digits(kernel):
    x = near_parallel_pair(1e-4, 6, np.random.default_rng(0))
    with mpmath.workdps(DIGITS):
        (a, b), (_, d) = ([mp_kernels(u, v, 2, 1)[KERNELS.index(kernel)] for v in x] for u in x)
    gram = kernel(torch.from_numpy(x), 2)
    exact, found = (a + d) / 2 - b, float(torch.linalg.eigvalsh(gram)[0])
    assert found == pytest.approx(exact, abs=1e-14, rel=0)
    assert exact > 1e-10


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_without_biases_they_are_the_recursions_of_jacot_in_the_papers_normalisation(depth):
    x = hard_inputs()
    scale = x.square().sum(1).max()
    conjugate, tangent = conjugate_kernel(x, depth), neural_tangent_kernel(x, depth)
    found = biased_conjugate_kernel(x, depth, biases=False)
    torch.testing.assert_close(found / scale, 2.0**-depth * conjugate / scale, rtol=0, atol=1e-15)
    found = biased_tangent_kernel(x, depth, biases=False)
    torch.testing.assert_close(found / scale, 2.0**-depth * (tangent - conjugate) / scale, rtol=0, atol=1e-14)


def test_biases_of_the_first_layer_are_a_constant_coordinate():
    x = hard_inputs()
    lifted = torch.cat([x, torch.ones(len(x), 1, dtype=x.dtype)], dim=1)
    scale = float(lifted.square().sum(1).max())
    torch.testing.assert_close(
        biased_conjugate_kernel(x, 1), conjugate_kernel(lifted, 1) / 2, rtol=0, atol=1e-14 * scale
    )
    inner = lifted @ lifted.T
    shared = h_infinity(lifted) * (
        x @ x.T
    )  # x.x' P(both gates on) (x, 1).(x', 1): the coordinate itself is not trained
    torch.testing.assert_close(biased_tangent_kernel(x, 1) * inner, shared, rtol=0, atol=1e-14 * scale**2)


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("depth", [1, 2])
def test_cross_kernel_agrees_whatever_the_block_and_is_positive_semidefinite(monkeypatch, kernel, depth):
    x = hard_inputs()
    whole, cross = kernel(x, depth), kernel(x, depth, x[:4])
    monkeypatch.setattr(importlib.import_module("ntkbook.kernels.biased"), "_BLOCK_ELEMENTS", 40)
    torch.testing.assert_close(kernel(x, depth), whole, rtol=1e-13, atol=1e-13)
    torch.testing.assert_close(cross, whole[:, :4], rtol=1e-13, atol=1e-13)
    torch.testing.assert_close(whole, whole.T, rtol=1e-14, atol=1e-13)
    assert float(torch.linalg.eigvalsh(whole)[0]) >= -1e-12 * float(whole.diagonal().max())


@pytest.mark.parametrize("biases", [True, False])
@pytest.mark.parametrize("kernel", KERNELS)
def test_two_layers_have_an_odd_part_beyond_degree_one_only_with_biases(kernel, biases):
    """Without them k(x, y) - k(-x, y) is x.y / 2, since relu(z) - relu(-z) = z and 1{z > 0} + 1{z < 0} = 1."""
    x = unit_inputs(9, 4)
    odd = kernel(x, 1, biases=biases) - kernel(-x, 1, x, biases=biases)
    gap = float((odd - x @ x.T / 2).abs().max())
    assert gap > 0.01 if biases else gap <= 1e-14


@pytest.mark.parametrize("kernel", KERNELS)
def test_bad_arguments_are_named(kernel):
    for depth in (0, 1.0, "2"):
        with pytest.raises((ValueError, TypeError), match=r"depth: expected a whole number >= 1, found"):
            kernel(torch.eye(2), depth)
    with pytest.raises(ValueError, match="x: expected finite, non-zero rows, found row 1"):
        kernel(torch.tensor([[1.0], [0.0]]), 1)
    with pytest.raises(ValueError, match=r"other: expected .*d = 2 as in x, found"):
        kernel(torch.eye(2), 1, torch.eye(3))
    with pytest.raises(TypeError, match="x: expected a floating-point"):
        kernel(torch.eye(2, dtype=torch.int32), 1)
