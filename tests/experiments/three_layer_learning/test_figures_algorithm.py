import numpy as np
import pytest
from drawing import book_style, keeps_the_rules, lines, shows  # noqa: F401
from rooms import tiny_record

from ntkbook.experiments.three_layer_learning import figures_algorithm as figures
from ntkbook.experiments.three_layer_learning.claims_algorithm import VARIANCE


@pytest.fixture
def record():
    return tiny_record("three_layer_learning")


@pytest.mark.parametrize("draw", [figures.error_against_scale, figures.gap_of_frozen_patterns])
def test_figure_keeps_the_rules(draw, record):
    keeps_the_rules(draw, record, seeds=2, source="uniform on the sphere")


def test_error_against_scale_shows_one_sigma_their_mean_output_and_none(record):
    found, (axes,) = record["shrinking"].dataset.mean("seed") / VARIANCE, figures.error_against_scale(record).axes
    for sigma, name in (("with", "test_error"), ("with", "averaged_error"), ("without", "test_error")):
        assert shows(axes, found.scale, found[name].sel(sigma=sigma))


def test_gaps_are_shown_at_the_end_against_m_and_along_training_against_the_distance(record):
    frozen = record["frozen"].dataset.mean("seed")
    against_m, against_distance = figures.gap_of_frozen_patterns(record).axes
    for depth in (2, 3):
        for task in ("lazy", "F"):
            nets = frozen.sel(depth=depth, task=task)
            assert shows(against_m, frozen.width, nets.gap.isel(step=-1))
            for width in frozen.width:
                assert shows(against_distance, nets.distance.sel(width=width), nets.gap.sel(width=width))
    level = [line for line in lines(against_distance) if len(line) == 2 and np.allclose(line[:, 1], 1)]
    assert len(level) == 1
