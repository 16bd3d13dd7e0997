"""Laws of the power series and of the lower bounds that its terms give."""

import numpy as np
import pytest
import torch

from ntkbook import data
from ntkbook.experiments.kernel import series
from ntkbook.experiments.kernel.images import Inputs
from ntkbook.experiments.kernel.series import HALF_DEGREES, measure
from ntkbook.kernels import h_infinity


def inputs(x):
    return Inputs(torch.from_numpy(x), h_infinity(torch.from_numpy(x)), "")


@pytest.fixture
def points():
    return {"points": inputs(data.sphere(20, 4, np.random.default_rng(0)))}


def test_orthogonal_inputs_leave_the_eigenvalues_of_one_half_less_the_term():
    found = measure({"axes": inputs(np.eye(4))}, 10).sel(data="axes")
    assert float(found.minus_linear) == pytest.approx(1 / 4)
    expected = [0.5 - 1 / (2 * np.pi * (2 * k - 1) ** 2) for k in HALF_DEGREES]
    np.testing.assert_allclose(found.minus_power, expected)
    assert float(found.error) == 0


def test_error_falls_with_every_term_and_stays_below_the_sum_of_those_left_out(points):
    found = [measure(points, count) for count in (1, 4, 16, 64)]
    errors, left_out = ([float(f[name][0]) for f in found] for name in ("error", "left_out"))
    assert errors == sorted(errors, reverse=True)
    assert all(error <= most for error, most in zip(errors, left_out, strict=True))
    x = points["points"].x
    closest = float((x @ x.T).fill_diagonal_(0).abs().max())
    tails = [closest ** (2 * count + 2) / (2 * np.pi**1.5 * count**0.5) for count in (1, 4, 16, 64)]
    assert left_out == pytest.approx(tails, rel=0.2)


def test_a_coefficient_that_is_wrong_by_a_hundredth_is_seen(points, monkeypatch):
    exact = series.h_infinity_series
    monkeypatch.setattr(series, "h_infinity_series", lambda k, n: exact(k, n) + 0.01 * k**4 / (12 * np.pi))
    found = measure(points, 400)
    assert float(found.error[0]) > 1e3 * float(found.left_out[0])


def test_two_inputs_at_an_angle_are_off_by_the_terms_left_out_of_their_entry():
    t = 0.3
    pair = np.array([[1.0, 0.0], [np.cos(t), np.sin(t)]])
    found = measure({"pair": inputs(pair)}, 1)
    closed = np.cos(t) * (np.pi - t) / (2 * np.pi)
    assert float(found.error[0]) == pytest.approx(closed - np.cos(t) / 4 - np.cos(t) ** 2 / (2 * np.pi))


def test_what_is_left_is_positive_semidefinite_and_no_larger_than_the_kernel(points):
    found = measure(points, 10)
    lambda_min = float(torch.linalg.eigvalsh(points["points"].gram)[0])
    for least in (found.minus_linear, found.minus_power):
        assert bool((least >= -1e-12).all())
        assert bool((least <= lambda_min + 1e-12).all())
