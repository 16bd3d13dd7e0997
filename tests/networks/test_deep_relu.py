import dataclasses

import numpy as np
import pytest
import torch
from reference import unit_inputs

from ntkbook.networks import DeepReLU, TwoLayer

WIDTHS = [(18,), (17, 12), (19, 15, 24)]
"""Unequal, so that fan-in in the place of fan-out, and a transpose, cannot hide."""


def net(d=4, widths=(9, 5, 14), seed=0, dtype=torch.float64):
    return DeepReLU.initialise(d, widths, np.random.default_rng(seed), dtype=dtype)


def loop_forward(x, network):
    """One neuron and one input at a time."""
    outputs = []
    for row in x:
        values = row.tolist()
        for w in network.weights:
            values = [max(0.0, sum(a * float(b) for a, b in zip(values, column, strict=True))) for column in w.T]
        outputs.append(sum(a * float(b) for a, b in zip(values, network.output_weights, strict=True)))
    return torch.tensor(outputs, dtype=torch.float64)


@pytest.mark.parametrize("widths", WIDTHS)
def test_forward_matches_explicit_loops(widths):
    x, network = unit_inputs(5, 4), net(widths=widths)
    torch.testing.assert_close(network(x), loop_forward(x, network), rtol=1e-12, atol=1e-13)
    hidden = network.hidden(x)
    assert [tuple(h.shape) for h in hidden] == [(5, m) for m in (4, *widths)]
    torch.testing.assert_close(hidden[-1] @ network.output_weights, network(x))
    assert (network.depth, network.widths) == (len(widths), widths)


def test_one_hidden_layer_is_the_two_layer_net_without_its_factor():
    x, network = unit_inputs(5, 4), net(widths=(10,))
    two_layer = TwoLayer(network.weights[0], network.output_weights)
    torch.testing.assert_close(network(x), two_layer(x) * 10**0.5)


@pytest.mark.parametrize("widths", WIDTHS)
def test_pulls_are_the_derivatives_by_the_pre_activations(widths):
    x, network = unit_inputs(5, 4), net(widths=widths)
    offsets = [torch.zeros(5, m, dtype=torch.float64, requires_grad=True) for m in widths]
    h = x
    for w, offset in zip(network.weights, offsets, strict=True):
        h = torch.relu(h @ w + offset)
    expected = torch.autograd.grad((h @ network.output_weights).sum(), offsets)
    for found, right in zip(network.pulls(network.hidden(x)), expected, strict=True):
        torch.testing.assert_close(found, right, rtol=1e-12, atol=1e-14)


def test_net_is_homogeneous_of_degree_one_in_the_input_and_in_each_layer():
    x, network = unit_inputs(5, 4), net()
    torch.testing.assert_close(network(3 * x), 3 * network(x))
    for layer in range(3):
        weights = list(network.weights)
        weights[layer] = 2 * weights[layer]
        torch.testing.assert_close(DeepReLU(tuple(weights), network.output_weights)(x), 2 * network(x))


def test_forward_leaves_inputs_and_parameters_alone():
    x, network = unit_inputs(5, 4), net()
    tensors = (x, *network.weights, network.output_weights)
    before = [tensor.clone() for tensor in tensors]
    network(x)
    network.pulls(network.hidden(x))
    assert all(torch.equal(a, b) for a, b in zip(before, tensors, strict=True))


def test_start_has_the_fan_out_variance_and_keeps_norms_at_unequal_widths():
    widths = (600, 2400, 1200)
    network = net(d=50, widths=widths)
    for w, m in zip(network.weights, widths, strict=True):
        assert float(w.var()) * m / 2 == pytest.approx(1, abs=5 * (2 / w.numel()) ** 0.5)
        assert abs(float(w.mean())) <= 5 * (2 / m / w.numel()) ** 0.5
    for h in network.hidden(unit_inputs(3, 50))[1:]:
        norms = h.square().sum(1)  # relative variance 5 / m_l a layer
        torch.testing.assert_close(norms, torch.ones_like(norms), rtol=0, atol=5 * (5 * 3 / 600) ** 0.5)
    v = network.output_weights
    assert v[:600].tolist() == [1.0] * 600
    assert v[600:].tolist() == [-1.0] * 600


def test_start_has_outputs_of_variance_one_less_one_over_pi():
    x = unit_inputs(1, 6)
    outputs = torch.cat([net(6, (100, 300), seed)(x) for seed in range(1500)])
    assert float(outputs.var()) == pytest.approx(1 - 1 / np.pi, rel=5 * (2.5 / 1500) ** 0.5)  # Lemma 5.3's r.m.s.


def test_one_seed_gives_one_net_and_dtype_follows():
    for dtype in (torch.float32, torch.float64):
        a, b, c = net(dtype=dtype), net(dtype=dtype), net(dtype=dtype, seed=1)
        for first, again, other in zip(a.weights, b.weights, c.weights, strict=True):
            assert torch.equal(first, again)
            assert not torch.equal(first, other)
            assert first.dtype == a.output_weights.dtype == dtype


def test_parameters_cannot_be_replaced_and_a_list_becomes_a_tuple():
    network = net()
    with pytest.raises(dataclasses.FrozenInstanceError):
        network.weights = ()  # pyright: ignore[reportAttributeAccessIssue]
    again = DeepReLU(list(network.weights), network.output_weights)  # pyright: ignore[reportArgumentType]
    assert isinstance(again.weights, tuple)


@pytest.mark.parametrize("widths", [(), (4, 0, 2), (4, 3)])
def test_bad_widths_are_refused_by_name(widths):
    with pytest.raises(ValueError, match=r"^widths(\[1\])?: expected (at least one|a whole number|the last one even)"):
        net(widths=widths)


def test_bad_dimension_is_refused_by_name():
    with pytest.raises(ValueError, match=r"^d: expected a whole number >= 1, found 0"):
        net(d=0)


@pytest.mark.parametrize(
    ("weights", "output"),
    [((), 3), (((4, 3),), 2), (((4, 3), (4, 2)), 2), (((4, 3), (3,)), 3)],
)
def test_shapes_must_chain(weights, output):
    with pytest.raises(ValueError, match=r"weights.*: expected (shapes? \(|at least one).* found"):
        DeepReLU(tuple(torch.ones(shape) for shape in weights), torch.ones(output))


def test_dtypes_must_match():
    with pytest.raises(ValueError, match=r"output_weights: expected torch.float32 .* as weights\[0\], found"):
        DeepReLU((torch.ones(2, 3),), torch.ones(3, dtype=torch.float64))
