import math

import numpy as np
import pytest

from ntkbook.data import Waves, sphere

X = sphere(200, 3, np.random.default_rng(0))
RNG = np.random.default_rng(1)
A, B = RNG.standard_normal((2, 3))


def quadrature(function, d):
    """Mean over the sphere of R^d of a function of x_1 and |rest| only through x_1: density (1 - t^2)^((d-3)/2)."""
    nodes, weights = np.polynomial.legendre.leggauss(200)
    angles = (nodes + 1) * math.pi / 2
    density = weights * np.sin(angles) ** (d - 2)
    return float(density @ function(np.cos(angles)) / density.sum())


def test_values_are_those_of_the_functions():
    np.testing.assert_allclose(Waves.sine(A)(X), np.sin(X @ A), rtol=0, atol=1e-15)
    np.testing.assert_allclose(Waves.cosine(A)(X), np.cos(X @ A), rtol=0, atol=1e-15)
    np.testing.assert_allclose(Waves.exponential(A)(X), np.exp(X @ A), rtol=1e-14)


def test_sums_products_and_powers_act_on_values():
    f, g = Waves.sine(A), Waves.exponential(B)
    np.testing.assert_allclose((f + g)(X), f(X) + g(X), rtol=1e-13)
    np.testing.assert_allclose((f - g)(X), f(X) - g(X), rtol=1e-13, atol=1e-14)
    np.testing.assert_allclose((f * g)(X), f(X) * g(X), rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose((2 * f + 3.0 - 0.5)(X), 2 * f(X) + 2.5, rtol=1e-13)
    np.testing.assert_allclose(((f + 1) ** 3)(X), (f(X) + 1) ** 3, rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose((f**0)(X), 1)


def test_equal_terms_are_added_and_cancelling_ones_dropped():
    one = Waves.sine(A) ** 2 + Waves.cosine(A) ** 2
    assert len(one.coefficients) == 1
    np.testing.assert_allclose(one(X), 1, rtol=1e-15)


def test_even_and_odd_parts():
    f = (Waves.sine(A) + 1) ** 2 * Waves.exponential(B)
    np.testing.assert_allclose(f.even(X), (f(X) + f(-X)) / 2, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(f.odd(X), (f(X) - f(-X)) / 2, rtol=1e-12, atol=1e-14)
    assert f.odd.sphere_mean() == pytest.approx(0, abs=1e-15)
    assert f.even.sphere_variance() + f.odd.sphere_variance() == pytest.approx(f.sphere_variance(), rel=1e-12)


@pytest.mark.parametrize("d", [2, 3, 4, 7])
@pytest.mark.parametrize("scale", [0.1, 3.0, 20.0])
def test_mean_of_one_wave_matches_quadrature(d, scale):
    axis = scale * np.eye(d)[0]
    for waves, function in ((Waves.cosine(axis), np.cos), (Waves.exponential(axis), np.exp)):
        expected = quadrature(lambda t, f=function: f(scale * t), d)
        assert waves.sphere_mean() == pytest.approx(expected, rel=1e-10, abs=1e-14)


def test_mean_and_variance_match_a_sample():
    f = (Waves.sine(A) + 1) ** 2 * Waves.exponential(B)
    values = f(sphere(200_000, 3, np.random.default_rng(2)))
    deviation = values.std()
    assert f.sphere_mean() == pytest.approx(values.mean(), abs=5 * deviation / len(values) ** 0.5)
    squares = (values - values.mean()) ** 2
    assert f.sphere_variance() == pytest.approx(squares.mean(), abs=5 * squares.std() / len(values) ** 0.5)


def test_bad_inputs_are_named():
    with pytest.raises(ValueError, match=r"x: expected shape .* d = 3 .*, found \(200, 2\)"):
        Waves.sine(A)(X[:, :2])
    with pytest.raises(ValueError, match=r"x: expected (finite numbers|shape .*d = 3)"):
        Waves.sine(A)(X[0])
    with pytest.raises(ValueError, match=r"x: expected (finite numbers|shape .*d = 3)"):
        Waves.sine(A)(np.full((2, 3), np.nan))
