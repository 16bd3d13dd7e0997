"""The rules of a fair comparison, and attempts to get round each of them."""

from dataclasses import fields, replace

import numpy as np
import pytest

from ntkbook.streams import Streams
from ntkbook.training import Convergence
from ntkbook.tuning import Choice, Contest, EdgeError, Fit, Grid, NotConvergedError, Task, Trial

D = 3
BETA = np.array([1.0, -2.0, 0.5])


def draw(rng, n):
    x = rng.standard_normal((n, D))
    return x, x @ BETA + 0.3 * x[:, 0] ** 2


TASK = Task(draw, n_train=20, n_validation=50, n_test=400, streams=Streams(7))
RIDGES = Grid({"ridge": (1e-6, 0.1, 1.0, 10.0)})


def ridge(x, y, settings):
    """Ridge regression; with a shrinkage as well if there is one in the settings."""
    fits = []
    for point in settings:
        gram = x.T @ x + point["ridge"] * np.eye(D)
        beta = np.linalg.solve(gram, x.T @ y) * (1 - point.get("shrink", 0.0))
        error = float(np.square(x @ beta - y).mean())
        fits.append(Fit(lambda z, beta=beta: z @ beta, Convergence(error, 0.0, float(y.var()))))
    return fits


def trials(errors, task=TASK, convergence=None):
    """Trials with these validation errors at the points of RIDGES."""
    found = Convergence(0.0, 0.0, 1.0) if convergence is None else convergence
    pairs = zip(RIDGES.points, errors, strict=True)
    return tuple(Trial(tuple(point.items()), error, found, task) for point, error in pairs)


GOOD = trials([3.0, 1.0, 2.0, 4.0])


def tuned():
    return Choice(RIDGES, tuple(TASK.trials(ridge, RIDGES.points)))


def test_the_whole_way():
    choice = tuned()
    errors = {dict(trial.settings)["ridge"]: trial.validation_error for trial in choice.trials}
    assert errors[choice.settings["ridge"]] == min(errors.values())
    result = Contest({"ridge": choice}).result("ridge", ridge)
    x, y = draw(TASK.streams("test"), 400)
    (fit,) = ridge(*draw(TASK.streams("train"), 20), [choice.settings])
    np.testing.assert_allclose(result.test_error, np.square(fit.predict(x) - y).mean(), rtol=1e-12)
    assert result.test_error == result.as_found
    other = Contest({"ridge": choice}).result("ridge", ridge, replace(TASK, key=(1,)))
    assert other.settings == result.settings
    assert other.test_error != result.test_error


# Three streams that cannot share seeds


def test_three_sets_come_from_three_streams_and_a_key():
    sets = [TASK._set(purpose, 10)[0] for purpose in ("train", "validation", "test")]
    sets += [replace(TASK, key=(1,))._set("train", 10)[0], replace(TASK, streams=Streams(8))._set("train", 10)[0]]
    assert len({points.tobytes() for points in sets}) == 5
    assert not {"seed", "seeds", "rng"} & {field.name for field in fields(Task)}


def test_a_draw_that_seeds_itself_shares_points_and_is_refused():
    task = replace(TASK, draw=lambda rng, n: draw(np.random.default_rng(0), n))
    with pytest.raises(ValueError, match="draw: expected train and validation inputs to be apart, found 20 in both"):
        task.trials(ridge, RIDGES.points)


def test_a_pool_from_which_sets_overlap_is_refused():
    pool = np.random.default_rng(0).standard_normal((450, D))
    task = replace(TASK, draw=lambda rng, n: (points := rng.permutation(pool)[:n], points @ BETA))
    with pytest.raises(ValueError, match="draw: expected train and validation inputs to be apart"):
        task.trials(ridge, RIDGES.points)


def test_a_test_set_made_of_training_points_is_refused():
    def leaky(rng, n):
        return draw(np.random.default_rng(0) if n in (20, 400) else rng, n)

    task = replace(TASK, draw=leaky)
    choice = Choice(RIDGES, trials([3.0, 1.0, 2.0, 4.0], task))
    with pytest.raises(ValueError, match="draw: expected train and test inputs to be apart, found 20 in both"):
        Contest({"ridge": choice}).result("ridge", ridge)


def test_a_draw_with_a_state_could_roll_the_test_set_again_and_is_refused():
    state = np.random.default_rng(0)
    with pytest.raises(ValueError, match="draw: expected the same data from the same generator, found others"):
        replace(TASK, draw=lambda rng, n: draw(state, n))


def test_noise_is_on_training_and_validation_targets_only():
    noisy = replace(TASK, label_noise=0.5)
    for purpose, changed in (("train", True), ("validation", True), ("test", False)):
        (x, y), (x_noisy, y_noisy) = TASK._set(purpose, 4000), noisy._set(purpose, 4000)
        np.testing.assert_array_equal(x, x_noisy)
        assert abs((y_noisy - y).std() - 0.5 * changed) < 0.02


