import numpy as np

from ntkbook.experiments.convergence import steps


def test_each_point_of_the_grid_is_followed_by_the_next_step():
    grid = steps.grid(1000, per_decade=4)
    assert grid[0] == 0
    assert grid[-1] == 1000
    assert bool((np.diff(grid) > 0).all())
    first = steps.followed(grid)
    np.testing.assert_array_equal(grid[first] + 1, grid[first + 1])
    assert {0, 1, 10, 100} <= set(grid[first].tolist())
