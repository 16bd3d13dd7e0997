"""Laws that the numbers of a tiny run of `convergence` obey, whatever the data."""

import numpy as np
import pytest
import tiny
import torch

from ntkbook import data
from ntkbook.experiments import convergence, convergence_runs
from ntkbook.kernels import empirical_gram, feature_distance
from ntkbook.networks import TwoLayer
from ntkbook.training import gradient_descent


@pytest.fixture
def record():
    return tiny.record("convergence")


def test_runs_and_predictions_start_together(record):
    start = record.isel(width_step=0)
    np.testing.assert_allclose(start.width_frozen, start.width_residual, rtol=1e-6)
    np.testing.assert_allclose(start.width_label_only, 1, rtol=1e-6)
    np.testing.assert_allclose(record.curve_predicted.isel(step=0), 1, rtol=1e-12)
    np.testing.assert_allclose(record.curve_horizon_loss.isel(horizon=0), 0.5, rtol=1e-12)
    np.testing.assert_allclose(record.curve_loss, record.curve_residual**2 / 2, rtol=1e-12)
    assert float(start.width_flipped.max()) == 0


def test_small_initialisation_starts_at_the_labels(record):
    np.testing.assert_allclose(record.width_residual.sel(init_scale=0.01).isel(width_step=0), 1, atol=0.03)


def test_wide_nets_at_the_theory_scale_obey_it(record):
    wide = record.sel(init_scale=1.0, width=512)
    assert float(wide.width_linearisation_error.max()) < 0.05
    assert float(np.abs(wide.width_residual - wide.width_frozen).max()) < 0.25
    assert float(wide.width_movement_ratio.max()) < 1
    assert 0 < float(wide.width_flipped.max()) < 0.2


def test_step_size_keeps_the_sharpest_mode_stable(record):
    sharpness = record.curve_step_size * record.curve_lambda_max
    assert float(sharpness.max()) <= 1.5 + 1e-12
    assert float((record.curve_step_size * 16).max()) <= 10 + 1e-12


def test_spectrum_holds_the_trace_and_the_labels_energy(record):
    row = record.sel(data="digits")
    assert float(row.eigenvalue.sum()) == pytest.approx(24 / 2, rel=1e-12)
    for kind in ("true", "random"):
        assert float((row[f"{kind}_projection"] ** 2).sum()) == pytest.approx(24, rel=1e-12)
    np.testing.assert_allclose(row.true_share.sel(fraction=0.1), (row.true_projection[:3] ** 2).sum() / 24)


@pytest.mark.parametrize("scale", [1.0, 0.01])
def test_one_cell_agrees_with_a_run_made_by_hand_in_float64(scale):
    config = tiny.config("convergence")
    sample = data.load("digits", n_train=12, n_test=0, rng=convergence.cell_generator(0, 0))
    problem = convergence_runs.problem(config, sample, "cpu")
    found = convergence_runs.short_run(convergence_runs.Cell(scale, 128, "random", 1), config, problem)
    x, y, eta = problem.x, problem.labels["random"], problem.step_size
    rng = convergence.cell_generator(0, convergence_runs._WEIGHTS, 128, 1)
    start = TwoLayer.initialise(x.shape[1], 128, rng, init_scale=scale)
    start = TwoLayer(start.weights.double(), start.output_weights.double())
    steps = found.width_step.values
    path = gradient_descent(
        start,
        x,
        y,
        step_size=eta,
        n_steps=20,
        record_at=range(21),
        observe=lambda now: {"gates": (now.preactivations >= 0).double()},
    )
    errors = []
    for k in steps[np.flatnonzero(np.diff(steps) == 1)]:
        gates = path.observations["gates"][k]
        linear = eta * ((x @ x.T).numpy() * (gates @ gates.T) / 128) @ path.residuals[k]
        errors.append(np.linalg.norm(path.residuals[k] - path.residuals[k + 1] - linear) / np.linalg.norm(linear))
    assert float(found.width_linearisation_error) == pytest.approx(np.median(errors), rel=0.02, abs=1e-4)
    np.testing.assert_allclose(found.width_residual, path.residual_norms[steps] / 12**0.5, rtol=0.01)
    weights = path.network.weights
    drift = float(torch.linalg.matrix_norm(empirical_gram(x, weights) - empirical_gram(x, start.weights)))
    assert float(found.width_gram_drift) == pytest.approx(drift, rel=0.02)
    assert float(found.width_feature_drift) == pytest.approx(feature_distance(x, weights, start.weights), rel=0.02)