# Test error out of reach until the choice is made


def test_nothing_before_a_contest_draws_or_holds_a_test_set():
    asked = []

    def spy(rng, n):
        asked.append(n)
        return draw(rng, n)

    task = replace(TASK, draw=spy)
    choice = Choice(RIDGES, tuple(task.trials(ridge, RIDGES.points)))
    contest = Contest({"ridge": choice})
    assert 400 not in asked
    for seen in (task, choice.trials[0], choice, contest):
        assert not [name for name in dir(seen) if "test" in name.lower() and name != "n_test"]
    contest.result("ridge", ridge)
    assert 400 in asked


def test_a_learner_is_handed_the_training_set_alone():
    seen = []

    def watching(x, y, settings):
        seen.append((len(x), len(y)))
        return ridge(x, y, settings)

    Contest({"ridge": Choice(RIDGES, tuple(TASK.trials(watching, RIDGES.points)))}).result("ridge", watching)
    assert seen == [(20, 20)] * 2


def test_the_winner_is_trained_with_the_settings_of_the_choice_and_no_others():
    asked = []

    def watching(x, y, settings):
        asked.extend(settings)
        return ridge(x, y, settings)

    result = Contest({"ridge": Choice(RIDGES, GOOD)}).result("ridge", watching)
    assert asked == [{"ridge": 0.1}] == [result.settings]


# The choice is made by validation, from the whole grid


@pytest.mark.parametrize(
    ("tried", "message"),
    [
        (GOOD[:-1], "expected one for each of the 4 points of the grid, found 3, with 1 points missing"),
        ((*GOOD, GOOD[1]), "found 5, with 0 points missing and 1 trials repeated"),
        ((*GOOD[:-1], GOOD[1]), "found 4, with 1 points missing and 1 trials repeated"),
        ((*GOOD[:-1], replace(GOOD[0], settings=(("ridge", 0.5),))), "found 4, with 1 points missing and 1 trials"),
        ((), "expected at least one entry, found none"),
    ],
)
def test_trials_left_out_repeated_or_made_up_are_refused(tried, message):
    with pytest.raises(ValueError, match=f"trials: .*{message}"):
        Choice(RIDGES, tried)


def test_trials_on_another_task_are_refused():
    easier = replace(TASK, key=(1,))
    with pytest.raises(ValueError, match="trials: expected all of them on one task"):
        Choice(RIDGES, (*GOOD[:-1], replace(GOOD[-1], task=easier)))


def test_a_learner_that_diverged_loses_and_one_that_always_does_is_refused():
    choice = Choice(RIDGES, trials([np.inf, 1.0, 2.0, np.inf]))
    assert choice.settings == {"ridge": 0.1}
    with pytest.raises(ValueError, match="trials: expected one that did not diverge, found none"):
        Choice(RIDGES, trials([np.inf] * 4))
    (lost, nan) = TASK.trials(
        lambda x, y, settings: [None, Fit(lambda z: np.where(len(z) == 20, y[0], np.nan), _honest(y))],
        RIDGES.points[:2],
    )
    assert lost.validation_error == nan.validation_error == np.inf
    assert lost.convergence.starved


def _honest(y):
    return Convergence(float(np.square(y[0] - y).mean()), 0.0, float(y.var()))


def test_neighbours_are_one_step_off_along_one_axis():
    grid = Grid({"step": (0.1, 0.3, 1.0), "decay": (0.0, 1e-6, 1e-5)})
    errors = {(0.3, 0.0): 0.5}
    tried = tuple(
        Trial(tuple(sorted(point.items())), errors.get((point["step"], point["decay"]), 1.0), GOOD[0].convergence, TASK)
        for point in grid.points
    )
    choice = Choice(grid, tried)
    assert choice.settings == {"step": 0.3, "decay": 0.0}
    assert choice.neighbours == [
        {"step": 0.1, "decay": 0.0},
        {"step": 1.0, "decay": 0.0},
        {"step": 0.3, "decay": 1e-6},
    ]


# A winner on the edge of its grid


@pytest.mark.parametrize(
    ("name", "values", "best", "refused"),
    [
        ("step", (0.1, 0.3, 1.0), 0.1, True),
        ("step", (0.1, 0.3, 1.0), 1.0, True),
        ("step", (0.1, 0.3, 1.0), 0.3, False),
        ("decay", (0.0, 1e-6, 1e-5), 0.0, False),  # nothing lies below 0
        ("decay", (0.0, 1e-6, 1e-5), 1e-5, True),
        ("ridge", (0.1, 0.3, 1.0), 0.1, False),
        ("ridge", (0.1, 0.3, 1.0), 1.0, True),
    ],
)
def test_a_winner_on_the_edge_is_refused_but_for_zero_and_the_lower_end_of_ridge(name, values, best, refused):
    grid = Grid({name: values})
    tried = tuple(Trial(((name, value),), float(value != best), GOOD[0].convergence, TASK) for value in values)
    if refused:
        with pytest.raises(EdgeError, match=f"grid: expected the winner inside, found {name} = {best:g} at an end"):
            Choice(grid, tried)
    else:
        assert Choice(grid, tried).settings == {name: best}


