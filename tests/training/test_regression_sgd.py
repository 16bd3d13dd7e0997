import itertools
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from ntkbook.networks import BiasedTwoLayer, ThreeLayer
from ntkbook.training import regression_sgd, regression_sgd_ensemble
from ntkbook.training.batches import order_of_points

N, D, B, T = 30, 4, 7, 40
SETTINGS: dict[str, Any] = {"step_size": 0.02, "batch_size": B, "n_steps": T}


def three_layer(rng, widths=(6, 5), dtype=torch.float64):
    return ThreeLayer.initialise(D, widths, rng, dtype=dtype)


def two_layer(rng, width=9, dtype=torch.float64):
    return BiasedTwoLayer.initialise(D, width, rng, dtype=dtype)


KINDS = {"three": three_layer, "two": two_layer}
TRAINED = {"three": ("first_weights", "second_weights"), "two": ("weights",)}


def problem(kind, seed=0, dtype=torch.float64):
    rng = np.random.default_rng(seed)
    x, y = (torch.from_numpy(rng.standard_normal(shape)).to(dtype) for shape in ((N, D), N))
    return KINDS[kind](rng, dtype=dtype), x, y


def run(network, x, y, seed=1, **settings):
    return regression_sgd(network, x, y, rng=np.random.default_rng(seed), **(SETTINGS | settings))


