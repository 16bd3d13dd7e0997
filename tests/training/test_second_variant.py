import itertools
from dataclasses import replace

import numpy as np
import pytest
import torch

from ntkbook.networks import ThreeLayer, quadratic_term
from ntkbook.training import SecondVariant, second_variant_sgd
from ntkbook.training.smoothed_objective import SmoothedObjective

N, D, WIDTHS = 12, 4, (6, 5)
FULL = SecondVariant(
    n_rounds=3,
    inner_steps=4,
    step_size=0.05,
    batch_size=3,
    shrinkage=0.1,
    smoothing_first=0.1,
    smoothing_second=0.2,
    penalty_first=0.3,
    penalty_second=0.4,
    gradient_noise=0.5,
    candidates=7,
)
BARE = SecondVariant(n_rounds=3, inner_steps=4, step_size=0.05, batch_size=3, signs=False)


def problem(seed=0, widths=WIDTHS, dtype=torch.float64):
    rng = np.random.default_rng(seed)
    x, y = (torch.from_numpy(rng.standard_normal(shape)).to(dtype) for shape in ((N, D), N))
    return ThreeLayer.initialise(D, widths, rng, dtype=dtype), x, y


def run(settings, seed=1, **more):
    network, x, y = problem()
    return second_variant_sgd(network, x, y, settings, rng=np.random.default_rng(seed), **more)


def moved_objective(settings, network, seed=3):
    """An objective away from W' = V' = 0."""
    rng = np.random.default_rng(seed)
    objective = SmoothedObjective(network, settings, rng)
    objective.first.copy_(torch.from_numpy(rng.standard_normal(objective.first.shape)))
    objective.second.copy_(torch.from_numpy(rng.standard_normal(objective.second.shape)))
    return objective


@pytest.mark.parametrize(
    "off", [{}, {"signs": False}, {"penalty_first": 0.0}, {"penalty_second": 0.0}, {"smoothing_second": 0.0}]
)
def test_gradients_are_those_of_autograd_on_equation_4_2(off):
    network, x, y = problem()
    objective = moved_objective(settings := replace(FULL, **off), network)
    signs, scale = objective.draw_signs(), 0.7
    net = objective.smoothed(signs)
    w, v = (torch.nn.Parameter(movement.clone()) for movement in (objective.first, objective.second))
    sigma = torch.eye(WIDTHS[0], dtype=torch.float64) if signs is None else torch.diag(signs)
    smoothing_w = net.first_weights - network.first_weights - objective.first @ sigma
    smoothing_v = net.second_weights - network.second_weights - sigma @ objective.second
    h = torch.relu(x @ (network.first_weights + smoothing_w + w @ sigma) + network.first_biases)
    h = torch.relu(h @ (network.second_weights + smoothing_v + sigma @ v) + network.second_biases)
    loss = (scale * (h @ network.output_weights) - y).square().mean() / 2
    two_four = sum((scale**0.5 * w[:, r]).norm() ** 4 for r in range(WIDTHS[0]))
    right = loss + settings.penalty_second * (scale**0.5 * v).norm() ** 2 + settings.penalty_first * two_four
    right.backward()
    value, by_w, by_v = objective.gradients(net, signs, x, y, scale)
    torch.testing.assert_close(value, right.detach(), rtol=1e-12, atol=0)
    torch.testing.assert_close(by_w, w.grad, rtol=0, atol=1e-12)
    torch.testing.assert_close(by_v, v.grad, rtol=0, atol=1e-12)
    assert (smoothing_v.abs().max() < 1e-12) == (settings.smoothing_second == 0)


def test_with_patterns_kept_the_mean_over_signs_has_no_tangent_term():
    network, x, _ = problem()
    objective = moved_objective(FULL, network)
    outputs = [
        network.moved(objective.first, objective.second, torch.tensor(signs, dtype=torch.float64)).frozen(x, network)
        for signs in itertools.product((-1, 1), repeat=WIDTHS[0])
    ]
    moved = network.moved(objective.first, objective.second)
    right = network(x) + quadratic_term(moved, network, x)
    torch.testing.assert_close(torch.stack(outputs).mean(0), right, rtol=0, atol=1e-12)
    assert float((moved.frozen(x, network) - right).abs().max()) > 0.1


def test_zero_is_a_saddle_under_signs_and_not_without_them():
    network, x, y = problem()
    for signed in (True, False):
        objective = SmoothedObjective(network, replace(BARE, signs=signed), np.random.default_rng(0))
        drawn = itertools.product((-1, 1), repeat=WIDTHS[0]) if signed else [None]
        gradients = []
        for signs in drawn:
            sigma = None if signs is None else torch.tensor(signs, dtype=torch.float64)
            gradients.append(objective.gradients(objective.smoothed(sigma), sigma, x, y, 1.0)[1:])
        means = [torch.stack(of_layer).mean(0).abs().max() for of_layer in zip(*gradients, strict=True)]
        assert (max(means) < 1e-12) == signed


