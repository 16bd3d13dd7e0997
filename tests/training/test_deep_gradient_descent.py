from itertools import pairwise

import numpy as np
import pytest
import torch
from reference import autograd_logistic_descent, deep_forward, loop_logistic_descent, unit_inputs

from ntkbook.losses import surrogate_error
from ntkbook.margins import gradient_certificate
from ntkbook.networks import DeepReLU, loss_gradient
from ntkbook.training import deep_gradient_descent, log_grid

WIDTHS = [(18,), (17, 12), (19, 15, 24), (11, 20, 9, 16)]
"""Unequal, so that fan-in in the place of fan-out, and a transpose, cannot hide."""


def setting(widths=(19, 15, 24), n=9, d=4, dtype=torch.float64, seed=0):
    """A start, inputs, labels and test inputs."""
    network = DeepReLU.initialise(d, widths, np.random.default_rng(seed), dtype=dtype)
    y = torch.from_numpy(np.random.default_rng(1).choice([-1.0, 1.0], n)).to(dtype)
    return network, unit_inputs(n, d, 2, dtype), y, unit_inputs(5, d, 3, dtype)


def layer_norms(layers):
    return [float(layer.norm()) for layer in layers]


@pytest.mark.parametrize("widths", WIDTHS)
def test_thirty_steps_match_autograd_and_plain_sgd(widths):
    network, x, y, x_test = setting(widths)
    v = network.output_weights
    oracle = autograd_logistic_descent(network, x, y, 0.1, 30)
    path = deep_gradient_descent(network, x, y, step_size=0.1, n_steps=30, record_at=range(31), x_test=x_test)
    close = {"rtol": 0, "atol": 1e-12}
    for k, (weights, loss, gradients) in enumerate(oracle):
        margins = y * deep_forward(x, weights, v)
        np.testing.assert_allclose(path.margins[k], margins, **close)
        np.testing.assert_allclose(path.loss[k], loss, **close)
        np.testing.assert_allclose(path.surrogate_errors[k], (1 / (1 + margins.exp())).mean(), **close)
        np.testing.assert_allclose(path.test_outputs[k], deep_forward(x_test, weights, v), **close)
        np.testing.assert_allclose(path.gradient_norms[k], layer_norms(gradients), **close)
        moved = [now - start for now, start in zip(weights, network.weights, strict=True)]
        np.testing.assert_allclose(path.movement.total[k], layer_norms(moved), **close)
        np.testing.assert_allclose(path.movement.flipped[k], flipped_share(x, weights, network.weights), **close)
    for found, right in zip(path.network.weights, oracle[-1][0], strict=True):
        torch.testing.assert_close(found, right, **close)
    assert path.network.output_weights is v
    assert (path.movement.flipped[-1] > 0.01).all()  # or the test says nothing about gates
    assert path.margins.dtype == np.float64
    assert (path.space, path.step_size) == ("weights", 0.1)


def flipped_share(x, weights, start):
    shares, now, then = [], x, x
    for w, w_0 in zip(weights, start, strict=True):
        now, then = torch.relu(now @ w), torch.relu(then @ w_0)
        shares.append(float(((now > 0) != (then > 0)).double().mean()))
    return shares


def test_one_hidden_layer_matches_explicit_loops():
    network, x, y, _ = setting((6,), n=5, d=3)
    path = deep_gradient_descent(network, x, y, step_size=0.3, n_steps=8, record_at=range(9))
    oracle = loop_logistic_descent(network, x, y, 0.3, 8)
    start = np.array(oracle[0]["gates"])
    for k, right in enumerate(oracle):
        np.testing.assert_allclose(path.margins[k], right["margins"], rtol=0, atol=1e-12)
        assert path.loss[k] == pytest.approx(right["loss"], abs=1e-12)
        assert path.surrogate_errors[k] == pytest.approx(right["surrogate"], abs=1e-12)
        assert path.gradient_norms[k] == pytest.approx(right["gradient_norm"], abs=1e-12)
        assert path.movement.flipped[k] == (np.array(right["gates"]) != start).mean()
    assert path.movement.flipped[-1] > 0


@pytest.mark.parametrize("widths", WIDTHS)
def test_step_zero_is_the_start(widths):
    network, x, y, _ = setting(widths)
    path = deep_gradient_descent(network, x, y, step_size=0.1, n_steps=2)
    np.testing.assert_allclose(path.margins[0], y * network(x), rtol=0, atol=1e-14)
    assert path.movement.total.shape == path.movement.flipped.shape == path.gradient_norms.shape == (3, len(widths))
    assert path.movement.total[0].tolist() == path.movement.flipped[0].tolist() == [0.0] * len(widths)
    assert (path.movement.total[1:] > 0).all()


