"""Laws of the least eigenvalue of parallel inputs."""

import numpy as np
import pytest

from ntkbook import data
from ntkbook.experiments.kernel.parallel import least, least_naively, measure
from ntkbook.streams import Streams

ANGLES = (1e-6, 1e-3, 0.1, 1.0)


def test_pairs_have_the_eigenvalue_of_the_closed_form_and_the_naive_formula_loses_it_at_small_angles():
    found, t = measure(ANGLES, Streams(0)), np.array(ANGLES)
    exact = 0.5 - np.cos(t) * (np.pi - t) / (2 * np.pi)
    np.testing.assert_allclose(found.pair, exact, rtol=1e-8)
    np.testing.assert_allclose(found.pair_naive[-2:], exact[-2:], rtol=1e-2)
    assert abs(float(found.pair_naive[0]) / exact[0] - 1) > 0.5


def test_antipodal_inputs_are_singular_only_when_their_pairs_outnumber_the_dimensions():
    found = measure(ANGLES, Streams(0))
    assert float(found.antipodal) == pytest.approx(0.5, abs=1e-15)
    assert float(found.duplicate) == pytest.approx(0, abs=1e-15)
    assert float(found.many_antipodal) == pytest.approx(0, abs=1e-15)
    half = data.sphere(4, 4, np.random.default_rng(0))
    assert least(np.concatenate([half, -half])) > 1e-3


def test_naive_formula_agrees_on_inputs_far_apart():
    x = data.sphere(6, 30, np.random.default_rng(0))
    assert least_naively(x) == pytest.approx(least(x), rel=1e-4)
