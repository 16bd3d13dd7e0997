import numpy as np
import pytest
from drawing import book_style, keeps_the_rules, lines, shows  # noqa: F401
from rooms import tiny_record

from ntkbook.experiments.deep_generalization import figures
from ntkbook.experiments.deep_generalization.claims import certificate_slopes, theorem_bound

FIGURES = {
    figures.margins_by_depth: (2, "digits"),
    figures.bracket_of_gamma: (3, "digits"),
    figures.lemma_b_3_on_one_class: (2, "uniform on the sphere"),
    figures.slide_into_noise: (2, "digits"),
    figures.close_pairs: (3, "uniform on the sphere"),
    figures.error_by_size_and_width: (2, "digits"),
    figures.three_bounds: (2, "digits"),
    figures.linear_part: (2, "digits"),
}


@pytest.fixture
def record():
    return tiny_record("deep_generalization")


@pytest.mark.parametrize("draw", FIGURES)
def test_figure_keeps_the_rules(draw, record):
    seeds, source = FIGURES[draw]
    keeps_the_rules(draw, record, seeds=seeds, source=source)


def test_margins_are_scaled_to_inputs_of_norm_one(record):
    margin, (axes,) = record["margins"].dataset.margin.mean("seed"), figures.margins_by_depth(record).axes
    for task in margin.task:
        scaled = 2 ** (margin.layer / 2) * margin.sel(task=task)
        drawn = scaled.where(scaled > 0)
        assert any(np.allclose(line[:, 1], drawn, equal_nan=True) for line in lines(axes))


def test_bracket_shows_both_ends(record):
    features = record["features"].dataset.mean("seed")
    for axes, task in zip(figures.bracket_of_gamma(record).axes, ("0/1", "3/8, random labels"), strict=True):
        for name in ("gamma", "ceiling"):
            assert shows(axes, features["count"], features[name].sel(task=task))


def test_one_class_shows_measurements_beside_their_expectation(record):
    one_class, (axes,) = record["one_class"].dataset, figures.lemma_b_3_on_one_class(record).axes
    assert shows(axes, one_class.dim, one_class.expected)
    for depth in (1, 2):
        assert shows(axes, one_class.dim, one_class.ratio.sel(depth=depth).mean("seed"))


def test_slide_shows_every_portion_and_every_slope(record):
    certificates, slopes = record["certificates"].dataset, certificate_slopes(record)
    top, middle, bottom = figures.slide_into_noise(record).axes
    for axes, task in ((top, "3/8"), (middle, "sphere, margin")):
        for portion in certificates.portion:
            values = certificates.certificate.sel(task=task, depth=1, portion=portion).mean("seed")
            assert shows(axes, certificates.n, values)
        for depth in slopes.depth:
            assert shows(bottom, slopes.portion, slopes.sel(task=task, depth=depth))


def test_errors_are_shown_in_per_cent_for_each_net(record):
    samples, widths = record["samples"].dataset, record["widths"].dataset
    top, bottom = figures.error_by_size_and_width(record).axes
    for depth in samples.depth:
        for task in ("3/8", "4/9"):
            assert shows(top, samples.n, 100 * samples.test_error.sel(task=task, depth=depth).mean("seed"))
        assert shows(bottom, widths.width, 100 * widths.test_error.sel(task="3/8", depth=depth).mean("seed"))


def test_three_bounds_are_those_of_two_layers_on_projected_images(record):
    nets, (axes,) = record["widths"].dataset.sel(task="3/8, projected", depth=2), figures.three_bounds(record).axes
    for name in ("bartlett", "bartlett_uncentred", "neyshabur", "neyshabur_uncentred", "linear_term", "test_error"):
        assert shows(axes, nets.width, nets[name].mean("seed"))
    assert shows(axes, nets.width, theorem_bound(nets).mean("seed"))


def test_curvature_is_added_to_the_linear_part(record):
    nets, (axes,) = record["samples"].dataset.sel(task="0/1").mean("seed"), figures.linear_part(record).axes
    for depth in nets.depth:
        net = nets.sel(depth=depth)
        assert shows(axes, nets.n, net.sharp_bound)
        assert shows(axes, nets.n, net.sharp_bound + net.adversarial_gap / 2)