def test_start_and_data_are_left_as_they_were():
    network, x, y, x_test = setting()
    tensors = (*network.weights, network.output_weights, x, y, x_test)
    before = [tensor.clone() for tensor in tensors]
    path = deep_gradient_descent(network, x, y, step_size=0.1, n_steps=5, x_test=x_test)
    assert all(torch.equal(a, b) for a, b in zip(before, tensors, strict=True))
    starts, ends = ({w.data_ptr() for w in net.weights} for net in (network, path.network))
    assert not starts & ends


@pytest.mark.parametrize("widths", WIDTHS)
def test_loss_falls_at_every_small_step_and_the_first_one_by_what_the_gradient_says(widths):
    network, x, y, _ = setting(widths)
    path = deep_gradient_descent(network, x, y, step_size=0.02, n_steps=100, record_at=range(101))
    assert (np.diff(path.loss) < 0).all()
    missing = []
    for eta in (1e-4, 1e-5):  # later steps cross kinks, along which the path can slide
        path = deep_gradient_descent(network, x, y, step_size=eta, n_steps=1)
        missing.append(1 - (path.loss[0] - path.loss[1]) / (eta * (path.gradient_norms[0] ** 2).sum()))
    assert abs(missing[0]) < 0.01
    assert missing[0] / missing[1] == pytest.approx(10, rel=0.05)


def test_halving_the_step_size_approaches_one_path_at_equal_time():
    network, x, y, _ = setting((40, 30, 50))
    rate = 0.5 / 30
    weights = []
    for halvings in range(4):
        path = deep_gradient_descent(network, x, y, step_size=rate / 2**halvings, n_steps=20 * 2**halvings)
        assert path.times[-1] == pytest.approx(10)
        weights.append(torch.cat([w.flatten() for w in path.network.weights]))
    gaps = [float((a - b).norm()) for a, b in pairwise(weights)]
    for coarse, fine in pairwise(gaps):
        assert 1.6 < coarse / fine < 2.5  # Euler's method is of order one


@pytest.mark.parametrize("widths", WIDTHS)
def test_homogeneity_makes_each_layer_grow_alike(widths):
    """<W_l, grad_{W_l} f> = f for all l, so one step changes |W_l|_F^2 by the same, but for eta^2 |grad|^2."""
    network, x, y, _ = setting(widths)
    eta = 0.1
    path = deep_gradient_descent(network, x, y, step_size=eta, n_steps=1)
    sizes = [np.array(layer_norms(net.weights)) ** 2 for net in (network, path.network)]
    growth = sizes[1] - sizes[0] - eta**2 * path.gradient_norms[0] ** 2
    f = network(x)
    rate = 2 * eta * float((torch.sigmoid(-y * f) * y * f).mean())  # 2 eta <W_l, -grad_{W_l} L_S>
    np.testing.assert_allclose(growth, rate, rtol=0, atol=1e-12)


def test_float32_follows_float64():
    paths = []
    for dtype in (torch.float32, torch.float64):
        network, x, y, x_test = setting((60, 40), dtype=dtype)
        paths.append(deep_gradient_descent(network, x, y, step_size=0.1, n_steps=50, x_test=x_test))
        assert paths[-1].network.weights[0].dtype == dtype
        assert paths[-1].margins.dtype == np.float64
    single, double = paths
    # the starts differ: a float32 net is drawn in float32
    network, x, y, x_test = setting((60, 40), dtype=torch.float32)
    again = DeepReLU(tuple(w.double() for w in network.weights), network.output_weights.double())
    double = deep_gradient_descent(again, x.double(), y.double(), step_size=0.1, n_steps=50, x_test=x_test.double())
    for name in ("margins", "surrogate_errors", "gradient_norms", "test_outputs"):
        np.testing.assert_allclose(getattr(single, name), getattr(double, name), rtol=0, atol=1e-4)


def test_recorded_steps_are_those_asked_for_and_the_ends():
    network, x, y, _ = setting()
    run = {"step_size": 0.1, "n_steps": 12}
    every = deep_gradient_descent(network, x, y, record_at=range(13), **run)
    some = deep_gradient_descent(network, x, y, record_at=(9, 2, 9), **run)
    assert some.steps.tolist() == [0, 2, 9, 12]
    np.testing.assert_array_equal(some.margins, every.margins[some.steps])
    np.testing.assert_array_equal(some.movement.total, every.movement.total[some.steps])
    np.testing.assert_array_equal(some.gradient_norms, every.gradient_norms[some.steps])
    np.testing.assert_array_equal(some.surrogate_errors, every.surrogate_errors)
    np.testing.assert_array_equal(deep_gradient_descent(network, x, y, **run).steps, log_grid(12))


