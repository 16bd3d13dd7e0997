"""What is measured on a trained net, against the package's own formulas on the same net."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from rooms import tiny_record

from ntkbook import data
from ntkbook.bounds import cao2019_generalization as bounds
from ntkbook.experiments.deep_generalization import nets, tasks
from ntkbook.networks import DeepReLU
from ntkbook.streams import Streams
from ntkbook.training import deep_gradient_descent

SETTINGS = nets.Settings(n_steps=6, n_signs=2000, n_adversarial=2)
CELL = nets.Cell("3/8", 2, 32, 40, 1)


@pytest.fixture(scope="module")
def pools():
    return {
        pair: data.load("digits", n_train=80, n_test=60, rng=Streams(0)("images"), classes=tasks.PAIRS[pair])
        for pair in ("0/1", "3/8")
    }


@pytest.fixture(scope="module")
def watched(pools):
    """A measured cell, and the run behind it."""
    seen, train = {}, nets.deep_gradient_descent

    def watch(start, x, y, **settings):
        seen.update(start=start, x=x, y=y, path=train(start, x, y, **settings), **settings)
        return seen["path"]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(nets, "deep_gradient_descent", watch)
        return nets.measure(CELL, SETTINGS, pools, Streams(0), "cpu"), seen


def test_net_and_step_size_are_those_of_the_cell(watched):
    found, run = watched
    assert run["start"].widths == (32, 32)
    assert run["step_size"] == 16 / 32
    assert run["x"].shape == (40, 64)
    assert int(found.steps) == 6
    assert float(found.surrogate) == run["path"].surrogate_errors[-1]
    assert float(found.movement) == pytest.approx(run["path"].movement.total[-1].max(), rel=1e-6)


def test_training_in_two_stages_is_one_run_that_is_tested_on_the_way(pools):
    settings = replace(SETTINGS, n_steps=300, stop=0.02 * 40**0.25)
    found = nets.measure(CELL, settings, pools, Streams(0), "cpu")
    sample = tasks.draw("3/8", 40, 1, pools, Streams(0))
    x, y, x_test, y_test = (
        torch.tensor(a, dtype=torch.float32) for a in (sample.x_train, sample.y_train, sample.x_test, sample.y_test)
    )
    start = DeepReLU.initialise(64, (32, 32), Streams(0)("weights of trained nets", 2, 32, 1))
    for level, name in ((nets.FIXED, "test_error_fixed"), (0.02, "test_error")):
        path = deep_gradient_descent(start, x, y, step_size=0.5, n_steps=300, stop_surrogate=level, record_at=())
        assert path.surrogate_errors[-1] <= level < path.surrogate_errors[-2]
        assert float(found[name]) == pytest.approx(float((path.network(x_test) * y_test <= 0).double().mean()))
    assert int(found.steps) == path.steps[-1]
    assert float(found.movement) == pytest.approx(path.movement.total[-1].max(), rel=1e-5)


def test_test_error_is_that_of_the_trained_net(watched, pools):
    found, run = watched
    x, y = (torch.tensor(a, dtype=torch.float32) for a in (pools["3/8"].x_test, pools["3/8"].y_test))
    wrong = (torch.sign(run["path"].network(x)) != y).double().mean()
    assert float(found.test_error) == pytest.approx(float(wrong))


def test_linearised_net_is_the_tangent_by_autograd(watched, pools):
    found, run = watched
    start, moved = run["start"], run["path"].network
    leaves = [w.double().requires_grad_() for w in start.weights]
    v = start.output_weights.double()

    def outputs(x):
        for w in leaves:
            x = (x @ w).relu()
        return x @ v

    tangents, jacobians = [], []
    for point in torch.cat([run["x"].double(), torch.tensor(pools["3/8"].x_test)]):
        value = outputs(point[None])[0]
        gradient = torch.autograd.grad(value, leaves)
        steps = [after.double() - before.detach() for after, before in zip(moved.weights, leaves, strict=True)]
        tangents.append(value.item() + sum(float((g * s).sum()) for g, s in zip(gradient, steps, strict=True)))
        jacobians.append([g.flatten() for g in gradient])
    tangents = np.array(tangents)
    y, y_test = run["y"].double().numpy(), pools["3/8"].y_test
    assert float(found.linear_surrogate) == pytest.approx((1 / (1 + np.exp(y * tangents[:40]))).mean(), rel=1e-4)
    assert float(found.linear_test_error) == pytest.approx((tangents[40:] * y_test < 0).mean())
    gap = moved(torch.tensor(pools["3/8"].x_test, dtype=torch.float32)).double().numpy() - tangents[40:]
    assert float(found.gap) == pytest.approx(np.abs(gap).mean(), rel=1e-3)
    signs = torch.from_numpy(np.random.default_rng(0).choice([-1.0, 1.0], (2000, 40)))
    norms = [(signs @ torch.stack([row[layer] for row in jacobians[:40]])).norm(dim=1).mean() for layer in range(2)]
    radius = 10 / 32**0.5
    assert float(found.radius) == pytest.approx(radius)
    assert float(found.rademacher) == pytest.approx(radius / 40 * float(sum(norms)), rel=0.05)
    expected = bounds.linearised_bound(float(found.linear_surrogate), float(found.rademacher), 40, 0.1)
    assert float(found.sharp_bound) == expected


def test_terms_are_those_of_the_theorem_at_the_nets_own_movement(watched):
    found, _ = watched
    tau, m, n, depth = float(found.movement), 32, 40, 2
    assert float(found.linear_term) == pytest.approx(depth * tau * math.sqrt(m / n))
    assert float(found.curvature_term) == pytest.approx(depth**4 * math.sqrt(m * math.log(m)) * tau ** (4 / 3))
    assert float(found.allowed_radius) == pytest.approx(depth**-6 * math.log(m) ** -1.5)


def test_training_stops_at_the_surrogate_error_that_goes_with_n(pools):
    settings = replace(SETTINGS, n_steps=200, stop=0.2 * 40**0.25)
    found = nets.measure(replace(CELL, task="0/1"), settings, pools, Streams(0), "cpu")
    assert float(found.surrogate) <= 0.2
    assert int(found.steps) < 200


def test_no_movement_within_the_radius_bends_the_net_less_than_training_does(watched):
    found, _ = watched
    assert float(found.adversarial_gap) > float(found.gap)


def test_centred_bounds_are_below_the_uncentred_ones_and_fall_with_n():
    record = tiny_record("deep_generalization")
    for part in ("widths", "samples"):
        measured = record[part].dataset
        assert bool((measured.bartlett < measured.bartlett_uncentred).all())
        assert bool((measured.neyshabur < measured.neyshabur_uncentred).all())
    rademacher = record["samples"].dataset.rademacher
    assert bool((rademacher.diff("n") < 0).all())
