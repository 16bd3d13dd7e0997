import math
from functools import cache
from typing import Any

import mpmath
import numpy as np
import pytest
import torch
from reference import unit_inputs

from ntkbook.kernels import h_infinity
from ntkbook.kernels.sphere import (
    h_infinity_profile,
    h_infinity_profile_with_bias,
    multiplicities,
    ridge_norm,
    zonal_eigenvalues,
)
from ntkbook.label_norm import label_norms


def mp_profile(t):
    return t * (mpmath.pi - mpmath.acos(t)) / (2 * mpmath.pi)


@cache
def mp_eigenvalue(profile, d, degree):
    """E[h(t) P_l(t)] under the density of t, proportional to (1 - t^2)^((d-3)/2), in t = cos(angle)."""
    alpha = mpmath.mpf(d - 2) / 2
    top = mpmath.gegenbauer(degree, alpha, 1)

    def integrand(angle):
        t = mpmath.cos(angle)
        return profile(t) * mpmath.gegenbauer(degree, alpha, t) / top * mpmath.sin(angle) ** (d - 2)

    whole = mpmath.sqrt(mpmath.pi) * mpmath.gamma(mpmath.mpf(d - 1) / 2) / mpmath.gamma(mpmath.mpf(d) / 2)
    total: Any = mpmath.quad(integrand, [0, mpmath.pi / 2, mpmath.pi])
    return total / whole


def mp_norm_of_even_series(coefficients, d, max_degree=16):
    """Norm of sum_k c_k t^k, k even, from E[t^k P_l] in closed form (Rodrigues) and eigenvalues by quadrature."""
    total = mpmath.mpf(0)
    for degree in range(0, max_degree + 1, 2):
        part = mpmath.mpf(0)
        for k, c in coefficients.items():
            if k >= degree:
                moment = mpmath.gamma(mpmath.mpf(d) / 2) * mpmath.gamma(mpmath.mpf(k - degree + 1) / 2)
                moment /= mpmath.sqrt(mpmath.pi) * mpmath.gamma(mpmath.mpf(k + degree + d) / 2)
                part += c * mpmath.factorial(k) / mpmath.factorial(k - degree) / 2**degree * moment
        count = math.comb(degree + d - 1, degree) - (math.comb(degree + d - 3, degree - 2) if degree > 1 else 0)
        total += count * part**2 / mp_eigenvalue(mp_profile, d, degree)
    return float(mpmath.sqrt(total))


def spread_points(n):
    """Points that fill the sphere in three dimensions evenly: a Fibonacci spiral."""
    k = np.arange(n) + 0.5
    z, turn = 1 - 2 * k / n, np.pi * (1 + 5**0.5) * k
    return torch.from_numpy(np.column_stack([z, np.sqrt(1 - z**2) * np.cos(turn), np.sqrt(1 - z**2) * np.sin(turn)]))


def test_profiles_are_the_kernel_of_the_inputs():
    x = unit_inputs(12, 5)
    products = (x @ x.T).clamp(-1, 1).numpy()
    np.testing.assert_allclose(h_infinity_profile(products), h_infinity(x).numpy(), atol=1e-8)
    biased = torch.cat([x, torch.ones(12, 1, dtype=x.dtype)], dim=1) / 2**0.5
    np.testing.assert_allclose(h_infinity_profile_with_bias(products), h_infinity(biased).numpy(), atol=1e-8)


def test_eigenvalues_in_three_dimensions_have_their_closed_values():
    found = zonal_eigenvalues(h_infinity_profile, 3, 9)
    np.testing.assert_allclose(found[:3], [1 / 16, 1 / 12, 7 / 256], rtol=1e-13)
    assert (found[[4, 6, 8]] > 0).all()
    assert (found[[3, 5, 7, 9]] == 0).all()


@pytest.mark.parametrize("d", [3, 4, 10])
@pytest.mark.parametrize("degree", [0, 1, 2, 4, 8])
def test_eigenvalues_are_those_of_quadrature_in_many_digits(d, degree):
    found = zonal_eigenvalues(h_infinity_profile, d, 8)[degree]
    assert found == pytest.approx(float(mp_eigenvalue(mp_profile, d, degree)), rel=1e-7)


@pytest.mark.parametrize("degree", [0, 1, 2, 3, 5])
def test_a_constant_coordinate_gives_every_degree_an_eigenvalue(degree):
    found = zonal_eigenvalues(h_infinity_profile_with_bias, 4, 5)[degree]
    assert found == pytest.approx(float(mp_eigenvalue(lambda t: mp_profile((1 + t) / 2), 4, degree)), rel=1e-7)
    assert found > 1e-5


