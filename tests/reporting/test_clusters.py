import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ntkbook.data import separated_mixture, separation, sphere, unit_rows
from ntkbook.reporting.clusters import clusters


@given(n=st.integers(4, 60), k=st.integers(2, 4), seed=st.integers(0, 99))
@settings(max_examples=30, deadline=None)
def test_distances_are_those_of_separation_with_a_class_as_one_component(n, k, seed):
    rng = np.random.default_rng(seed)
    x, of = sphere(n, 4, rng), np.append(np.arange(k) % k, rng.integers(0, k, n - k))[:n]
    found, expected = clusters(x, of), separation(x, of, of)
    assert found.delta == pytest.approx(expected.delta, rel=1e-9)
    assert found.diameter == pytest.approx(expected.diameter, rel=1e-9, abs=1e-7)
    assert of[found.closest[0]] != of[found.closest[1]]
    assert of[found.widest[0]] == of[found.widest[1]]
    assert (found.components == 1) == expected.a1
    distances = np.linalg.norm(x[:, None] - x, axis=2)
    np.fill_diagonal(distances, np.inf)
    assert found.neighbour_errors == pytest.approx((of[distances.argmin(1)] != of).mean())


@given(k=st.integers(2, 4), each=st.integers(1, 6), seed=st.integers(0, 99))
@settings(max_examples=20, deadline=None)
def test_tight_balls_are_clusters_and_their_number_bounds_the_count(k, each, seed):
    rng = np.random.default_rng(seed)
    centres = np.eye(k * each, 30)
    owner = np.repeat(np.arange(k * each), 8)
    x = unit_rows(centres[owner] + 1e-4 * rng.standard_normal((len(owner), 30)))
    found = clusters(x, owner // each)
    assert found.components is not None
    assert found.components == each
    assert found.needed <= each
    parts = separation(x, owner // each, owner)
    assert parts.a1


def test_a_mixture_of_the_theorem_meets_the_assumption_and_digits_do_not():
    points = separated_mixture(3, 2, 50, np.random.default_rng(0)).draw(200, np.random.default_rng(1))
    assert clusters(unit_rows(points.x), points.classes).components == 2
    rng = np.random.default_rng(0)
    found = clusters(sphere(100, 3, rng), rng.integers(0, 2, 100))
    assert found.components is None
    assert found.needed > 8


def test_an_input_alone_in_its_class_is_a_cluster():
    found = clusters(np.eye(3), np.arange(3))
    assert (found.components, found.needed, found.diameter) == (1, 1, 0)


def test_an_input_with_two_labels_excludes_clusters():
    found = clusters(np.array([[1.0, 0], [1, 0], [0, 1]]), np.array([0, 1, 1]))
    assert (found.delta, found.components) == (0, None)
