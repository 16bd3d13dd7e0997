import numpy as np
import pytest
import torch

from ntkbook import data
from ntkbook.experiments.generalization.descent import Descent
from ntkbook.kernels import empirical_gram, h_infinity
from ntkbook.networks import TwoLayer
from ntkbook.spectrum import eigendecompose
from ntkbook.streams import Streams
from ntkbook.training import LongTrajectory

STREAMS = Streams(0)


@pytest.fixture
def inputs():
    return torch.tensor(data.sphere(12, 5, STREAMS("inputs")))


@pytest.fixture
def labels():
    return torch.tensor(data.random_labels(12, STREAMS("labels")))


def test_step_size_is_that_of_the_paper_until_it_would_be_too_sharp(inputs):
    spectrum = eigendecompose(h_infinity(inputs))
    assert Descent(step_scale=0.01).step_size(spectrum) == pytest.approx(0.01 / 12)
    sharp = Descent(step_scale=1e6, max_sharpness=1.2).step_size(spectrum)
    assert sharp * spectrum.lambda_max == pytest.approx(1.2)


def test_training_stops_at_the_first_step_at_the_loss(inputs, labels):
    spectrum, descent = eigendecompose(h_infinity(inputs)), Descent(stop_loss=0.05)
    start = TwoLayer.initialise(5, 200, STREAMS("weights"), init_scale=0.01)
    path = descent.train(start, inputs, labels, spectrum, max_steps=10_000, x_test=inputs)
    steps = int(path.steps[-1])
    assert path.loss[-1] / 12 <= 0.05
    cut = descent.train(start, inputs, labels, spectrum, max_steps=steps - 1, x_test=inputs)
    assert cut.steps[-1] == steps - 1
    assert cut.loss[-1] / 12 > 0.05


def test_training_in_windows_stops_at_the_first_step_of_its_grid_at_the_loss(inputs, labels):
    spectrum, descent = eigendecompose(h_infinity(inputs)), Descent(step_scale=0.02, stop_loss=0.05)
    start = TwoLayer.initialise(5, 200, STREAMS("weights"), init_scale=0.01, dtype=torch.float64)
    given = {"max_steps": 100_000, "x_test": inputs}
    exact, path = (descent.train(start, inputs, labels, spectrum, rtol=rtol, **given) for rtol in (None, 1e-3))
    assert isinstance(path, LongTrajectory)
    assert path.leaps[:, 4].any()
    assert exact.steps[-1] <= path.steps[-1] <= 1.13 * exact.steps[-1]
    assert path.loss[-1] / 12 <= 0.05 < path.loss[-2] / 12
    np.testing.assert_allclose(path.test_outputs[-1], exact.test_outputs[-1], atol=0.05)


def test_linear_steps_and_movement_are_those_of_gradient_descent_with_frozen_gates(inputs, labels):
    start = TwoLayer.initialise(5, 200, STREAMS("weights"), dtype=torch.float64)
    gates = (inputs @ start.weights >= 0) * start.output_weights / 200**0.5
    spectrum, descent = eigendecompose(empirical_gram(inputs, start.weights)), Descent(stop_loss=0.05)
    moved, steps, residual = torch.zeros_like(start.weights), 0, labels
    while float(residual.square().sum()) / 24 > 0.05:
        moved = moved + descent.step_size(spectrum) * inputs.T @ (residual[:, None] * gates)
        residual, steps = labels - ((inputs @ moved) * gates).sum(1), steps + 1
    assert descent.linear_steps(spectrum, labels) == steps
    assert descent.linear_movement(spectrum, labels) == pytest.approx(float(moved.norm()), rel=1e-9)
