"""Lemma E.1: pseudo-inverses reverse the order of matrices, on the range of the smaller."""

import numpy as np
import pytest

from ntkbook.experiments.kernel.matrix_order import lemma_e1_gap, measure
from ntkbook.streams import Streams


def test_gap_of_diagonal_matrices_is_that_of_the_reciprocals_on_the_range_of_the_smaller():
    gap, scale = lemma_e1_gap(np.diag([1.0, 0.5, 0.0]), np.diag([2.0, 0.5, 3.0]))
    np.testing.assert_allclose(gap, np.diag([0.5, 0.0, 0.0]), atol=1e-15)
    assert scale == pytest.approx(2)


def test_gap_of_matrices_in_the_wrong_order_is_negative():
    gap, _ = lemma_e1_gap(2 * np.eye(2), np.eye(2))
    np.testing.assert_allclose(gap, -np.eye(2) / 2)


def test_lemma_holds_on_random_pairs_and_is_tight_on_some():
    least = measure(30, Streams(0)).least_eigenvalue
    assert least.sizes == {"pair": 30}
    assert bool((least >= -1e-10).all())
    assert bool((least <= 1).all())
    assert float(np.abs(least).min()) < 1e-12  # a singular A leaves zero eigenvalues
