"""What runs of SGD on the squared loss have in common: how their steps shrink, what is recorded, what they return."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ntkbook.training.convergence import Convergence, last_quarter_slope
from ntkbook.training.recording import Array, recorded_steps
from ntkbook.training.trajectory import Trajectory

_LATE_RECORDS = 8  # in the last quarter, where a run must show that it is at rest


@dataclass(frozen=True, kw_only=True)
class RegressionTrajectory(Trajectory):
    """A run of SGD on the squared loss; its step size is the first one, on the half mean square of a batch."""

    times: Array
    """Training time, the sum of the step sizes up to the recorded steps (s,)."""
    train_errors: Array
    """Mean of (f(x_i) - y_i)^2 over the training set (s,); NaN or infinite in a net that diverged."""
    target_variance: float
    """Variance of the training targets."""

    @property
    def diverged(self) -> bool:
        """The train error is no longer finite: the step size was too large."""
        return not np.isfinite(self.train_errors[-1])

    @cached_property
    def convergence(self) -> Convergence:
        """Final train error and slope of the last quarter."""
        slope = last_quarter_slope(self.steps, self.times, self.train_errors)
        return Convergence(float(self.train_errors[-1]), slope, self.target_variance)


def decayed(n_steps: int) -> Array:
    """Factors of the step size: 1, from half of the steps on 1/10, from three quarters on 1/100, shape (n_steps,)."""
    return np.array([1.0, 1.0, 0.1, 0.01])[4 * np.arange(n_steps) // n_steps]


def training_times(step_size: float, factors: Array, steps: NDArray[np.int64]) -> Array:
    """Sum of the step sizes up to each of some steps (s,)."""
    return step_size * np.concatenate([[0.0], np.cumsum(factors)])[steps]


def regression_grid(record_at: Iterable[int] | None, n_steps: int) -> NDArray[np.int64]:
    """Steps that are recorded: those asked for or `log_grid`, and eight evenly spaced ones in the last quarter."""
    late = np.round(np.linspace(0.75 * n_steps, n_steps, _LATE_RECORDS)).astype(np.int64)
    return recorded_steps([*recorded_steps(record_at, n_steps), *late], n_steps)
