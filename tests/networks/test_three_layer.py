import dataclasses

import numpy as np
import pytest
import torch
from reference import unit_inputs

from ntkbook.networks import DeepReLU, ThreeLayer, output_gradients

PARAMETERS = ("first_weights", "second_weights", "output_weights", "first_biases", "second_biases")


def net(d=4, widths=(9, 7), seed=0, dtype=torch.float64, **options):
    return ThreeLayer.initialise(d, widths, np.random.default_rng(seed), dtype=dtype, **options)


def moved(start, size=1.0, seed=1):
    rng = np.random.default_rng(seed)
    first, second = (
        size * torch.from_numpy(rng.standard_normal(w.shape)) for w in (start.first_weights, start.second_weights)
    )
    return start.moved(first, second)


def forward(x, w, v, network):
    """The net as autograd sees it."""
    h_1 = torch.relu(x @ w + network.first_biases)
    return torch.relu(h_1 @ v + network.second_biases) @ network.output_weights


def loop_forward(x, network):
    """The paper's double sum of sec. 4, one number at a time."""
    w, v, a, b_1, b_2 = (getattr(network, name).tolist() for name in PARAMETERS)
    outputs = []
    for row in x.tolist():
        h = [max(0.0, sum(w[k][j] * row[k] for k in range(len(row))) + b_1[j]) for j in range(len(b_1))]
        n = [sum(v[j][i] * h[j] for j in range(len(h))) for i in range(len(a))]
        outputs.append(sum(a[i] * max(0.0, n[i] + b_2[i]) for i in range(len(a))))
    return torch.tensor(outputs, dtype=torch.float64)


@pytest.mark.parametrize("biases", [True, False])
def test_forward_matches_explicit_loops(biases):
    x, network = unit_inputs(5, 4), net(biases=biases)
    torch.testing.assert_close(network(x), loop_forward(x, network), rtol=1e-13, atol=1e-14)
    hidden = network.hidden(x)
    assert [tuple(h.shape) for h in hidden] == [(5, 4), (5, 9), (5, 7)]
    assert network.widths == (9, 7)


def test_patterns_are_the_signs_of_the_pre_activations():
    x, network = unit_inputs(5, 4), net()
    z_1 = x @ network.first_weights + network.first_biases
    z_2 = torch.relu(z_1) @ network.second_weights + network.second_biases
    d_1, d_2 = network.patterns(x)
    assert torch.equal(d_1, z_1 > 0)
    assert torch.equal(d_2, z_2 > 0)
    torch.testing.assert_close(network.frozen(x, network), network(x), rtol=1e-13, atol=1e-14)


