import dataclasses

import numpy as np
import pytest
import torch
from reference import loop_forward, unit_inputs

from ntkbook.kernels import empirical_gram
from ntkbook.networks import TwoLayer


def net(d=4, width=9, seed=0, init_scale=1.0, dtype=torch.float64):
    return TwoLayer.initialise(d, width, np.random.default_rng(seed), init_scale=init_scale, dtype=dtype)


def test_forward_matches_explicit_loops():
    x, network = unit_inputs(5, 4), net()
    network = TwoLayer(network.weights, torch.linspace(-2, 3, 9, dtype=torch.float64))
    torch.testing.assert_close(network(x), loop_forward(x, network.weights, network.output_weights), rtol=1e-14, atol=0)


def test_forward_is_homogeneous_in_inputs_and_weights():
    x, network = unit_inputs(5, 4), net()
    torch.testing.assert_close(network(3 * x), 3 * network(x))
    torch.testing.assert_close(TwoLayer(3 * network.weights, network.output_weights)(x), 3 * network(x))


def test_forward_leaves_inputs_and_parameters_alone():
    x, network = unit_inputs(5, 4), net()
    before = [tensor.clone() for tensor in (x, network.weights, network.output_weights)]
    network(x)
    assert all(torch.equal(a, b) for a, b in zip(before, (x, network.weights, network.output_weights), strict=True))


@pytest.mark.parametrize("init_scale", [1.0, 0.01])
def test_initial_weights_are_gaussian_and_signs_balanced(init_scale):
    network = net(d=20, width=10_000, init_scale=init_scale)
    assert network.weights.shape == (20, 10_000)
    assert network.width == 10_000
    w = network.weights / init_scale
    assert abs(float(w.mean())) <= 5 / 200_000**0.5
    assert abs(float(w.var()) - 1) <= 5 * (2 / 200_000) ** 0.5
    assert abs(float((w**4).mean()) - 3) <= 5 * (96 / 200_000) ** 0.5
    signs = network.output_weights
    assert set(signs.tolist()) == {-1.0, 1.0}
    assert abs(float(signs.mean())) <= 5 / 100
    assert abs(float((w * signs).mean())) <= 5 / 200_000**0.5


def test_initial_predictions_have_variance_half_kappa_squared():
    x = unit_inputs(1, 4)
    outputs = torch.cat([net(width=200, seed=seed, init_scale=0.1)(x) for seed in range(400)])
    assert float(outputs.var()) == pytest.approx(0.1**2 / 2, rel=5 * (2 / 400) ** 0.5)


def test_one_seed_gives_one_net_and_scales_share_it():
    for dtype in (torch.float32, torch.float64):
        a, b, c = net(dtype=dtype), net(dtype=dtype), net(dtype=dtype, seed=1)
        assert torch.equal(a.weights, b.weights)
        assert torch.equal(a.output_weights, b.output_weights)
        assert not torch.equal(a.weights, c.weights)
        torch.testing.assert_close(net(dtype=dtype, init_scale=0.01).weights, 0.01 * a.weights)
        assert a.weights.dtype == a.output_weights.dtype == dtype


def test_parameters_cannot_be_replaced():
    with pytest.raises(dataclasses.FrozenInstanceError):
        net().weights = torch.zeros(1)  # pyright: ignore[reportAttributeAccessIssue]


@pytest.mark.parametrize(
    ("kwargs", "name"), [({"d": 0}, "d"), ({"width": 0}, "width"), ({"init_scale": 0.0}, "init_scale")]
)
def test_sizes_and_scale_must_be_positive(kwargs, name):
    with pytest.raises(ValueError, match=rf"^{name}: expected a .* number.*, found 0"):
        net(**kwargs)


@pytest.mark.parametrize("bad", [(torch.ones(3), torch.ones(3)), (torch.ones(3, 4), torch.ones(3))])
def test_shapes_must_match(bad):
    with pytest.raises(ValueError, match=r"weights: expected shape (\(d, m\), found|.* m = 4 as in weights)"):
        TwoLayer(*bad)


def test_dtypes_must_match():
    with pytest.raises(ValueError, match=r"output_weights: expected torch.float32 .* as weights, found torch.float64"):
        TwoLayer(torch.ones(2, 3), torch.ones(3, dtype=torch.float64))


def test_doubled_net_starts_at_zero_with_the_same_gram_matrix():
    x, half = unit_inputs(5, 4), net()
    double = half.doubled()
    assert double.width == 18
    torch.testing.assert_close(double(x), torch.zeros(5, dtype=torch.float64), rtol=0, atol=1e-15)
    torch.testing.assert_close(empirical_gram(x, double.weights), empirical_gram(x, half.weights))
