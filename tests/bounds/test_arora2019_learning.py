"""Bounds of Section 6: what two-layer nets learn."""

import math

import mpmath
import numpy as np
import pytest
import torch

from ntkbook import data
from ntkbook.bounds import arora2019 as bounds
from ntkbook.kernels import h_infinity
from ntkbook.label_norm import label_norms

X = data.sphere(120, 4, np.random.default_rng(0))
BETA = np.random.default_rng(1).standard_normal(4)


def norm(labels):
    return float(label_norms(h_infinity(torch.from_numpy(X)), torch.from_numpy(labels)).values)


def corollary_6_2(coefficient, beta_norm):
    """Theorem 6.1 term by term, for sum_j c_j z^2j, with c_j from j."""
    b = mpmath.mpf(beta_norm)
    return float(mpmath.nsum(lambda j: 3 * 2 * j * abs(coefficient(int(j))) * b ** (2 * int(j)), [1, mpmath.inf]))


@pytest.mark.parametrize("b", [0.1, 0.5, 1.0, 2.0, 4.0])
def test_cosine_is_the_corollary_term_by_term(b):
    expected = corollary_6_2(lambda j: 1 / mpmath.factorial(2 * j), b)
    assert bounds.example_6_3_norm(b) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("b", [0.1, 0.5, 1.0])
def test_arctan_is_the_corollary_term_by_term(b):
    expected = corollary_6_2(lambda j: mpmath.mpf(2) ** (1 - 2 * j) / (2 * j - 1), b)
    assert bounds.example_6_4_norm(b) == pytest.approx(expected, rel=1e-12)


def test_quadratic_form_is_the_corollary_over_its_eigenvalues():
    values = np.array([1.5, -0.25, 0.0, 2.0])
    expected = sum(bounds.theorem_6_1_norm(2, float(value), 1.0) for value in values)
    assert bounds.example_6_2_norm(float(np.abs(values).sum())) == pytest.approx(expected, rel=1e-14)


def test_power_bound_is_the_printed_formula():
    assert bounds.theorem_6_1_norm(4, -0.5, 2.0) == pytest.approx(3 * 4 * 0.5 * 2**4)
    assert bounds.theorem_6_1_norm(1, 2.0, 3.0) == pytest.approx(3 * 2 * 3)


def test_constants_of_the_proof_come_from_the_orders_and_stay_below_the_theorem():
    # H >= c K^{o q} gives y'H^-1 y <= 1/c for y_i = (beta.x_i)^q, c = 1/4 or 1/(2 pi (q-1)^2).
    assert bounds.theorem_6_1_norm_in_proof(1, 1.0, 1.0) == pytest.approx(math.sqrt(4))
    for p in range(2, 41, 2):
        sharp = bounds.theorem_6_1_norm_in_proof(p, -1.5, 0.7)
        assert sharp == pytest.approx(math.sqrt(2 * math.pi * (p - 1) ** 2) * 1.5 * 0.7**p)
        assert sharp < bounds.theorem_6_1_norm(p, -1.5, 0.7)
    assert bounds.theorem_6_1_norm_in_proof(1, 1.0, 1.0) < bounds.theorem_6_1_norm(1, 1.0, 1.0)


@pytest.mark.parametrize("p", [1, 2, 4, 6])
def test_powers_stay_below_the_proofs_constant(p):
    found = norm(data.power(X, BETA, p, alpha=-1.5))
    bound = bounds.theorem_6_1_norm_in_proof(p, -1.5, float(np.linalg.norm(BETA)))
    assert 0.1 * bound < found < bound


def test_quadratic_form_and_its_multiple_stay_below_the_trace_norm():
    a = np.random.default_rng(2).standard_normal((4, 4))
    a += a.T
    trace_norm = float(np.abs(np.linalg.eigvalsh(a)).sum())
    found = norm(data.quadratic(X, a))
    assert 0.05 * bounds.example_6_2_norm(trace_norm) < found < bounds.example_6_2_norm(trace_norm)
    assert norm(data.quadratic(X, 10 * a)) == pytest.approx(10 * found)
    assert bounds.example_6_2_norm(10 * trace_norm) == pytest.approx(10 * bounds.example_6_2_norm(trace_norm))


@pytest.mark.parametrize("b", [0.5, 1.0, 3.0])
def test_cosine_stays_below_its_bound(b):
    found = norm(data.cosine(X, b * BETA / np.linalg.norm(BETA)))
    assert 0 < found < bounds.example_6_3_norm(b)


@pytest.mark.parametrize("b", [0.5, 1.0])
def test_arctan_stays_below_its_bound(b):
    found = norm(data.arctan_target(X, b * BETA / np.linalg.norm(BETA)))
    assert 0 < found < bounds.example_6_4_norm(b)


@pytest.mark.parametrize(("constant", "epsilon"), [(0.5, 0.1), (1.0, 0.1), (2.0, 0.1), (1.0, 0.01)])
def test_rival_terms_are_those_of_the_example_and_pass_or_fail_the_ratio_test(constant, epsilon):
    terms = bounds.example_6_4_rival_terms(constant, epsilon, 60)
    size = constant * math.sqrt(math.log(1 / epsilon))
    expected = [size ** (2 * j) * 2.0 ** (1 - 2 * j) / (2 * j - 1) for j in range(1, 61)]
    np.testing.assert_allclose(terms, expected, rtol=1e-12)
    ratio = size**2 / 4
    assert terms[-1] / terms[-2] == pytest.approx(ratio, rel=0.02)
    assert (terms[-1] > terms[-2]) == (ratio > 1)


def test_rival_sum_converges_below_the_threshold_to_its_closed_form():
    root = math.sqrt(math.log(10)) / 2  # C = 1, epsilon = 0.1
    expected = 2 * root * math.atanh(root)
    assert sum(bounds.example_6_4_rival_terms(1.0, 0.1, 200)) == pytest.approx(expected, rel=1e-12)
