import dataclasses

import numpy as np
import pytest
import torch
from reference import unit_inputs

from ntkbook.networks import BiasedTwoLayer, TwoLayer, output_gradients


def net(d=4, width=9, seed=0, dtype=torch.float64, **options):
    return BiasedTwoLayer.initialise(d, width, np.random.default_rng(seed), dtype=dtype, **options)


def loop_forward(x, network):
    """The sum of eq. (3.2), one number at a time."""
    w, b, a = network.weights.T.tolist(), network.biases.tolist(), network.output_weights.tolist()
    rows = [
        sum(a[i] * max(0.0, sum(p * q for p, q in zip(w[i], row, strict=True)) + b[i]) for i in range(len(a)))
        for row in x.tolist()
    ]
    return torch.tensor(rows, dtype=torch.float64)


def test_forward_matches_explicit_loops():
    x, network = unit_inputs(5, 4), net()
    torch.testing.assert_close(network(x), loop_forward(x, network), rtol=1e-13, atol=1e-14)
    assert network.width == 9


def test_without_biases_it_is_the_two_layer_net_without_its_factor():
    x, network = unit_inputs(5, 4), net(biases=False)
    torch.testing.assert_close(network(x), 3 * TwoLayer(network.weights, network.output_weights)(x))


def test_biases_are_weights_on_a_constant_coordinate_that_are_not_trained():
    x, network = unit_inputs(5, 4), net()
    lifted = BiasedTwoLayer(
        torch.cat([network.weights, network.biases[None]]), torch.zeros_like(network.biases), network.output_weights
    )
    torch.testing.assert_close(lifted(torch.cat([x, torch.ones(5, 1, dtype=x.dtype)], dim=1)), network(x))


def test_gradient_matches_autograd():
    x, network = unit_inputs(8, 4), net(width=21)
    slopes = torch.from_numpy(np.random.default_rng(1).standard_normal(8))
    leaf = network.weights.clone().requires_grad_()
    output = torch.relu(x @ leaf + network.biases) @ network.output_weights
    (expected,) = torch.autograd.grad(output @ slopes, leaf)
    (found,) = output_gradients(network, x, slopes)
    torch.testing.assert_close(found, expected, rtol=1e-12, atol=1e-14)


def test_net_with_frozen_patterns_is_its_linearisation():
    x, start = unit_inputs(8, 4), net()
    movement = torch.from_numpy(np.random.default_rng(1).standard_normal(start.weights.shape))
    network = dataclasses.replace(start, weights=start.weights + movement)

    def forward(w):
        return torch.relu(x @ w + start.biases) @ start.output_weights

    jacobian = torch.as_tensor(torch.autograd.functional.jacobian(forward, start.weights))
    linearised = forward(start.weights) + torch.tensordot(jacobian, movement, 2)
    torch.testing.assert_close(network.frozen(x, start), linearised, rtol=1e-12, atol=1e-13)
    assert float((network.frozen(x, start) - network(x)).abs().min()) > 1e-3


def test_odd_part_beyond_degree_one_needs_biases():
    """relu(z) - relu(-z) = z, so that without biases f(x) - f(-x) is linear."""
    x = unit_inputs(50, 4)
    for biases, least, most in ((False, 0, 1e-12), (True, 0.05, np.inf)):
        network = net(width=40, biases=biases)
        odd = network(x) - network(-x)
        residual = odd - x @ torch.linalg.lstsq(x, odd[:, None]).solution[:, 0]
        assert least <= float(residual.abs().max()) <= most


def test_start_has_the_variances_of_section_3():
    network = net(d=40, width=4000, output_scale=0.2)
    for name, variance in {"weights": 1 / 4000, "biases": 1 / 4000, "output_weights": 0.04}.items():
        draws = getattr(network, name)
        assert float(draws.square().mean()) / variance == pytest.approx(1, abs=5 * (2 / draws.numel()) ** 0.5)
        assert abs(float(draws.mean())) <= 5 * (variance / draws.numel()) ** 0.5
    bare = net(d=40, width=4000, output_scale=0.2, biases=False)
    assert torch.equal(bare.output_weights, network.output_weights)
    assert float(bare.biases.abs().sum()) == 0


def test_dtype_follows_and_bad_parameters_are_refused_by_name():
    good = net()
    assert {tensor.dtype for tensor in vars(net(dtype=torch.float32)).values()} == {torch.float32}
    for name in vars(good):
        with pytest.raises(ValueError, match=r"^\w+: expected shape .*m = \d as in \w+, found"):
            dataclasses.replace(good, **{name: getattr(good, name)[..., :-1]})
        with pytest.raises(ValueError, match=r"expected torch.float32 on cpu as \w+, found|found torch.float32"):
            dataclasses.replace(good, **{name: getattr(good, name).float()})


@pytest.mark.parametrize("options", [{"d": 0}, {"width": 0}, {"output_scale": -1.0}])
def test_bad_sizes_are_refused_by_name(options):
    with pytest.raises(ValueError, match=r"^(d|width|output_scale): expected .*, found"):
        net(**options)
