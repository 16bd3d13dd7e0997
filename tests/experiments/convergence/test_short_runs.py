"""Laws that the short runs of a tiny run obey, whatever the data."""

import numpy as np
import pytest
import torch
from rooms import tiny_record

from ntkbook import data
from ntkbook.experiments.convergence import short_runs
from ntkbook.experiments.problem import Problem
from ntkbook.kernels import empirical_gram, feature_distance
from ntkbook.networks import TwoLayer
from ntkbook.records import part
from ntkbook.streams import Streams
from ntkbook.training import gradient_descent

from .tiny import CONFIG


@pytest.fixture
def runs():
    return part(tiny_record("convergence"), "short_runs")


def test_runs_and_predictions_start_together(runs):
    start = runs.isel(step=0)
    np.testing.assert_allclose(start.frozen, start.residual, rtol=1e-6)
    np.testing.assert_allclose(start.label_only, 1, rtol=1e-6)
    assert float(start.flipped.max()) == 0


def test_small_initialisation_starts_at_the_labels(runs):
    np.testing.assert_allclose(runs.residual.sel(init_scale=0.01).isel(step=0), 1, atol=0.03)


def test_wide_nets_at_the_theory_scale_obey_it(runs):
    wide = runs.sel(init_scale=1.0, width=512)
    assert float(np.abs(wide.residual - wide.frozen).max()) < 0.25
    assert float(wide.movement_ratio.max()) < 1
    assert 0 < float(wide.flipped.max()) < 0.2


def test_one_step_is_nearer_to_a_linear_one_in_a_wide_net(runs):
    error = runs[["step_error", "linearisation_error"]].sel(init_scale=1.0).mean("seed").to_dataarray()
    assert bool((error.sel(width=512) < error.sel(width=32)).all())


def test_what_a_step_misses_is_at_most_lambda_1_times_as_much_over_the_residual_as_over_the_linear_step(runs):
    assert bool((runs.linearisation_error <= runs.linearisation_error_max).all())
    assert bool((runs.step_error <= 6 * runs.linearisation_error_max).all())  # |H v| <= n/2 |v| for unit inputs


def test_neurons_move_less_in_the_root_mean_square_than_at_most(runs):
    assert bool((runs.neuron_rms < runs.neuron_movement).all())
    assert bool((runs.neuron_rms > runs.neuron_movement / runs.width**0.5).all())


def test_the_form_of_the_slowest_direction_is_positive_and_near_lambda_0_in_a_wide_net_at_the_start(runs):
    assert bool((runs.slowest_form > 0).all())
    start = runs.slowest_form.isel(step=0).sel(width=512)
    np.testing.assert_allclose(start.mean("seed"), 1, atol=0.3)


def test_bound_is_broken_at_some_step_exactly_where_the_largest_ratio_of_losses_is_above_it(runs):
    assert bool(((runs.rate_violations > 0) == (runs.rate_max > runs.rate_bound)).all())


@pytest.mark.parametrize("scale", [1.0, 0.01])
def test_one_cell_agrees_with_a_run_made_by_hand_in_float64(scale):
    streams = Streams(0)
    sample = data.load("digits", n_train=12, n_test=0, rng=streams("images"))
    problem = Problem.pose(sample, CONFIG.step_size, streams, "cpu")
    found = short_runs.measure(short_runs.Cell(scale, 128, "random", 1), CONFIG.short_runs, problem, streams)
    x, y, eta = problem.x, problem.labels["random"], problem.step_size
    start = TwoLayer.initialise(x.shape[1], 128, streams("weights", 128, 1), init_scale=scale)
    start = TwoLayer(start.weights.double(), start.output_weights.double())
    steps = found.step.values
    path = gradient_descent(
        start,
        x,
        y,
        step_size=eta,
        n_steps=20,
        record_at=range(21),
        observe=lambda now: {"gates": (now.preactivations >= 0).double()},
    )
    errors, over_residual = [], []
    for k in steps[np.flatnonzero(np.diff(steps) == 1)]:
        gates = path.observations["gates"][k]
        linear = eta * ((x @ x.T).numpy() * (gates @ gates.T) / 128) @ path.residuals[k]
        missed = np.linalg.norm(path.residuals[k] - path.residuals[k + 1] - linear)
        errors.append(missed / np.linalg.norm(linear))
        over_residual.append(missed / (eta * np.linalg.norm(path.residuals[k])))
    assert float(found.linearisation_error) == pytest.approx(np.median(errors), rel=0.02, abs=1e-4)
    assert float(found.linearisation_error_max) == pytest.approx(max(errors), rel=0.02, abs=1e-4)
    assert float(found.step_error) == pytest.approx(max(over_residual), rel=0.02, abs=1e-4)
    np.testing.assert_allclose(found.residual, path.residual_norms[steps] / 12**0.5, rtol=0.01)
    weights = path.network.weights
    drift = float(torch.linalg.matrix_norm(empirical_gram(x, weights) - empirical_gram(x, start.weights)))
    moved = (weights - start.weights).norm(dim=0)
    assert float(found.neuron_rms) == pytest.approx(float(moved.square().mean()) ** 0.5, rel=0.02)
    slowest = problem.spectrum.eigenvectors[:, -1]
    form = float(slowest @ empirical_gram(x, weights) @ slowest) / problem.spectrum.lambda_min
    assert float(found.slowest_form[-1]) == pytest.approx(form, rel=0.02)
    assert float(found.gram_drift) == pytest.approx(drift, rel=0.02)
    assert float(found.feature_drift) == pytest.approx(feature_distance(x, weights, start.weights), rel=0.02)