def test_best_step_is_found_between_recorded_steps():
    network, x, y, _ = setting((19, 16))
    run = {"step_size": 2.0, "n_steps": 40}  # so large that the surrogate error goes up and down
    every = deep_gradient_descent(network, x, y, record_at=range(41), **run)
    some = deep_gradient_descent(network, x, y, record_at=(), **run)
    of_margins = surrogate_error(torch.from_numpy(every.margins))
    np.testing.assert_allclose(some.surrogate_errors, of_margins, rtol=0, atol=1e-14)
    assert some.best_step == int(of_margins.argmin())
    assert (np.diff(every.surrogate_errors) > 0).any()
    assert every.surrogate_errors.tolist() == every.surrogate_error.tolist()
    np.testing.assert_array_equal(some.surrogate_error, every.surrogate_errors[[0, 40]])


def test_a_run_stops_at_the_first_surrogate_error_small_enough_and_records_it():
    network, x, y, x_test = setting()
    run = {"step_size": 0.05, "n_steps": 40, "x_test": x_test}
    every = deep_gradient_descent(network, x, y, record_at=range(41), **run)
    k = 23
    level = every.surrogate_errors[k]
    assert level < every.surrogate_errors[:k].min()  # or the step is not the first
    stopped = deep_gradient_descent(network, x, y, record_at=(5, 30), stop_surrogate=level, **run)
    assert stopped.steps.tolist() == [0, 5, k]
    np.testing.assert_array_equal(stopped.surrogate_errors, every.surrogate_errors[: k + 1])
    np.testing.assert_array_equal(stopped.test_outputs, every.test_outputs[[0, 5, k]])
    assert stopped.best_step == k
    never = deep_gradient_descent(network, x, y, record_at=(5,), stop_surrogate=1e-9, **run)
    assert never.steps.tolist() == [0, 5, 40]
    at_once = deep_gradient_descent(network, x, y, stop_surrogate=0.999, **run)
    assert at_once.steps.tolist() == [0]
    assert at_once.surrogate_errors.shape == (1,)


@pytest.mark.parametrize(
    ("step_size", "time", "last"),
    [(0.1, 15.0, 10), (0.1, 15.1, 11), (0.1, 14.9, 10), (0.1, 1e9, 40), (0.1, 1e-9, 1), (0.02, 2.7, 9)],
)
def test_a_run_stops_at_a_time_in_units_of_the_least_width(step_size, time, last):
    network, x, y, _ = setting((19, 15, 24))
    run = {"step_size": step_size, "n_steps": 40, "stop_time": time}
    path = deep_gradient_descent(network, x, y, record_at=(1, 7, 30), **run)
    assert path.steps.tolist() == sorted({k for k in (0, 1, 7, 30) if k < last} | {last})
    np.testing.assert_allclose(path.times, step_size * 15 * path.steps)


def test_observer_sees_each_recorded_state():
    network, x, y, _ = setting()
    oracle = autograd_logistic_descent(network, x, y, 0.1, 6)
    seen = []

    def observe(now):
        seen.append(now.step)
        weights, _, gradients = oracle[now.step]
        for found, right in zip(now.network.weights, weights, strict=True):
            torch.testing.assert_close(found, right, rtol=0, atol=1e-12)
        for found, right in zip(now.hidden, now.network.hidden(x), strict=True):
            torch.testing.assert_close(found, right, rtol=0, atol=1e-12)
        torch.testing.assert_close(now.margins, y * now.network(x))
        torch.testing.assert_close(now.surrogate_error, surrogate_error(now.margins))
        torch.testing.assert_close(now.gradient_norms, torch.tensor(layer_norms(gradients), dtype=torch.float64))
        return {"first": now.hidden[1][:, 0], "flipped": now.step}

    path = deep_gradient_descent(network, x, y, step_size=0.1, n_steps=6, record_at=(0, 3, 6), observe=observe)
    assert seen == [0, 3, 6]
    assert path.observations["flipped"].tolist() == [0, 3, 6]
    rows = [torch.relu(x @ oracle[k][0][0])[:, 0].numpy() for k in seen]  # copied before the next step
    np.testing.assert_allclose(path.observations["first"], rows, rtol=0, atol=1e-12)
    plain = deep_gradient_descent(network, x, y, step_size=0.1, n_steps=6, record_at=(0, 3, 6))
    np.testing.assert_array_equal(path.margins, plain.margins)
    assert dict(plain.observations) == {}


