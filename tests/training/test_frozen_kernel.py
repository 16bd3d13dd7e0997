import numpy as np
import pytest
import torch

from ntkbook.kernels import empirical_gram
from ntkbook.training import frozen_kernel
from ntkbook.training.frozen_kernel import FrozenKernel, driven_sum, lanczos, power_sum

N, M, ETA = 12, 30, 0.4


def inputs():
    rng = np.random.default_rng(0)
    x = torch.nn.functional.normalize(torch.from_numpy(rng.standard_normal((N, 7))))
    return x, torch.from_numpy(rng.standard_normal((7, M))), torch.from_numpy(rng.standard_normal(N))


def test_kernel_of_gates_that_are_open_or_shut_is_the_empirical_gram_matrix():
    x, weights, v = inputs()
    kernel = FrozenKernel(x @ x.T, (x @ weights >= 0).double(), ETA)
    once = kernel.modes(v, 1, 1e-9).powers(1)
    torch.testing.assert_close(once, v - ETA * empirical_gram(x, weights) @ v)


@pytest.mark.parametrize("block", [1, 5, 256])
def test_kernel_of_shares_is_the_mean_over_neurons_of_their_products(block, monkeypatch):
    monkeypatch.setattr(frozen_kernel, "_LEAST_BLOCK", block)
    x, _, v = inputs()
    shares = torch.from_numpy(np.random.default_rng(1).random((N, M)))
    brute = torch.stack([torch.outer(column, column) * (x @ x.T) for column in shares.T]).mean(0)
    once = FrozenKernel(x @ x.T, shares, ETA).modes(v, 1, 1e-9).powers(1)
    torch.testing.assert_close(once, v - ETA * brute @ v)


@pytest.mark.parametrize("dense", [True, False])
@pytest.mark.parametrize("t", [1, 2, 37])
def test_modes_give_what_steps_one_by_one_give(dense, t, monkeypatch):
    monkeypatch.setattr(frozen_kernel, "DENSE", 1500 if dense else 0)
    x, weights, v = inputs()
    gates = (x @ weights >= 0).double()
    step = torch.eye(N).double() - ETA * (x @ x.T) * (gates @ gates.T) / M
    modes = FrozenKernel(x @ x.T, gates, ETA).modes(v, t, 1e-12)
    now, total = v.clone(), torch.zeros_like(v)
    for _ in range(t):
        total += now
        now = step @ now
    torch.testing.assert_close(modes.powers(t), now)
    found = modes.sums(t)
    torch.testing.assert_close(found[0], total)
    torch.testing.assert_close(found[1], total - step @ total)


def test_sums_of_modes_that_hardly_move_do_not_cancel():
    x = torch.tensor([0.0, 1e-16, 1e-12, 1e-9, 1e-6, 1e-3], dtype=torch.float64)
    t = 1000
    counted, now = torch.zeros_like(x), torch.ones_like(x)
    for _ in range(t):
        counted += now
        now = now * (1 - x)
    torch.testing.assert_close(power_sum(x, t), counted, rtol=1e-9, atol=0)


@pytest.mark.parametrize("t", [1, 2, 37])
def test_a_residual_that_is_pushed_ever_harder_sums_to_what_steps_one_by_one_give(t):
    x, weights, v = inputs()
    gates = (x @ weights >= 0).double()
    gram = ETA * (x @ x.T) * (gates @ gates.T) / M
    now, total = torch.zeros_like(v), torch.zeros_like(v)
    for s in range(t):
        total += now
        now = now - gram @ now + (2 * s + 1) / t**2 * v
    found = FrozenKernel(x @ x.T, gates, ETA).modes(v, t, 1e-12).driven(t)
    torch.testing.assert_close(found[0], total)
    torch.testing.assert_close(found[1], gram @ total)
    torch.testing.assert_close(now, v - found[1])


def test_sums_of_pushed_modes_that_hardly_move_do_not_cancel():
    x = torch.tensor([0.0, 1e-16, 1e-12, 1e-9, 0.9e-8, 1.1e-8, 1e-6, 1e-3], dtype=torch.float64)
    t = 1000
    counted, now = torch.zeros_like(x), torch.zeros_like(x)
    for s in range(t):
        counted += now
        now = now * (1 - x) + (2 * s + 1) / t**2
    torch.testing.assert_close(driven_sum(x, t), counted, rtol=1e-4, atol=0)


def test_few_lanczos_vectors_are_enough_for_a_spectrum_that_falls():
    rng = np.random.default_rng(0)
    vectors = torch.linalg.qr(torch.from_numpy(rng.standard_normal((200, 200)))).Q
    gram = (vectors * torch.logspace(2, -3, 200).double()) @ vectors.T
    v = torch.from_numpy(rng.standard_normal(200))
    values, ritz = lanczos(gram, v, 1.0, 1e-6)
    assert len(values) < 120
    torch.testing.assert_close(ritz.T @ ritz, torch.eye(len(values)).double())
    exact = torch.linalg.matrix_exp(-gram) @ v
    torch.testing.assert_close(ritz @ (torch.exp(-values) * (ritz.T @ v)), exact, rtol=0, atol=1e-4)


def test_a_vector_of_zeros_stays():
    x, weights, v = inputs()
    modes = FrozenKernel(x @ x.T, (x @ weights >= 0).double(), ETA).modes(0 * v, 5, 1e-3)
    assert float(modes.powers(5).abs().max()) == 0
    values, ritz = lanczos(torch.eye(3).double(), torch.zeros(3).double(), 1.0, 1e-3)
    assert (len(values), ritz.shape) == (1, (3, 1))
