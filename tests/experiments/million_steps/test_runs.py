import numpy as np
import pytest
from rooms import tiny_record

from ntkbook import data
from ntkbook.experiments.million_steps import runs
from ntkbook.experiments.problem import LABELS, Problem
from ntkbook.experiments.problem import Settings as StepSize
from ntkbook.streams import Streams
from ntkbook.training import gradient_descent, long_gradient_descent

SETTINGS = runs.Settings(width=120, n_steps=600, n_exact=200, rtol=3e-3)


@pytest.fixture(scope="module")
def problem():
    sample = data.load("digits", n_train=12, n_test=0, rng=np.random.default_rng(0))
    return Problem.pose(sample, StepSize(), Streams(0), "cpu")


@pytest.fixture(scope="module")
def measured(problem):
    return runs.measure(runs.Cell("digits", "random", 0), SETTINGS, {"digits": problem}, Streams(0))


def test_losses_are_those_of_gradient_descent(problem, measured):
    start = runs.initialised(problem, SETTINGS, Streams(0), 0)
    y = problem.labels["random"].float()
    run = {"step_size": problem.step_size, "n_steps": 600, "record_at": SETTINGS.grid}
    truth = gradient_descent(start, problem.x.float(), y, **run)
    np.testing.assert_array_equal(measured.step, truth.steps)
    np.testing.assert_allclose(measured.residual, truth.residual_norms / 12**0.5, atol=2e-3)
    np.testing.assert_allclose(measured.loss, measured.residual**2 / 2, rtol=1e-9)
    np.testing.assert_allclose(measured.movement, truth.movement.total, rtol=1e-2)
    assert bool(measured.measured.all())
    assert int(measured.leaps) > 0
    assert int(measured.exact_steps) == max(SETTINGS.grid[SETTINGS.grid <= 200])
    assert float(measured.error_of_mean) < SETTINGS.rtol


def test_distance_at_each_step_is_that_of_the_mean_residuals(problem):
    start = runs.initialised(problem, SETTINGS, Streams(0), 0)
    x, y = problem.x.float(), problem.labels["random"].float()
    path = long_gradient_descent(
        start, x, y, step_size=problem.step_size, n_steps=600, rtol=3e-3, record_at=SETTINGS.grid
    )
    exact = runs.stepwise(start, problem, "random", SETTINGS.grid[SETTINGS.grid <= 200])
    found = runs.described(path, exact, problem, "random", SETTINGS.grid)
    at = dict(zip(exact.steps.tolist(), exact.residuals, strict=True))
    for k, mean, distance in zip(path.steps.tolist(), path.mean_residuals, found.distance.values, strict=True):
        if 2 <= k <= 200:
            true = (at[k] + 2 * at[k - 1] + at[k - 2]) / 4
            assert distance == pytest.approx(np.linalg.norm(mean - true) / np.linalg.norm(at[0]))
        else:
            assert np.isnan(distance)
    assert float(found.distance.max()) == pytest.approx(float(found.distance_of_mean))
    np.testing.assert_array_equal(found.estimated_error, path.estimated_errors)
    assert float(found.estimated_error.max()) > 0


def test_prediction_is_eq_8(problem, measured):
    lam, projections = problem.spectrum.eigenvalues, problem.spectrum.project(problem.labels["random"])
    for k, predicted in zip(measured.step.values, measured.predicted.values, strict=True):
        exact = ((1 - problem.step_size * lam) ** int(k) * projections).norm() / 12**0.5
        assert predicted == pytest.approx(float(exact), rel=1e-9)


def test_what_was_not_reached_is_not_measured(problem):
    start = runs.initialised(problem, SETTINGS, Streams(0), 0)
    x, y = problem.x.float(), problem.labels["true"].float()
    path = long_gradient_descent(
        start, x, y, step_size=problem.step_size, n_steps=600, record_at=SETTINGS.grid, go_on=lambda step: step < 200
    )
    found = runs.described(path, None, problem, "true", SETTINGS.grid)
    reached = found.step.values[found.measured.values]
    assert 0 < reached.max() <= int(found.last_step) < 600
    assert np.isnan(found.loss.values[~found.measured.values]).all()
    assert np.isfinite(found.loss.values[found.measured.values]).all()
    assert np.isfinite(found.predicted).all()
    assert int(found.exact_steps) == 0


def test_distances_to_exact_descent_are_seen(problem):
    start = runs.initialised(problem, SETTINGS, Streams(0), 0)
    x, y = problem.x.float(), problem.labels["true"].float()
    exact = runs.stepwise(start, problem, "true", np.array([10, 50]))
    assert {8, 9, 10, 48, 49, 50} <= set(exact.steps.tolist())
    path = long_gradient_descent(start, x, 2 * y, step_size=problem.step_size, n_steps=50, record_at=(10,))
    steps, gaps = runs.compared(path, exact)
    assert steps.tolist() == [10, 50]
    norm, at = np.linalg.norm, dict(zip(exact.steps.tolist(), exact.residuals, strict=True))
    assert gaps[0, 0] == pytest.approx(abs(norm(path.residuals[1]) - norm(at[10])) / norm(at[0]))
    assert np.all(gaps[:, 2] >= gaps[:, 1] - 1e-12)


def test_problem_is_the_same_for_every_kind_of_labels():
    record = tiny_record("million_steps")["runs"].dataset
    assert record.labels.values.tolist() == list(LABELS)
    assert np.ptp(record.step_size.values) == 0
