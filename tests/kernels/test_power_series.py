import mpmath
import numpy as np
import pytest
import torch
from reference import unit_inputs

from ntkbook.kernels import even_coefficients, h_infinity, h_infinity_series


def test_coefficients_are_those_of_the_arcsine():
    # z (pi - arccos z) / (2 pi) = z / 4 + z arcsin(z) / (2 pi), arcsin z = sum binom(2k, k) z^(2k+1) / (4^k (2k+1)).
    exact = [mpmath.binomial(2 * k, k) / (mpmath.mpf(4) ** k * (2 * k + 1) * 2 * mpmath.pi) for k in range(30)]
    np.testing.assert_allclose(even_coefficients(30).numpy(), [float(c) for c in exact], rtol=1e-14)


def test_coefficients_sum_to_a_quarter_with_the_stated_tail():
    n = 100_000
    missing = 0.25 - float(even_coefficients(n).sum())
    assert missing == pytest.approx(1 / (2 * np.pi**1.5 * n**0.5), rel=1e-4)


def test_series_converges_to_the_closed_form():
    x = unit_inputs(30, 6)
    products = x @ x.T
    gap = (h_infinity_series(products, 400) - h_infinity(x)).abs().fill_diagonal_(0)
    assert float(gap[products.abs() < 0.95].max()) <= 1e-14
    missing = 0.25 - float(even_coefficients(400).sum())
    assert float(gap.max()) <= missing


@pytest.mark.parametrize("n_terms", [1, 2, 7])
def test_partial_sum_is_the_sum_of_its_terms(n_terms):
    z = torch.linspace(-1, 1, 9, dtype=torch.float64)
    expected = z / 4 + sum(c * z ** (2 * k) for k, c in enumerate(even_coefficients(n_terms), start=1))
    torch.testing.assert_close(h_infinity_series(z, n_terms), expected, rtol=1e-14, atol=1e-16)


def test_partial_sums_fall_short_by_at_most_the_coefficients_left_out():
    z = torch.linspace(-1, 1, 21, dtype=torch.float64)
    closed = z * (torch.pi - torch.arccos(z)) / (2 * torch.pi)
    for n_terms in (1, 5, 50):
        short = closed - h_infinity_series(z, n_terms)
        missing = 0.25 - float(even_coefficients(n_terms).sum())
        assert float(short.min()) >= -1e-16
        assert float(short.max()) <= missing + 1e-15
