from operator import attrgetter

import numpy as np
import pytest
import torch
from reference import autograd_descent, forward, unit_inputs

from ntkbook.kernels import empirical_gram
from ntkbook.networks import TwoLayer
from ntkbook.spectrum import eigendecompose
from ntkbook.training import gradient_descent, log_grid, movement, spaces

SPACES = ("weights", "preactivations")


def setting(n=9, d=4, m=31, dtype=torch.float64, init_scale=0.3):
    """Inputs, labels, test inputs and a start whose gates do flip on the way."""
    network = TwoLayer.initialise(d, m, np.random.default_rng(0), init_scale=init_scale, dtype=dtype)
    y = torch.from_numpy(np.random.default_rng(1).choice([-1.0, 1.0], n)).to(dtype)
    return network, unit_inputs(n, d, 2, dtype), y, unit_inputs(5, d, 3, dtype)


@pytest.mark.parametrize("space", SPACES)
@pytest.mark.parametrize("blocks", [None, 13])
def test_fifty_steps_match_autograd(monkeypatch, space, blocks):
    if blocks:
        monkeypatch.setattr(movement, "_BLOCK_ELEMENTS", blocks)
        monkeypatch.setattr(spaces, "_BLOCK_ELEMENTS", 0)
        monkeypatch.setattr(spaces, "_LEAST_NEURONS", blocks)
    network, x, y, x_test = setting()
    oracle = autograd_descent(network, x, y, 0.2, 50)
    path = gradient_descent(network, x, y, step_size=0.2, n_steps=50, record_at=range(51), space=space, x_test=x_test)
    a = network.output_weights
    for k, weights in enumerate(oracle):
        moved = weights - oracle[0]
        flipped = ((x @ weights >= 0) != (x @ oracle[0] >= 0)).double().mean()
        np.testing.assert_allclose(path.residuals[k], y - forward(x, weights, a), rtol=0, atol=1e-10)
        np.testing.assert_allclose(path.movement.neurons[k], moved.norm(dim=0), rtol=0, atol=1e-10)
        np.testing.assert_allclose(path.test_outputs[k], forward(x_test, weights, a), rtol=0, atol=1e-10)
        assert path.movement.total[k] == pytest.approx(float(moved.norm()), abs=1e-10)
        assert path.movement.flipped[k] == pytest.approx(float(flipped), abs=1e-12)
        assert path.loss[k] == pytest.approx(float(((y - forward(x, weights, a)) ** 2).sum() / 2), abs=1e-10)
    torch.testing.assert_close(path.network.weights, oracle[-1], rtol=0, atol=1e-10)
    assert path.network.output_weights is a
    assert path.movement.flipped[-1] > 0.01  # or the test says nothing about gates
    assert path.space == space
    assert path.step_size == 0.2
    assert path.residuals.dtype == np.float64


def test_spaces_agree_to_rounding_in_float64_and_float32():
    for dtype, tolerance in ((torch.float64, 1e-12), (torch.float32, 1e-4)):
        network, x, y, x_test = setting(n=20, d=10, m=200, dtype=dtype)
        a, b = (
            gradient_descent(network, x, y, step_size=0.05, n_steps=100, space=space, x_test=x_test) for space in SPACES
        )
        for name in ("residuals", "movement.neurons", "test_outputs", "movement.total"):
            found = attrgetter(name)
            np.testing.assert_allclose(found(a), found(b), rtol=0, atol=tolerance)
        torch.testing.assert_close(a.network.weights, b.network.weights, rtol=0, atol=tolerance)
        assert a.network.weights.dtype == dtype


@pytest.mark.parametrize("space", SPACES)
@pytest.mark.parametrize("track", [True, False])
def test_start_and_data_are_left_as_they_were(space, track):
    network, x, y, _ = setting()
    before = [tensor.clone() for tensor in (network.weights, network.output_weights, x, y)]
    path = gradient_descent(network, x, y, step_size=0.2, n_steps=5, space=space, track_movement=track)
    after = (network.weights, network.output_weights, x, y)
    assert all(torch.equal(a, b) for a, b in zip(before, after, strict=True))
    if track:
        assert path.network.weights.data_ptr() != network.weights.data_ptr()


@pytest.mark.parametrize("space", SPACES)
def test_step_zero_is_the_start(space):
    network, x, y, _ = setting()
    path = gradient_descent(network, x, y, step_size=0.2, n_steps=3, space=space)
    np.testing.assert_allclose(path.residuals[0], y - network(x), rtol=0, atol=1e-15)
    assert path.movement.flipped[0] == path.movement.total[0] == 0


@pytest.mark.parametrize(("n", "d", "space"), [(7, 4, "preactivations"), (8, 4, "weights"), (3, 50, "preactivations")])
def test_auto_takes_preactivations_when_n_is_below_twice_d(n, d, space):
    network, x, y, _ = setting(n=n, d=d)
    assert gradient_descent(network, x, y, step_size=0.1, n_steps=1).space == space


