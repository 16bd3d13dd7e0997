"""Linear learners in closed form."""

import numpy as np
import pytest
import torch

from ntkbook.experiments.three_layer_learning import linear
from ntkbook.experiments.three_layer_learning.learners import KINDS, initial_net
from ntkbook.experiments.three_layer_learning.targets import task
from ntkbook.streams import Streams
from ntkbook.tuning import RIDGE

STREAMS = Streams(0)
TASK = task("additive", 80, 0, STREAMS)


@pytest.mark.parametrize("name", linear.LEARNERS)
def test_finite_kernel_tends_to_the_limit(name):
    x = torch.tensor(TASK.train[0][:20])
    finite, limit = (linear.kernel_of(name, width, 0, STREAMS, "cpu")(x, None) for width in (2000, 0))
    # The last layer's kernel is of order 1, the tangent kernel at rise 1 too.
    assert float((finite - limit).norm() / limit.norm()) < 0.1


def test_the_linearised_net_is_the_one_whose_training_starts_there():
    x = TASK.train[0][:5]
    net = initial_net(KINDS["3 layers"], 30, STREAMS("net", 30, 0), "cpu")
    kernel = linear.kernel_of("3 layers (last)", 30, 0, STREAMS, "cpu")
    features = net.hidden(torch.tensor(x).float())[-1].double()
    torch.testing.assert_close(kernel(torch.tensor(x), None), features @ features.T, rtol=1e-5, atol=1e-7)


def test_ridge_solves_its_normal_equations():
    x, y = TASK.train
    learner = linear.Ridge(lambda _: linear.gaussian(0.5), "cpu")
    (fit,) = learner(x, y, [{RIDGE: 1e-3}])
    assert fit is not None
    gram = linear.gaussian(0.5)(torch.tensor(x), None).numpy()
    ridge = 1e-3 * np.linalg.eigvalsh(gram)[-1]
    np.testing.assert_allclose(fit.predict(x), gram @ np.linalg.solve(gram + ridge * np.eye(80), y), atol=1e-8)


def test_the_largest_ridges_predict_zero():
    asked = linear.grid("3 layers (NTK)", 20)
    learner = linear.Ridge(lambda _: linear.gaussian(0.5), "cpu")
    fits = [fit for fit in learner(*TASK.train, asked.points) if fit is not None]
    np.testing.assert_allclose(fits[-1].predict(TASK.train[0]), 0, atol=1e-15)
    errors = [np.square(fit.predict(TASK.train[0]) - TASK.train[1]).mean() for fit in fits[-2:]]
    assert errors[0] == errors[1]


@pytest.mark.parametrize("name", [*linear.LEARNERS, linear.GAUSSIAN])
def test_no_linear_learner_has_more_trials_than_a_trained_one(name):
    for n_trials in (60, 224):
        points = len(linear.grid(name, n_trials).points)
        assert n_trials - len(linear.BANDWIDTHS) < points <= n_trials


def test_gaussian_kernel_learns_a_smooth_target():
    (found,) = linear.measure([linear.Cell(linear.GAUSSIAN, "harmonic 1", 0, 80, 0)], 60, STREAMS, "cpu")
    assert float(found.test_error) < 1e-3
    assert float(found.even_error + found.odd_error) == pytest.approx(float(found.test_error), rel=1)


def test_a_refused_choice_is_infinite(monkeypatch):
    monkeypatch.setattr(linear, "BANDWIDTHS", (50.0, 60.0, 70.0))
    (found,) = linear.measure([linear.Cell(linear.GAUSSIAN, "composed", 0, 80, 0)], 60, STREAMS, "cpu")
    assert np.isinf(found.test_error)


@pytest.mark.parametrize("name", ["3 layers (NTK)", linear.GAUSSIAN])
def test_targets_measured_together_are_as_those_measured_alone_to_the_last_bit(name):
    cells = [linear.Cell(name, target, 0, 80, 0) for target in ("even", "odd", "additive")]
    assert len({linear.together(cell) for cell in cells}) == 1
    side_by_side = linear.measure(cells, 60, STREAMS, "cpu")
    for cell, found in zip(cells, side_by_side, strict=True):
        assert found.equals(linear.measure([cell], 60, STREAMS, "cpu")[0])
