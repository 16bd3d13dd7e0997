import itertools
from dataclasses import replace

import numpy as np
import pytest
import torch

from ntkbook.networks import ThreeLayer, quadratic_term
from ntkbook.training import SecondVariant, second_variant_sgd, second_variant_sgd_ensemble
from ntkbook.training.smoothed_objective import SmoothedObjectives

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


def moved_objective(settings, networks, seed=3):
    """Objectives away from W' = V' = 0."""
    rngs = [np.random.default_rng(seed + i) for i in range(len(networks))]
    objective = SmoothedObjectives(networks, settings, rngs)
    objective.first.copy_(torch.from_numpy(rngs[0].standard_normal(objective.first.shape)))
    objective.second.copy_(torch.from_numpy(rngs[0].standard_normal(objective.second.shape)))
    return objective


@pytest.mark.parametrize(
    "off", [{}, {"signs": False}, {"penalty_first": 0.0}, {"penalty_second": 0.0}, {"smoothing_second": 0.0}]
)
def test_gradients_are_those_of_autograd_on_equation_4_2(off):
    (network, *data), (other, *more) = problem(), problem(5)
    x, y = (torch.stack(pair) for pair in zip(data, more, strict=True))
    objective = moved_objective([replace(FULL, penalty_first=0.1), settings := replace(FULL, **off)], [other, network])
    scales = torch.tensor([0.9, 0.7], dtype=torch.float64)
    signs = objective.draw_signs()
    smoothed = objective.smoothed(signs)
    found = objective.gradients(smoothed, signs, x.flip(0), y.flip(0), scales)  # the second net has the first data
    x, y, sigma, scale = x[0], y[0], torch.diag(signs[1]), 0.7
    first, second = objective.first[1], objective.second[1]
    w, v = (torch.nn.Parameter(movement.clone()) for movement in (first, second))
    smoothing_w = smoothed[0][1] - network.first_weights - first @ sigma
    smoothing_v = smoothed[1][1] - network.second_weights - sigma @ second
    h = torch.relu(x @ (network.first_weights + smoothing_w + w @ sigma) + network.first_biases)
    h = torch.relu(h @ (network.second_weights + smoothing_v + sigma @ v) + network.second_biases)
    loss = (scale * (h @ network.output_weights) - y).square().mean() / 2
    two_four = sum((scale**0.5 * w[:, r]).norm() ** 4 for r in range(WIDTHS[0]))
    right = loss + settings.penalty_second * (scale**0.5 * v).norm() ** 2 + settings.penalty_first * two_four
    right.backward()
    value, by_w, by_v = (of_nets[1] for of_nets in found)
    torch.testing.assert_close(value, right.detach(), rtol=1e-12, atol=0)
    torch.testing.assert_close(by_w, w.grad, rtol=0, atol=1e-12)
    torch.testing.assert_close(by_v, v.grad, rtol=0, atol=1e-12)
    assert (smoothing_v.abs().max() < 1e-12) == (settings.smoothing_second == 0)
    assert bool((signs[1] == 1).all()) != settings.signs


def test_with_patterns_kept_the_mean_over_signs_has_no_tangent_term():
    network, x, _ = problem()
    objective = moved_objective([FULL], [network])
    first, second = objective.first[0], objective.second[0]
    outputs = [
        network.moved(first, second, torch.tensor(signs, dtype=torch.float64)).frozen(x, network)
        for signs in itertools.product((-1, 1), repeat=WIDTHS[0])
    ]
    moved = network.moved(first, second)
    right = network(x) + quadratic_term(moved, network, x)
    torch.testing.assert_close(torch.stack(outputs).mean(0), right, rtol=0, atol=1e-12)
    assert float((moved.frozen(x, network) - right).abs().max()) > 0.1


def test_zero_is_a_saddle_under_signs_and_not_without_them():
    network, x, y = problem()
    for signed in (True, False):
        objective = SmoothedObjectives([network], [replace(BARE, signs=signed)], [np.random.default_rng(0)])
        drawn = itertools.product((-1, 1), repeat=WIDTHS[0]) if signed else [[1] * WIDTHS[0]]
        gradients = []
        for signs in drawn:
            sigma = torch.tensor([signs], dtype=torch.float64)
            found = objective.gradients(objective.smoothed(sigma), sigma, x[None], y[None], torch.ones(1).double())
            gradients.append(found[1:])
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
    objective = SmoothedObjectives([network], [settings], [np.random.default_rng(0)])
    first, second = objective.smoothed(torch.ones(1, 80, dtype=torch.float64))
    assert abs(float((first - network.first_weights).std()) - 0.5) < 0.05
    assert abs(float((second - network.second_weights).std()) - 0.25) < 0.01
    objective.step(x[None], y[None], torch.ones(1, dtype=torch.float64))
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


def test_nets_side_by_side_go_as_they_do_alone():
    (first, x, y), (second, x_2, y_2) = problem(), problem(5)
    settings = [FULL, replace(FULL, signs=False, step_size=0.02, shrinkage=0.2, candidates=1), BARE]
    nets, data = [first, second, first], [(x, y), (x_2, y_2), (x, y)]
    rngs = [np.random.default_rng(seed) for seed in range(3)]
    seen = [lambda now, x=x: {"outputs": now.moved(None)(x)} for x, _ in data]
    xs, ys = zip(*data, strict=True)
    paths = second_variant_sgd_ensemble(nets, xs, ys, settings, rngs=rngs, observers=seen)
    for seed, (path, net, (x, y), setting) in enumerate(zip(paths, nets, data, settings, strict=True)):
        alone = second_variant_sgd(net, x, y, setting, rng=np.random.default_rng(seed), observe=seen[seed])
        torch.testing.assert_close(path.network.second_weights, alone.network.second_weights, rtol=0, atol=1e-12)
        for name in ("objectives", "scales", "movement", "candidate_losses"):
            np.testing.assert_allclose(getattr(path, name), getattr(alone, name), rtol=1e-10)
        np.testing.assert_allclose(path.observations["outputs"], alone.observations["outputs"], rtol=0, atol=1e-10)
        assert (path.signs is None) == (alone.signs is None) == (not setting.signs)


def test_nets_of_unlike_rounds_or_shapes_are_refused():
    (first, x, y), (wide, *_) = problem(), problem(widths=(7, 5))
    rngs = [np.random.default_rng(0)] * 2
    with pytest.raises(ValueError, match="settings: expected one n_rounds, inner_steps and batch_size for all, found"):
        second_variant_sgd_ensemble([first] * 2, [x] * 2, [y] * 2, [FULL, replace(FULL, n_rounds=2)], rngs=rngs)
    with pytest.raises(ValueError, match="networks: expected one shape"):
        second_variant_sgd_ensemble([first, wide], [x] * 2, [y] * 2, [FULL] * 2, rngs=rngs)
    with pytest.raises(ValueError, match="rngs: expected one for each of the 2 networks, found 1"):
        second_variant_sgd_ensemble([first] * 2, [x] * 2, [y] * 2, [FULL] * 2, rngs=rngs[:1])
