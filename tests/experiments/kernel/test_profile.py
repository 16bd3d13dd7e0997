"""The kernel of two inputs against their angle, in three ways."""

import numpy as np
import pytest
import torch

from ntkbook.experiments.kernel.profile import measure
from ntkbook.kernels import even_coefficients, h_infinity
from ntkbook.streams import Streams


@pytest.fixture
def profile():
    return measure(Streams(0))


def test_closed_form_is_h_infinity_of_a_pair_at_that_angle(profile):
    fan = torch.from_numpy(np.stack([np.cos(profile.angle), np.sin(profile.angle)], axis=1))
    np.testing.assert_allclose(profile.closed_form, h_infinity(fan)[0], atol=1e-15)


def test_series_is_the_linear_part_alone_or_with_even_powers(profile):
    t = np.cos(profile.angle.values)
    np.testing.assert_allclose(profile.series.sel(terms=0), t / 4)
    powers = sum(c * t ** (2 * k) for k, c in enumerate(even_coefficients(4).tolist(), start=1))
    np.testing.assert_allclose(profile.series.sel(terms=4), t / 4 + powers)


def test_nets_stay_within_five_standard_deviations_of_the_closed_form(profile):
    share = (np.pi - profile.angle) / (2 * np.pi)  # probability that both gates are open
    deviation = np.abs(np.cos(profile.angle)) * np.sqrt(share * (1 - share) / profile.width)
    assert bool((np.abs(profile.net - profile.closed_form) <= 5 * deviation + 1e-12).all())
