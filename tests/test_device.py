"""Kernels and training follow the device of their inputs; fake tensors tell, without a GPU."""

import importlib

import numpy as np
import pytest
import torch
from fake_device import DEVICE, fake_device, to_numpy

from ntkbook import adversarial, diagnostics, dynamics, kernels, rademacher
from ntkbook.bounds.arora2019 import complexity_measure
from ntkbook.kernel_ridge import kernel_ridge
from ntkbook.losses import (
    logistic,
    logistic_derivative,
    ramp,
    softmax_cross_entropy,
    softmax_cross_entropy_derivative,
    surrogate_error,
)
from ntkbook.networks import (
    BiasedTwoLayer,
    DeepReLU,
    ThreeLayer,
    TwoLayer,
    TwoLayerClassifier,
    gradient_norms,
    layer_product,
    linearise,
    loss_gradient,
    output_gradients,
    quadratic_term,
    sign_deviation,
    tangent_gram,
    tangent_term,
)
from ntkbook.spectrum import eigendecompose, energy_share, worst_case_labels
from ntkbook.training import deep_gradient_descent, gradient_descent, recording, sgd, sgd_ensemble
from ntkbook.training.movement import MovementProbe
from ntkbook.training.sliding_gates import bounds
from ntkbook.training.watched_descent import SETTLING
from ntkbook.training.windows import WindowSpace

N, D, M = 6, 4, 9


def tensor(*shape, dtype=torch.float64):
    return torch.empty(*shape, dtype=dtype, device=DEVICE)


CALLS = {
    "h_infinity": lambda x, w, a: kernels.h_infinity(x),
    "h_infinity of two sets": lambda x, w, a: kernels.h_infinity(x, x[:2]),
    "conjugate_kernel": lambda x, w, a: kernels.conjugate_kernel(x, 2),
    "neural_tangent_kernel": lambda x, w, a: kernels.neural_tangent_kernel(x, 2),
    "biased_conjugate_kernel": lambda x, w, a: kernels.biased_conjugate_kernel(x, 2),
    "biased_tangent_kernel": lambda x, w, a: kernels.biased_tangent_kernel(x, 2, x[:2]),
    "h_infinity_series": lambda x, w, a: kernels.h_infinity_series(x @ x.T, 3),
    "empirical_gram": lambda x, w, a: kernels.empirical_gram(x, w),
    "empirical_gram with a": lambda x, w, a: kernels.empirical_gram(x, w, a),
    "monte_carlo_gram": lambda x, w, a: kernels.monte_carlo_gram(x, M, np.random.default_rng(0)),
    "monte_carlo_layer": lambda x, w, a: kernels.monte_carlo_layer(x @ x.T, M, np.random.default_rng(0)),
    "feature_matrix": lambda x, w, a: kernels.feature_matrix(x, w, a),
    "linear_suprema": lambda x, w, a: rademacher.linear_suprema(x @ x.T, x, 2.0),
    "gram_times": lambda x, w, a: diagnostics.gram_times(x @ x.T, x @ w, x[:, 0]),
}


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_kernel_follows_the_device_and_dtype_of_its_inputs(monkeypatch, name, dtype):
    with fake_device(monkeypatch):
        result = CALLS[name](tensor(N, D, dtype=dtype), tensor(D, M, dtype=dtype), tensor(M, dtype=dtype))
        assert result.device == DEVICE
        assert result.dtype == dtype


def test_numbers_and_spectra_are_computed_on_the_device(monkeypatch):
    with fake_device(monkeypatch):
        x, w, gram, y, steps = tensor(N, D), tensor(D, M), tensor(N, N), tensor(N), torch.arange(3, device=DEVICE)
        kernels.feature_distance(x, w, w)
        diagnostics.gates_flipped(x, w, w)
        diagnostics.gram_drift(gram, w, x)
        spectrum = eigendecompose(gram)
        results = [
            spectrum.project(y),
            energy_share(y, 0.5),
            worst_case_labels(spectrum),
            complexity_measure(gram, y),
            dynamics.linear_residuals(spectrum, y, 0.1, steps),
            dynamics.linear_residual_norms(spectrum, y, 0.1, steps),
            dynamics.linear_predictions(gram, y, 0.1, 2),
            dynamics.linear_test_predictions(spectrum, tensor(2, N), y, 0.1, steps),
            (fit := kernel_ridge(spectrum, y, tensor(3))).dual,
            fit.train_predictions,
            fit.predict(tensor(2, N)),
        ]
        assert all(result.device == DEVICE for result in results)