def run_in_torch(kind, network, x, y, *, seed=1, step_size=0.02, momentum=0.0, weight_decay=0.0):
    """The same run as one would write it in torch; the trained weights after each step."""
    weights = [torch.nn.Parameter(getattr(network, name).clone()) for name in TRAINED[kind]]
    net = replace(network, **dict(zip(TRAINED[kind], weights, strict=True)))
    optimiser = torch.optim.SGD(weights, lr=step_size, momentum=momentum, weight_decay=weight_decay)
    schedule = torch.optim.lr_scheduler.MultiStepLR(optimiser, [T // 2, 3 * T // 4], gamma=0.1)
    seen = [[w.detach().clone() for w in weights]]
    order = torch.from_numpy(order_of_points(N, B * T, np.random.default_rng(seed)))
    for batch in order.split(B):
        h = x[batch]
        if kind == "three":
            h = torch.relu(h @ net.first_weights + net.first_biases)
            f = torch.relu(h @ net.second_weights + net.second_biases) @ net.output_weights
        else:
            f = torch.relu(h @ net.weights + net.biases) @ net.output_weights
        optimiser.zero_grad()
        (torch.nn.functional.mse_loss(f, y[batch]) / 2).backward()
        optimiser.step()
        schedule.step()
        seen.append([w.detach().clone() for w in weights])
    return seen


@pytest.mark.parametrize(("kind", "momentum", "weight_decay"), list(itertools.product(KINDS, (0.0, 0.9), (0.0, 0.3))))
def test_run_is_that_of_autograd_and_torch_sgd(kind, momentum, weight_decay):
    network, x, y = problem(kind)

    def observe(now):
        return {name: getattr(now.network, name) for name in TRAINED[kind]}

    path = run(network, x, y, momentum=momentum, weight_decay=weight_decay, observe=observe)
    right = run_in_torch(kind, network, x, y, momentum=momentum, weight_decay=weight_decay)
    for step in path.steps:
        position = list(path.steps).index(step)
        for layer, name in enumerate(TRAINED[kind]):
            found = path.observations[name][position]
            np.testing.assert_allclose(found, right[step][layer], rtol=0, atol=1e-12)
            moved = np.linalg.norm(right[step][layer] - right[0][layer])
            np.testing.assert_allclose(path.movement[position, layer], moved, rtol=1e-12, atol=1e-12)
    for layer, name in enumerate(TRAINED[kind]):
        torch.testing.assert_close(getattr(path.network, name), right[-1][layer], rtol=0, atol=1e-12)
    errors = [float((path.network(x) - y).square().mean()), float((network(x) - y).square().mean())]
    np.testing.assert_allclose([path.train_errors[-1], path.train_errors[0]], errors, rtol=1e-12)
    assert (path.movement[-1] > 0.01).all()


@pytest.mark.parametrize("kind", KINDS)
def test_nets_side_by_side_are_trained_as_each_alone(kind):
    problems = [problem(kind, seed) for seed in range(3)]
    etas, decays = [0.02, 0.01, 0.03], [0.0, 0.1, 0.3]
    together = regression_sgd_ensemble(
        *map(list, zip(*problems, strict=True)),
        step_sizes=etas,
        weight_decays=decays,
        momentum=0.9,
        batch_size=B,
        n_steps=T,
        rngs=[np.random.default_rng(seed) for seed in range(3)],
    )
    for seed, path in enumerate(together):
        settings = {"step_size": etas[seed], "weight_decay": decays[seed], "momentum": 0.9}
        alone = run(*problems[seed], seed=seed, **settings)
        for field in ("steps", "times", "train_errors", "movement", "target_variance"):
            np.testing.assert_allclose(getattr(path, field), getattr(alone, field), rtol=1e-10)
        for name in TRAINED[kind]:
            found = getattr(path.network, name)
            torch.testing.assert_close(found, getattr(alone.network, name), rtol=0, atol=1e-12)
            assert found.untyped_storage().nbytes() == found.nbytes


def test_a_net_that_diverges_does_not_stop_the_others():
    network, x, y = problem("three")
    rngs = [np.random.default_rng(1), np.random.default_rng(1)]
    settings: dict[str, Any] = {"batch_size": B, "n_steps": T, "weight_decays": [0.0, 0.0], "rngs": rngs}
    lost, kept = regression_sgd_ensemble([network] * 2, [x] * 2, [y] * 2, step_sizes=[1e200, 0.02], **settings)
    assert lost.diverged
    assert lost.convergence.starved
    np.testing.assert_allclose(kept.train_errors, run(network, x, y).train_errors, rtol=1e-10)
    with pytest.raises(FloatingPointError, match="step_size: the train error is no longer finite"):
        run(network, x, y, step_size=1e200)


def test_start_and_data_are_left_alone_and_fixed_parts_stay():
    network, x, y = problem("three")
    before = [value.clone() for value in (*vars(network).values(), x, y)]
    path = run(network, x, y, momentum=0.9, weight_decay=0.1)
    for found, right in zip((*vars(network).values(), x, y), before, strict=True):
        assert torch.equal(found, right)
    for name in ("output_weights", "first_biases", "second_biases"):
        assert torch.equal(getattr(path.network, name), getattr(network, name))


def test_steps_shrink_at_one_half_and_three_quarters_and_time_is_their_sum():
    path = run(*problem("two"), record_at=range(T + 1))
    etas = np.array([0.02] * 20 + [0.002] * 10 + [0.0002] * 10)
    np.testing.assert_allclose(path.times, np.concatenate([[0], etas.cumsum()]), rtol=1e-12)
    first, second, third = np.diff(path.movement[:, 0])[[5, 25, 35]]
    assert abs(first) > abs(second) > abs(third)


def test_full_batch_without_momentum_is_gradient_descent_in_float32_too():
    network, x, y = problem("three", dtype=torch.float32)
    settings = {"batch_size": N, "n_steps": 4, "record_at": ()}
    first, second = (run(network, x, y, seed=seed, **settings) for seed in (1, 2))
    assert first.network.output_weights.dtype == getattr(first.network, TRAINED["three"][1]).dtype == torch.float32
    np.testing.assert_allclose(first.train_errors, second.train_errors, rtol=1e-5)


def test_layers_move_in_blocks_of_rows_as_in_one(monkeypatch):
    whole = run(*problem("three"), momentum=0.9, weight_decay=0.1)
    monkeypatch.setattr("ntkbook.training.layer_state._BLOCK_ELEMENTS", 10)  # two rows of V at a time
    found = run(*problem("three"), momentum=0.9, weight_decay=0.1)
    for name in TRAINED["three"]:
        torch.testing.assert_close(getattr(found.network, name), getattr(whole.network, name), rtol=0, atol=1e-12)


def test_train_error_in_chunks_is_that_of_all_points(monkeypatch):
    whole = run(*problem("three"), momentum=0.9)
    monkeypatch.setattr("ntkbook.training.layer_state._CHUNK_ELEMENTS", 24)
    np.testing.assert_allclose(run(*problem("three"), momentum=0.9).train_errors, whole.train_errors, rtol=1e-12)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"x": torch.ones(N, D + 1, dtype=torch.float64)}, r"x: expected shape .*d = 4 as in network, found \(30, 5\)"),
        ({"y": torch.ones(N - 1, dtype=torch.float64)}, r"y: expected shape .*n = 30 as in x, found \(29,\)"),
        ({"y": torch.ones(N)}, "y: expected torch.float64 on cpu.*found torch.float32"),
        ({"y": torch.full((N,), torch.inf, dtype=torch.float64)}, "y: expected finite numbers"),
        ({"step_size": 0.0}, "step_size: expected a positive number, found 0"),
        ({"n_steps": 0}, "n_steps: expected a whole number >= 1, found 0"),
        ({"batch_size": N + 1}, "batch_size: expected a whole number from 1 to n = 30, found 31"),
        ({"momentum": 1.0}, r"momentum: expected a number in \[0, 1\), found 1"),
        ({"weight_decay": -0.1}, "weight_decay: expected a number >= 0, found -0.1"),
        ({"record_at": (T + 1,)}, r"record_at: expected steps in 0..40 \(n_steps\)"),
    ],
)
def test_bad_input_is_refused_by_name(changes, message):
    network, x, y = problem("three")
    changes = dict(changes)
    with pytest.raises(ValueError, match=message):
        run(network, changes.pop("x", x), changes.pop("y", y), **changes)


def test_nets_that_do_not_agree_are_refused():
    network, x, y = problem("three")
    wider = three_layer(np.random.default_rng(0), widths=(6, 6))
    rngs = [np.random.default_rng(0)] * 2
    settings: dict[str, Any] = {
        "step_sizes": [0.1] * 2,
        "weight_decays": [0.0] * 2,
        "batch_size": B,
        "n_steps": T,
        "rngs": rngs,
    }
    with pytest.raises(ValueError, match="networks: expected one shape, dtype and device for all"):
        regression_sgd_ensemble([network, wider], [x] * 2, [y] * 2, **settings)
    with pytest.raises(ValueError, match="rngs: expected one for each of the 2 networks, found 1"):
        regression_sgd_ensemble([network] * 2, [x] * 2, [y] * 2, **{**settings, "rngs": rngs[:1]})
