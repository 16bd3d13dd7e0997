import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import unit_inputs

from ntkbook.data import load
from ntkbook.kernels import h_infinity
from ntkbook.reporting.leave_one_out import RIDGES, choose_ridge, flips, inverse_diagonal, leave_one_out


def signs(n, c, seed):
    return torch.from_numpy(np.random.default_rng(seed).choice([-1.0, 1.0], (n, c)))


def left_out(gram, labels, ridge):
    """Fit all others and predict, once for each input."""
    found = torch.empty_like(labels)
    for i in range(len(gram)):
        rest = torch.arange(len(gram)) != i
        system = gram[rest][:, rest] + ridge * torch.eye(len(gram) - 1, dtype=gram.dtype)
        found[i] = gram[i, rest] @ torch.linalg.solve(system, labels[rest])
    return found


@given(n=st.integers(2, 40), seed=st.integers(0, 99), ridge=st.sampled_from([0.0, 1e-3, 0.3, 10.0]))
@settings(max_examples=25, deadline=None)
def test_predictions_are_those_of_fits_that_never_saw_the_input(n, seed, ridge):
    gram, labels = h_infinity(unit_inputs(n, 6, seed)), signs(n, 2, seed)
    found = leave_one_out(gram, labels, ridge).predictions
    single = ridge > 0  # n / (2 ridge) < 1e5
    torch.testing.assert_close(found, left_out(gram, labels, ridge), atol=2e-4 if single else 1e-8, rtol=1e-4)


@given(n=st.integers(2, 30), seed=st.integers(0, 99))
@settings(max_examples=25, deadline=None)
def test_a_flip_changes_the_norm_by_what_the_factor_says_alone_and_together(n, seed):
    rng = np.random.default_rng(seed)
    gram, labels = h_infinity(unit_inputs(n, 6, seed)), signs(n, 3, seed)
    rows = torch.from_numpy(rng.choice(n, min(n, 4), replace=False))
    other = labels[rows] * torch.from_numpy(rng.choice([-1.0, 1.0], (len(rows), 3)))

    def norm(y):
        return (y * torch.linalg.solve(gram, y)).sum(0)

    found = flips(torch.linalg.cholesky(gram), labels, rows, other)
    torch.testing.assert_close(found.before, norm(labels), rtol=1e-9, atol=0)
    for k, row in enumerate(rows):
        changed = labels.clone()
        changed[row] = other[k]
        torch.testing.assert_close(found.changes[k], norm(changed) - norm(labels), rtol=1e-7, atol=1e-7)
    changed = labels.clone()
    changed[rows] = other
    torch.testing.assert_close(found.together, norm(changed) - norm(labels), rtol=1e-7, atol=1e-7)


def test_a_flip_lowers_the_norm_exactly_where_the_margin_is_negative():
    gram, labels = h_infinity(unit_inputs(60, 5)), signs(60, 1, 3)
    margins = labels * leave_one_out(gram, labels, 0.0).predictions
    changes = flips(torch.linalg.cholesky(gram), labels, torch.arange(60), -labels).changes
    inverse = torch.linalg.inv(gram).diagonal()[:, None]
    torch.testing.assert_close(changes, 4 * inverse * margins, rtol=1e-8, atol=1e-8)


def test_orthogonal_inputs_say_nothing_of_each_other():
    gram, labels = h_infinity(torch.eye(5, dtype=torch.float64)), torch.ones(5, 1, dtype=torch.float64)
    assert float(leave_one_out(gram, labels, 0.0).predictions.abs().max()) < 1e-15


@pytest.mark.parametrize("n", [1, 255, 256, 257, 700])
def test_diagonal_of_the_inverse(n):
    matrix = h_infinity(unit_inputs(n, 30))
    found = inverse_diagonal(torch.linalg.cholesky(matrix))
    torch.testing.assert_close(found, torch.linalg.inv(matrix).diagonal(), rtol=1e-8, atol=0)


def test_noisy_labels_get_the_larger_ridge():
    sample = load("digits", n_train=300, n_test=0, rng=np.random.default_rng(0), classes=(3, 8))
    x, y = torch.tensor(sample.x_train), torch.tensor(sample.y_train)[:, None]
    noisy = y * torch.from_numpy(np.where(np.random.default_rng(1).random(300) < 0.3, -1.0, 1.0))[:, None]
    chosen = [choose_ridge(x, labels, np.random.default_rng(2)) for labels in (y, noisy)]
    assert chosen[0] < chosen[1]
    assert set(chosen) <= set(RIDGES)
    errors = [float((noisy - left_out(h_infinity(x), noisy, ridge)).square().mean()) for ridge in RIDGES]
    assert RIDGES[int(np.argmin(errors))] == chosen[1]


def test_flipped_labels_of_images_come_out_on_top():
    sample = load("mnist", n_train=400, n_test=0, rng=np.random.default_rng(0), classes=(3, 8))
    flipped = np.random.default_rng(1).choice(400, 40, replace=False)
    labels = torch.tensor(sample.y_train)[:, None]
    labels[flipped] *= -1
    found = leave_one_out(h_infinity(torch.tensor(sample.x_train)), labels, 0.3).predictions
    top = np.argsort((labels * found)[:, 0].numpy())[:40]
    assert np.isin(top, flipped).mean() > 0.75
