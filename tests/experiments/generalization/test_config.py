from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest

from ntkbook import data
from ntkbook.experiments.generalization.config import PROFILES

from .tiny import CONFIG


@pytest.mark.parametrize(
    "change",
    [
        lambda: replace(CONFIG, n_train=1),
        lambda: replace(CONFIG, n_test=1),
        lambda: replace(CONFIG, n_pair=1),
        lambda: replace(CONFIG, n_seeds=0),
        lambda: replace(CONFIG, trained=("mnist",)),
        lambda: replace(CONFIG, trained=()),
        lambda: replace(CONFIG, n_draws=(2, 1)),
        lambda: replace(CONFIG, n_draws=(0,)),
        lambda: replace(CONFIG, portions=(0.0, 1.0)),
        lambda: replace(CONFIG, portions=(0.0, 0.6, 0.3, 1.0)),
        lambda: replace(CONFIG, portions=(0.1, 0.5, 1.0)),
        lambda: replace(CONFIG, portions=(0.0, 0.5, 0.9)),
        lambda: replace(CONFIG, square_portions=()),
        lambda: replace(CONFIG, square_portions=(0.0, 0.3)),
        lambda: replace(CONFIG, square_portions=(1.0, 0.0)),
        lambda: replace(CONFIG, square_portions=(0.0,)),
        lambda: replace(CONFIG.square, rtol=0.0),
        lambda: replace(CONFIG, square=replace(CONFIG.square, rtol=None)),
        lambda: replace(CONFIG, square=replace(CONFIG.square, width=21)),
        lambda: replace(CONFIG, widths=(32,)),
        lambda: replace(CONFIG, widths=(32, 63)),
        lambda: replace(CONFIG.nets, width=0),
        lambda: replace(CONFIG.nets, delta=1.0),
        lambda: replace(CONFIG.balls, n_signs=0),
        lambda: replace(CONFIG.balls, delta=1.0),
        lambda: replace(CONFIG.pairs, max_steps=0),
        lambda: replace(CONFIG.descent, stop_loss=0.0),
        lambda: replace(CONFIG.descent, max_sharpness=2.0),
        lambda: replace(CONFIG.descent, step_scale=0.0),
    ],
)
def test_bad_settings_are_refused_at_construction(change):
    with pytest.raises(ValueError, match=r"expected .*found"):
        change()


def test_settings_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        CONFIG.profile = "other"  # pyright: ignore[reportAttributeAccessIssue]


def test_quick_run_takes_no_more_images_than_a_dependency_ships():
    config, rng = PROFILES["quick"], np.random.default_rng(0)
    for n in (config.n_train, config.n_widths, config.n_pair):
        data.load("mnist", n_train=n, n_test=config.n_test, rng=rng)
    data.load("mnist", n_train=config.n_measure, n_test=0, rng=rng)
