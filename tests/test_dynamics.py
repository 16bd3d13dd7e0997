import numpy as np
import pytest
import torch
from reference import unit_inputs

from ntkbook import dynamics
from ntkbook.kernels import empirical_gram, feature_matrix, h_infinity
from ntkbook.networks import TwoLayer
from ntkbook.spectrum import eigendecompose

X, X_TEST = unit_inputs(12, 4), unit_inputs(5, 4, seed=1)
GRAM = h_infinity(X)
SPECTRUM = eigendecompose(GRAM)
Y = torch.from_numpy(np.random.default_rng(0).choice([-1.0, 1.0], 12))
STABLE = 0.5 / SPECTRUM.lambda_max


def iterated(step_size, n_steps):
    """(I - eta H)^k y for k = 0 to n_steps, by multiplication."""
    rows = [Y]
    for _ in range(n_steps):
        rows.append(rows[-1] - step_size * (GRAM @ rows[-1]))
    return torch.stack(rows)


@pytest.mark.parametrize("step_size", [STABLE, 1.9 / SPECTRUM.lambda_max, 3 / SPECTRUM.lambda_max])
def test_closed_forms_match_the_iteration_stable_alternating_or_not(step_size):
    steps = torch.arange(40)
    rows = iterated(step_size, 39)
    size = rows.norm(dim=1)
    closed = dynamics.linear_residuals(SPECTRUM, Y, step_size, steps)
    assert float(((closed - rows).norm(dim=1) / size).max()) <= 1e-12
    norms = dynamics.linear_residual_norms(SPECTRUM, Y, step_size, steps)
    assert float(((norms - size) / size).abs().max()) <= 1e-12
    u = dynamics.linear_predictions(GRAM, Y, step_size, 39)
    assert u.shape == (40, 12)
    assert float(((Y - u - rows).norm(dim=1) / size).max()) <= 1e-12


def test_steps_may_come_in_any_order_and_number():
    rows = iterated(STABLE, 30)
    closed = dynamics.linear_residuals(SPECTRUM, Y, STABLE, torch.tensor([30, 0, 7]))
    torch.testing.assert_close(closed, rows[[30, 0, 7]], rtol=0, atol=1e-13)


def test_at_step_zero_nothing_is_learnt():
    zero = torch.tensor([0])
    torch.testing.assert_close(dynamics.linear_residuals(SPECTRUM, Y, STABLE, zero)[0], Y)
    assert float(dynamics.linear_residual_norms(SPECTRUM, Y, STABLE, zero)) == pytest.approx(12**0.5)
    assert torch.equal(dynamics.linear_predictions(GRAM, Y, STABLE, 0), torch.zeros(1, 12, dtype=torch.float64))
    test = dynamics.linear_test_predictions(SPECTRUM, h_infinity(X_TEST, X), Y, STABLE, zero)
    assert torch.equal(test, torch.zeros(1, 5, dtype=torch.float64))


def test_after_very_many_steps_all_is_learnt_and_test_predictions_are_kernel_regression():
    steps = torch.tensor([10**5, 10**9])
    assert float(dynamics.linear_residual_norms(SPECTRUM, Y, STABLE, steps)[1]) <= 1e-12
    cross = h_infinity(X_TEST, X)
    regression = cross @ torch.linalg.solve(GRAM, Y)
    test = dynamics.linear_test_predictions(SPECTRUM, cross, Y, STABLE, steps)
    torch.testing.assert_close(test[1], regression, rtol=0, atol=1e-11)


def test_test_predictions_follow_the_iteration():
    cross, u = h_infinity(X_TEST, X), torch.zeros(5, dtype=torch.float64)
    rows, found = iterated(STABLE, 25), None
    for k in range(25):  # each step moves the test predictions by eta K(x, X) r(k)
        u = u + STABLE * cross @ rows[k]
        found = dynamics.linear_test_predictions(SPECTRUM, cross, Y, STABLE, torch.tensor([k + 1]))[0]
        torch.testing.assert_close(found, u, rtol=0, atol=1e-12)


