from dataclasses import replace

import numpy as np
import pytest
import torch

from ntkbook import data
from ntkbook.networks import TwoLayer
from ntkbook.training import gradient_descent
from ntkbook.training.watched_descent import SETTLING
from ntkbook.training.windows import WindowSpace

N, D, M, ETA = 20, 10, 300, 0.2


def setting(init_scale, seed=0):
    rng = np.random.default_rng(seed)
    x = torch.from_numpy(np.abs(rng.standard_normal((N, D))))
    x = torch.nn.functional.normalize(x)
    network = TwoLayer.initialise(D, M, rng, init_scale=init_scale, dtype=torch.float64)
    return network, x, torch.from_numpy(rng.choice([-1.0, 1.0], N))


def settled(init_scale, n_steps=64, scale=1.0, eta=ETA):
    network, x, y = setting(init_scale)
    y = (1 - scale) * network(x) + scale * y  # r(0) scales, and with it all that moves
    state = WindowSpace(network, x, y, eta)
    state.settle(n_steps)
    assert state.mean is not None
    return state, state.mean, (network, x, y)


def residuals_at(problem, steps, eta=ETA):
    network, x, y = problem
    at = np.unique(np.concatenate([np.asarray(steps) - back for back in (-1, 0, 1)]))
    path = gradient_descent(network, x, y, step_size=eta, n_steps=int(at[-1]), record_at=at)
    return dict(zip(path.steps.tolist(), path.residuals, strict=True))


def test_steps_that_are_watched_are_steps_of_gradient_descent():
    state, mean, problem = settled(0.1)
    truth = residuals_at(problem, [63])
    np.testing.assert_allclose(state.residual, truth[64], atol=1e-12)
    assert (state.step_count, state.evaluations) == (64, 64)
    expected = (truth[64] + 2 * truth[63] + truth[62]) / 4
    np.testing.assert_allclose(mean.residual, expected, atol=1e-12)
    assert mean.step == 63


@pytest.mark.parametrize("t", [16, 40, 400])
def test_a_window_in_which_no_gate_moves_is_exact(t):
    """With labels so near the outputs at the start, the theorem's picture holds to the last digit."""
    state, mean, problem = settled(1.0, scale=1e-6)
    assert not bool(mean.held.any())
    scale = float(torch.linalg.vector_norm(mean.residual))
    window = state.window(t, state.frozen_kernel(), 1e-3 * scale)
    assert window.error < 1e-6 * scale
    truth = residuals_at(problem, [63 + t])
    expected = (truth[64 + t] + 2 * truth[63 + t] + truth[62 + t]) / 4
    np.testing.assert_allclose(window.residual, expected, rtol=0, atol=1e-6 * scale)
    (network, x, y), before = problem, mean.weights.clone()
    state.reach(window)
    end = state.mean
    assert end is not None
    assert (end.step, state.step_count) == (63 + t, 64)
    impulse = window.total[:, None] * window.shares * network.output_weights * (ETA / M**0.5)
    torch.testing.assert_close(end.weights, before + x.T @ impulse, rtol=0, atol=1e-9 * scale)
    np.testing.assert_allclose(
        y - TwoLayer(end.weights, network.output_weights)(x), expected, rtol=0, atol=1e-6 * scale
    )
    state.land()
    assert state.step_count == 63 + t
    torch.testing.assert_close(state.weights(slice(None)), end.weights, rtol=0, atol=1e-2 * scale)


