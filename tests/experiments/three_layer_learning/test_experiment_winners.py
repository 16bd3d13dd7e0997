"""Settings of nets come from trials of this run or from those of the committed record, and are the same choices."""

from dataclasses import replace

import numpy as np
import pytest

from ntkbook import records
from ntkbook.experiments.lab import Lab
from ntkbook.experiments.three_layer_learning import experiment_winners, tuning
from ntkbook.experiments.three_layer_learning.config_figure import FIGURE
from ntkbook.experiments.three_layer_learning.learners import KINDS
from ntkbook.streams import Streams

from .tiny import FIGURE as TINY

OTHERS = ["even", "odd", "additive", "harmonic 1", "harmonic 3"]


def lab():
    return Lab(0, device="cpu", n_jobs=1, store=None)


def test_winners_of_the_record_are_the_least_validation_errors_in_its_table():
    tables, found = experiment_winners.recorded(lab(), OTHERS)
    on_f = [place for place in found if place.target == experiment_winners.F]
    assert [place.width for place in on_f] == [50, 200]
    for place in on_f:
        contest = place.contest(Streams(0))
        for name in KINDS:
            errors = tables["tuning"].validation_error.sel(learner=name, width=place.width)
            least = errors.isel(errors.argmin(list(contest.choices[name].settings)))
            assert float(least) == float(np.min(errors))
            for axis, value in contest.choices[name].settings.items():
                assert float(least[axis]) == value


def test_other_targets_bring_their_own_winners_but_for_those_at_the_end_of_a_grid():
    tables, found = experiment_winners.recorded(lab(), OTHERS)
    own = {place.target for place in found} - {experiment_winners.F}
    assert own
    for name in OTHERS:
        place = tuning.Tuned.of(
            tables["target_tuning"].expand_dims(width=[200]), FIGURE["laptop"].target_trials, name, 200
        )
        assert (name in own) == (not place.ends(Streams(0)))


def test_without_a_record_something_must_be_tuned(monkeypatch):
    monkeypatch.setattr(records, "load_best", lambda _: None)
    with pytest.raises(ValueError, match="tuned_widths: expected some where no record is committed"):
        experiment_winners.recorded(lab(), OTHERS)


def test_what_is_searched_here_is_what_the_tables_hold():
    config = replace(TINY, nets=replace(TINY.nets, n_steps=20), target_nets=replace(TINY.target_nets, n_steps=10))
    tables, found = experiment_winners.search(lab(), config, ["even"])
    assert dict(tables["tuning"].sizes) == {"learner": 4, "width": 1, "step": 3, "decay": 3, "rise": 3}
    assert found[0] == tuning.Tuned.of(
        tables["tuning"].expand_dims(target=[experiment_winners.F]), config.trials, experiment_winners.F, 20
    )
