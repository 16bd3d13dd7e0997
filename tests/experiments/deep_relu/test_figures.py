import numpy as np
import pytest
from drawing import book_style, keeps_the_rules, lines, shows  # noqa: F401
from rooms import tiny_record

from ntkbook import adversarial
from ntkbook.experiments.deep_relu import figures

IMAGES, SPHERE = "scikit-learn", "uniform on the sphere"
FIGURES = {
    figures.constant_along_training: (2, IMAGES),
    figures.margin_against_n: (2, "sphere in 5 dimensions without"),
    figures.movement_against_width: (2, IMAGES),
    figures.cost_of_small_errors: (2, IMAGES),
    figures.large_steps: (1, IMAGES),
    figures.gap_and_flips: (2, SPHERE),
    figures.antipodal: (2, SPHERE),
}


@pytest.fixture
def record():
    return tiny_record("deep_relu")


@pytest.mark.parametrize("draw", FIGURES)
def test_figure_keeps_the_rules(draw, record):
    seeds, source = FIGURES[draw]
    keeps_the_rules(draw, record, seeds=seeds, source=source)


def level(axes, height):
    """Whether a line is drawn at one height all over."""
    return any(np.allclose(line[:, 1], height) for line in lines(axes))


def test_constant_is_drawn_over_time_beside_the_margins_at_both_ends(record):
    long = record["long"].dataset.isel(width=0).mean("seed")
    for axes, depth in zip(figures.constant_along_training(record).axes, (1, 2), strict=True):
        for task in long.task:
            run = long.sel(task=task, depth=depth)
            assert shows(axes, 16 * run.step[1:], run.constant[1:])
            assert level(axes, run.certificate)
            assert shows(axes, [16 * run.step[-1] * 1.25], [run.certificate_end])


def test_margins_and_what_the_proofs_give_are_drawn_over_n(record):
    margins = record["certificates"].dataset.mean("seed")
    for axes, depth in zip(figures.margin_against_n(record).axes, (1, 2), strict=True):
        for task in margins.task:
            row = margins.sel(depth=depth, task=task)
            assert shows(axes, row.n, row.certificate)
            assert shows(axes, row.n, row.proof)


def test_movement_is_that_of_the_last_step(record):
    runs, (axes,) = record["widths"].dataset, figures.movement_against_width(record).axes
    for depth in runs.depth:
        for task in runs.task:
            last = runs.movement.sel(depth=depth, task=task).isel(step=-1).mean("seed")
            assert shows(axes, runs.width, last)


def test_costs_are_drawn_where_all_seeds_got_there(record):
    long = record["long"].dataset.isel(width=0).sel(task="true")
    for axes, name in zip(figures.cost_of_small_errors(record).axes, ("time_to", "movement_at"), strict=True):
        for depth in long.depth:
            mean = long[name].sel(depth=depth).mean("seed")
            (drawn,) = [line for line in lines(axes) if len(line) == len(mean) and np.nanmin(line[:, 1]) == mean.min()]
            np.testing.assert_allclose(drawn[:, 1], mean.where(np.isfinite(mean)))


def test_large_steps_show_every_step_and_the_best(record):
    runs, (axes,) = record["large_steps"].dataset.isel(seed=0), figures.large_steps(record).axes
    for rate in runs.rate:
        run = runs.sel(rate=rate)
        assert shows(axes, run.step, run.surrogate)
        assert shows(axes, [run.best_step], [run.surrogate.sel(step=run.best_step)])


def test_gaps_and_flips_are_drawn_beside_the_derived_constants(record):
    nets = record["linearity"].dataset.sel(depth=1, width=1024).mean("seed")
    upper, lower = figures.gap_and_flips(record).axes
    for axes, name, unit in ((upper, "gap", 32), (lower, "flips", 1024)):
        for variable in (name, f"adversarial_{name}"):
            assert shows(axes, nets.tau, nets[variable] / unit)
    assert shows(upper, nets.tau, nets.gap_printed / 32)
    assert shows(upper, nets.tau, adversarial.GAP * nets.tau ** (4 / 3))
    assert shows(lower, nets.tau, adversarial.FLIPS * nets.tau ** (2 / 3))


def test_antipodal_shows_the_floor_of_logistic_regression_and_margins_where_there_are_some(record):
    runs = record["antipodal"].dataset.mean("seed")
    upper, lower = figures.antipodal(record).axes
    assert level(upper, runs.least_linear_loss.sel(depth=1))
    assert level(lower, runs.certificate.sel(depth=2))
    for depth in (1, 2):
        assert shows(upper, 16 * runs.step[1:], runs.loss.sel(depth=depth)[1:])
        assert shows(lower, 16 * runs.step[1:], runs.constant.sel(depth=depth)[1:])
