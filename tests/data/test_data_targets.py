import math

import numpy as np
import pytest

from ntkbook.data import arctan_target, cosine, linear, power, quadratic, sphere

X = sphere(50, 6, np.random.default_rng(0))
BETA = np.random.default_rng(1).standard_normal(6)
UNIT = BETA / np.linalg.norm(BETA)
Z = np.array([sum(float(xj * bj) for xj, bj in zip(x, BETA, strict=True)) for x in X])


def test_linear_is_the_inner_product():
    np.testing.assert_allclose(linear(X, BETA), Z, rtol=0, atol=1e-14)


@pytest.mark.parametrize("p", [1, 2, 3, 4, 6])
def test_power_has_its_amplitude_and_degree(p):
    np.testing.assert_allclose(power(X, BETA, p, alpha=-2.5), [-2.5 * z**p for z in Z], rtol=1e-11, atol=1e-14)
    np.testing.assert_allclose(power(X, 3 * BETA, p), 3.0**p * power(X, BETA, p), rtol=1e-12)


@pytest.mark.parametrize("p", [0, -2])
def test_powers_below_one_are_refused(p):
    with pytest.raises(ValueError, match=f"p: expected a whole number >= 1, found {p}"):
        power(X, BETA, p)


def test_quadratic_is_the_sum_over_the_eigenvectors():
    a = np.random.default_rng(2).standard_normal((6, 6))
    a += a.T
    values, vectors = np.linalg.eigh(a)
    expected = sum(power(X, vectors[:, j], 2, alpha=float(values[j])) for j in range(6))
    np.testing.assert_allclose(quadratic(X, a), expected, rtol=0, atol=1e-13)
    np.testing.assert_allclose(quadratic(X, np.eye(6)), 1, rtol=1e-14)


def test_quadratic_allows_rounding_but_no_asymmetry():
    vectors, _ = np.linalg.qr(np.random.default_rng(3).standard_normal((6, 6)))
    rounded = vectors @ np.diag([1.0, -1, 2, 0, 0, 0]) @ vectors.T
    rounded[0, 1] = rounded[1, 0] + 1e-15
    assert quadratic(X, rounded).shape == (50,)
    rounded[0, 1] += 1e-6
    with pytest.raises(ValueError, match="a: expected a symmetric matrix"):
        quadratic(X, rounded)


def series(terms):
    """The paper's power series of an example, in beta.x."""
    return sum(power(X, terms[1], 2 * j, alpha=terms[0](j)) for j in range(1, 30))


def test_cosine_is_its_series_in_the_paper():
    expected = series((lambda j: (-1) ** j / math.factorial(2 * j), BETA))
    np.testing.assert_allclose(cosine(X, BETA), expected, rtol=0, atol=1e-13)


def test_cosine_keeps_its_digits_near_zero():
    np.testing.assert_allclose(cosine([[1.0]], [1e-9]), [-5e-19], rtol=1e-12)


def test_arctan_target_is_its_series_in_the_paper():
    expected = series((lambda j: (-1) ** (j - 1) * 2.0 ** (1 - 2 * j) / (2 * j - 1), UNIT))
    np.testing.assert_allclose(arctan_target(X, UNIT), expected, rtol=0, atol=1e-14)
    assert arctan_target([[1.0, 0.0]], [1.0, 0.0])[0] == pytest.approx(math.atan(0.5))


def test_arctan_target_refuses_a_longer_direction():
    with pytest.raises(ValueError, match=r"beta: expected norm at most 1, found 1\.1"):
        arctan_target(X, 1.1 * UNIT)


@pytest.mark.parametrize("target", [linear, cosine, arctan_target, lambda x, beta: power(x, beta, 2)])
def test_shapes_and_values_are_checked(target):
    assert target(X, UNIT).shape == (50,)
    with pytest.raises(ValueError, match=r"beta: expected shape .*d = 6 as in x, found \(5,\)"):
        target(X, UNIT[:5])
    with pytest.raises(ValueError, match="x: expected shape"):
        target(X[0], UNIT)
    with pytest.raises(ValueError, match="beta: expected finite numbers, found nan"):
        target(X, np.full(6, np.nan))
    with pytest.raises(ValueError, match="x: expected finite numbers, found inf"):
        target(np.full((2, 6), np.inf), UNIT)


def test_quadratic_checks_shapes_and_values():
    with pytest.raises(ValueError, match=r"a: expected shape .*d = 6 as in x, found \(5, 5\)"):
        quadratic(X, np.eye(5))
    with pytest.raises(ValueError, match="a: expected finite numbers, found nan"):
        quadratic(X, np.full((6, 6), np.nan))
    with pytest.raises(ValueError, match="x: expected finite numbers, found inf"):
        quadratic(np.full((2, 6), np.inf), np.eye(6))
