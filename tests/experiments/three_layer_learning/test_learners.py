"""The trained learners: their inputs, their start, and what a setting means."""

import numpy as np
import pytest
import torch

from ntkbook.data import constant_coordinate, sphere
from ntkbook.experiments.three_layer_learning.learners import KINDS, Trained, initial_net
from ntkbook.experiments.three_layer_learning.targets import task
from ntkbook.kernels import biased_tangent_kernel, finite_tangent_kernel
from ntkbook.streams import Streams

STREAMS = Streams(0)
TASK = task("additive", 100, 0, STREAMS)
POINT = {"step": 0.3, "decay": 0.0, "rise": 3.0}


def learner(kind="3 layers", **changes):
    return Trained(
        **{"kind": KINDS[kind], "width": 20, "n_steps": 100, "streams": STREAMS, "seed": 0, "device": "cpu"} | changes
    )


@pytest.mark.parametrize("kind", KINDS)
def test_tangent_kernel_at_rise_one_tends_to_its_limit(kind):
    x = sphere(20, 4, np.random.default_rng(1))
    points = torch.tensor(constant_coordinate(x) if KINDS[kind].constant else x)
    net = initial_net(KINDS[kind], 2000, STREAMS("net", 2000, 0), "cpu")
    finite = finite_tangent_kernel(net, points.float())
    limit = biased_tangent_kernel(points, KINDS[kind].layers - 1, biases=KINDS[kind].biases)
    assert float((finite - limit).norm() / limit.norm()) < 0.1


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_learns_a_sum(kind):
    (fit,) = learner(kind, n_steps=1000)(*TASK.train, [POINT])
    assert fit is not None
    assert fit.convergence.train_error < 0.5
    error = np.square(fit.predict(TASK.train[0]) - TASK.train[1]).mean()
    assert fit.convergence.train_error == pytest.approx(error, rel=1e-4)


def test_settings_side_by_side_are_those_one_by_one():
    points = [POINT, {**POINT, "rise": 10.0}, {**POINT, "decay": 1e-2}]
    together = learner()(*TASK.train, points)
    for point, fit in zip(points, together, strict=True):
        (alone,) = learner()(*TASK.train, [point])
        assert fit is not None
        assert alone is not None
        assert fit.convergence.train_error == pytest.approx(alone.convergence.train_error, rel=1e-3)


def test_a_step_far_too_large_is_no_fit():
    assert learner()(*TASK.train, [{**POINT, "step": 1e6}]) == [None]


def test_a_large_rise_is_the_lazy_regime_in_which_a_setting_means_the_same():
    """Far in it a net is its linearisation, so that twice the rise changes nothing but the output at the start."""
    x, y = TASK.train
    found = []
    for rise in (1000.0, 2000.0):
        train = learner("2 layers", n_steps=50)
        net = initial_net(train.kind, 20, STREAMS("net", 20, 0), "cpu")
        start = rise * net(torch.tensor(x).float()).double().numpy()
        (fit,) = train(x, y + start, [{"step": 0.3, "decay": 0.0, "rise": rise}])
        assert fit is not None
        found.append(fit.convergence.train_error)
    assert found[0] < 0.9
    assert found[0] == pytest.approx(found[1], rel=0.05)
