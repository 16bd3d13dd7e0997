"""SGD on the squared loss follows the device of its inputs; fake tensors tell, without a GPU."""

import importlib

import numpy as np
import pytest
import torch
from fake_device import DEVICE, fake_device, to_numpy

from ntkbook.networks import BiasedTwoLayer, ThreeLayer
from ntkbook.training import (
    SecondVariant,
    linearised_sgd,
    recording,
    regression_sgd,
    regression_sgd_ensemble,
    second_variant_sgd,
)

N, D, M = 6, 4, 9
SETTINGS = {"batch_size": 2, "n_steps": 5, "momentum": 0.9}


def tensor(*shape, dtype=torch.float32):
    return torch.empty(*shape, dtype=dtype, device=DEVICE)


def start(kind, dtype=torch.float32):
    settings = {"dtype": dtype, "device": DEVICE}
    rng = np.random.default_rng(0)
    if kind == "three":
        return ThreeLayer.initialise(D, (M, M - 1), rng, **settings)
    return BiasedTwoLayer.initialise(D, M, rng, **settings)


def trained(network):
    return [network.first_weights, network.second_weights] if isinstance(network, ThreeLayer) else [network.weights]


@pytest.fixture(autouse=True)
def _fake_numbers(monkeypatch):
    for module in (recording, importlib.import_module("ntkbook.training.linearised_sgd")):
        monkeypatch.setattr(module, "to_numpy", to_numpy)


@pytest.mark.parametrize("kind", ["three", "two"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_regression_stays_on_the_device(monkeypatch, kind, dtype):
    with fake_device(monkeypatch):
        path = regression_sgd(
            start(kind, dtype),
            tensor(N, D, dtype=dtype),
            tensor(N, dtype=dtype),
            step_size=0.1,
            weight_decay=0.1,
            rng=np.random.default_rng(0),
            observe=lambda now: {"outputs": now.network(tensor(3, D, dtype=dtype))},
            **SETTINGS,
        )
        for weights in trained(path.network):
            assert (weights.device, weights.dtype) == (DEVICE, dtype)


@pytest.mark.parametrize("shared", [True, False])
def test_an_ensemble_stays_on_the_device(monkeypatch, shared):
    with fake_device(monkeypatch):
        x, y = tensor(N, D), tensor(N)
        paths = regression_sgd_ensemble(
            [start("three")] * 3,
            [x if shared else x.clone() for _ in range(3)],
            [y if shared else y.clone() for _ in range(3)],
            step_sizes=[0.1, 0.2, 0.3],
            weight_decays=[0.0, 0.1, 0.2],
            rngs=[np.random.default_rng(seed) for seed in range(3)],
            **SETTINGS,
        )
        assert {weights.device for path in paths for weights in trained(path.network)} == {DEVICE}


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_linearised_sgd_stays_on_the_device(monkeypatch, dtype):
    with fake_device(monkeypatch):
        gram, y = tensor(N, N, dtype=dtype), tensor(N, dtype=dtype)
        path = linearised_sgd(gram, y, step_size=0.1, weight_decay=0.1, rng=np.random.default_rng(0), **SETTINGS)
        assert (path.coefficients.device, path.coefficients.dtype) == (DEVICE, dtype)


@pytest.mark.parametrize("signs", [True, False])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_the_second_variant_stays_on_the_device(monkeypatch, signs, dtype):
    settings = SecondVariant(
        n_rounds=2,
        inner_steps=2,
        step_size=0.1,
        batch_size=3,
        signs=signs,
        shrinkage=0.1,
        smoothing_first=0.1,
        smoothing_second=0.1,
        penalty_first=0.1,
        penalty_second=0.1,
        gradient_noise=0.1,
        candidates=2,
    )
    with fake_device(monkeypatch):
        x, y = tensor(N, D, dtype=dtype), tensor(N, dtype=dtype)
        network = start("three", dtype)
        assert isinstance(network, ThreeLayer)
        path = second_variant_sgd(
            network,
            x,
            y,
            settings,
            rng=np.random.default_rng(0),
            observe=lambda now: {"outputs": now.moved(None)(x)},
        )
        for weights in (*trained(path.network), path.first, path.second):
            assert (weights.device, weights.dtype) == (DEVICE, dtype)
        assert (path.signs is None) != signs