def test_everything_switched_off_is_plain_sgd():
    network, x, y = problem()
    path = second_variant_sgd(network, x, y, replace(BARE, batch_size=N), rng=np.random.default_rng(0))
    weights = [torch.nn.Parameter(w.clone()) for w in (network.first_weights, network.second_weights)]
    optimiser = torch.optim.SGD(weights, lr=0.05)
    net = replace(network, first_weights=weights[0], second_weights=weights[1])
    losses = []
    for _ in range(12):
        optimiser.zero_grad()
        h = torch.relu(x @ weights[0] + net.first_biases)
        f = torch.relu(h @ weights[1] + net.second_biases) @ net.output_weights
        loss = (f - y).square().mean() / 2
        loss.backward()
        optimiser.step()
        losses.append(float(loss.detach()))
    torch.testing.assert_close(path.network.first_weights, weights[0].detach(), rtol=0, atol=1e-12)
    torch.testing.assert_close(path.network.second_weights, weights[1].detach(), rtol=0, atol=1e-12)
    np.testing.assert_allclose(path.objectives[1:], np.reshape(losses, (3, 4)).mean(1), rtol=1e-12)
    assert path.signs is None
    assert path.scales.tolist() == [1.0] * 4
    assert path.steps.tolist() == [0, 4, 8, 12]


def test_output_is_the_scaled_net_at_sigma_hat_and_the_best_smoothing():
    path = run(FULL)
    network, x, y = problem()
    np.testing.assert_allclose(path.scales, [1, 1, 0.9, 0.81])
    assert path.signs is not None
    assert set(path.signs.tolist()) == {-1.0, 1.0}
    loss = float((path.network(x) - y).square().mean() / 2)
    np.testing.assert_allclose(path.candidate_losses.min(), loss, rtol=1e-12)
    assert len(set(path.candidate_losses)) == 7
    torch.testing.assert_close(path.network.output_weights, 0.81 * network.output_weights)
    unsmoothed = network.moved(path.first, path.second, path.signs)
    spread = float((path.network.second_weights - unsmoothed.second_weights).std())
    assert 0.1 < spread < 0.3  # sigma_v = 0.2
    np.testing.assert_allclose(path.movement[-1], [float(path.first.norm()), float(path.second.norm())])


@pytest.mark.parametrize(
    "off",
    [
        {"signs": False},
        {"shrinkage": 0.0},
        {"smoothing_first": 0.0},
        {"smoothing_second": 0.0},
        {"penalty_first": 0.0},
        {"penalty_second": 0.0},
        {"gradient_noise": 0.0},
    ],
)
def test_each_ingredient_makes_a_difference(off):
    full, without = run(FULL), run(replace(FULL, **off))
    assert not np.allclose(full.movement[-1], without.movement[-1], rtol=1e-6)


def test_smoothing_and_noise_have_their_standard_deviations():
    network, x, y = problem(widths=(80, 70))
    settings = replace(BARE, smoothing_first=0.5, smoothing_second=0.25, gradient_noise=1e4, step_size=1e-4)
    objective = SmoothedObjective(network, settings, np.random.default_rng(0))
    net = objective.smoothed(None)
    assert abs(float((net.first_weights - network.first_weights).std()) - 0.5) < 0.05
    assert abs(float((net.second_weights - network.second_weights).std()) - 0.25) < 0.01
    objective.step(x, y, 1.0)
    assert abs(float(objective.second.std()) - 1.0) < 0.05


def test_it_learns_with_signs_once_noise_has_led_away_from_zero():
    network, x, y = problem(widths=(40, 40))
    settings = SecondVariant(
        n_rounds=10, inner_steps=200, step_size=0.002, batch_size=N, gradient_noise=1.0, smoothing_second=0.01
    )

    def averaged(now):
        rng = np.random.default_rng(0)
        signs = [torch.from_numpy(rng.choice([-1.0, 1.0], size=40)) for _ in range(200)]
        return {"error": (sum(now.moved(sigma)(x) for sigma in signs) / 200 - y).square().mean()}

    path = second_variant_sgd(network, x, y, settings, rng=np.random.default_rng(0), observe=averaged)
    assert path.objectives[-1] < 0.5 * path.objectives[1]
    assert path.observations["error"][-1] < 0.5 * path.observations["error"][0]


def test_start_is_left_alone_and_dtype_kept():
    network, x, y = problem(dtype=torch.float32)
    before = [tensor.clone() for tensor in vars(network).values()]
    path = second_variant_sgd(network, x, y, FULL, rng=np.random.default_rng(0))
    assert all(torch.equal(found, right) for found, right in zip(vars(network).values(), before, strict=True))
    assert path.network.second_weights.dtype == path.second.dtype == torch.float32


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"n_rounds": 0}, "n_rounds: expected a whole number >= 1, found 0"),
        ({"candidates": 0}, "candidates: expected a whole number >= 1, found 0"),
        ({"step_size": 0.0}, "step_size: expected a positive number, found 0"),
        ({"shrinkage": 1.0}, r"shrinkage: expected a number in \[0, 1\), found 1"),
        ({"gradient_noise": -1.0}, "gradient_noise: expected a number >= 0, found -1"),
        ({"penalty_first": np.inf}, "penalty_first: expected a number >= 0, found inf"),
    ],
)
def test_bad_settings_are_refused_by_name(changes, message):
    with pytest.raises(ValueError, match=message):
        replace(FULL, **changes)


def test_bad_data_and_steps_are_refused_by_name():
    network, x, y = problem()
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="batch_size: expected a whole number from 1 to n = 12, found 13"):
        second_variant_sgd(network, x, y, replace(FULL, batch_size=13), rng=rng)
    with pytest.raises(ValueError, match="y: expected shape"):
        second_variant_sgd(network, x, y[:3], FULL, rng=rng)
    with pytest.raises(FloatingPointError, match="step_size: the objective is no longer finite in round 1"):
        second_variant_sgd(network, x, y, replace(FULL, step_size=1e200), rng=rng)
