"""What learners of figure 1(b) say along a great circle, beside F: one sample, one start."""

from collections.abc import Callable
from functools import partial

import numpy as np

from ntkbook.experiments.lab import Lab
from ntkbook.experiments.three_layer_learning import linear
from ntkbook.experiments.three_layer_learning.config import PROFILES
from ntkbook.experiments.three_layer_learning.experiment_winners import F, recorded
from ntkbook.experiments.three_layer_learning.learners import KINDS, Trained
from ntkbook.experiments.three_layer_learning.targets import task
from ntkbook.experiments.three_layer_learning.tuning import nearest
from ntkbook.tuning import Contest, Learner

DEGREES = np.arange(0, 360, 4)
"""Where on the circle."""


def circle() -> np.ndarray:
    """Points of the great circle through e_4 and (e_1 + (e_2 + e_3) / sqrt 2) / sqrt 2, at `DEGREES`: (90, 4)."""
    t = np.deg2rad(DEGREES)
    return np.outer(np.sin(t), [0.5**0.5, 0.5, 0.5, 0.0]) + np.outer(np.cos(t), [0.0, 0.0, 0.0, 1.0])


def slicers() -> dict[str, Callable[[str, int], np.ndarray]]:
    """What makes slices, for each kind of learner; settings are those of the committed laptop run.

    Returns
    -------
    dict of str to callable
        "trained", "linear" and "infinite": of a learner's name and a sample size N, the outputs of the learner with
        the data and the start of seed 0 on `circle`, (90,), in units of the target's standard deviation.
    """
    config = PROFILES["laptop"]
    lab = Lab(config.seed, device="cpu", n_jobs=1, store=None)
    streams, settings, width = lab.streams, config.figure.nets, config.figure.size_width
    _, tuned = recorded(lab, [])
    place = nearest(tuned, F, width)

    def of(name: str, contest: Contest, learner: Learner, n: int) -> np.ndarray:
        (fit,) = learner(*task(F, n, 0, streams).train, [contest.choices[name].settings])
        if fit is None:
            raise RuntimeError(f"{name}: expected the recorded net, which did not diverge, found one that did")
        return fit.predict(circle())

    def trained(name: str, n: int) -> np.ndarray:
        learner = Trained(KINDS[name], width, settings.steps(n), streams, 0, lab.device)
        return of(name, place.contest(streams), learner, n)

    def closed_form(m: int, name: str, n: int) -> np.ndarray:
        cell = linear.Cell(name, F, m, n, 0)
        return of(name, *linear.tuned_ridge(cell, place.n_trials, streams, lab.device), n)

    return {"trained": trained, "linear": partial(closed_form, width), "infinite": partial(closed_form, 0)}
