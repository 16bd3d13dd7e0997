import math

import numpy as np
import pytest

from ntkbook.data import additive_target, constant_coordinate, figure_1_target, harmonic_target, sphere

X = sphere(500, 4, np.random.default_rng(0))
S, WAVE = np.sin(3 * X[:, :3]).sum(1), np.cos(7 * X[:, 3])


def product_quadrature(function):
    """Mean over the sphere of R^4 by a product rule in three angles, exact for the degrees that matter here."""
    nodes, weights = np.polynomial.legendre.leggauss(60)
    t, s, around = nodes, nodes, (np.arange(120) + 0.5) * math.pi / 60
    first, second, third = np.meshgrid((t + 1) * math.pi / 2, s, around, indexing="ij")
    weight = (weights * np.sin((t + 1) * math.pi / 2) ** 2)[:, None, None] * weights[:, None] * np.ones(120)
    ring = np.sqrt(1 - second**2)
    sine = np.sin(first)
    points = [sine * ring * np.cos(third), sine * ring * np.sin(third), sine * second, np.cos(first)]
    values = function(np.stack(points, axis=-1).reshape(-1, 4))
    return float((weight.ravel() @ values) / weight.sum())


def test_figure_1_target_and_its_parts_are_the_formulas():
    target = figure_1_target()
    np.testing.assert_allclose(target(X), (S - 2) ** 2 * WAVE, rtol=0, atol=1e-13)
    np.testing.assert_allclose(target.even(X), (S**2 + 4) * WAVE, rtol=0, atol=1e-13)
    np.testing.assert_allclose(target.odd(X), -4 * S * WAVE, rtol=0, atol=1e-13)


def test_odd_part_of_the_figure_1_target_carries_two_fifths_of_its_variance():
    target = figure_1_target()

    def direct(x):
        return (np.sin(3 * x[:, :3]).sum(1) - 2) ** 2 * np.cos(7 * x[:, 3])

    mean = product_quadrature(direct)
    assert target.sphere_mean() == pytest.approx(mean, rel=1e-9)
    assert target.sphere_variance() == pytest.approx(product_quadrature(lambda x: (direct(x) - mean) ** 2), rel=1e-9)
    odd = product_quadrature(lambda x: ((direct(x) - direct(-x)) / 2) ** 2)
    assert target.odd.sphere_variance() == pytest.approx(odd, rel=1e-9)
    assert target.sphere_variance() == pytest.approx(31.049, abs=1e-3)
    assert odd == pytest.approx(13.031, abs=1e-3)


def test_additive_target_adds_the_same_waves():
    np.testing.assert_allclose(additive_target()(X), S + WAVE, rtol=0, atol=1e-14)


@pytest.mark.parametrize("c", [1.0, 5.0, 15.0])
def test_harmonic_target_is_the_real_part_of_a_holomorphic_function_and_has_mean_one(c):
    target = harmonic_target(c)
    np.testing.assert_allclose(target(X), np.exp(c * (X[:, 1] + 1j * X[:, 0])).real, rtol=0, atol=1e-13 * np.exp(c))
    assert target.sphere_mean() == pytest.approx(1, abs=1e-12)
    square = product_quadrature(lambda x: target(x) ** 2)
    assert target.sphere_variance() == pytest.approx(square - 1, rel=1e-9)


def test_constant_coordinate_keeps_the_norm_and_the_angles_between_inputs():
    lifted = constant_coordinate(X)
    assert lifted.shape == (500, 5)
    np.testing.assert_allclose(np.linalg.norm(lifted, axis=1), 1, rtol=1e-14)
    np.testing.assert_array_equal(lifted[:, 4], 0.5)
    np.testing.assert_allclose(lifted @ lifted.T, 0.75 * X @ X.T + 0.25, rtol=0, atol=1e-14)


def test_constant_coordinate_refuses_other_inputs():
    for bad in (2 * X, X[0], np.full((2, 3), np.nan), np.zeros((2, 3))):
        with pytest.raises(ValueError, match=r"x: expected (rows of unit norm|shape .*|finite numbers), found"):
            constant_coordinate(bad)
