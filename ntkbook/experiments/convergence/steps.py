"""Steps at which a run is recorded, so that what one step does is seen on a logarithmic grid."""

import numpy as np
from numpy.typing import NDArray

from ntkbook.training import log_grid


def grid(n_steps: int, per_decade: int) -> NDArray[np.int64]:
    """Step counts on a logarithmic grid, and the step after each of its points.

    Parameters
    ----------
    n_steps : int
        Last step.
    per_decade : int
        Points of the logarithmic grid for a factor of ten.

    Returns
    -------
    ndarray of int64
        Increasing, from 0 to `n_steps`.
    """
    points = log_grid(n_steps, per_decade)
    return np.unique(np.concatenate([points, points[:-1] + 1]))


def followed(steps: NDArray[np.int64]) -> NDArray[np.int64]:
    """Places of the recorded steps whose next step is recorded too.

    Parameters
    ----------
    steps : ndarray of int64
        From `grid`.

    Returns
    -------
    ndarray of int64
        Indices into `steps`.
    """
    return np.flatnonzero(np.diff(steps) == 1)