def test_gates_of_a_window_are_the_duty_cycles_of_gradient_descent():
    """Where gates open and shut in turn, and where they do not: shares of the time that its steps measure."""
    state, mean, (network, x, y) = settled(0.01, n_steps=400)
    t = 64
    assert 0.02 < float(mean.held.double().mean()) < 0.3
    held, kernel = mean.held, state.frozen_kernel()
    window = state.window(t, kernel, 1e-3 * float(torch.linalg.vector_norm(mean.residual)))
    gates = window.total[:, None] * window.shares * network.output_weights * (ETA / M**0.5)
    seen = {"gates": [], "residual": []}

    def watch(now):
        seen["gates"].append((now.preactivations >= 0).double())
        seen["residual"].append(now.residual.clone())
        return {}

    gradient_descent(
        network, x, y, step_size=ETA, n_steps=400 + t, record_at=range(399, 400 + t), space="weights", observe=watch
    )
    pairs = list(zip(seen["residual"][1 : t + 1], seen["gates"][1 : t + 1], strict=True))
    residuals, gates_seen = (torch.stack(values) for values in zip(*pairs, strict=True))
    impulse = torch.einsum("ti,tir->ir", residuals, gates_seen) * network.output_weights * (ETA / M**0.5)
    total = (ETA / M**0.5) * residuals.sum(0)[:, None].abs()
    difference = (gates - impulse).abs() / total
    moved = impulse.abs() / total
    assert float(difference[held].mean()) < 0.12
    assert float(difference[~held].mean()) < 0.02
    middle = held & (moved > 0.2) & (moved < 0.8)
    correlation = np.corrcoef((gates.abs() / total)[middle], moved[middle])[0, 1]
    assert correlation > 0.85


@pytest.mark.parametrize("t", [16, 17])
def test_the_oscillation_is_put_back_in_phase_after_a_window(t):
    eta = 0.33
    state, mean, problem = settled(0.01, n_steps=200, eta=eta)
    scale = float(torch.linalg.vector_norm(mean.residual))
    assert float(state.oscillation) > 0.1 * scale
    state.reach(state.window(t, state.frozen_kernel(), 0.1 * scale))
    state.land()
    truth = residuals_at(problem, [199 + t], eta)
    expected = (truth[200 + t] + 2 * truth[199 + t] + truth[198 + t]) / 4
    swing, found = truth[199 + t] - expected, state.residual.numpy() - expected
    assert swing @ found > 0.5 * (swing @ swing)


def test_a_window_that_is_too_long_says_so():
    state, mean, _ = settled(0.01)
    kernel, scale = state.frozen_kernel(), float(torch.linalg.vector_norm(mean.residual))
    errors = [state.window(t, kernel, 1e-3 * scale).error for t in (4, 40, 400)]
    assert errors[0] < errors[1] < errors[2]
    assert errors[2] > 1e-3 * scale


def distance_after_settling(state, problem):
    """Of the mean residual from that of gradient descent, once steps have followed a window."""
    state.land()
    state.settle(SETTLING)
    truth, last = residuals_at(problem, [state.mean.step]), state.mean.step + 1
    return np.linalg.norm(state.mean.residual.numpy() - (truth[last] + 2 * truth[last - 1] + truth[last - 2]) / 4)


@pytest.mark.parametrize("n_steps", [400, 1000])
@pytest.mark.parametrize("t", [48, 128, 512])
def test_error_of_a_window_is_the_distance_from_gradient_descent_after_the_steps_that_follow(t, n_steps):
    """Up to a factor: small nets with a quarter of the gates at their kinks are the hard case."""
    state, _, problem = settled(0.01, n_steps=n_steps)
    window = state.window(t, state.frozen_kernel(), 1e-9)
    state.reach(window)
    assert 0.2 < distance_after_settling(state, problem) / window.error < 5


def test_going_round_brings_a_window_nearer_to_gradient_descent():
    sample = data.load("mnist", n_train=60, n_test=0, rng=np.random.default_rng(0))
    x, y = torch.tensor(sample.x_train), torch.tensor(sample.y_train)
    network = TwoLayer.initialise(784, 600, np.random.default_rng(2), init_scale=0.01, dtype=x.dtype)
    state = WindowSpace(network, x, y, 1 / 6)
    state.settle(400)
    here, found = state.save(), []
    state.settle(512 + SETTLING - 1)
    assert state.mean is not None
    truth = state.mean.residual
    for hopeless in (0.0, float("inf")):
        state.restore(here)
        before = state.evaluations
        state.reach(state.window(512, state.frozen_kernel(), 1e-9, hopeless=hopeless))
        rounds = (state.evaluations - before - 1) / 2
        state.land()
        state.settle(SETTLING)
        found.append((rounds, float(torch.linalg.vector_norm(state.mean.residual - truth))))
    assert found[0][0] == 1 < found[1][0]
    assert found[1][1] < 0.6 * found[0][1]


