"""Learners tuned alike, on test data that nobody saw before."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ntkbook.expect import expects
from ntkbook.training import Convergence
from ntkbook.tuning.choice import Choice
from ntkbook.tuning.task import Learner, Task, check_apart


class NotConvergedError(ValueError):
    """A starved learner is not compared."""


@dataclass(frozen=True)
class Result:
    """A tuned learner on the test set."""

    settings: dict[str, float]
    """Its settings."""
    convergence: Convergence
    """Final train error and slope of the last quarter."""
    as_found: float
    """Mean square error on the test set, converged or not: to show what starvation does, and not to compare."""
    validation_error: float
    """Mean square error on the validation set."""
    validation_error_longer: float
    """The same after four times the training; NaN where that was not tried."""
    train_error_longer: float
    """Train error after four times the training; NaN where that was not tried."""

    @property
    def settled(self) -> bool:
        """Four times the training lowers the train error, and takes at most a twentieth off the validation error.

        A net that goes on memorising does not come to rest, though it may have learnt all that it will.
        """
        lower = self.train_error_longer < self.convergence.train_error
        return lower and 0.95 * self.validation_error <= self.validation_error_longer < np.inf

    @property
    def test_error(self) -> float:
        """Mean square error on the test set; a `NotConvergedError` if the learner is starved and not settled."""
        if self.convergence.starved and not self.settled:
            raise NotConvergedError(
                f"not converged: expected a learner that is fitted, at rest or settled, found train error "
                f"{self.convergence.train_error:g} of {self.convergence.target_variance:g} with slope "
                f"{self.convergence.slope:g} in its last quarter, and validation error {self.validation_error:g}, "
                f"{self.validation_error_longer:g} after four times the training; train it longer"
            )
        return self.as_found


@expects()
@dataclass(frozen=True)
class Contest:
    """Learners tuned alike; the one place that knows a test set."""

    choices: Mapping[str, Choice]
    """The choice of each learner, by name."""

    def __post_init__(self):
        counts = {name: len(choice.trials) for name, choice in self.choices.items()}
        if len(set(counts.values())) != 1:
            found = ", ".join(f"{count} for {name}" for name, count in counts.items()) or "none"
            raise ValueError(f"choices: expected the same number of trials for each learner, found {found}")
        tasks = [choice.winner.task for choice in self.choices.values()]
        if any(task != tasks[0] for task in tasks):
            raise ValueError("choices: expected all learners tuned on one task, found several")

    @expects()
    def result(self, name: str, train: Learner, task: Task | None = None, longer: Learner | None = None) -> Result:
        """Train a learner with its chosen settings and measure it on the test set.

        Parameters
        ----------
        name : str
            Which choice.
        train : callable
            The learner; a wider one than was tuned, for example.
        task : Task, optional
            Another task than that of the tuning, such as another seed or more data.
        longer : callable, optional
            The learner trained four times as long, to show that it has settled; only its validation error is seen.

        Returns
        -------
        Result

        Raises
        ------
        ValueError
            If two of the three sets share an input, or if the learner reports another train error than it has.
        """
        if name not in self.choices:
            raise ValueError(f"name: expected one of {', '.join(self.choices)}, found {name!r}; choose one")
        choice = self.choices[name]
        task = choice.winner.task if task is None else task
        test = task._set("test", task.n_test)
        check_apart(train=task.train[0], validation=task._validation[0], test=test[0])
        (((error, before), convergence),) = task._measure(train, [choice.settings], test, task._validation)
        after = later = np.nan
        if longer is not None:
            (((after,), reached),) = task._measure(longer, [choice.settings], task._validation)
            later = reached.train_error
        return Result(choice.settings, convergence, error, before, after, later)
