import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from scipy import stats

from ntkbook.data import near_parallel_pair, sphere, unit_rows

SEEDS = st.integers(0, 2**32 - 1)


@given(x=arrays(np.float64, array_shapes(min_dims=2, max_dims=2, max_side=6), elements=st.floats(1e-3, 1e3)))
def test_rows_get_unit_norm_and_keep_their_direction(x):
    rows = unit_rows(x)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, rtol=0, atol=4e-16)
    np.testing.assert_allclose(rows * np.linalg.norm(x, axis=1, keepdims=True), x, rtol=1e-14)


@pytest.mark.parametrize("scale", [5e-324, 1e-200, 1e-3, 3.0, 1e200, 8e307])
def test_direction_does_not_depend_on_the_scale(scale):
    np.testing.assert_allclose(unit_rows([[1.0 * scale, -1.0 * scale]]), [[0.5**0.5, -(0.5**0.5)]], rtol=1e-15)


def test_rows_of_pixels_are_the_same_bits_at_any_power_of_two_and_as_integers():
    pixels = np.random.default_rng(0).integers(0, 256, (20, 784), dtype=np.uint8)
    rows = unit_rows(pixels)
    np.testing.assert_array_equal(unit_rows(pixels / 1024), rows)
    squares = (pixels.astype(np.int64) ** 2).sum(axis=1)  # exact, so the only roundings are one root and one division
    np.testing.assert_array_equal(rows, pixels / np.sqrt(squares)[:, None])


@pytest.mark.parametrize(("row", "expected"), [([-3, 0], [-1, 0]), ([-3, -4], [-0.6, -0.8]), ([1, -1e300], [0, -1])])
def test_largest_entry_may_be_negative(row, expected):
    np.testing.assert_allclose(unit_rows([row]), [expected], rtol=1e-15, atol=1e-299)


def test_input_is_left_alone():
    x = np.array([[3.0, 4.0]])
    np.testing.assert_allclose(unit_rows(x), [[0.6, 0.8]], rtol=1e-15)
    np.testing.assert_array_equal(x, [[3.0, 4.0]])


@pytest.mark.parametrize(
    ("bad", "found"), [(0.0, "zeros"), (np.nan, "not finite"), (np.inf, "not finite"), (-np.inf, "not finite")]
)
def test_bad_row_is_named(bad, found):
    x = np.ones((5, 3))
    x[3:] = bad
    with pytest.raises(ValueError, match=f"x: expected .*{found}.* in row 3"):
        unit_rows(x)


def test_one_value_that_is_not_finite_is_enough():
    with pytest.raises(ValueError, match="not finite in row 1"):
        unit_rows([[1.0, 2.0], [1.0, np.nan]])


@pytest.mark.parametrize("shape", [(3,), (), (2, 0), (2, 2, 2)])
def test_unit_rows_needs_a_matrix(shape):
    with pytest.raises(ValueError, match=r"x: expected (shape|at least one entry)"):
        unit_rows(np.ones(shape))


def test_no_rows_give_no_rows():
    assert unit_rows(np.ones((0, 4))).shape == (0, 4)


@given(n=st.integers(1, 20), d=st.integers(1, 20), seed=SEEDS)
def test_points_lie_on_the_sphere(n, d, seed):
    x = sphere(n, d, np.random.default_rng(seed))
    assert x.shape == (n, d)
    np.testing.assert_allclose(np.linalg.norm(x, axis=1), 1, rtol=0, atol=1e-15)


@pytest.mark.parametrize("d", [2, 3, 7])
def test_points_are_uniform_on_the_sphere(d):
    x = sphere(20_000, d, np.random.default_rng(d))
    # For x uniform on the sphere and any fixed u, (1 + u.x) / 2 has a Beta((d-1)/2, (d-1)/2) law.
    law = stats.beta((d - 1) / 2, (d - 1) / 2)
    for direction in unit_rows(np.stack([np.eye(d)[0], np.ones(d), np.arange(1.0, d + 1)])):
        assert stats.kstest((1 + x @ direction) / 2, law.cdf).pvalue > 1e-3
    np.testing.assert_allclose(x.T @ x / len(x), np.eye(d) / d, atol=0.02)


@pytest.mark.parametrize(("n", "d"), [(0, 3), (3, 0), (-1, 3)])
def test_sphere_needs_points_and_dimensions(n, d):
    with pytest.raises(ValueError, match=f"expected a whole number >= 1, found {min(n, d)}"):
        sphere(n, d, np.random.default_rng(0))


@pytest.mark.parametrize("angle", [1e-9, 1e-6, 1e-3, 0.5, np.pi / 2, 3.0])
@pytest.mark.parametrize("d", [2, 3, 784])
def test_pair_has_the_angle(angle, d):
    x, y = near_parallel_pair(angle, d, np.random.default_rng(d))
    np.testing.assert_allclose([np.linalg.norm(x), np.linalg.norm(y)], 1, rtol=0, atol=1e-15)
    found = 2 * np.arctan2(np.linalg.norm(x - y), np.linalg.norm(x + y))
    assert abs(found - angle) < 1e-15 + 1e-15 * angle


def test_pair_at_no_angle_is_twice_the_same_and_at_pi_opposite():
    x, y = near_parallel_pair(0, 5, np.random.default_rng(0))
    np.testing.assert_array_equal(x, y)
    x, y = near_parallel_pair(np.pi, 5, np.random.default_rng(0))
    np.testing.assert_allclose(x, -y, atol=1e-15)


def test_pair_is_otherwise_uniform():
    rng = np.random.default_rng(1)
    pairs = np.stack([near_parallel_pair(0.3, 3, rng) for _ in range(3000)])
    for row, column in ((0, 0), (0, 2), (1, 0), (1, 2)):
        assert stats.kstest(pairs[:, row, column], stats.uniform(-1, 2).cdf).pvalue > 1e-3  # Archimedes: d = 3
    turn = np.cross(pairs[:, 0], pairs[:, 1])[:, 0] / np.sin(0.3)
    assert stats.kstest(turn, stats.uniform(-1, 2).cdf).pvalue > 1e-3


@pytest.mark.parametrize("angle", [-1e-9, 3.2, float("nan")])
def test_pair_needs_an_angle_from_zero_to_pi(angle):
    with pytest.raises(ValueError, match=r"angle: expected (radians|a finite number)"):
        near_parallel_pair(angle, 3, np.random.default_rng(0))


def test_pair_needs_two_dimensions():
    with pytest.raises(ValueError, match="d: expected a whole number >= 2, found 1"):
        near_parallel_pair(0.1, 1, np.random.default_rng(0))