@pytest.mark.parametrize("values", [(0.1,), (0.1, 0.3), (0.3, 0.1, 1.0), (0.1, 0.1, 1.0), (-1.0, 0.0, 1.0)])
def test_a_grid_with_no_inside_is_refused(values):
    with pytest.raises(ValueError, match="axes: expected step to have 3 increasing values"):
        Grid({"step": values})
    with pytest.raises(ValueError, match="axes: expected at least one"):
        Grid({})


# The same number of trials for each learner


def test_a_learner_with_more_trials_or_another_task_is_refused():
    grid = Grid({"ridge": (0.01, 0.1, 1.0)})
    fewer = Choice(grid, tuple(TASK.trials(ridge, grid.points)))
    with pytest.raises(ValueError, match="the same number of trials for each learner, found 4 for one, 3 for other"):
        Contest({"one": Choice(RIDGES, GOOD), "other": fewer})
    with pytest.raises(ValueError, match="the same number of trials for each learner, found none"):
        Contest({})
    elsewhere = Choice(RIDGES, trials([3.0, 1.0, 2.0, 4.0], replace(TASK, n_train=40)))
    with pytest.raises(ValueError, match="choices: expected all learners tuned on one task"):
        Contest({"one": Choice(RIDGES, GOOD), "other": elsewhere})
    with pytest.raises(ValueError, match="name: expected one of one, found 'other'"):
        Contest({"one": Choice(RIDGES, GOOD)}).result("other", ridge)


# Nobody compares a converged learner with a starved one


@pytest.mark.parametrize("slope", [-0.5, np.nan])
def test_a_starved_result_has_no_test_error(slope):
    def starved(x, y, settings):
        return [replace(fit, convergence=replace(fit.convergence, slope=slope)) for fit in ridge(x, y, settings)]

    choice = Choice(
        Grid({"ridge": (1.0, 10.0, 100.0)}), tuple(TASK.trials(starved, [{"ridge": r} for r in (1.0, 10.0, 100.0)]))
    )
    result = Contest({"ridge": choice}).result("ridge", starved)
    assert result.convergence.starved
    with pytest.raises(NotConvergedError, match=r"not converged: .*found train error .* with slope .* train it longer"):
        _ = result.test_error
    assert result.as_found > 0


@pytest.mark.parametrize(("gain", "settled"), [(1e-6, True), (0.04, True), (0.2, False)])
def test_a_starved_learner_counts_if_four_times_the_training_leaves_validation_where_it_is(gain, settled):
    """Predictions of `trained` are worse by a constant; four times the training takes a share `gain` of it off."""

    def trained(loss):
        def train(x, y, settings):
            fits = ridge(x, y, settings)
            return [
                Fit(
                    lambda z, fit=fit: fit.predict(z) + loss,
                    Convergence(float(np.square(fit.predict(x) + loss - y).mean()), -0.5, float(y.var())),
                )
                for fit in fits
            ]

        return train

    contest = Contest({"ridge": Choice(RIDGES, GOOD)})
    short, long = trained(100.0), trained(100.0 * (1 - gain) ** 0.5)
    assert not contest.result("ridge", short).settled
    result = contest.result("ridge", short, longer=long)
    assert result.settled == settled
    np.testing.assert_allclose(result.validation_error_longer / result.validation_error, 1 - gain, atol=0.01)
    if settled:
        assert result.test_error == result.as_found > 1000
    else:
        with pytest.raises(NotConvergedError, match="not converged"):
            _ = result.test_error
    for no_longer in (short, trained(101.0), lambda x, y, settings: [None]):  # the same, less, diverged
        assert not contest.result("ridge", short, longer=no_longer).settled


def test_a_learner_that_makes_its_train_error_smaller_is_refused():
    def boasting(x, y, settings):
        return [replace(fit, convergence=replace(fit.convergence, train_error=0.0)) for fit in ridge(x, y, settings)]

    with pytest.raises(ValueError, match=r"convergence: expected the train error of the fit, .*, found 0"):
        TASK.trials(boasting, RIDGES.points)
    with pytest.raises(ValueError, match="convergence: expected the train error of the fit"):
        Contest({"ridge": Choice(RIDGES, GOOD)}).result("ridge", boasting)


@pytest.mark.parametrize(
    ("changes", "message"), [({"n_test": 0}, "n_test: expected"), ({"label_noise": -1.0}, "label_noise: expected")]
)
def test_bad_tasks_are_refused_by_name(changes, message):
    with pytest.raises(ValueError, match=message):
        replace(TASK, **changes)
