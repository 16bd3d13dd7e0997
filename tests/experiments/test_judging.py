import numpy as np
import pytest
import xarray as xr

from ntkbook.claims import Verdict
from ntkbook.experiments.judging import above, at_least, at_most, below, decide, log_slope, slope


@pytest.mark.parametrize("exponent", [-0.5, 0.0, 2.0])
def test_log_slope_is_the_exponent(exponent):
    x = np.array([1.0, 10.0, 70.0])
    assert log_slope(x, 3 * x**exponent) == pytest.approx(exponent, abs=1e-12)


def test_slope_is_that_of_the_mean_over_seeds():
    width = xr.DataArray([10.0, 100.0, 1000.0], dims="width", coords={"width": [10, 100, 1000]})
    values = width**-0.7 * xr.DataArray([1.0, 3.0], dims="seed") * xr.DataArray([1.0, 5.0], dims="labels")
    found = slope(values)
    assert found.dims == ("labels",)
    np.testing.assert_allclose(found, -0.7)


@pytest.mark.parametrize(
    ("ask", "inside", "edge", "outside"),
    [(at_most, 0.9, True, 1.1), (below, 0.9, False, 1.1), (at_least, 1.1, True, 0.9), (above, 1.1, False, 0.9)],
)
def test_conditions_hold_on_their_side_and_the_worst_entry_counts(ask, inside, edge, outside):
    assert ask("x", inside, 1).holds
    assert ask("x", 1.0, 1).holds == edge
    assert not ask("x", outside, 1).holds
    assert not ask("x", xr.DataArray([inside, outside, inside]), 1).holds
    assert not ask("x", xr.DataArray([inside, np.nan]), 1).holds
    assert ask("x", inside, 1).slack == pytest.approx(0.1)
    assert ask("x", outside, 1).slack == pytest.approx(-0.1)


def test_the_first_verdict_whose_conditions_hold_comes_out():
    yes, no = at_most("x", 0, 1), at_most("y", 2, 1)
    assert decide("", reproduced=[yes, yes]).verdict == Verdict.REPRODUCED
    assert decide("", reproduced=[yes, no]).verdict == Verdict.NOT_REPRODUCED
    assert decide("", reproduced=[no], only_asymptotic=[yes]).verdict == Verdict.ONLY_ASYMPTOTIC
    assert decide("", reproduced=[no], vacuous=[yes]).verdict == Verdict.VACUOUS
    assert decide("", reproduced=[no], only_asymptotic=[no], vacuous=[yes]).verdict == Verdict.VACUOUS
    assert decide("told", reproduced=[no]).measured == "told"