def test_a_dense_gram_has_these_eigenvalues_as_often_as_there_are_harmonics():
    n = 800
    found = np.linalg.eigvalsh(h_infinity(spread_points(n)).numpy())[::-1] / n
    eigenvalues, counts = zonal_eigenvalues(h_infinity_profile, 3, 4), multiplicities(3, 4).astype(int)
    expected = np.concatenate([np.full(counts[degree], eigenvalues[degree]) for degree in (1, 0, 2, 4)])
    np.testing.assert_allclose(found[: len(expected)], expected, rtol=0.02)
    assert found[len(expected)] < 0.5 * expected[-1]


@pytest.mark.parametrize("d", [3, 4])
def test_trace_approaches_a_half_as_the_degree_grows(d):
    missing = 0.5 - np.cumsum(zonal_eigenvalues(h_infinity_profile, d, 200) * multiplicities(d, 200))
    assert missing.min() > 0
    assert missing[-1] < 0.01
    assert missing[100] / missing[200] == pytest.approx(2, abs=0.1)  # N_l lambda_l falls like l^-2, its tail like 1 / l


@pytest.mark.parametrize(
    ("d", "formula"),
    [
        (3, lambda degree: 2 * degree + 1),
        (4, lambda degree: (degree + 1) ** 2),
        (10, lambda degree: math.comb(degree + 9, 9) - (math.comb(degree + 7, 9) if degree > 1 else 0)),
    ],
)
def test_multiplicities_are_dimensions_of_spaces_of_harmonics(d, formula):
    np.testing.assert_allclose(multiplicities(d, 12), [formula(degree) for degree in range(13)], rtol=1e-14)


@pytest.mark.parametrize("d", [3, 4, 10, 50, 300])
def test_linear_function_has_norm_two_in_every_dimension(d):
    assert ridge_norm(lambda t: t, d) == pytest.approx(2, rel=1e-9)
    assert ridge_norm(lambda t: -3 * t, d) == pytest.approx(6, rel=1e-9)


def test_square_in_three_dimensions_has_its_closed_norm():
    # E[t^2] = 1/3 and E[t^2 P_2] = 2/15, so the square is 16/9 + 5 (2/15)^2 256/7 = 176/35.
    assert ridge_norm(lambda t: t**2, 3) == pytest.approx(math.sqrt(176 / 35), rel=1e-9)


def test_norm_on_ever_more_inputs_rises_to_the_limit_from_below():
    limit = ridge_norm(lambda t: t**2, 3)
    found = [
        float(label_norms(h_infinity(x), x[:, 1] ** 2).values) for x in (spread_points(n) for n in (50, 100, 200, 400))
    ]
    assert found == sorted(found)
    assert 0.999 * limit < found[-1] < limit


@pytest.mark.parametrize("d", [3, 10, 100])
def test_norms_of_smooth_functions_are_their_series_in_many_digits(d):
    cosine = {2 * j: (-1) ** j * mpmath.mpf(2) ** (2 * j) / mpmath.factorial(2 * j) for j in range(1, 20)}
    assert ridge_norm(lambda t: np.cos(2 * t) - 1, d) == pytest.approx(mp_norm_of_even_series(cosine, d), rel=1e-10)
    arctan = {2 * j: (-1) ** (j - 1) * mpmath.mpf(2) ** (1 - 2 * j) / (2 * j - 1) for j in range(1, 60)}
    assert ridge_norm(lambda t: t * np.arctan(t / 2), d) == pytest.approx(mp_norm_of_even_series(arctan, d), rel=1e-10)


@pytest.mark.parametrize("p", [3, 5, 7])
@pytest.mark.parametrize("d", [3, 10])
def test_odd_powers_have_no_finite_norm(d, p):
    assert ridge_norm(lambda t: t**p, d) == np.inf
    assert ridge_norm(lambda t: t**2 + 1e-6 * t**p, d) == np.inf


def test_a_constant_coordinate_makes_the_norm_of_the_cube_finite():
    def biased(t):
        return mp_profile((1 + t) / 2)

    # In three dimensions E[t^3 P_1] = 1/5 and E[t^3 P_3] = 2/35.
    square = 3 / mpmath.mpf(25) / mp_eigenvalue(biased, 3, 1) + 7 * 4 / mpmath.mpf(35) ** 2 / mp_eigenvalue(
        biased, 3, 3
    )
    found = ridge_norm(lambda t: t**3, 3, h_infinity_profile_with_bias)
    assert found == pytest.approx(float(mpmath.sqrt(square)), rel=1e-7)
    assert found == pytest.approx(3.898, abs=1e-3)
    assert np.isfinite([ridge_norm(lambda t: t**3, d, h_infinity_profile_with_bias) for d in (5, 10, 30)]).all()


@pytest.mark.parametrize("d", [2, 1])
def test_fewer_than_three_dimensions_are_refused(d):
    with pytest.raises(ValueError, match=f"d: expected a whole number >= 3, found {d}"):
        zonal_eigenvalues(h_infinity_profile, d, 4)
    with pytest.raises(ValueError, match=f"d: expected a whole number >= 3, found {d}"):
        ridge_norm(lambda t: t, d)
