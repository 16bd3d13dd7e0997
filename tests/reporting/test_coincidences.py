import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from ntkbook.data import sphere
from ntkbook.kernels import h_infinity
from ntkbook.reporting.coincidences import coincidences


def nullity(x):
    return int((np.linalg.eigvalsh(h_infinity(torch.tensor(x)).numpy()) < 1e-10).sum())


def test_a_hundred_points_on_a_circle_are_fifty_antipodal_pairs_two_of_them_free():
    angle = 2 * np.pi * np.arange(100) / 100
    x = np.column_stack([np.cos(angle), np.sin(angle)])
    found = coincidences(x, np.sign(np.sin(3 * angle + 0.1)))
    assert found.antipodal.tolist() == [[i, i + 50] for i in range(50)]
    assert (found.free, found.duplicates, found.clashes) == (2, [], [])
    assert found.nullity == 48 == nullity(x)
    (said,) = found.sentences()
    assert "50 antipodal pairs" in said
    assert "x and -x: row 0, row 50; row 1, row 51" in said
    assert "only 2 of them" in said


@given(
    n=st.integers(4, 25),
    d=st.integers(2, 6),
    copies=st.lists(st.tuples(st.integers(0, 24), st.sampled_from([1.0, -1.0])), max_size=20),
    seed=st.integers(0, 999),
)
@settings(max_examples=60, deadline=None)
def test_every_group_and_pair_is_found_and_the_nullity_is_that_of_the_kernel(n, d, copies, seed):
    rng = np.random.default_rng(seed)
    directions = sphere(n, d, rng)
    of = np.arange(n).tolist() + [i % n for i, _ in copies]
    signs = np.append(np.ones(n), [sign for _, sign in copies])
    order = rng.permutation(len(of))
    of, signs = np.array(of)[order], signs[order]
    x, labels = signs[:, None] * directions[of], rng.choice(2, len(of))
    found = coincidences(x, labels)
    expected = {}
    for row, key in enumerate(zip(of, signs, strict=True)):
        expected.setdefault(key, []).append(row)
    groups = [rows for rows in expected.values() if len(rows) > 1]
    same = sorted(rows for rows in groups if len(set(labels[rows])) == 1)
    assert [rows.tolist() for rows in found.duplicates] == same
    assert [rows.tolist() for rows in found.clashes] == sorted(rows for rows in groups if len(set(labels[rows])) == 2)
    pairs = [
        sorted((expected[i, 1.0][0], expected[i, -1.0][0])) for i in range(n) if {(i, 1.0), (i, -1.0)} <= set(expected)
    ]
    assert found.antipodal.tolist() == sorted(pairs)
    assert found.nullity == nullity(x)
    kept = found.merged(len(x))
    assert not coincidences(x[kept], labels[kept]).duplicates
    assert not coincidences(x[kept], labels[kept]).clashes


def test_general_inputs_have_none_and_keep_all_rows():
    x = sphere(300, 4, np.random.default_rng(0))
    found = coincidences(x, np.zeros(300))
    assert (found.nullity, found.sentences(), len(found.merged(300))) == (0, [], 300)


@pytest.mark.parametrize(("angle", "groups"), [(1e-12, 1), (1e-8, 0)])
def test_parallel_means_to_ten_digits(angle, groups):
    x = np.array([[1.0, 0, 0], [np.cos(angle), np.sin(angle), 0], [0, 0, 1]])
    assert len(coincidences(x, np.zeros(3)).duplicates) == groups


def test_many_copies_take_no_quadratic_memory():
    x = np.tile(np.array([[0.6, 0.8]]), (50_000, 1))
    assert len(coincidences(x, np.zeros(50_000)).duplicates[0]) == 50_000
