import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import unit_inputs

from ntkbook.data import load
from ntkbook.dynamics import linear_convergence_step, linear_residual_norms
from ntkbook.kernels import h_infinity
from ntkbook.reporting import spectral_measure as module
from ntkbook.reporting.spectral_measure import SpectralMeasure, solve, spectral_measure
from ntkbook.spectrum import eigendecompose


@pytest.fixture
def images():
    sample = load("mnist", n_train=600, n_test=0, rng=np.random.default_rng(0), classes=(4, 9))
    y = torch.tensor(sample.y_train)
    return h_infinity(torch.tensor(sample.x_train)), torch.stack([y, y[torch.randperm(600)]], dim=1)


def test_the_krylov_space_gives_the_loss_curves_of_the_eigenvectors(images, monkeypatch):
    gram, labels = images
    factor, spectrum = torch.linalg.cholesky(gram), eigendecompose(gram)
    monkeypatch.setattr(module, "EXACT", 100)
    found = spectral_measure(gram, factor, labels)
    assert not found.exact
    assert found.lambda_max == pytest.approx(spectrum.lambda_max, rel=1e-9)
    assert found.lambda_min == pytest.approx(spectrum.lambda_min, rel=1e-3)
    eta, steps = 1 / spectrum.lambda_max, torch.tensor([0, 1, 10, 100, 1000, 10_000])
    for c in range(2):
        expected = linear_residual_norms(spectrum, labels[:, c], eta, steps).square() / 600
        torch.testing.assert_close(found.loss(eta, steps)[:, c], expected, rtol=1e-5, atol=1e-12)
        expected = linear_convergence_step(spectrum, labels[:, c], eta, (0.01 * 600) ** 0.5)
        assert found.steps_to(0.01, eta)[c] == pytest.approx(expected, abs=1)


def test_moments_of_the_measure_are_the_quadratic_forms(images, monkeypatch):
    gram, labels = images
    factor = torch.linalg.cholesky(gram)
    monkeypatch.setattr(module, "EXACT", 100)
    found = spectral_measure(gram, factor, labels)
    for power, applied in ((0, labels), (1, gram @ labels), (-1, torch.linalg.solve(gram, labels))):
        moment = (found.eigenvalues[:, None] ** power * found.energy).sum(0)
        torch.testing.assert_close(moment, (labels * applied).sum(0), rtol=1e-8, atol=0)


@given(n=st.integers(2, 60), seed=st.integers(0, 99))
@settings(max_examples=20, deadline=None)
def test_a_space_that_is_full_is_exact(n, seed):
    gram = h_infinity(unit_inputs(n, 7, seed))
    labels = torch.from_numpy(np.random.default_rng(seed).standard_normal((n, 2)))
    exact = spectral_measure(gram, torch.linalg.cholesky(gram), labels)
    limit, module.EXACT = module.EXACT, 1
    try:
        found = spectral_measure(gram, torch.linalg.cholesky(gram), labels)
    finally:
        module.EXACT = limit
    steps = torch.tensor([0, 3, 30, 300])
    eta = 1 / exact.lambda_max
    torch.testing.assert_close(found.loss(eta, steps), exact.loss(eta, steps), rtol=1e-6, atol=1e-9)
    torch.testing.assert_close(found.share()[-1], torch.ones(2, dtype=torch.float64))


def test_two_eigenvalues_by_hand():
    measure = SpectralMeasure(torch.tensor([2.0, 1.0]), torch.tensor([[3.0], [1.0]]), exact=True)
    torch.testing.assert_close(measure.loss(0.5, torch.tensor([0, 1, 2])), torch.tensor([[1.0], [0.0625], [0.015625]]))
    assert measure.steps_to(0.05, 0.5) == [2]
    assert measure.steps_to(0.99, 0.5) == [1]
    assert measure.share()[:, 0].tolist() == [0.75, 1.0]


def test_solve_undoes_the_product():
    gram, right = h_infinity(unit_inputs(40, 6)), torch.ones(40, 3, dtype=torch.float64)
    torch.testing.assert_close(gram @ solve(torch.linalg.cholesky(gram), right), right)
