import numpy as np
import pytest
from drawing import book_style, keeps_the_rules, shows  # noqa: F401
from rooms import tiny_record

from ntkbook.experiments.generalization import figures


def error_against_noise(record):
    return figures.error_against_noise(record, "digits")


def movement_against_noise(record):
    return figures.movement_against_noise(record, "digits")


FIGURES = {
    figures.measure_against_noise: 3,
    error_against_noise: 2,
    movement_against_noise: 2,
    figures.against_width: 3,
    figures.rademacher_terms: 3,
    figures.close_pair: 1,
}


@pytest.fixture
def record():
    return tiny_record("generalization")


@pytest.mark.parametrize("draw", FIGURES)
def test_figure_keeps_the_rules(draw, record):
    keeps_the_rules(draw, record, seeds=FIGURES[draw], source="digits (1,797 images")


def test_stamp_counts_the_draws_that_were_run_on_a_data_set(record):
    nets = record["nets"].dataset
    record["nets/measured"] = (nets.draw == 0).broadcast_like(nets.steps)
    for draw in (error_against_noise, movement_against_noise):
        assert "1 seed\n" in draw(record).get_supxlabel()


def test_bands_go_from_the_least_to_the_largest_draw(record):
    axes, loss = error_against_noise(record).axes[0], record["nets"].dataset.l1.sel(data="digits")
    edges = {(float(p), float(v)) for p in loss.portion for v in (loss.sel(portion=p).min(), loss.sel(portion=p).max())}
    band = np.asarray(axes.collections[0].get_paths()[0].vertices)
    assert {(x, y) for x, y in band} == edges
    assert shows(axes, loss.portion, loss.mean("draw"))


def test_noise_figures_show_the_mean_losses_movement_and_measure(record):
    nets = record["nets"].dataset.sel(data="digits").mean("draw")
    left, right = error_against_noise(record).axes
    assert shows(left, nets.portion, nets.l1)
    assert shows(left, nets.portion, nets.error)
    assert shows(right, nets.portion, nets.measure)
    square = record["square"].dataset.sel(data="digits").isel(draw=0)
    assert shows(left, square.portion, square.l1)
    assert shows(left, square.portion, square.error)
    top, bottom = movement_against_noise(record).axes
    assert shows(top, nets.portion, nets.movement)
    assert shows(top, nets.portion, nets.norm)
    assert shows(top, nets.portion, nets.linear_movement)
    assert shows(bottom, nets.portion, nets.neuron_movement)


def test_measure_against_noise_shows_the_mean_over_draws_and_the_closed_form(record):
    measures, (axes,) = record["measures"].dataset.sel(data="digits"), figures.measure_against_noise(record).axes
    assert shows(axes, measures.portion, measures.measure.mean("seed"))
    assert shows(axes, measures.portion, measures.expected)


def test_width_figures_show_every_scale_and_kind_of_labels(record):
    balls = record["balls"].dataset
    shown = (balls.neuron_movement, balls.low_movement / balls.low_linear_movement, balls.ramp)
    for axes, values in zip(figures.against_width(record).axes, shown, strict=True):
        for scale in balls.init_scale:
            for kind in balls.labels:
                assert shows(axes, balls.width, values.sel(init_scale=scale, labels=kind).mean("seed"))
    first = figures.against_width(record).axes[0]
    typical = (balls.movement / balls.width**0.5).mean("seed")
    assert all(shows(first, balls.width, typical.sel(labels=kind, init_scale=1.0)) for kind in balls.labels)
    for axes, scale in zip(figures.rademacher_terms(record).axes, balls.init_scale, strict=True):
        row = balls.sel(init_scale=scale, labels="random").mean("seed")
        for variable in ("bound", "linear_term", "linear", "ascended"):
            assert shows(axes, balls.width, row[variable])
        assert shows(axes, balls.width, row.jensen + row.flips_counted)
        assert shows(axes, balls.width, row.jensen + row.flips_capped)


def test_close_pair_shows_the_measure_its_law_and_the_steps(record):
    pairs, (top, middle, bottom) = record["pairs"].dataset, figures.close_pair(record).axes
    assert shows(top, pairs.angle, pairs.measure)
    assert shows(top, pairs.angle, np.sqrt(8 * np.pi / 11 / pairs.angle))
    assert shows(middle, pairs.angle, pairs.error)
    assert shows(bottom, pairs.angle, pairs.steps)
    assert shows(bottom, pairs.angle, pairs.linear_steps)