@pytest.mark.parametrize("space", ["weights", "preactivations"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_training_step_stays_on_the_device(monkeypatch, space, dtype):
    monkeypatch.setattr(recording, "to_numpy", to_numpy)
    with fake_device(monkeypatch):
        network = TwoLayer.initialise(D, M, np.random.default_rng(0), dtype=dtype, device=DEVICE)
        assert network.weights.device == network.output_weights.device == DEVICE
        path = gradient_descent(
            network,
            tensor(N, D, dtype=dtype),
            tensor(N, dtype=dtype),
            step_size=0.1,
            n_steps=1,
            space=space,
            x_test=tensor(2, D, dtype=dtype),
            observe=lambda now: {"product": now.preactivations.T @ now.residual},
        )
        assert path.network.weights.device == DEVICE
        assert path.network.weights.dtype == dtype


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_steps_that_are_watched_and_what_windows_are_made_of_stay_on_the_device(monkeypatch, dtype):
    with fake_device(monkeypatch):
        network = TwoLayer.initialise(D, M, np.random.default_rng(0), dtype=dtype, device=DEVICE)
        state = WindowSpace(network, tensor(N, D, dtype=dtype), tensor(N, dtype=dtype), 0.1)
        probe = MovementProbe(state, tensor(2, D, dtype=dtype))
        state.settle(SETTLING)
        mean = state.mean
        assert mean is not None
        modes = state.frozen_kernel().modes(mean.residual, 100, 1e-3)
        entries = tensor(2, M, dtype=dtype)
        low, high = bounds(entries, entries, entries, entries)
        assert {low.dtype, high.dtype} == {dtype}
        results = [
            *(low, high, mean.weights, mean.gates, mean.held),
            *(modes.powers(100), *modes.sums(100)),
            state.residual,
            state.mean_residual,
            state.oscillation,
            state.weights(slice(3)),
            *probe().values(),
        ]
        assert {result.device for result in results} == {DEVICE}
        assert {result.dtype for result in (state.mean_residual, state.weights(slice(3)))} == {dtype}


@pytest.mark.parametrize("space", ["weights", "preactivations"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_sgd_and_its_probes_stay_on_the_device(monkeypatch, space, dtype):
    for module in (recording, importlib.import_module("ntkbook.training.sgd_ensemble")):
        monkeypatch.setattr(module, "to_numpy", to_numpy)
    with fake_device(monkeypatch):
        start = TwoLayerClassifier.initialise(D, M, 3, np.random.default_rng(0), dtype=dtype, device=DEVICE)
        x, classes = tensor(N, D, dtype=dtype), tensor(N, dtype=torch.int64)
        probe = diagnostics.Probe(start, x, classes)

        def observe(now):
            assert set(probe(now.weights)) >= {"accuracy", "flipped", "distance"}
            return {"products": now.preactivations.T @ now.preactivations}

        path = sgd(
            start,
            x,
            classes,
            step_size=0.1,
            batch_size=2,
            n_steps=5,
            rng=np.random.default_rng(0),
            space=space,
            observe=observe,
        )
        results = [
            path.network.weights,
            diagnostics.singular_values(path.network.weights, start.weights),
            diagnostics.pseudo_outputs(x, path.network.weights, start),
            softmax_cross_entropy(start(x), classes),
            pulls := diagnostics.neuron_pulls(start(x), classes, start.output_weights, x @ start.weights >= 0),
            diagnostics.neuron_norms(x @ x.T, pulls),
            softmax_cross_entropy_derivative(start(x), classes),
        ]
        assert all(result.device == DEVICE for result in results)
        assert path.network.weights.dtype == dtype


@pytest.mark.parametrize("space", ["weights", "preactivations"])
@pytest.mark.parametrize("shared", [True, False])
def test_an_ensemble_stays_on_the_device(monkeypatch, space, shared):
    for module in (recording, importlib.import_module("ntkbook.training.sgd_ensemble")):
        monkeypatch.setattr(module, "to_numpy", to_numpy)
    with fake_device(monkeypatch):
        rngs = [np.random.default_rng(seed) for seed in range(3)]
        starts = [TwoLayerClassifier.initialise(D, M, 3, rng, device=DEVICE) for rng in rngs]
        x, classes = tensor(N, D, dtype=torch.float32), tensor(N, dtype=torch.int64)
        inputs = [x if shared else x.clone() for _ in rngs]
        settings = {"step_size": 0.1, "batch_size": 2, "n_steps": 5, "rngs": rngs, "space": space}
        paths = sgd_ensemble(starts, inputs, [classes] * 3, **settings)
        assert {path.network.weights.device for path in paths} == {DEVICE}


@pytest.mark.parametrize("widths", [(8,), (9, 7, 6)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_training_of_a_deep_net_stays_on_the_device(monkeypatch, widths, dtype):
    for module in (recording, importlib.import_module("ntkbook.training.deep_gradient_descent")):
        monkeypatch.setattr(module, "to_numpy", to_numpy)
    with fake_device(monkeypatch):
        path = deep_gradient_descent(
            DeepReLU.initialise(D, widths, np.random.default_rng(0), dtype=dtype, device=DEVICE),
            tensor(N, D, dtype=dtype),
            tensor(N, dtype=dtype),
            step_size=0.1,
            n_steps=3,
            stop_surrogate=0.01,
            stop_time=1.5,
            x_test=tensor(2, D, dtype=dtype),
            observe=lambda now: {"product": now.hidden[-1].T @ now.margins, "norm": now.gradient_norms[-1]},
        )
        assert {w.device for w in path.network.weights} == {DEVICE}
        assert {w.dtype for w in path.network.weights} == {dtype}


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_deep_nets_their_gradients_and_linearisation_stay_on_the_device(monkeypatch, dtype):
    with fake_device(monkeypatch):
        rngs = [np.random.default_rng(seed) for seed in range(2)]
        start, moved = (DeepReLU.initialise(D, (M, 5, 8), rng, dtype=dtype, device=DEVICE) for rng in rngs)
        x, y = tensor(N, D, dtype=dtype), tensor(N, dtype=dtype)
        seen = linearise(moved, start, x)
        margins = y * start(x)
        hidden = start.hidden(x)
        results = [
            *start.weights,
            *hidden,
            *start.pulls(hidden),
            *loss_gradient(start, x, y),
            gradient_norms(start, x),
            layer_product(start, x[0], 2),
            *(seen.gap, seen.change, seen.shifts),
            *(logistic(margins), logistic_derivative(margins), surrogate_error(margins), ramp(margins)),
        ]
        assert all(result.device == DEVICE and result.dtype == dtype for result in results)
        for layer in (1, 2, 3):
            shift = adversarial.adversarial_shift(start, x[0], 0.1, layer=layer)
            assert shift.network.weights[layer - 1].device == DEVICE
            assert shift.network.weights[layer - 1].dtype == dtype
            adversarial.most_flips(start, x[0], 0.1, layer)
        assert seen.flips.device == tangent_gram(start, x, 2).device == DEVICE
        assert tangent_gram(start, x, 2).dtype == torch.float64


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_learners_with_biases_their_gradients_and_kernels_stay_on_the_device(monkeypatch, dtype):
    with fake_device(monkeypatch):
        rng = np.random.default_rng(0)
        shallow = BiasedTwoLayer.initialise(D, M, rng, dtype=dtype, device=DEVICE)
        start = ThreeLayer.initialise(D, (M, 5), rng, dtype=dtype, device=DEVICE)
        bare = ThreeLayer.initialise(D, (M, 5), rng, biases=False, dtype=dtype, device=DEVICE)
        x, slopes, signs = tensor(N, D, dtype=dtype), tensor(N, dtype=dtype), tensor(M, dtype=dtype)
        moved = start.moved(tensor(D, M, dtype=dtype), tensor(M, 5, dtype=dtype), signs)
        results = [
            *vars(shallow).values(),
            *(value for network in (start, bare, moved, moved.scaled(0.3)) for value in vars(network).values()),
            *(shallow(x), moved(x), shallow.frozen(x, shallow), moved.frozen(x, start)),
            *(output for network in (shallow, moved) for output in output_gradients(network, x, slopes)),
            *(term(moved, start, x) for term in (tangent_term, quadratic_term, sign_deviation)),
        ]
        assert all(result.device == DEVICE and result.dtype == dtype for result in results)
        assert {pattern.device for pattern in start.patterns(x)} == {DEVICE}
        for network in (shallow, start):
            for kernel in (kernels.finite_tangent_kernel, kernels.finite_conjugate_kernel):
                for gram in (kernel(network, x), kernel(network, x, x[:2])):
                    assert gram.device == DEVICE
                    assert gram.dtype == torch.float64


def test_data_on_another_device_than_the_net_is_refused_by_name(monkeypatch):
    with fake_device(monkeypatch):
        network = TwoLayer.initialise(D, M, np.random.default_rng(0), device=DEVICE)
        x, y = tensor(N, D, dtype=torch.float32), torch.ones(N)
        with pytest.raises(ValueError, match=r"y: expected torch.float32 on lazy.* found torch.float32 on cpu"):
            gradient_descent(network, x, y, step_size=0.1, n_steps=1)
        deep = DeepReLU.initialise(D, (M, 8), np.random.default_rng(0), device=DEVICE)
        with pytest.raises(ValueError, match=r"y: expected torch.float32 on lazy.* found torch.float32 on cpu"):
            deep_gradient_descent(deep, x, y, step_size=0.1, n_steps=1)
        with pytest.raises(ValueError, match=r"output_weights: expected torch.float32 on lazy as weights, found"):
            TwoLayer(network.weights, torch.ones(M))


def test_a_tensor_made_on_the_wrong_device_fails(monkeypatch):
    with fake_device(monkeypatch), pytest.raises(RuntimeError, match="two devices, lazy and cpu"):
        _ = tensor(N, D) @ torch.ones(D, M, dtype=torch.float64)
    with (
        fake_device(monkeypatch),
        pytest.raises(ValueError, match=r"weights: expected .* on lazy as x, found"),
    ):
        kernels.empirical_gram(tensor(N, D), torch.from_numpy(np.ones((D, M))))