def test_a_gap_between_the_mean_of_relu_and_relu_of_the_mean_is_carried_along():
    """A known gap is scaled with the residual, and the rest of the window is solved for without it."""
    state, mean, _ = settled(1.0, scale=1e-9)
    kernel, scale = state.frozen_kernel(), float(torch.linalg.vector_norm(mean.residual))
    plain = state.window(48, kernel, 1e-3 * scale, hopeless=0.0)
    gap = 1e-3 * mean.residual.roll(1)
    state.mean = replace(mean, residual=mean.residual - gap)
    shifted = state.window(48, kernel, 1e-3 * scale, hopeless=0.0)
    less = kernel.modes(gap, 48, 1e-9).sums(48)[1]  # by which a residual that is smaller by the gap falls less
    end = plain.residual + less - shifted.level * gap
    torch.testing.assert_close(shifted.residual, end, rtol=0, atol=1e-5 * scale)
    assert float(torch.linalg.vector_norm(plain.residual - shifted.residual)) > 1e-4 * scale


def test_held_at_the_end_is_what_slides_there_and_what_was_held_and_has_not_moved_away():
    network, x, y = setting(0.01)
    state = WindowSpace(network, x, y, ETA)
    state.settle(SETTLING)
    assert state.mean is not None
    state.mean.held[:] = False
    state.mean.held[2:4] = True
    r = int(network.output_weights.argmax())  # a = 1
    total = torch.full((N,), -1 / (ETA / M**0.5)).double()  # q = -1: inputs have norm 1
    at = torch.arange(6), torch.full((6,), r)
    start, end = torch.zeros(N, M).double(), torch.ones(N, M).double()
    start[:6, r] = torch.tensor([0.1, 0.1, 0.02, 0.02, 0.1, 0.1], dtype=torch.float64)
    end[:6, r] = torch.tensor([0.0, 0.05, 0.03, 0.05, 0.0, 0.0], dtype=torch.float64)
    latest = torch.tensor([0.3, 0.3, 0.0, 0.0, 0.0, 1.0], dtype=torch.float64)
    gates, held = state._at_end(latest, at, start, end, total, 1.0)
    # at its kink and in between; not at it; held and 0.01 from where it was; 0.03, more than 0.02; shut; open
    assert held[:6, r].tolist() == [True, False, True, False, False, False]
    assert held.sum() == 2
    assert gates[:6, r].tolist() == [0.3, 1, 0, 1, 1, 1]
    _, held = state._at_end(latest, at, start, end, -total, 1.0)  # opening pushes up: nothing slides
    assert held[:6, r].tolist() == [False, False, True, False, False, False]


def test_output_weights_of_another_size_are_the_same_net_at_another_step_size():
    """W / c, c a and eta / c^2 give the same outputs, so that the same windows are found."""
    found = []
    for factor in (1.0, 2.0):
        network, x, y = setting(0.01)
        network = TwoLayer(network.weights / factor, network.output_weights * factor)
        state = WindowSpace(network, x, y, ETA / factor**2)
        state.settle(400)
        found.append(state.window(128, state.frozen_kernel(), 1e-9))
    torch.testing.assert_close(found[1].residual, found[0].residual, rtol=0, atol=1e-9)
    torch.testing.assert_close(found[1].shares, found[0].shares, rtol=0, atol=1e-6)


