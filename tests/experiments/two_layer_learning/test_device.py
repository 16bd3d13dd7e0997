"""Nets and kernels of the experiment follow the device; fake tensors tell, without a GPU."""

import numpy as np
import pytest
from fake_device import DEVICE, fake_device, to_numpy

from ntkbook.experiments.two_layer_learning import learners, nets
from ntkbook.streams import Streams
from ntkbook.training import recording

from .tiny import RECIPE

X = np.ones((20, 4)) / 2


@pytest.fixture(autouse=True)
def _fake_numbers(monkeypatch):
    monkeypatch.setattr(recording, "to_numpy", to_numpy)
    for module in (nets, learners):
        monkeypatch.setattr(module, "step_unit", lambda *args, **kwargs: 0.1)


def test_nets_and_what_is_watched_stay_on_the_device(monkeypatch):
    run = nets.Run(X, X[:, 0], {"test": (X, X[:, 0])}, np.random.default_rng(0), np.random.default_rng(1))
    with fake_device(monkeypatch):
        paths = nets.train([run, run], 8, 5, RECIPE, str(DEVICE))
        assert {getattr(path.network, "weights").device for path in paths} == {DEVICE}  # noqa: B009


def test_learners_stay_on_the_device(monkeypatch):
    seen = []
    monkeypatch.setattr(learners.NetLearner, "_fit", lambda self, path: seen.append(path.network.weights.device))
    with fake_device(monkeypatch):
        for name in learners.LEARNERS:
            learners.NetLearner(name, 8, 5, RECIPE, Streams(0), 0, str(DEVICE))(X, X[:, 0], [{"step": 0.1}] * 2)
    assert seen == [DEVICE] * 6
