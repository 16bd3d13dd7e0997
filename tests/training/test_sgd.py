import itertools

import numpy as np
import pytest
import torch

from ntkbook.networks import TwoLayerClassifier
from ntkbook.training import log_grid, sgd, sgd_ensemble
from ntkbook.training.batches import order_of_points
from ntkbook.training.blocks import cheaper_space

N, D, M, K = 30, 7, 50, 4
SPACES = ("weights", "preactivations")


def problem(seed=0, dtype=torch.float64):
    rng = np.random.default_rng(seed)
    x = torch.from_numpy(rng.standard_normal((N, D))).to(dtype)
    return TwoLayerClassifier.initialise(D, M, K, rng, dtype=dtype), x, torch.from_numpy(rng.integers(K, size=N))


def run(network, x, classes, seed=1, **settings):
    settings = {"step_size": 0.02, "batch_size": 4, "n_steps": 40} | settings
    return sgd(network, x, classes, rng=np.random.default_rng(seed), **settings)


def autograd_sgd(network, x, classes, order, step_size, batch_size):
    """The same run as one would write it in torch: weights after each step, losses before."""
    weights = network.weights.clone().requires_grad_()
    seen, losses = [weights.detach().clone()], []
    for begin in range(0, len(order), batch_size):
        batch = order[begin : begin + batch_size]
        outputs = torch.relu(x[batch] @ weights) @ network.output_weights.T
        loss = torch.nn.functional.cross_entropy(outputs, classes[batch])
        (gradient,) = torch.autograd.grad(loss, weights)
        with torch.no_grad():
            weights -= step_size * gradient
        losses.append(float(loss.detach()))
        seen.append(weights.detach().clone())
    return seen, losses


@pytest.mark.parametrize(("space", "block"), list(itertools.product(SPACES, (1, 8, 13, 1000))))
def test_run_is_that_of_autograd_in_either_space_and_any_block(space, block):
    network, x, classes = problem()
    path = run(network, x, classes, space=space, block_points=block, observe=lambda now: {"w": now.weights})
    order = order_of_points(N, 160, np.random.default_rng(1))
    weights, losses = autograd_sgd(network, x, classes, order, 0.02, 4)
    assert path.space == space
    np.testing.assert_allclose(path.batch_losses, losses, rtol=1e-10)
    for step, found in zip(path.steps, path.observations["w"], strict=True):
        np.testing.assert_allclose(found, weights[step], rtol=0, atol=1e-10)
    torch.testing.assert_close(path.network.weights, weights[-1], rtol=0, atol=1e-10)
    assert float((weights[-1] - weights[0]).norm()) > 0.1  # it went somewhere


def test_step_is_equation_1():
    network, x, classes = problem()
    path = run(network, x, classes, batch_size=N, n_steps=1)
    w, a = network.weights.numpy(), network.output_weights.numpy()
    outputs = network(x).numpy()
    o = np.exp(outputs) / np.exp(outputs).sum(1, keepdims=True)
    gradient = np.zeros((D, M))
    for s, y in enumerate(classes.tolist()):
        others = [i for i in range(K) if i != y]
        pull = sum(a[i] * o[s, i] for i in others) - sum(a[y] * o[s, i] for i in others)  # (M,)
        gradient += np.outer(x[s].numpy(), pull * (w.T @ x[s].numpy() >= 0)) / N
    np.testing.assert_allclose(path.network.weights, w - 0.02 * gradient, rtol=1e-10)


@pytest.mark.parametrize("space", SPACES)
def test_full_batch_does_not_depend_on_the_order_and_lowers_the_loss(space):
    network, x, classes = problem()
    first, second = (
        run(network, x, classes, seed=seed, batch_size=N, n_steps=60, step_size=0.01, space=space) for seed in (1, 2)
    )
    np.testing.assert_allclose(first.batch_losses, second.batch_losses, rtol=1e-10)
    assert (np.diff(first.batch_losses) < 0).all()


def test_one_pass_sees_every_point_once_and_several_passes_equally_often():
    rng = np.random.default_rng(0)
    assert sorted(order_of_points(12, 12, rng)) == list(range(12))
    assert len(set(order_of_points(12, 8, rng))) == 8
    counts = np.bincount(order_of_points(5, 20, rng))
    assert counts.tolist() == [4] * 5
    assert len({tuple(order_of_points(5, 5, rng)) for _ in range(30)}) > 10


