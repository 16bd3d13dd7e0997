"""Trials, grids that grow, and contests that any process can make again."""

import numpy as np
import pytest
import xarray as xr

from ntkbook.experiments.lab import Lab
from ntkbook.experiments.three_layer_learning import tuning
from ntkbook.experiments.three_layer_learning.learners import KINDS
from ntkbook.experiments.three_layer_learning.targets import task
from ntkbook.streams import Streams
from ntkbook.tuning import EdgeError

SETTINGS = tuning.Settings(60, 20)
AXES = {"step": (0.1, 1.0, 10.0), "decay": (0.0, 1e-5, 1e-3), "rise": (1.0, 3.0, 10.0)}


def table(axes, targets=("composed",), widths=(10,), won=(1.0, 0.0, 3.0)):
    """Trials of which one has the least validation error."""
    shape = [len(KINDS), len(targets), len(widths), *(len(values) for values in axes.values())]
    names = ("learner", "target", "width", *axes)
    coords = {
        "learner": list(KINDS),
        "target": list(targets),
        "width": list(widths),
        **{k: list(v) for k, v in axes.items()},
    }
    values = {name: (names, np.ones(shape)) for name in ("validation_error", "train_error", "slope", "target_variance")}
    found = xr.Dataset(values, coords)
    found.validation_error.loc[dict(zip(axes, won, strict=True))] = 0.5
    return found


def lab():
    return Lab(0, device="cpu", n_jobs=1, store=None)


def test_a_contest_is_made_again_from_plain_numbers():
    tuned = tuning.Tuned.of(table(AXES), SETTINGS, "composed", 10)
    contest = tuned.contest(Streams(0))
    assert set(contest.choices) == set(KINDS)
    assert contest.choices["3 layers"].settings == {"step": 1.0, "decay": 0.0, "rise": 3.0}
    assert contest.choices["3 layers"].winner.task == task("composed", 60, tuning.DRAW, Streams(0))
    assert tuned.n_trials == 27


@pytest.mark.parametrize(
    ("won", "end"),
    [((0.1, 0.0, 3.0), ("step", False)), ((1.0, 1e-3, 3.0), ("decay", True)), ((1.0, 0.0, 10.0), ("rise", True))],
)
def test_ends_are_those_that_the_harness_refuses(won, end):
    assert tuning.Tuned.of(table(AXES, won=won), SETTINGS, "composed", 10).ends(Streams(0)) == {end}
    assert not tuning.Tuned.of(table(AXES), SETTINGS, "composed", 10).ends(Streams(0))


def test_a_grid_grows_for_all_learners_where_one_winner_is_at_its_end(monkeypatch):
    asked = []

    def pretend(_lab, axes, _settings, targets, widths):
        asked.append(axes)
        found = table(axes, targets, widths)
        if len(axes["step"]) == 3:
            found.validation_error.loc[{"learner": "2 layers", "step": 10.0, "decay": 0.0, "rise": 3.0}] = 0.1
        return found

    monkeypatch.setattr(tuning, "try_out", pretend)
    found = tuning.try_wider(lab(), AXES, SETTINGS, ["composed"], [10])
    assert found.step.values == pytest.approx([0.1, 1.0, 10.0, 10**1.5])
    assert [len(axes["rise"]) for axes in asked] == [3, 3]


def test_a_winner_that_runs_away_is_refused(monkeypatch):
    def pretend(_lab, axes, _settings, targets, widths):
        return table(axes, targets, widths, won=(axes["step"][-1], 0.0, 3.0))

    monkeypatch.setattr(tuning, "try_out", pretend)
    with pytest.raises(EdgeError, match="found them at ends of step; start wider"):
        tuning.try_wider(lab(), AXES, SETTINGS, ["composed"], [10])


def test_settings_come_from_the_widest_place_that_is_not_wider_on_the_target_if_there_is_one():
    places = [tuning.Tuned.of(table(AXES, widths=(m,)), SETTINGS, "composed", m) for m in (50, 200)]
    odd = tuning.Tuned.of(table(AXES, targets=("odd",), widths=(100,)), SETTINGS, "odd", 100)
    chosen = [tuning.nearest([*places, odd], "composed", m).width for m in (20, 50, 199, 200, 2000)]
    assert chosen == [50, 50, 50, 200, 200]
    assert tuning.nearest([*places, odd], "odd", 2000) == odd
    assert tuning.nearest([*places, odd], "even", 300) == places[1]


def test_a_net_that_diverged_has_infinite_errors():
    axes = (("step", (0.1, 1.0, 1e9)), ("decay", (0.0, 1e-5, 1e-3)), ("rise", (1.0, 3.0, 10.0)))
    found = tuning.measure(tuning.Cell("2 layers", "odd", 10), SETTINGS, axes, Streams(0), "cpu")
    assert bool(np.isinf(found.validation_error.sel(step=1e9)).all())
    assert bool(np.isfinite(found.validation_error.sel(step=0.1)).all())
    assert not any(bool(np.isnan(values).any()) for values in found.values())
