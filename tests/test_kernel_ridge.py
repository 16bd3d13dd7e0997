import numpy as np
import pytest
import torch
from reference import unit_inputs

from ntkbook.dynamics import linear_test_predictions
from ntkbook.kernel_ridge import kernel_ridge
from ntkbook.kernels import neural_tangent_kernel
from ntkbook.spectrum import eigendecompose

RIDGES = torch.logspace(-6, 3, 10, dtype=torch.float64)
X, Z = unit_inputs(20, 4), unit_inputs(7, 4, seed=1)
Y = torch.from_numpy(np.random.default_rng(2).standard_normal(20))
GRAM, CROSS = neural_tangent_kernel(X, 2), neural_tangent_kernel(Z, 2, X)


def test_every_ridge_solves_its_linear_system():
    fit = kernel_ridge(eigendecompose(GRAM), Y, RIDGES)
    for k, ridge in enumerate(RIDGES):
        alpha = torch.linalg.solve(GRAM + ridge * torch.eye(20, dtype=torch.float64), Y)
        torch.testing.assert_close(fit.dual[:, k], alpha, rtol=1e-9, atol=1e-12)
        torch.testing.assert_close(fit.train_predictions[:, k], GRAM @ alpha, rtol=1e-9, atol=1e-12)
        torch.testing.assert_close(fit.predict(CROSS)[:, k], CROSS @ alpha, rtol=1e-9, atol=1e-12)
    assert torch.equal(fit.ridges, RIDGES)


def test_it_is_ridge_regression_on_the_features_more_features_than_points_or_fewer():
    rng = np.random.default_rng(0)
    for n_features in (5, 60):
        features, others = (torch.from_numpy(rng.standard_normal((n, n_features))) for n in (20, 7))
        fit = kernel_ridge(eigendecompose(features @ features.T), Y, RIDGES[3:])
        for k, ridge in enumerate(RIDGES[3:]):
            penalised = features.T @ features + ridge * torch.eye(n_features, dtype=torch.float64)
            weights = torch.linalg.solve(penalised, features.T @ Y)
            torch.testing.assert_close(fit.predict(others @ features.T)[:, k], others @ weights, rtol=1e-9, atol=1e-10)
            torch.testing.assert_close(fit.train_predictions[:, k], features @ weights, rtol=1e-9, atol=1e-10)


def test_limits_are_interpolation_and_zero():
    fit = kernel_ridge(eigendecompose(GRAM), Y, torch.tensor([1e-10, 1e12], dtype=torch.float64))
    torch.testing.assert_close(fit.train_predictions[:, 0], Y, rtol=0, atol=1e-7)
    assert float(fit.train_predictions[:, 1].abs().max()) <= 1e-9


def test_small_ridge_is_gradient_descent_of_the_linearised_net_run_to_its_end():
    spectrum = eigendecompose(GRAM)
    steps = torch.tensor([10**9])
    descent = linear_test_predictions(spectrum, CROSS, Y, 1 / spectrum.lambda_max, steps)
    fit = kernel_ridge(spectrum, Y, torch.tensor([1e-11], dtype=torch.float64))
    torch.testing.assert_close(fit.predict(CROSS)[:, 0], descent.reshape(-1), rtol=0, atol=1e-6)


def test_train_error_grows_and_norm_shrinks_with_the_ridge():
    fit = kernel_ridge(eigendecompose(GRAM), Y, RIDGES)
    errors = (fit.train_predictions - Y[:, None]).square().sum(0)
    norms = (fit.dual * fit.train_predictions).sum(0)  # alpha' K alpha
    assert bool((errors.diff() > 0).all())
    assert bool((norms.diff() < 0).all())


def test_eigenvalues_below_zero_by_rounding_count_as_zero():
    features = torch.from_numpy(np.random.default_rng(0).standard_normal((20, 3)))
    spectrum = eigendecompose(features @ features.T)
    assert spectrum.lambda_min < 0
    ridge = -0.9999 * spectrum.lambda_min  # would multiply a coordinate of y by 10,000
    fit = kernel_ridge(spectrum, Y, torch.tensor([ridge], dtype=torch.float64))
    assert float(fit.train_predictions.norm()) <= float(Y.norm())


def test_bad_arguments_are_named():
    spectrum = eigendecompose(GRAM)
    for ridge in (0.0, -1.0, np.nan, np.inf):
        with pytest.raises(ValueError, match=r"ridges: expected (positive )?finite numbers, found"):
            kernel_ridge(spectrum, Y, torch.tensor([1.0, ridge], dtype=torch.float64))
    with pytest.raises(ValueError, match=r"labels: expected shape .*n = 20 as in spectrum, found \(19,\)"):
        kernel_ridge(spectrum, Y[1:], RIDGES)
    with pytest.raises(ValueError, match="ridges: expected shape"):
        kernel_ridge(spectrum, Y, RIDGES[0])
