import pytest

from ntkbook.experiments.million_steps import runs
from ntkbook.experiments.million_steps.config import PROFILES, Config


def test_paper_profile_is_the_papers_figure_1():
    paper = PROFILES["paper"]
    assert (paper.n, paper.runs.width, paper.runs.init_scale) == (10_000, 10_000, 0.01)
    assert (paper.runs.last("mnist"), paper.runs.last("cifar10")) == (1_000_000, 300_000)


@pytest.mark.parametrize("name", PROFILES)
def test_every_profile_goes_to_the_end_of_the_papers_axis_in_units_of_one_over_eta(name):
    profile = PROFILES[name]
    assert profile.runs.n_steps == 100 * profile.n
    assert profile.runs.width == profile.n


def test_grid_holds_the_last_step_of_every_data_set():
    settings = PROFILES["paper"].runs
    assert {0, 1, 2, 1000, settings.last("mnist"), settings.last("cifar10")} <= set(settings.grid.tolist())
    assert len(settings.grid) < 50


def test_wrong_settings_are_named():
    with pytest.raises(ValueError, match="n, n_seeds: expected at least 2 images"):
        Config("tiny", n=1, runs=PROFILES["quick"].runs)
    with pytest.raises(ValueError, match="width: expected a whole number >= 1, found 0"):
        runs.Settings(width=0, n_steps=1, n_exact=1)