@pytest.mark.parametrize("n_steps", [400, 1000])
def test_shorter_windows_one_after_the_other_come_nearer_to_gradient_descent(n_steps):
    found = []
    for parts in (1, 8):
        state, _, problem = settled(0.01, n_steps=n_steps)
        for _ in range(parts):
            state.reach(state.window(512 // parts, state.frozen_kernel(), 1e-9))
        found.append(distance_after_settling(state, problem))
    assert found[1] < 0.5 * found[0]


def test_gates_at_the_end_of_a_window_are_those_of_the_steps_after_it():
    """Held ones are still held, and their shares are those that the steps then show."""
    state, _, _ = settled(0.01, n_steps=400)
    window = state.window(64, state.frozen_kernel(), 1e-9)
    state.reach(window)
    state.land()
    state.settle(SETTLING)
    assert state.mean is not None
    both = window.held & state.mean.held
    assert float(both.sum()) > 0.6 * float(window.held.sum())
    agree = window.gates.round() == state.mean.gates.round()
    assert float(agree[~window.held & ~state.mean.held].double().mean()) > 0.99
    assert float((window.gates - state.mean.gates)[both].abs().mean()) < 0.15


def test_a_state_that_was_saved_goes_on_as_it_was():
    state, _, _ = settled(0.1)
    state.gap = gap = torch.from_numpy(np.random.default_rng(0).standard_normal(N))
    state.settle(SETTLING)
    mean = state.mean
    assert mean is not None
    assert torch.equal(mean.gap, gap)
    saved = state.save()
    assert bool(mean.held.any())
    state.gap = torch.zeros_like(gap)
    kernel = state.frozen_kernel()
    first = state.window(SETTLING, kernel, 1e-3)
    state.walk(5)
    assert state.mean is None
    state.restore(saved)
    assert state.mean is not None
    assert torch.equal(state.gap, gap)
    for name, value in vars(mean).items():
        assert torch.equal(torch.as_tensor(getattr(state.mean, name)), torch.as_tensor(value)), name
    again = state.window(SETTLING, state.frozen_kernel(), 1e-3)
    assert again.error == first.error
    torch.testing.assert_close(again.shares, first.shares, rtol=0, atol=0)
    torch.testing.assert_close(again.total, first.total, rtol=0, atol=0)


def test_a_window_with_a_crowd_at_the_kinks_is_not_solved_for():
    state, mean, _ = settled(0.01)
    crowd, kernel = float(mean.held.double().mean()), state.frozen_kernel()
    assert state.window(48, kernel, 1e-3, crowd=crowd / 2).error == float("inf")
    assert state.evaluations == 64 + 2
    assert state.window(48, kernel, 1e-3).error < 1


def test_too_few_steps_to_watch_are_steps():
    state, _, _ = settled(0.1)
    state.settle(SETTLING - 1)
    assert state.mean is None
    assert state.step_count == 64 + SETTLING - 1


def test_the_estimated_error_fades_as_a_residual_does_and_the_windows_own_is_added():
    state, _, _ = settled(0.1)
    kernel = state.frozen_kernel()
    mean = state.mean
    assert mean is not None
    alone = state.window(40, kernel, 1e-9)
    mean.gap = torch.from_numpy(np.random.default_rng(0).standard_normal(N))
    after = state.window(40, kernel, 1e-9)
    hidden = mean.gates * state.output_weights
    step = torch.eye(N, dtype=torch.float64) - ETA * (hidden @ hidden.T) * (state.x @ state.x.T) / M
    faded = torch.linalg.matrix_power(step, 40) @ mean.gap
    torch.testing.assert_close(after.gap - alone.gap, faded, rtol=0, atol=1e-9)
    own = torch.linalg.matrix_power(step, SETTLING) @ alone.force / 3
    torch.testing.assert_close(alone.gap, own, rtol=0, atol=1e-9)
    assert after.error == pytest.approx(alone.error)
    assert alone.error >= float(torch.linalg.vector_norm(own)) / 2 > 0
    state.reach(after)
    state.land()
    torch.testing.assert_close(state.gap, after.gap)
    end = 63 + 40
    assert state.gap_at == end + SETTLING
    state.settle(SETTLING)
    state.fade(kernel)
    assert state.mean is not None
    assert torch.equal(state.mean.gap, after.gap)  # that much has been counted
    state.settle(50)
    late = state.mean.step - state.gap_at
    expected = torch.linalg.matrix_power(step, late) @ after.gap
    for _ in range(2):  # once is enough
        state.fade(kernel)
        torch.testing.assert_close(state.mean.gap, expected, rtol=0, atol=1e-9)
        assert state.mean.gap_at == state.mean.step
