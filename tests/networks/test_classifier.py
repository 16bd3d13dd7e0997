import numpy as np
import pytest
import torch

from ntkbook.networks import TwoLayerClassifier


def net(d=6, width=40, k=3, seed=0, **settings):
    return TwoLayerClassifier.initialise(d, width, k, np.random.default_rng(seed), **settings)


def test_outputs_are_the_sum_of_the_paper():
    network = net(dtype=torch.float64)
    x = torch.randn(4, 6, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    w, a = network.weights.numpy(), network.output_weights.numpy()
    expected = [
        [sum(a[i, r] * max(0.0, float(w[:, r] @ row)) for r in range(40)) for i in range(3)] for row in x.numpy()
    ]
    np.testing.assert_allclose(network(x), expected, rtol=1e-12)
    assert (network.width, network.n_classes) == (40, 3)


def test_net_is_homogeneous_in_its_input():
    network = net(dtype=torch.float64)
    x = torch.ones(1, 6, dtype=torch.float64)
    torch.testing.assert_close(network(3 * x), 3 * network(x))


@pytest.mark.parametrize(("init_scale", "sigma"), [(None, 400**-0.5), (2.0, 2.0)])
def test_draws_have_the_paper_s_variances(init_scale, sigma):
    network = net(d=200, width=400, k=10, init_scale=init_scale)
    assert float(network.weights.std()) == pytest.approx(sigma, rel=0.02)
    assert float(network.weights.mean()) == pytest.approx(0, abs=0.02 * sigma)
    assert float(network.output_weights.std()) == pytest.approx(1, rel=0.05)


def test_start_has_outputs_of_order_one_at_every_width():
    x = torch.nn.functional.normalize(torch.ones(1, 50))
    sizes = [float(net(50, width, 10, seed)(x).square().mean()) for width in (100, 10_000) for seed in range(30)]
    assert np.mean(sizes[:30]) == pytest.approx(0.5, rel=0.2)  # E f^2 = m E relu(w.x)^2 = 1/2
    assert np.mean(sizes[30:]) == pytest.approx(0.5, rel=0.2)


def test_seed_decides_and_dtype_follows():
    assert torch.equal(net(seed=1).weights, net(seed=1).weights)
    assert not torch.equal(net(seed=1).weights, net(seed=2).weights)
    assert net().weights.dtype == torch.float32
    assert net(dtype=torch.float64).output_weights.dtype == torch.float64


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"d": 0}, "d: expected a whole number >= 1, found 0"),
        ({"width": -1}, "width: expected a whole number >= 1, found -1"),
        ({"init_scale": 0.0}, "init_scale: expected a positive number, found 0"),
        ({"k": 1}, "n_classes: expected a whole number >= 2, found 1"),
    ],
)
def test_bad_sizes_are_refused_by_name(changes, message):
    with pytest.raises(ValueError, match=message):
        net(**changes)


def test_parameters_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match=r"output_weights: expected shape .*m = 4 as in weights, found \(2, 5\)"):
        TwoLayerClassifier(torch.ones(3, 4), torch.ones(2, 5))
    with pytest.raises(ValueError, match=r"output_weights: expected torch.float32 on cpu as weights, found"):
        TwoLayerClassifier(torch.ones(3, 4), torch.ones(2, 4, dtype=torch.float64))