def test_without_biases_it_is_the_deep_net_of_two_layers():
    x, network = unit_inputs(5, 4), net(biases=False)
    deep = DeepReLU((network.first_weights, network.second_weights), network.output_weights)
    torch.testing.assert_close(network(x), deep(x), rtol=1e-13, atol=1e-14)
    for found, right in zip(network.pulls(network.hidden(x)), deep.pulls(deep.hidden(x)), strict=True):
        torch.testing.assert_close(found, right, rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize("biases", [True, False])
def test_gradients_of_a_loss_match_autograd(biases):
    x, network = unit_inputs(8, 4), net(widths=(19, 12), biases=biases)
    y = torch.from_numpy(np.random.default_rng(2).standard_normal(8))
    w, v = (w.clone().requires_grad_() for w in (network.first_weights, network.second_weights))
    expected = torch.autograd.grad((forward(x, w, v, network) - y).square().mean() / 2, (w, v))
    for found, right in zip(output_gradients(network, x, (network(x) - y) / 8), expected, strict=True):
        torch.testing.assert_close(found, right, rtol=1e-12, atol=1e-14)


def test_frozen_patterns_follow_the_start_not_the_net():
    x, start = unit_inputs(6, 4), net()
    after = moved(start)
    d_1, d_2 = start.patterns(x)
    expected = []
    for i, row in enumerate(x):
        h = torch.diag(d_1[i].double()) @ (after.first_weights.T @ row + after.first_biases)
        expected.append(after.output_weights @ torch.diag(d_2[i].double()) @ (after.second_weights.T @ h))
    bias = torch.stack([after.output_weights @ (gates * after.second_biases) for gates in d_2])
    torch.testing.assert_close(after.frozen(x, start), torch.stack(expected) + bias, rtol=1e-12, atol=1e-13)
    assert float((after.frozen(x, start) - after(x)).abs().min()) > 1e-3
    near = moved(start, 1e-6)
    torch.testing.assert_close(near.frozen(x, start), near(x), rtol=1e-12, atol=1e-13)  # no gate has changed yet


def test_scaling_both_layers_by_the_root_scales_the_output_where_there_are_no_biases():
    x, network = unit_inputs(6, 4), moved(net(biases=False))
    for factor in (0.3, 1.0, 7.0):
        for biases in (True, False):
            scaled = network.scaled(factor, biases=biases)
            torch.testing.assert_close(scaled(x), factor * network(x), rtol=1e-13, atol=1e-13)
    torch.testing.assert_close(network.scaled(0.3).first_weights, 0.3**0.5 * network.first_weights)


def test_biases_break_the_scaling_unless_they_scale_by_the_root_and_by_the_factor():
    x, network, factor = unit_inputs(6, 4), moved(net()), 0.3
    torch.testing.assert_close(network.scaled(factor)(x), factor * network(x), rtol=1e-13, atol=1e-13)
    assert float((network.scaled(factor, biases=False)(x) - factor * network(x)).abs().min()) > 1e-3
    scaled = network.scaled(factor)
    torch.testing.assert_close(scaled.first_biases, factor**0.5 * network.first_biases)
    torch.testing.assert_close(scaled.second_biases, factor * network.second_biases)


def test_signs_turn_the_movement_of_whole_neurons_of_the_first_layer():
    start = net()
    rng = np.random.default_rng(3)
    first, second = (torch.from_numpy(rng.standard_normal(shape)) for shape in ((4, 9), (9, 7)))
    signs = torch.from_numpy(rng.choice([-1.0, 1.0], 9))
    sigma, found = torch.diag(signs), start.moved(first, second, signs)
    # In the paper's orientation, neurons in rows: W + Sigma W' and V + V' Sigma.
    torch.testing.assert_close(found.first_weights.T, start.first_weights.T + sigma @ first.T)
    torch.testing.assert_close(found.second_weights.T, start.second_weights.T + second.T @ sigma)
    torch.testing.assert_close(start.moved(first, second).first_weights, start.first_weights + first)
    for name in PARAMETERS[2:]:
        assert torch.equal(getattr(found, name), getattr(start, name))


def test_start_has_the_variances_of_section_4():
    network = net(d=60, widths=(1500, 400), output_scale=2.0)
    variances = {"first_weights": 1 / 1500, "first_biases": 1 / 1500, "second_weights": 1 / 400}
    variances |= {"second_biases": 1 / 400, "output_weights": 4.0}
    for name, variance in variances.items():
        draws = getattr(network, name)
        assert float(draws.square().mean()) / variance == pytest.approx(1, abs=5 * (2 / draws.numel()) ** 0.5), name
        assert abs(float(draws.mean())) <= 5 * (variance / draws.numel()) ** 0.5, name


def test_one_seed_gives_one_net_with_or_without_biases_and_dtype_follows():
    for dtype in (torch.float32, torch.float64):
        a, b, c, bare = net(dtype=dtype), net(dtype=dtype), net(dtype=dtype, seed=1), net(dtype=dtype, biases=False)
        for name in PARAMETERS:
            assert torch.equal(getattr(a, name), getattr(b, name))
            assert not torch.equal(getattr(a, name), getattr(c, name))
            assert getattr(a, name).dtype == dtype
        assert all(torch.equal(getattr(a, name), getattr(bare, name)) for name in PARAMETERS[:3])
        assert float(bare.first_biases.abs().sum() + bare.second_biases.abs().sum()) == 0


def test_forward_leaves_inputs_and_parameters_alone():
    x, network = unit_inputs(5, 4), net()
    tensors = (x, *vars(network).values())
    before = [tensor.clone() for tensor in tensors]
    network(x)
    network.frozen(x, moved(network))
    output_gradients(network, x, x[:, 0])
    assert all(torch.equal(a, b) for a, b in zip(before, tensors, strict=True))
    with pytest.raises(dataclasses.FrozenInstanceError):
        network.first_weights = x  # pyright: ignore[reportAttributeAccessIssue]


def test_bad_parameters_are_refused_by_name():
    good = net()
    for name in PARAMETERS:
        with pytest.raises(ValueError, match=r"^\w+: expected shape .*m_[12] = \d as in \w+, found"):
            dataclasses.replace(good, **{name: getattr(good, name)[..., :-1]})
        with pytest.raises(ValueError, match=r"expected torch.float32 .* as \w+, found torch.float64"):
            dataclasses.replace(good, **{name: getattr(good, name).float()})
    with pytest.raises(ValueError, match="factor: expected a positive number, found 0"):
        good.scaled(0.0)


@pytest.mark.parametrize("options", [{"d": 0}, {"widths": (3, 0)}, {"widths": (-1, 3)}, {"output_scale": 0.0}])
def test_bad_sizes_are_refused_by_name(options):
    with pytest.raises(ValueError, match=r"^(d|widths\[\d\]|output_scale): expected .*, found"):
        net(**options)