def test_network_and_data_are_left_alone():
    network, x, classes = problem()
    before = network.weights.clone(), x.clone(), classes.clone()
    for space in SPACES:
        run(network, x, classes, space=space)
    assert torch.equal(network.weights, before[0])
    assert torch.equal(x, before[1])
    assert torch.equal(classes, before[2])


def test_looks_fall_on_the_asked_steps_and_do_not_change_the_run():
    network, x, classes = problem()
    seen = []
    path = run(network, x, classes, record_at=(7, 3, 3), observe=lambda now: seen.append(now.step) or {"t": now.step})
    assert seen == path.steps.tolist() == path.observations["t"].tolist() == [0, 3, 7, 40]
    plain = run(network, x, classes, record_at=())
    np.testing.assert_allclose(plain.batch_losses, path.batch_losses, rtol=1e-12)
    assert plain.observations == {}
    assert run(network, x, classes).steps.tolist() == log_grid(40).tolist()


@pytest.mark.parametrize("space", SPACES)
def test_snapshot_shows_weights_and_preactivations_that_belong_together(space):
    network, x, classes = problem()

    def observe(now):
        return {"gap": (now.preactivations - x @ now.weights).abs().max()}

    path = run(network, x, classes, space=space, observe=observe)
    assert path.observations["gap"].max() < 1e-12


def test_float32_run_stays_near_the_float64_one():
    network, x, classes = problem()
    single = TwoLayerClassifier(network.weights.float(), network.output_weights.float())
    for space in SPACES:
        found = run(single, x.float(), classes, space=space).network.weights
        assert found.dtype == torch.float32
        torch.testing.assert_close(found.double(), run(network, x, classes).network.weights, rtol=0, atol=1e-4)


def test_auto_takes_preactivations_only_where_points_recur():
    assert cheaper_space(n=1000, d=1000, points=1000, looks=0) == "weights"
    assert cheaper_space(n=1000, d=1000, points=6400, looks=0) == "preactivations"
    assert cheaper_space(n=1000, d=1000, points=6400, looks=20) == "weights"
    assert cheaper_space(n=60_000, d=784, points=1_280_000, looks=0) == "weights"
    network, x, classes = problem()
    assert run(network, x, classes, n_steps=5).space == "weights"
    assert run(network, x[:8], classes[:8], n_steps=500).space == "preactivations"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"x": torch.ones(N, D + 1, dtype=torch.float64)}, r"x: expected shape .*d = 7 as in network, found \(30, 8\)"),
        ({"x": torch.ones(N, D)}, r"x: expected torch.float64 on cpu.*found torch.float32"),
        ({"x": torch.full((N, D), torch.nan, dtype=torch.float64)}, "x: expected finite numbers"),
        ({"classes": torch.zeros(N)}, r"classes: expected int64 numbers.*found a tensor of torch.float32"),
        ({"classes": torch.zeros(3, dtype=torch.int64)}, r"classes: expected shape .*found \(3,\)"),
        ({"classes": torch.full((N,), K)}, r"classes: expected entries from 0 to 3, found 4 to 4"),
        ({"classes": torch.full((N,), -1)}, r"classes: expected entries from 0 to 3, found -1 to -1"),
        ({"step_size": 0.0}, "step_size: expected a positive number, found 0"),
        ({"batch_size": 0}, "batch_size: expected a whole number >= 1, found 0"),
        ({"batch_size": N + 1}, "batch_size: expected a whole number from 1 to n = 30, found 31"),
        ({"n_steps": 0}, "n_steps: expected a whole number >= 1, found 0"),
        ({"space": "hilbert"}, "space: expected one of auto, weights, preactivations, found 'hilbert'"),
        ({"record_at": (41,)}, r"record_at: expected steps in 0..40 \(n_steps\), found 0..41"),
        ({"record_at": (-1,)}, r"record_at\[0\]: expected a whole number >= 0, found -1"),
    ],
)
def test_bad_input_is_refused_by_name(changes, message):
    network, x, classes = problem()
    changes = dict(changes)
    with pytest.raises((ValueError, TypeError), match=message):
        run(network, changes.pop("x", x), changes.pop("classes", classes), **changes)