@pytest.mark.parametrize("widths", WIDTHS[:3])
def test_gradient_never_falls_below_the_margin_of_its_tangent_features(widths):
    """B_k = |grad_{W_L} L_S|_F / (sqrt(m) E_S) of eq. (4.1), observed, against its exact worst case at W(k)."""
    network, x, y, _ = setting(widths, n=6, d=8)
    m = min(widths)

    def observe(now):
        return {
            "B": now.gradient_norms[-1] / (m**0.5 * now.surrogate_error),
            "worst": gradient_certificate(now.network, x, y),
            "again": loss_gradient(now.network, x, y)[-1].norm() / (m**0.5 * surrogate_error(now.margins)),
        }

    path = deep_gradient_descent(network, x, y, step_size=0.1, n_steps=100, observe=observe)
    seen = path.observations
    np.testing.assert_allclose(seen["B"], path.gradient_norms[:, -1] / (m**0.5 * path.surrogate_error), rtol=1e-14)
    np.testing.assert_allclose(seen["B"], seen["again"], rtol=1e-12)
    assert (seen["B"] >= seen["worst"] * (1 - 1e-9)).all()
    assert seen["worst"].min() > 0


def test_too_large_a_step_is_an_error_with_a_remedy():
    network, x, y, _ = setting()
    with pytest.raises(FloatingPointError, match=r"^step_size: .* no longer finite at step \d+ .*take it below"):
        deep_gradient_descent(network, x, y, step_size=1e150, n_steps=20)


def test_test_outputs_of_a_run_without_test_inputs_are_refused_with_the_remedy():
    network, x, y, _ = setting()
    path = deep_gradient_descent(network, x, y, step_size=0.1, n_steps=2)
    with pytest.raises(ValueError, match="test_outputs: expected a run with x_test, found none; run it again"):
        path.test_outputs  # noqa: B018


def test_progress_bar_counts_steps_and_is_silent_unless_asked_for(capsys):
    network, x, y, _ = setting()
    deep_gradient_descent(network, x, y, step_size=0.1, n_steps=5)
    assert capsys.readouterr().err == ""
    deep_gradient_descent(network, x, y, step_size=0.1, n_steps=5, progress=True)
    assert "5/5" in capsys.readouterr().err


def bad_arguments():
    _, x, y, x_test = setting()
    nan = x.clone()
    nan[2, 1] = float("nan")
    return {
        "x of other d": {"x": x[:, :3]},
        "x empty": {"x": x[:0], "y": y[:0]},
        "x of other dtype": {"x": x.float()},
        "x with a NaN": {"x": nan},
        "y too short": {"y": y[:-1]},
        "y a column": {"y": y[:, None]},
        "y of other dtype": {"y": y.float()},
        "y whole numbers": {"y": y.long()},
        "y zeros and ones": {"y": (y + 1) / 2},
        "y with a NaN": {"y": nan[:, 1]},
        "step_size zero": {"step_size": 0.0},
        "step_size NaN": {"step_size": float("nan")},
        "n_steps zero": {"n_steps": 0},
        "stop_surrogate zero": {"stop_surrogate": 0.0},
        "stop_surrogate one": {"stop_surrogate": 1.0},
        "stop_surrogate NaN": {"stop_surrogate": float("nan")},
        "stop_time zero": {"stop_time": 0.0},
        "stop_time infinite": {"stop_time": float("inf")},
        "stop_time NaN": {"stop_time": float("nan")},
        "record_at beyond": {"record_at": [11]},
        "x_test of other d": {"x_test": x_test[:, :3]},
        "x_test empty": {"x_test": x_test[:0]},
        "x_test with a NaN": {"x_test": nan},
    }


@pytest.mark.parametrize("change", bad_arguments())
def test_bad_argument_is_named_with_what_was_found(change):
    network, x, y, _ = setting()
    arguments = {"x": x, "y": y, "step_size": 0.1, "n_steps": 10} | bad_arguments()[change]
    with pytest.raises((ValueError, TypeError), match=rf"^{change.split()[0]}: expected"):
        deep_gradient_descent(network, **arguments)


def test_labels_of_classes_are_refused_with_the_remedy():
    network, x, y, _ = setting()
    with pytest.raises(ValueError, match=r"y: expected labels \+1 and -1, found .*0 to 1; write 2 y - 1"):
        deep_gradient_descent(network, x, (y + 1) / 2, step_size=0.1, n_steps=1)