def test_recorded_steps_are_those_asked_for_and_the_ends():
    network, x, y, _ = setting()
    run = {"step_size": 0.2, "n_steps": 12}
    every = gradient_descent(network, x, y, record_at=range(13), **run)
    assert every.steps.tolist() == list(range(13))
    some = gradient_descent(network, x, y, record_at=(9, 2, 9), **run)
    assert some.steps.tolist() == [0, 2, 9, 12]
    np.testing.assert_array_equal(some.residuals, every.residuals[some.steps])
    np.testing.assert_array_equal(some.movement.neurons, every.movement.neurons[some.steps])
    default = gradient_descent(network, x, y, **run)
    np.testing.assert_array_equal(default.steps, log_grid(12))
    assert gradient_descent(network, x, y, record_at=[], **run).steps.tolist() == [0, 12]


@pytest.mark.parametrize("space", SPACES)
def test_a_run_stops_at_the_first_step_that_is_good_enough_and_records_it(space):
    network, x, y, x_test = setting()
    run = {"step_size": 0.2, "n_steps": 40, "space": space, "x_test": x_test}
    every = gradient_descent(network, x, y, record_at=range(41), **run)
    mean_loss = every.loss / len(y)
    k = 23
    stopped = gradient_descent(network, x, y, record_at=(5, 30), stop_loss=mean_loss[k] * (1 + 1e-9), **run)
    assert mean_loss[k] < mean_loss[:k].min()  # or the step is not the first
    assert stopped.steps.tolist() == [0, 5, k]
    np.testing.assert_allclose(stopped.residuals, every.residuals[[0, 5, k]], rtol=0, atol=1e-12)
    np.testing.assert_allclose(stopped.test_outputs[-1], every.test_outputs[k], rtol=0, atol=1e-12)
    never = gradient_descent(network, x, y, record_at=(5,), stop_loss=1e-300, **run)
    assert never.steps.tolist() == [0, 5, 40]
    at_once = gradient_descent(network, x, y, record_at=(5,), stop_loss=1e3, **run)
    assert at_once.steps.tolist() == [0]


@pytest.mark.parametrize("space", SPACES)
def test_observer_sees_each_recorded_state_and_its_numbers_are_stacked(space):
    network, x, y, _ = setting()
    oracle = autograd_descent(network, x, y, 0.2, 6)
    seen = []

    def observe(now):
        seen.append(now.step)
        torch.testing.assert_close(now.preactivations, x @ oracle[now.step], rtol=0, atol=1e-12)
        torch.testing.assert_close(now.residual, y - forward(x, oracle[now.step], network.output_weights))
        return {"twice": 2 * now.residual, "share": float((now.preactivations >= 0).double().mean())}

    path = gradient_descent(network, x, y, step_size=0.2, n_steps=6, record_at=(0, 3, 6), space=space, observe=observe)
    assert seen == [0, 3, 6]
    np.testing.assert_allclose(path.observations["twice"], 2 * path.residuals)
    assert path.observations["share"].shape == (3,)
    assert set(path.observations) == {"twice", "share"}


@pytest.mark.parametrize("space", SPACES)
def test_observed_tensors_are_copied_before_the_next_step_changes_them(space):
    network, x, y, _ = setting()
    oracle = autograd_descent(network, x, y, 0.2, 4)
    run = {"step_size": 0.2, "n_steps": 4, "record_at": range(5), "space": space}
    path = gradient_descent(network, x, y, observe=lambda now: {"first": now.preactivations[:, 0]}, **run)
    for k, weights in enumerate(oracle):
        np.testing.assert_allclose(path.observations["first"][k], (x @ weights)[:, 0], rtol=0, atol=1e-12)


def test_observing_changes_nothing():
    network, x, y, _ = setting()
    run = {"step_size": 0.2, "n_steps": 6}
    watched = gradient_descent(network, x, y, observe=lambda now: {"norm": now.residual.norm()}, **run)
    np.testing.assert_array_equal(watched.residuals, gradient_descent(network, x, y, **run).residuals)


@pytest.mark.parametrize("space", SPACES)
def test_without_movement_the_residuals_are_the_same_and_asking_for_it_says_what_to_do(space):
    network, x, y, _ = setting()
    run = {"step_size": 0.2, "n_steps": 20, "space": space}
    lean = gradient_descent(network, x, y, track_movement=False, **run)
    np.testing.assert_array_equal(lean.residuals, gradient_descent(network, x, y, **run).residuals)
    for name in ("movement", "network"):
        with pytest.raises(ValueError, match="movement: expected a run with track_movement=True, found False; run it"):
            getattr(lean, name)
    assert dict(lean.observations) == {}