def test_test_predictions_at_training_inputs_are_what_the_residuals_lack():
    steps = torch.tensor([0, 3, 50])
    test = dynamics.linear_test_predictions(SPECTRUM, GRAM, Y, STABLE, steps)
    torch.testing.assert_close(test, Y - dynamics.linear_residuals(SPECTRUM, Y, STABLE, steps), rtol=0, atol=1e-12)


def test_an_eigenvector_decays_by_its_own_factor():
    v = SPECTRUM.eigenvectors[:, 3]
    norms = dynamics.linear_residual_norms(SPECTRUM, v, STABLE, torch.arange(10))
    factor = 1 - STABLE * float(SPECTRUM.eigenvalues[3])
    torch.testing.assert_close(norms, factor ** torch.arange(10, dtype=torch.float64), rtol=1e-12, atol=0)


@pytest.mark.parametrize("target", [3.0, 0.5, 1e-3])
def test_linear_convergence_step_is_the_first_that_reaches_the_target(target):
    k = dynamics.linear_convergence_step(SPECTRUM, Y, STABLE, target)
    before, after = dynamics.linear_residual_norms(SPECTRUM, Y, STABLE, torch.tensor([k - 1, k]))
    assert float(after) <= target < float(before)
    assert dynamics.linear_convergence_step(SPECTRUM, Y, STABLE, 10.0) == 0


def test_linear_movement_is_that_of_the_auxiliary_sequence_and_ends_at_the_norm():
    arguments, start = auxiliary_setting()
    spectrum = eigendecompose(empirical_gram(X, start.weights))
    eta = 1.5 / spectrum.lambda_max
    weights, steps = dynamics.auxiliary_sequence(*arguments, Y, eta, tolerance=0.1)
    moved = dynamics.linear_movement(spectrum, Y, eta, torch.tensor([0, steps, 10**9]))
    assert float(moved[0]) == 0
    assert float(moved[1]) == pytest.approx(float(weights.norm()), rel=1e-10)
    expected = float(Y @ torch.linalg.solve(empirical_gram(X, start.weights), Y)) ** 0.5
    assert float(moved[2]) == pytest.approx(expected, rel=1e-10)


def auxiliary_setting(m=60):
    start = TwoLayer.initialise(4, m, np.random.default_rng(5), dtype=torch.float64)
    return (X, (X @ start.weights >= 0).double(), start.output_weights), start


def test_auxiliary_sequence_is_the_iteration_as_printed_and_ends_at_z_h_inverse_y():
    arguments, start = auxiliary_setting()
    z, gram = feature_matrix(X, start.weights, start.output_weights), empirical_gram(X, start.weights)
    eta = 1 / float(torch.linalg.eigvalsh(gram)[-1])
    weights, steps = dynamics.auxiliary_sequence(*arguments, Y, eta, tolerance=1e-3)
    vec = torch.zeros(len(z), dtype=torch.float64)
    for _ in range(steps):
        vec = vec - eta * z @ (z.T @ vec - Y)
    torch.testing.assert_close(weights.T.reshape(-1), vec, rtol=1e-9, atol=1e-12)
    weights, more = dynamics.auxiliary_sequence(*arguments, Y, eta, tolerance=1e-10)
    torch.testing.assert_close(weights.T.reshape(-1), z @ torch.linalg.solve(gram, Y), rtol=0, atol=1e-8)
    assert float(weights.norm()) == pytest.approx(float(Y @ torch.linalg.solve(gram, Y)) ** 0.5, rel=1e-9)
    assert more > steps


def test_auxiliary_sequence_says_when_it_cannot_end():
    arguments, _ = auxiliary_setting()
    with pytest.raises(ValueError, match=r"step_size: expected less than .* found 100"):
        dynamics.auxiliary_sequence(*arguments, Y, 100.0)
    with pytest.raises(ValueError, match=r"max_steps: expected .* within 7 steps, found"):
        dynamics.auxiliary_sequence(*arguments, Y, STABLE, max_steps=7)
