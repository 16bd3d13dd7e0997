import numpy as np
import pytest
from drawing import book_style, keeps_the_rules, lines, shows  # noqa: F401
from rooms import put, tiny_record

from ntkbook.experiments.kernel import figures

FIGURES = {figures.width_limit: (3, "digits"), figures.parallel_inputs: (1, ""), figures.angle_profile: (1, "")}


@pytest.fixture
def record():
    return tiny_record("kernel")


@pytest.mark.parametrize("draw", FIGURES)
def test_figure_keeps_the_rules(draw, record):
    seeds, source = FIGURES[draw]
    keeps_the_rules(draw, record, seeds=seeds, source=source)


@pytest.mark.parametrize("draw", [figures.parallel_inputs, figures.angle_profile])
def test_figures_without_images_name_none(draw, record):
    assert draw(record).get_supxlabel() == "profile tiny, 1 seed"


def test_width_limit_shows_each_seed_the_exact_size_and_the_lemma(record):
    deviations, (axes,) = record["deviations"].dataset, figures.width_limit(record).axes
    for seed in deviations.seed:
        assert shows(axes, deviations.width, deviations.frobenius.sel(data="digits", seed=seed))
    assert shows(axes, deviations.width, deviations.expected.sel(data="digits"))
    assert shows(axes, deviations.width, deviations.bound)
    assert axes.get_xscale() == axes.get_yscale() == "log"


def test_parallel_inputs_shows_the_measured_eigenvalues_the_law_and_the_naive_ones_that_are_positive(record):
    put("parallel/pair_naive", -1e-5, angle=1e-6)(record)
    parallel, (axes,) = record["parallel"].dataset, figures.parallel_inputs(record).axes
    assert shows(axes, parallel.angle, parallel.pair)
    assert shows(axes, parallel.angle, parallel.angle / (2 * np.pi))
    (naive,) = (line for line in axes.get_lines() if line.get_marker() == "x")
    np.testing.assert_allclose(
        np.asarray(naive.get_ydata()), np.where(parallel.pair_naive > 0, parallel.pair_naive, np.nan)
    )


def test_angle_profile_shows_the_closed_form_both_series_and_both_nets_in_degrees(record):
    profile, (axes,) = record["profile"].dataset, figures.angle_profile(record).axes
    degrees = np.degrees(profile.angle)
    for values in (profile.closed_form, *profile.series, *profile.net):
        assert shows(axes, degrees, values)
    assert len(lines(axes)) == 5
