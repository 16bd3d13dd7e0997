"""Whether a run has converged: its final train error, and whether it was still learning in its last quarter."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ntkbook.training.recording import Array

_TINY = 1e-300  # stands for a train error of 0, whose logarithm is asked for


@dataclass(frozen=True)
class Convergence:
    """How far a learner got with its training set."""

    train_error: float
    """Mean square error on the training set at the end."""
    slope: float
    """Slope of the logarithm of the train error against the logarithm of the training time, over the last quarter of
    the steps; 0 for a closed form."""
    target_variance: float
    """Variance of the training targets: the train error of the best constant."""

    @property
    def fitted(self) -> bool:
        """The train error is at most a hundredth of the targets' variance."""
        return self.train_error <= 0.01 * self.target_variance

    @property
    def at_rest(self) -> bool:
        """A hundred times the training would take at most a tenth off the train error, as far as its slope tells."""
        return 100.0**self.slope >= 0.9

    @property
    def starved(self) -> bool:
        """Neither fitted nor at rest; also if a number is NaN.

        A slope cannot tell of what has not begun. For a learner that is linear in its weights the closed form does.
        """
        return not (self.fitted or (self.at_rest and np.isfinite(self.train_error)))


def last_quarter_slope(steps: NDArray[np.int64], times: Array, errors: Array) -> float:
    """Slope d log E / d log t of the train error over the recorded steps in the last quarter, by least squares.

    Parameters
    ----------
    steps : array (s,)
        Recorded steps, increasing.
    times : array (s,)
        Training time, the sum of the step sizes up to there: steps that have been made smaller count for less, so that
        a run is not taken to be at rest because its steps have become small.
    errors : array (s,)
        Train errors E, >= 0.

    Returns
    -------
    float
        -1/2, for example, if E falls like 1 / sqrt(t); NaN with fewer than two records in the last quarter.
    """
    late = steps >= 0.75 * steps[-1]
    t, e = np.log(times[late]), np.log(np.maximum(errors[late], _TINY))
    if len(t) < 2:
        return float("nan")
    t, e = t - t.mean(), e - e.mean()
    return float(t @ e / (t @ t))
