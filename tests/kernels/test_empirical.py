import importlib

import numpy as np
import pytest
import torch
from reference import jacobian_gram, loop_gram, unit_inputs

from ntkbook.kernels import empirical_gram, feature_distance, feature_matrix, h_infinity, monte_carlo_gram
from ntkbook.networks import TwoLayer

module = importlib.import_module("ntkbook.kernels.empirical")


def small(n=7, d=4, m=23, seed=0):
    """Inputs of several lengths, weights, and output weights that are not +-1."""
    rng = np.random.default_rng(seed)
    x = unit_inputs(n, d, seed) * torch.linspace(0.5, 2, n, dtype=torch.float64)[:, None]
    return x, *(torch.from_numpy(rng.standard_normal(shape)) for shape in ((d, m), (m,)))


def test_gram_matches_explicit_loops():
    x, weights, outputs = small(n=4, m=6)
    torch.testing.assert_close(
        empirical_gram(x, weights, outputs), loop_gram(x, weights, outputs), rtol=1e-13, atol=1e-15
    )


def test_gram_is_the_jacobian_times_its_transpose():
    x, weights, outputs = small()
    for a in (outputs, outputs.sign()):
        torch.testing.assert_close(empirical_gram(x, weights, a), jacobian_gram(x, weights, a), rtol=1e-12, atol=1e-14)


def test_gram_is_z_transpose_z():
    x, weights, outputs = small()
    z = feature_matrix(x, weights, outputs)
    assert z.shape == (23 * 4, 7)
    torch.testing.assert_close(z.T @ z, empirical_gram(x, weights, outputs), rtol=1e-12, atol=1e-14)


def test_feature_matrix_stacks_the_gradients_neuron_by_neuron():
    x, weights, outputs = small()
    leaf = weights.clone().requires_grad_()
    u = torch.relu(x[2] @ leaf) @ outputs / 23**0.5
    (gradient,) = torch.autograd.grad(u, leaf)
    torch.testing.assert_close(feature_matrix(x, weights, outputs)[:, 2], gradient.T.flatten(), rtol=1e-13, atol=0)


def test_output_weights_left_out_are_plus_or_minus_one():
    x, weights, outputs = small()
    assert torch.equal(empirical_gram(x, weights), empirical_gram(x, weights, outputs.sign()))


def test_gate_is_on_at_zero():
    x = torch.eye(2, dtype=torch.float64)
    weights = torch.tensor([[0.0], [-1.0]], dtype=torch.float64)
    assert empirical_gram(x, weights).tolist() == [[1, 0], [0, 0]]


def test_gram_at_initialisation_is_symmetric_psd_and_near_its_limit():
    x = unit_inputs(12, 5)
    weights = TwoLayer.initialise(5, 40_000, np.random.default_rng(0), dtype=torch.float64, init_scale=0.01).weights
    gram = empirical_gram(x, weights)
    assert torch.equal(gram, gram.T)
    assert float(torch.linalg.eigvalsh(gram)[0]) >= -1e-14
    assert float((gram - h_infinity(x)).abs().max()) <= 5 * 0.5 / 200  # five standard deviations


@pytest.mark.parametrize("size", [(5, 17), (10, 64), (61, 30)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_gram_is_symmetric_to_the_last_digit_where_products_of_matrices_are_not(size, dtype):
    draws = torch.randn(*size, dtype=dtype, generator=torch.Generator().manual_seed(0))
    weights = torch.randn(size[1], 200, dtype=dtype, generator=torch.Generator().manual_seed(1))
    gram = empirical_gram(draws, weights, weights[0])
    assert torch.equal(gram, gram.T)
    z = feature_matrix(draws, weights, weights[0])
    rounding = 100 * torch.finfo(dtype).eps
    torch.testing.assert_close(gram, z.T @ z, rtol=rounding, atol=rounding * float(gram.max()))


@pytest.mark.parametrize("elements", [1, 30, 100])
def test_block_size_does_not_matter(monkeypatch, elements):
    x, weights, outputs = small()
    weights_0 = weights.flip(1)
    calls = (
        lambda: empirical_gram(x, weights, outputs),
        lambda: torch.tensor(feature_distance(x, weights, weights_0, outputs), dtype=torch.float64),
    )
    whole = [call() for call in calls]
    monkeypatch.setattr(module, "_BLOCK_ELEMENTS", elements)
    for call, value in zip(calls, whole, strict=True):
        torch.testing.assert_close(call(), value, rtol=1e-14, atol=1e-16)


@pytest.mark.parametrize("elements", [10**6, 35, 7])
def test_monte_carlo_is_the_gram_of_the_weights_it_draws(monkeypatch, elements):
    monkeypatch.setattr(module, "_BLOCK_ELEMENTS", elements)
    x, m, rng = unit_inputs(7, 4), 23, np.random.default_rng(5)
    size = max(1, elements // 7)
    blocks = [rng.standard_normal((4, min(size, m - start))) for start in range(0, m, size)]
    expected = empirical_gram(x, torch.from_numpy(np.concatenate(blocks, axis=1)))
    torch.testing.assert_close(monte_carlo_gram(x, m, np.random.default_rng(5)), expected, rtol=1e-13, atol=1e-15)


def test_monte_carlo_follows_the_inputs_dtype():
    assert monte_carlo_gram(unit_inputs(3, 2, dtype=torch.float32), 10, np.random.default_rng(0)).dtype == torch.float32


def test_float32_gram_agrees_with_float64():
    x, weights, _ = small(m=500)
    gram = empirical_gram(x.float(), weights.float())
    assert gram.dtype == torch.float32
    expected = empirical_gram(x.float().double(), weights.float().double())
    torch.testing.assert_close(gram.double(), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("with_outputs", [True, False])
def test_feature_distance_is_the_norm_of_the_difference(with_outputs):
    x, weights, outputs = small()
    outputs = outputs if with_outputs else outputs.sign()
    moved = weights + 0.3 * torch.from_numpy(np.random.default_rng(9).standard_normal(weights.shape))
    difference = feature_matrix(x, moved, outputs) - feature_matrix(x, weights, outputs)
    found = feature_distance(x, moved, weights, outputs if with_outputs else None)
    assert found == pytest.approx(float(torch.linalg.matrix_norm(difference)), rel=1e-13)
    assert found > 0.1
    assert feature_distance(x, weights, weights) == 0


@pytest.mark.parametrize(
    "call",
    [
        lambda x, w: empirical_gram(x, w),
        lambda x, w: feature_matrix(x, w, w[0]),
        lambda x, w: feature_distance(x, w, w),
    ],
)
def test_weights_of_another_dimension_are_refused(call):
    with pytest.raises(ValueError, match=r"weights: expected shape \(d, m\) with d = 4 .* found \(5, 3\)"):
        call(torch.ones(2, 4), torch.ones(5, 3))
