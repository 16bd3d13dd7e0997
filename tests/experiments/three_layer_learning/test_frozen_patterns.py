"""Laws of frozen patterns: exact for a movement along which no sign flips, and the linearisation with two layers."""

import numpy as np
import pytest
import torch

from ntkbook import data
from ntkbook.experiments.three_layer_learning import frozen_patterns
from ntkbook.networks import BiasedTwoLayer, ThreeLayer, output_gradients
from ntkbook.streams import Streams

from .tiny import ALGORITHM


@pytest.fixture
def trained(monkeypatch):
    """What was trained, beside what was measured."""
    kept, train = {}, frozen_patterns.regression_sgd_ensemble

    def watched(starts, x, y, **more):
        paths = train(starts, x, y, **more)
        kept.update(starts=starts, x=x, y=y, paths=paths, **more)
        return paths

    monkeypatch.setattr(frozen_patterns, "regression_sgd_ensemble", watched)
    return kept


def measure(depth, width=16, seeds=(0, 1)):
    cells = [frozen_patterns.Cell(depth, task, width, seed) for task in frozen_patterns.TASKS for seed in seeds]
    return frozen_patterns.measure(cells, ALGORITHM.frozen, Streams(0), "cpu")


def test_the_lazy_task_has_variance_one():
    x = data.sphere(200_000, 4, np.random.default_rng(0))
    y = frozen_patterns.target("lazy", x)
    assert y.mean() == pytest.approx(0, abs=0.01)
    assert y.var() == pytest.approx(1, rel=0.02)


@pytest.mark.parametrize("depth", [2, 3])
def test_gap_distance_and_flips_are_those_of_the_trained_net(depth, trained):
    found = measure(depth)[2]  # on F
    start, net = trained["starts"][2], trained["paths"][2].network
    x = torch.from_numpy(data.sphere(500, 4, Streams(0)("frozen test inputs", 0))).float()

    def top(net):
        h = torch.relu(x @ net.first_weights + net.first_biases) if depth == 3 else x
        return h @ (net.second_weights if depth == 3 else net.weights) + (
            net.second_biases if depth == 3 else net.biases
        )

    assert float(found.distance[-1]) == pytest.approx(float((top(net) - top(start)).norm() / top(start).norm()), 1e-4)
    flips = ((top(net) > 0) != (top(start) > 0)).double().mean()
    assert float(found.flipped[-1]) == pytest.approx(float(flips), abs=1e-3)
    gap = (net.frozen(x, start) - net(x)).norm() / (net(x) - start(x)).norm()
    assert float(found.gap[-1]) == pytest.approx(float(gap), rel=1e-4)


def test_with_two_layers_the_frozen_net_is_the_linearised_one(trained):
    measure(2)
    start, net, x = trained["starts"][2], trained["paths"][2].network, trained["x"][2]
    assert isinstance(start, BiasedTwoLayer)
    with torch.no_grad():
        linear = []
        for i in range(5):
            (gradient,) = output_gradients(start, x[i : i + 1], torch.ones(1))
            linear.append(start(x[i : i + 1])[0] + (gradient * (net.weights - start.weights)).sum())
    torch.testing.assert_close(net.frozen(x[:5], start), torch.stack(linear), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("depth", [2, 3])
def test_gap_vanishes_with_the_distance(depth):
    """At first nothing has moved far, and the pre-activations that change their sign are near zero."""
    for found in measure(depth, width=64, seeds=(0,)):
        assert float(found.gap[0]) < float(found.gap[-1])
        assert float(found.distance[0]) < 0.2


def test_both_depths_see_the_same_points(trained):
    measure(2)
    two = [x.clone() for x in trained["x"]]
    measure(3)
    assert all(torch.equal(one, other) for one, other in zip(two, trained["x"], strict=True))
    assert isinstance(trained["starts"][0], ThreeLayer)
    assert not torch.equal(trained["y"][0], trained["y"][2])
