"""Laws that the long runs of a tiny run obey."""

import numpy as np
import pytest
from rooms import tiny_record

from ntkbook.records import part


@pytest.fixture
def curves():
    return part(tiny_record("convergence"), "curves")


def test_runs_and_predictions_start_together(curves):
    np.testing.assert_allclose(curves.predicted.isel(step=0), 1, rtol=1e-12)
    np.testing.assert_allclose(curves.horizon_loss.isel(horizon=0), 0.5, rtol=1e-12)
    np.testing.assert_allclose(curves.residual.isel(step=0), 1, atol=0.03)
    assert float(curves.flipped.isel(step=0).max()) == 0


def test_loss_is_half_the_square_of_the_residual(curves):
    np.testing.assert_allclose(curves.loss, curves.residual**2 / 2, rtol=1e-12)


def test_prediction_is_the_same_on_both_grids(curves):
    both = np.intersect1d(curves.step, curves.horizon)
    assert both.size > 5
    np.testing.assert_allclose(
        curves.predicted.sel(step=both) ** 2 / 2, curves.horizon_loss.sel(horizon=both), rtol=1e-12
    )


def test_step_size_keeps_the_sharpest_mode_stable(curves):
    assert float((curves.step_size * curves.lambda_max).max()) <= 1.5 + 1e-12
    assert float((curves.step_size * 16).max()) <= 10 + 1e-12


def test_no_neuron_moves_farther_than_all_together(curves):
    assert bool((curves.neuron_movement <= curves.movement).all())
    assert bool((curves.movement <= 64**0.5 * curves.neuron_movement).all())