def test_step_size_that_is_too_large_is_told():
    network, x, classes = problem()
    with pytest.raises(FloatingPointError, match=r"step_size: the loss of a net is no longer finite before step \d+"):
        run(network, x, classes, step_size=1e308)


def ensemble(shared, space="auto", **changes):
    """Three nets, on data of their own or on the same."""
    networks, x, classes = map(list, zip(*(problem(seed) for seed in range(3)), strict=True))
    if shared:
        x, classes = [x[0]] * 3, [classes[0]] * 3
    seen = [lambda now: {"w": now.weights, "p": now.preactivations} for _ in networks]
    settings = {"step_size": 0.02, "batch_size": 4, "n_steps": 40, "observers": seen, "space": space} | changes
    settings.setdefault("rngs", [np.random.default_rng(seed) for seed in range(len(networks))])
    return sgd_ensemble(settings.pop("networks", networks), settings.pop("x", x), classes, **settings)


@pytest.mark.parametrize(("space", "shared", "block"), list(itertools.product(SPACES, (True, False), (1, 13, 1000))))
def test_nets_side_by_side_take_the_steps_of_each_on_its_own(space, shared, block):
    together = ensemble(shared, space, block_points=block)
    for seed, path in enumerate(together):
        network, x, classes = problem(seed)
        if shared:
            _, x, classes = problem(0)
        alone = run(
            network,
            x,
            classes,
            seed=seed,
            space=space,
            block_points=block,
            observe=lambda now: {"w": now.weights, "p": now.preactivations},
        )
        np.testing.assert_allclose(path.batch_losses, alone.batch_losses, rtol=1e-10)
        torch.testing.assert_close(path.network.weights, alone.network.weights, rtol=0, atol=1e-10)
        torch.testing.assert_close(path.network.output_weights, network.output_weights)
        for name in ("w", "p"):
            np.testing.assert_allclose(path.observations[name], alone.observations[name], rtol=0, atol=1e-10)
    assert float((together[0].network.weights - together[1].network.weights).norm()) > 1


def single_and_double():
    network, _, _ = problem()
    single = TwoLayerClassifier(network.weights.float(), network.output_weights.float())
    return [network, network, single]


@pytest.mark.parametrize("space", SPACES)
def test_one_net_may_be_trained_several_times_and_each_result_stands_alone(space):
    network, x, classes = problem()
    before = network.weights.clone()
    paths = ensemble(True, space, networks=[network] * 3, x=[x] * 3)
    assert torch.equal(network.weights, before)
    for seed, path in enumerate(paths):
        alone = run(network, x, classes, seed=seed, space=space)
        torch.testing.assert_close(path.network.weights, alone.network.weights, rtol=0, atol=1e-10)
        assert path.network.weights.untyped_storage().nbytes() == before.nbytes


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"networks": []}, "networks: expected at least one entry, found none"),
        ({"rngs": [np.random.default_rng(0)]}, "rngs: expected one for each of the 3 networks, found 1"),
        ({"networks": single_and_double()}, r"networks: expected one shape, dtype and device.*float32.*float64"),
        ({"observers": []}, "observers: expected at least one entry, found none"),
    ],
)
def test_ensembles_that_do_not_agree_are_refused_by_name(changes, message):
    with pytest.raises(ValueError, match=message):
        ensemble(False, **changes)


def test_nets_of_two_widths_are_not_trained_side_by_side():
    network, x, classes = problem()
    rngs = [np.random.default_rng(0), np.random.default_rng(0)]
    wide = TwoLayerClassifier.initialise(D, M + 1, K, rngs[0], dtype=torch.float64)
    settings = {"step_size": 0.02, "batch_size": 4, "n_steps": 4, "rngs": rngs}
    with pytest.raises(
        ValueError,
        match=r"networks: expected one shape, .*found \(7, 50\) torch.float64 on cpu with 4 classes, \(7, 51\)",
    ):
        sgd_ensemble([network, wide], [x, x], [classes, classes], **settings)
    with pytest.raises(ValueError, match=r"x: expected one shape, dtype and device for all"):
        sgd_ensemble([network, network], [x, x[:9]], [classes, classes[:9]], **settings)
