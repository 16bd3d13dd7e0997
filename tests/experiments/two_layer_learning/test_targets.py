"""Laws of the targets."""

import numpy as np
import pytest

from ntkbook import data
from ntkbook.experiments.two_layer_learning.targets import Concept, figure_1, lifted, parity_shares


def test_shares_of_parity_are_those_of_monte_carlo():
    f, shares = data.figure_1_target(), parity_shares(data.figure_1_target())
    x = data.sphere(200_000, 4, np.random.default_rng(0))
    here, there = f(x), f(-x)
    even, odd, variance = (here + there) / 2, (here - there) / 2, f.sphere_variance()
    beta = np.linalg.lstsq(x, odd, rcond=None)[0]
    assert shares["even"] == pytest.approx(even.var() / variance, rel=0.02)
    assert shares["odd"] == pytest.approx(np.square(odd - x @ beta).mean() / variance, rel=0.02)
    assert shares["linear"] == pytest.approx(np.square(x @ beta).mean() / variance, rel=0.2)
    assert sum(shares.values()) == pytest.approx(1, rel=1e-12)


def test_a_linear_function_is_all_linear_and_a_square_all_even():
    linear = parity_shares(data.Waves.sine(1e-3 * np.eye(3)[0]) + 1e-7 * data.Waves.cosine(np.eye(3)[1]))
    assert linear["linear"] == pytest.approx(1, abs=1e-6)
    square = parity_shares(data.Waves.cosine(np.eye(3)[0]) + 1e-6 * data.Waves.sine(np.eye(3)[1]))
    assert square["even"] == pytest.approx(1, abs=1e-9)


@pytest.mark.parametrize("kind", [Concept.product, Concept.network])
def test_targets_have_unit_variance_and_inputs_the_constant_coordinate(kind):
    draw = lifted(kind(5, 4, np.random.default_rng(0), scale=3.0), np.random.default_rng(1))
    x, y = draw(np.random.default_rng(2), 50_000)
    assert y.mean() == pytest.approx(0, abs=0.03)
    assert y.std() == pytest.approx(1, abs=0.03)
    np.testing.assert_allclose(x[:, -1], 0.5)
    np.testing.assert_allclose(np.linalg.norm(x, axis=1), 1)


def test_a_target_is_the_sum_of_its_terms():
    target = Concept(np.eye(4), np.eye(4)[[1, 2, 3, 0]], np.array([1.0, -1.0, 1.0, 1.0]), 2.0)
    x = data.sphere(20, 4, np.random.default_rng(0))
    a, b, c, d = x.T
    expected = np.sin(2 * a) * b - np.tanh(2 * b) * c + np.cos(2 * c) * d + (np.exp(2 * d) - 1) * a
    np.testing.assert_allclose(target(x), expected, rtol=1e-12)


def test_a_network_is_a_product_with_the_constant_coordinate():
    target = Concept.network(5, 4, np.random.default_rng(0), scale=1.0)
    np.testing.assert_array_equal(target.second, np.tile([0, 0, 0, 0, 1], (4, 1)))
    np.testing.assert_allclose(np.linalg.norm(target.first, axis=1), 1)


def test_the_target_of_figure_1_is_standardised():
    values = figure_1()(data.sphere(200_000, 4, np.random.default_rng(0)))
    assert values.mean() == pytest.approx(0, abs=0.01)
    assert values.var() == pytest.approx(1, abs=0.02)
