import importlib

import numpy as np
import pytest
import torch
from reference import jacobian_gram, unit_inputs

from ntkbook.kernels import (
    biased_conjugate_kernel,
    biased_tangent_kernel,
    finite_conjugate_kernel,
    finite_tangent_kernel,
)
from ntkbook.networks import BiasedTwoLayer, DeepReLU, ThreeLayer, tangent_gram

PAIRS = [(finite_conjugate_kernel, biased_conjugate_kernel), (finite_tangent_kernel, biased_tangent_kernel)]


def net(layers, width, seed=0, **options):
    rng = np.random.default_rng(seed)
    if layers == 2:
        return BiasedTwoLayer.initialise(4, width, rng, dtype=torch.float64, **options)
    return ThreeLayer.initialise(4, (width, width), rng, dtype=torch.float64, **options)


def jacobian(network, x, names):
    """Gradients of every output by the named parameters, by autograd, flattened into rows."""
    rows = []
    for row in x:
        leaves = {key: value.clone().requires_grad_(key in names) for key, value in vars(network).items()}
        h = row
        if isinstance(network, BiasedTwoLayer):
            h = torch.relu(h @ leaves["weights"] + leaves["biases"])
        else:
            h = torch.relu(h @ leaves["first_weights"] + leaves["first_biases"])
            h = torch.relu(h @ leaves["second_weights"] + leaves["second_biases"])
        gradients = torch.autograd.grad(h @ leaves["output_weights"], [leaves[name] for name in names])
        rows.append(torch.cat([gradient.flatten() for gradient in gradients]))
    return torch.stack(rows)


@pytest.mark.parametrize("biases", [True, False])
@pytest.mark.parametrize(
    "network",
    [
        lambda **options: net(2, 23, **options),
        lambda **options: ThreeLayer.initialise(4, (21, 17), np.random.default_rng(0), dtype=torch.float64, **options),
    ],
    ids=["two layers", "three layers"],
)
def test_kernels_are_the_grams_of_autograd_jacobians(network, biases):
    x, z = unit_inputs(8, 4), unit_inputs(5, 4, seed=1)
    network = network(biases=biases, output_scale=0.7)
    trained = [name for name in vars(network) if name.endswith("weights") and name != "output_weights"]
    for kernel, names in ((finite_tangent_kernel, trained), (finite_conjugate_kernel, ["output_weights"])):
        rows, others = jacobian(network, x, names), jacobian(network, z, names)
        torch.testing.assert_close(kernel(network, x), rows @ rows.T, rtol=1e-10, atol=1e-12)
        torch.testing.assert_close(kernel(network, x, z), rows @ others.T, rtol=1e-10, atol=1e-12)


def test_it_serves_deep_nets_too():
    x = unit_inputs(6, 4)
    network = DeepReLU.initialise(4, (9, 7, 6), np.random.default_rng(0), dtype=torch.float64)
    expected = sum(tangent_gram(network, x, layer) for layer in (1, 2, 3))
    torch.testing.assert_close(finite_tangent_kernel(network, x), expected)


def test_without_biases_two_layers_have_the_gram_matrix_of_arora_times_m():
    x = unit_inputs(6, 4)
    network = BiasedTwoLayer.initialise(4, 30, np.random.default_rng(0), biases=False, dtype=torch.float64)
    expected = 30 * jacobian_gram(x, network.weights, network.output_weights)
    torch.testing.assert_close(finite_tangent_kernel(network, x), expected, rtol=1e-12, atol=1e-12)
    features = (x @ network.weights).clamp(min=0)
    torch.testing.assert_close(finite_conjugate_kernel(network, x), features @ features.T)


@pytest.mark.parametrize("biases", [True, False])
@pytest.mark.parametrize("layers", [2, 3])
@pytest.mark.parametrize(("finite", "limit"), PAIRS)
def test_kernels_converge_to_their_limits_at_rate_one_over_root_m(finite, limit, layers, biases):
    x, widths, draws = unit_inputs(6, 4), (50, 200, 800), 24
    target = limit(x, layers - 1, biases=biases)
    errors, means = [], []
    for width in widths:
        scale = width if finite is finite_tangent_kernel else 1
        grams = torch.stack([finite(net(layers, width, seed, biases=biases), x) / scale for seed in range(draws)])
        errors.append(float((grams - target).square().mean().sqrt()))
        means.append(float((grams.mean(0) - target).abs().max()))
    slope = float(np.polyfit(np.log(widths), np.log(errors), 1)[0])
    assert slope == pytest.approx(-0.5, abs=0.15)
    assert means[-1] <= 5 * 3 * errors[-1] / draws**0.5  # the mean of the draws: no other limit nearby


@pytest.mark.parametrize(("kernel", "expected"), [(finite_conjugate_kernel, 1), (finite_tangent_kernel, 0.09)])
def test_output_scale_enters_the_tangent_kernel_by_its_square_and_the_conjugate_kernel_not(kernel, expected):
    x = unit_inputs(6, 4)
    whole, small = (kernel(net(3, 12, output_scale=scale), x) for scale in (1.0, 0.3))
    torch.testing.assert_close(small, expected * whole)


def test_kernels_do_not_depend_on_blocks_and_are_float64_for_float32_nets(monkeypatch):
    x, network = unit_inputs(7, 4), net(3, 12)
    whole = finite_tangent_kernel(network, x)
    monkeypatch.setattr(importlib.import_module("ntkbook.kernels.finite_width"), "_BLOCK_ELEMENTS", 14)
    torch.testing.assert_close(finite_tangent_kernel(network, x), whole, rtol=1e-14, atol=1e-14)
    single = ThreeLayer.initialise(4, (12, 12), np.random.default_rng(0))
    for kernel in (finite_tangent_kernel, finite_conjugate_kernel):
        gram = kernel(single, x.float())
        assert gram.dtype == torch.float64
        assert float(torch.linalg.eigvalsh(gram)[0]) >= -1e-12 * float(gram.diagonal().max())
