"""Laws that the runs of a tiny experiment obey."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from rooms import tiny_record

from ntkbook.experiments.deep_relu import descent


@pytest.fixture(params=["widths", "long"])
def runs(request):
    return tiny_record("deep_relu")[request.param].to_dataset()


def path(errors, rate=16.0, width=32) -> Any:
    network = SimpleNamespace(widths=(width, 2 * width))
    return SimpleNamespace(surrogate_errors=np.array(errors), step_size=rate / width, network=network)


@pytest.mark.parametrize(
    ("level", "time"),
    [(0.6, 0), (0.5, 0), (0.5 / 2**0.5, 8), (0.25, 16), (0.125, 32), (0.1, np.inf)],
)
def test_first_time_is_read_on_a_log_scale_between_steps_of_size_eta_m(level, time):
    """The error halves with each step, and comes back up in the end."""
    assert descent.first_time(path([0.5, 0.25, 0.125, 0.3]), level) == pytest.approx(time)


def test_gradients_are_never_below_the_certificate_of_the_features_of_their_step(runs):
    """At W(0) and at W(K), where the margin of the features is computed."""
    assert bool((runs.constant.isel(step=0) >= runs.certificate * (1 - 1e-5)).all())
    assert bool((runs.constant.isel(step=-1) >= runs.certificate_end * (1 - 1e-5)).all())
    assert bool((runs.certificate > 0).all())


def test_the_last_layer_is_one_of_all_and_a_gradient_of_the_loss_a_mean_of_gradients(runs):
    assert bool((runs.constant <= runs.largest * (1 + 1e-6)).all())
    assert bool((runs.largest.isel(step=0) <= runs.gradient_start * (1 + 1e-6)).all())
    shallow = runs.sel(depth=1)
    np.testing.assert_allclose(shallow.constant, shallow.largest)


def test_movement_begins_at_zero_and_is_read_where_a_level_is_reached(runs):
    assert bool((runs.movement.isel(step=0) == 0).all())
    assert bool((runs.flipped.isel(step=0) == 0).all())
    reached = np.isfinite(runs.time_to)
    assert bool((np.isfinite(runs.movement_at) == reached).all())
    assert bool((runs.movement_at.where(reached, 0) <= runs.movement.max("step") * (1 + 1e-9)).all())
    run = runs.sel(task="true", depth=2, seed=1).isel(width=0)
    times = 16 * run.step
    np.testing.assert_allclose(np.interp(run.time_to[:2], times, run.movement), run.movement_at[:2])


def test_later_levels_take_longer(runs):
    assert bool((runs.time_to.fillna(np.inf).values[..., 1:] >= runs.time_to.values[..., :-1]).all())


def test_losses_are_those_of_the_margins(runs):
    assert bool((runs.error <= runs.ramp + 1e-6).all())
    assert bool((runs.loss.isel(step=-1) < runs.loss.isel(step=0)).all())
