import numpy as np
import pytest

from ntkbook.training import Convergence
from ntkbook.training.convergence import last_quarter_slope
from ntkbook.training.regression import decayed, regression_grid, training_times


@pytest.mark.parametrize("power", [-2.0, -0.5, 0.0])
def test_slope_is_the_exponent_of_a_power_law_though_steps_shrink(power):
    steps = regression_grid(None, 400)
    times = training_times(0.3, decayed(400), steps)
    errors = 7 * np.where(times > 0, times, 1.0) ** power
    np.testing.assert_allclose(last_quarter_slope(steps, times, errors), power, atol=1e-9)


def test_only_the_last_quarter_counts():
    steps = np.arange(0, 101, 5)
    errors = np.where(steps < 75, 1000.0 - steps, 5.0)
    times = 0.1 * steps.astype(np.float64)
    assert last_quarter_slope(steps, times, errors) == 0
    assert last_quarter_slope(steps, times, np.zeros(21)) == 0  # fitted exactly


@pytest.mark.parametrize(
    ("train_error", "slope", "starved"),
    [
        (0.01, -3.0, False),  # fitted, whatever its slope
        (0.3, 0.0, False),  # at rest on a floor
        (0.3, -0.02, False),
        (0.3, -0.03, True),  # 100^-0.03 = 0.87
        (0.02, -0.5, True),
        (np.nan, 0.0, True),
        (np.nan, np.nan, True),
        (0.3, np.nan, True),
        (0.3, 0.5, False),
    ],
)
def test_starved_is_neither_fitted_nor_at_rest(train_error, slope, starved):
    assert Convergence(train_error, slope, target_variance=1.0).starved is starved


@pytest.mark.parametrize("n_steps", [1, 2, 3, 4, 7, 40])
def test_short_runs_have_a_schedule_and_a_run_too_short_for_a_slope_is_starved(n_steps):
    factors, grid = decayed(n_steps), regression_grid((), n_steps)
    assert len(factors) == n_steps
    assert factors[0] == 1
    assert (np.diff(factors) <= 0).all()
    assert {0, n_steps} <= set(grid)
    slope = last_quarter_slope(grid, training_times(0.1, factors, grid), np.full(len(grid), 0.5))
    assert Convergence(0.5, slope, 1.0).starved == ((grid >= 0.75 * n_steps).sum() < 2)