def test_test_outputs_of_a_run_without_test_inputs_are_refused_with_the_remedy():
    network, x, y, _ = setting()
    path = gradient_descent(network, x, y, step_size=0.2, n_steps=2)
    with pytest.raises(ValueError, match="test_outputs: expected a run with x_test, found none; run it again"):
        path.test_outputs  # noqa: B018


def test_observations_may_have_the_names_of_what_is_recorded_anyway():
    network, x, y, _ = setting()
    path = gradient_descent(network, x, y, step_size=0.2, n_steps=2, observe=lambda now: {"flipped": now.step})
    assert path.observations["flipped"].tolist() == path.steps.tolist() == [0, 1, 2]
    assert path.movement.flipped[0] == 0


def test_rotating_inputs_and_weights_leaves_the_residuals():
    network, x, y, _ = setting()
    q = torch.from_numpy(np.linalg.qr(np.random.default_rng(4).standard_normal((4, 4)))[0])
    turned = TwoLayer(q.T @ network.weights, network.output_weights)
    run = {"step_size": 0.2, "n_steps": 20}
    rotated = gradient_descent(turned, x @ q, y, **run)
    np.testing.assert_allclose(rotated.residuals, gradient_descent(network, x, y, **run).residuals, atol=1e-12)


def test_very_wide_net_follows_its_first_gram_matrix():
    network, x, y, _ = setting(m=100_000, init_scale=1.0)
    gram = empirical_gram(x, network.weights)
    path = gradient_descent(network, x, y, step_size=0.3, n_steps=20, record_at=range(21), track_movement=False)
    frozen = torch.from_numpy(path.residuals[0])
    for k in range(21):
        np.testing.assert_allclose(path.residuals[k], frozen, atol=0.02)
        frozen = frozen - 0.3 * gram @ frozen
    assert path.loss[-1] < 0.8 * path.loss[0]


@pytest.mark.parametrize("space", SPACES)
def test_too_large_a_step_is_an_error_and_a_stable_one_is_not(space):
    network, x, y, _ = setting(m=200)
    limit = 2 / eigendecompose(empirical_gram(x, network.weights)).lambda_max
    assert gradient_descent(network, x, y, step_size=0.5 * limit, n_steps=100, space=space).loss[-1] < 5
    with pytest.raises(FloatingPointError, match=r"step_size: the loss is no longer finite at step .*take it below"):
        gradient_descent(network, x, y, step_size=1e100, n_steps=200, space=space)


def test_progress_bar_counts_steps_and_is_silent_unless_asked_for(capsys):
    network, x, y, _ = setting()
    gradient_descent(network, x, y, step_size=0.2, n_steps=5)
    assert capsys.readouterr().err == ""
    gradient_descent(network, x, y, step_size=0.2, n_steps=5, progress=True)
    assert "5/5" in capsys.readouterr().err


def bad_arguments():
    _, x, y, x_test = setting()
    nan = x.clone()
    nan[2, 1] = float("nan")
    infinite = y.clone()
    infinite[0] = float("inf")
    return {
        "x of other d": {"x": x[:, :3]},
        "x a vector": {"x": x[0]},
        "x empty": {"x": x[:0], "y": y[:0]},
        "x of other dtype": {"x": x.float()},
        "x integer": {"x": torch.ones(9, 4, dtype=torch.int64)},
        "x with a NaN": {"x": nan},
        "y too short": {"y": y[:-1]},
        "y a column": {"y": y[:, None]},
        "y of other dtype": {"y": y.float()},
        "y infinite": {"y": infinite},
        "step_size zero": {"step_size": 0.0},
        "step_size negative": {"step_size": -0.1},
        "step_size NaN": {"step_size": float("nan")},
        "step_size infinite": {"step_size": float("inf")},
        "n_steps zero": {"n_steps": 0},
        "stop_loss zero": {"stop_loss": 0.0},
        "stop_loss NaN": {"stop_loss": float("nan")},
        "record_at beyond": {"record_at": [11]},
        "record_at negative": {"record_at": [-1]},
        "space unknown": {"space": "weight"},
        "x_test of other d": {"x_test": x_test[:, :3]},
        "x_test a vector": {"x_test": x_test[0]},
        "x_test empty": {"x_test": x_test[:0]},
        "x_test of other dtype": {"x_test": x_test.float()},
        "x_test with a NaN": {"x_test": nan},
        "x_test without movement": {"x_test": x_test, "track_movement": False},
    }


@pytest.mark.parametrize("change", bad_arguments())
def test_bad_argument_is_named_with_what_was_found(change):
    network, x, y, _ = setting()
    arguments = {"x": x, "y": y, "step_size": 0.1, "n_steps": 10} | bad_arguments()[change]
    with pytest.raises((ValueError, TypeError), match=rf"^{change.split()[0]}.*: .*(expected|need)"):
        gradient_descent(network, **arguments)
