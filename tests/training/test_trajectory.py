# pyright: reportOptionalSubscript=false, reportOptionalMemberAccess=false
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ntkbook.training import Trajectory, log_grid


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


def test_norms_loss_and_movement_are_those_of_the_rows():
    residuals, moved = np.array([[3.0, 4.0], [0.0, 1.0]]), np.array([[0.0, 0.0, 0.0], [1.0, 2.0, 2.0]])
    path = Trajectory(np.array([0, 7]), residuals, 0.1, "weights", neuron_movement=moved)
    assert path.residual_norms.tolist() == [5, 1]
    assert path.loss.tolist() == [12.5, 0.5]
    assert path.movement.tolist() == [0, 3]
    assert Trajectory(np.array([0]), residuals[:1], 0.1, "weights").movement is None
