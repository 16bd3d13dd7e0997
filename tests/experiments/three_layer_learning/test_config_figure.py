"""Settings of the figure's half refuse what its claims could not be read from."""

from dataclasses import replace

import pytest

from ntkbook.experiments.three_layer_learning.config import PROFILES
from ntkbook.experiments.three_layer_learning.config_figure import FIGURE
from ntkbook.tuning import Grid

from .tiny import CONFIG
from .tiny import FIGURE as TINY


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"widths": (10,)}, r"widths: expected at least two increasing numbers, found \(10,\)"),
        ({"frequencies": (5.0, 1.0)}, r"frequencies: expected at least two increasing numbers"),
        ({"linear_sizes": (60, 70, 80)}, r"linear_sizes: expected some of the sizes \(60, 80\), 80 among them"),
        ({"linear_sizes": (50, 100)}, "linear_sizes: expected some of the sizes"),
    ],
)
def test_settings_are_refused_by_name(changes, message):
    with pytest.raises(ValueError, match=message):
        replace(TINY, **changes)


def test_a_seed_is_asked_for():
    with pytest.raises(ValueError, match="n_seeds: expected a whole number >= 1, found 0"):
        replace(CONFIG, n_seeds=0)


@pytest.mark.parametrize("name", PROFILES)
def test_every_profile_has_the_sample_of_the_paper(name):
    figure = FIGURE[name]
    assert figure.n_train == figure.trials.n_train == figure.target_trials.n_train == 1000
    assert figure.sizes[-1] > figure.n_train or name == "quick"


@pytest.mark.parametrize("name", ["laptop", "paper"])
def test_profiles_that_tune_have_a_grid_and_tune_at_small_widths(name):
    assert len(Grid(FIGURE[name].axes).points) >= 60
    assert max(FIGURE[name].tuned_widths) <= 500


def test_profiles_grow():
    quick, laptop, paper = FIGURE.values()
    for name in ("widths", "sizes", "linear_sizes", "frequencies"):
        assert getattr(quick, name)[-1] <= getattr(laptop, name)[-1] <= getattr(paper, name)[-1]
    assert quick.nets.n_steps < laptop.nets.n_steps < paper.nets.n_steps
    assert quick.tuned_widths == ()
