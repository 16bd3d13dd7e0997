"""Laws of tuned learners and of the split by parity."""

import numpy as np
import pytest
from rooms import tiny_record

from ntkbook import data
from ntkbook.experiments.two_layer_learning import parity
from ntkbook.streams import Streams
from ntkbook.training import Convergence
from ntkbook.tuning import EdgeError, Fit, Grid, Task

X = data.sphere(500, 4, np.random.default_rng(0))


@pytest.fixture
def record():
    return tiny_record("two_layer_learning")


def test_parts_of_a_function_add_up():
    even, odd = parity.split_by_parity(lambda x: x[:, 0] + x[:, 1] ** 2, X)
    assert even == pytest.approx(np.mean(X[:, 1] ** 4))
    assert odd == pytest.approx(np.mean(X[:, 0] ** 2))


def test_parts_of_the_error_add_up_to_about_the_test_error(record):
    for part in ("parity", "kernels"):
        found = record[part].dataset
        np.testing.assert_allclose(found.even + found.odd, found.error, rtol=0.5)


def test_no_learner_without_biases_gets_over_the_wall(record):
    wall = float(record["shares/odd"])
    for part in ("parity", "kernels"):
        odd = record[part].dataset.odd.sel(learner="zero biases")
        assert float(odd.min()) > 0.75 * wall  # 100 pairs tell the target's variance to a few percent
    assert float(record["kernels/odd"].sel(learner=["drawn biases", "constant coordinate"]).max()) < 0.9 * wall


def test_trials_of_the_record_are_those_that_decided(record):
    found = record["parity"].dataset
    for place in np.ndindex(found.chosen_step.shape):
        trials, chosen = found.trials.values[place], float(found.chosen_step.values[place])
        if chosen in found.step:
            assert float(found.step[np.argmin(trials)]) == chosen
            assert trials.min() == pytest.approx(found.validation_error.values[place], rel=1e-3)


def learner(best):
    """Fits whose error is least at one step size."""

    def train(x, y, settings):
        offsets = [abs(np.log10(point["step"] / best)) for point in settings]
        return [
            Fit(lambda z, o=o: np.full(len(z), o), Convergence(float(np.square(o - y).mean()), 0.0, 1.0))
            for o in offsets
        ]

    return train


TASK = Task(lambda rng, n: (rng.standard_normal((n, 2)), np.zeros(n)), 20, 30, 40, Streams(0))


def test_the_grid_grows_for_all_until_every_winner_is_inside():
    contest = parity.tuned(TASK, {"a": learner(1.0), "b": learner(100.0)}, Grid({"step": (0.1, 1.0, 10.0)}))
    assert {name: choice.settings["step"] for name, choice in contest.choices.items()} == pytest.approx(
        {"a": 1.0, "b": 100.0}
    )
    assert [len(choice.trials) for choice in contest.choices.values()] == [7, 7]


def test_a_grid_that_never_holds_the_winner_is_refused():
    with pytest.raises(EdgeError, match="grid: expected the winner inside"):
        parity.tuned(TASK, {"a": learner(1e9)}, Grid({"step": (0.1, 1.0, 10.0)}))


def test_a_grid_grows_at_both_ends_but_not_below_zero():
    grown = parity.grown(Grid({"step": (0.1, 1.0, 10.0), "decay": (0.0, 1.0, 2.0)}))
    assert grown.axes["step"] == pytest.approx((0.01, 0.1, 1.0, 10.0, 100.0))
    assert grown.axes["decay"] == pytest.approx((0.0, 1.0, 2.0, 4.0))
