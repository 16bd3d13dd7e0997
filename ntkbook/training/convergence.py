"""Whether a run has converged: its final train error, and whether it was still learning in its last quarter."""

from dataclasses import dataclass

import numpy as np

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
    def gain_of_doubling(self) -> float:
        """Share of the train error that twice the training would take off, 1 - 2^slope, as far as its slope tells."""
        return 1 - 2.0**self.slope

    @property
    def starved(self) -> bool:
        """Neither fitted nor at rest: twice the training would take more than a tenth off; also if a number is NaN."""
        return not (self.fitted or self.gain_of_doubling <= 0.1)


def last_quarter_slope(steps: Array, times: Array, errors: Array) -> float:
    """Slope d log E / d log t of the train error over the recorded steps in the last quarter, by least squares.

    Parameters
    ----------
    steps : array (s,)
        Recorded steps, increasing, with at least two in the last quarter.
    times : array (s,)
        Training time, the sum of the step sizes up to there: steps that have been made smaller count for less, so that
        a run is not taken to be at rest because its steps have become small.
    errors : array (s,)
        Train errors E, >= 0.

    Returns
    -------
    float
        -1/2, for example, if E falls like 1 / sqrt(t).
    """
    late = steps >= 0.75 * steps[-1]
    t, e = np.log(times[late]), np.log(np.maximum(errors[late], _TINY))
    t = t - t.mean()
    return float(t @ e / (t @ t))
