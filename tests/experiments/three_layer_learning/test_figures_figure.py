import numpy as np
import pytest
from drawing import book_style, keeps_the_rules, lines, shows  # noqa: F401
from rooms import tiny_record

from ntkbook.experiments.three_layer_learning import figures
from ntkbook.experiments.three_layer_learning.readings_figure import VARIANCE

FIGURES = (
    figures.error_against_width,
    figures.error_against_size,
    figures.parity_bars,
    figures.starvation,
    figures.harmonic,
)


@pytest.fixture
def record():
    return tiny_record("three_layer_learning")


@pytest.mark.parametrize("draw", FIGURES)
def test_figure_keeps_the_rules(draw, record):
    keeps_the_rules(draw, record, seeds=2, source="uniform on the sphere")


def test_width_figure_has_trained_nets_above_and_linear_ones_with_their_limits_below(record):
    top, bottom = figures.error_against_width(record).axes
    nets, linear = record["widths"].dataset, record["linear_widths"].dataset
    for name in nets.learner.values:
        assert shows(top, nets.width, VARIANCE * nets.test_error.sel(learner=name).mean("seed"))
    for name in ("3 layers (last)", "2 layers (last)", "3 layers (NTK)", "2 layers (NTK)"):
        assert shows(bottom, linear.width, VARIANCE * linear.test_error.sel(learner=name).mean("seed"))
    gaussian = VARIANCE * record["kernels"].dataset.test_error.sel(learner="Gaussian", n=80).mean("seed")
    assert any(np.allclose(line[:, 1], gaussian) for line in lines(bottom))


def test_size_figure_shows_kernels_where_they_were_measured(record):
    top, bottom = figures.error_against_size(record).axes
    nets, kernels = record["sizes"].dataset, record["kernels"].dataset
    assert shows(top, nets.n, VARIANCE * nets.test_error.sel(learner="3 layers").mean("seed"))
    assert shows(bottom, kernels.n, VARIANCE * kernels.test_error.sel(learner="Gaussian").mean("seed"))
    wide = record["wide_sizes"].dataset
    assert list(wide.learner.values) == ["3 layers", "2 layers"]
    for name in wide.learner.values:
        assert shows(top, wide.n, VARIANCE * wide.test_error.sel(learner=name).mean("seed"))


def test_parity_bars_add_up_to_the_error_on_fresh_points(record):
    (axes,) = figures.parity_bars(record).axes
    even, odd = ([bar.get_height() for bar in bars] for bars in axes.containers)
    nets = record["widths"].dataset.isel(width=-1).mean("seed")
    total = 100 * (nets.even_error + nets.odd_error).sel(learner=[label.replace("\n", " ") for label in LABELS])
    np.testing.assert_allclose(np.add(even, odd), total)


LABELS = ("3 layers", "2 layers", "2 layers, no biases", "2 layers, constant coordinate")


def test_starvation_shows_the_better_step_and_the_optimum(record):
    (axes,) = figures.starvation(record).axes
    runs = record["starvation"].dataset
    for name in runs.learner.values:
        one = runs.sel(learner=name)
        assert shows(axes, runs.epochs, VARIANCE * one.sgd_error.min("step").mean("seed"))
        level = VARIANCE * one.ridge_error.mean("seed")
        assert any(np.allclose(line[:, 1], level) for line in lines(axes) if len(line))


def test_harmonic_figure_has_the_frequencies_on_its_axis(record):
    (axes,) = figures.harmonic(record).axes
    nets = record["targets"].dataset.sel(target=["harmonic 1", "harmonic 5"])
    assert shows(axes, [1.0, 5.0], nets.test_error.sel(learner="3 layers").mean("seed"))


def test_odd_floor_is_the_odd_variance_less_its_linear_part():
    from ntkbook.data import figure_1_target, sphere

    x, odd = sphere(200_000, 4, np.random.default_rng(0)), figure_1_target().odd
    y = odd(x)
    slopes = np.linalg.lstsq(x, y, rcond=None)[0]
    linear = np.square(slopes).sum() / 4
    assert figures.odd_floor() * VARIANCE == pytest.approx(odd.sphere_variance() - linear, rel=0.01)
