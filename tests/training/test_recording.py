import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from ntkbook.training import log_grid
from ntkbook.training.recording import recorded_steps, row, stacked


@given(n_steps=st.integers(1, 10**7), per_decade=st.integers(1, 20))
def test_grid_increases_from_zero_to_the_last_step(n_steps, per_decade):
    grid = log_grid(n_steps, per_decade)
    assert grid.dtype == np.int64
    assert grid[0] == 0
    assert grid[1] == 1
    assert grid[-1] == n_steps
    assert (np.diff(grid) > 0).all()
    assert len(grid) <= 3 + per_decade * np.log10(max(n_steps, 2)) + 1


def test_grid_is_even_on_a_logarithmic_axis():
    grid = log_grid(10**6, 5)
    ratios = np.diff(np.log10(grid[grid >= 100]))
    assert np.abs(ratios - 0.2).max() <= 0.01
    np.testing.assert_array_equal(log_grid(4, 100), [0, 1, 2, 3, 4])


@pytest.mark.parametrize(("kwargs", "name"), [({"n_steps": 0}, "n_steps"), ({"per_decade": 0}, "per_decade")])
def test_grid_refuses_numbers_below_one(kwargs, name):
    with pytest.raises(ValueError, match=rf"{name}: expected a whole number >= 1, found 0"):
        log_grid(**{"n_steps": 5} | kwargs)


def test_recorded_steps_are_those_asked_for_once_and_in_order_with_both_ends():
    assert recorded_steps((9, 2, 9), 12).tolist() == [0, 2, 9, 12]
    assert recorded_steps(iter(()), 12).tolist() == [0, 12]
    np.testing.assert_array_equal(recorded_steps(None, 50), log_grid(50))


@pytest.mark.parametrize("step", [-1, 13])
def test_steps_outside_the_run_are_refused(step):
    with pytest.raises(ValueError, match=r"record_at: expected steps in 0..12 \(n_steps\), found "):
        recorded_steps([step], 12)


def test_a_row_is_a_copy_that_later_changes_do_not_reach():
    tensor = torch.ones(3, dtype=torch.float32)
    seen = row({"tensor": tensor, "view": tensor[1:], "number": 2})
    tensor.zero_()
    assert {name: value.tolist() for name, value in seen.items()} == {"tensor": [1] * 3, "view": [1] * 2, "number": 2}
    assert {value.dtype for value in seen.values()} == {np.dtype(np.float64)}
    rows = stacked([seen, row({"tensor": tensor, "view": tensor[1:], "number": 3})])
    assert rows["tensor"].tolist() == [[1] * 3, [0] * 3]
    assert rows["number"].tolist() == [2, 3]
