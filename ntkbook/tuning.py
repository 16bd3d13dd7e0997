"""A fair comparison of learners: tuned alike on validation data, compared on test data that nobody saw before.

The way goes from a `Task` over trials, a `Choice` for each learner and a `Contest` to `Result`s. By construction

- a task draws training, validation and test data from three streams that are named by their purpose: nobody passes
  seeds, so no two can be the same;
- a trial tells a validation error. The test set is not drawn before a contest asks for it;
- a choice is the least validation error of one trial at each point of a grid, no more and no less. A winner at an end
  of its grid is refused, because better settings may lie beyond; but nothing lies below 0, and ridge may win at its
  lower end;
- a contest takes choices of equally many trials on one task;
- a result has no test error for a learner that is starved, neither fitted to its training set nor at rest.

A learner is a function train(x, y, settings) that returns a `Fit` for each of some settings, or None where it
diverged: it gets them all at once, so that it may train them side by side.
"""

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ntkbook.streams import Streams
from ntkbook.training import Convergence

Array = NDArray[np.float64]
RIDGE = "ridge"
"""The axis that may win at its lower end: below it lies interpolation, which it nears, and nothing else."""


class EdgeError(ValueError):
    """The winner is at an end of its grid."""


class NotConvergedError(ValueError):
    """A starved learner is not compared."""


@dataclass(frozen=True)
class Fit:
    """A trained learner."""

    predict: Callable[[Array], Array]
    """Outputs (t,) at inputs (t, d)."""
    convergence: Convergence
    """How far it got with its training set."""


Settings = Mapping[str, float]
Learner = Callable[[Array, Array, Sequence[Settings]], Sequence[Fit | None]]


@dataclass(frozen=True)
class Task:
    """A distribution, sample sizes, and where the three sets come from."""

    draw: Callable[[np.random.Generator, int], tuple[Array, Array]]
    """Of a generator and n, inputs (n, d) and targets (n,); it must depend on nothing else."""
    n_train: int
    n_validation: int
    n_test: int
    streams: Streams
    """Root of the three streams."""
    key: tuple[int, ...] = ()
    """Whole numbers that tell cells apart, such as a seed."""
    label_noise: float = 0.0
    """Standard deviation of Gaussian noise on training and validation targets; test targets are clean."""

    def __post_init__(self):
        for name in ("n_train", "n_validation", "n_test"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name}: expected a whole number >= 1, found {getattr(self, name)}")
        if not (self.label_noise >= 0 and np.isfinite(self.label_noise)):
            raise ValueError(f"label_noise: expected a number >= 0, found {self.label_noise}")
        first, again = (self.draw(self.streams("probe", *self.key), 1) for _ in range(2))
        if not all(np.array_equal(one, other) for one, other in zip(first, again, strict=True)):
            raise ValueError("draw: expected the same data from the same generator, found others; keep no state in it")

    @cached_property
    def train(self) -> tuple[Array, Array]:
        """Training inputs (n, d) and targets (n,)."""
        return self._set("train", self.n_train)

    def trials(self, train: Learner, settings: Sequence[Settings]) -> list["Trial"]:
        """Train a learner with each of some settings, and measure it on the validation set.

        Parameters
        ----------
        train : callable
            The learner.
        settings : sequence of mapping
            Points of its grid.

        Returns
        -------
        list of Trial
            In the order of the settings.

        Raises
        ------
        ValueError
            If two sets share an input, or if the learner reports another train error than it has.
        """
        x, y = self._validation
        return [
            Trial(tuple(sorted(point.items())), *measured, self)
            for point, measured in zip(settings, self._measure(train, settings, x, y), strict=True)
        ]

    @cached_property
    def _validation(self) -> tuple[Array, Array]:
        validation = self._set("validation", self.n_validation)
        _check_apart(train=self.train[0], validation=validation[0])
        return validation

    def _set(self, purpose: str, n: int) -> tuple[Array, Array]:
        rng = self.streams(purpose, *self.key)
        x, y = self.draw(rng, n)
        noisy = self.label_noise > 0 and purpose != "test"
        return x, y + self.label_noise * rng.standard_normal(n) if noisy else y

    def _measure(
        self, train: Learner, settings: Sequence[Settings], x: Array, y: Array
    ) -> list[tuple[float, Convergence]]:
        """Mean square error at inputs x, infinite where the learner diverged, and convergence."""
        variance = float(self.train[1].var())
        found = []
        for fit in train(*self.train, settings):
            if fit is None:
                found.append((np.inf, Convergence(np.inf, np.nan, variance)))
                continue
            claimed, error = fit.convergence.train_error, _mean_square(fit.predict(self.train[0]) - self.train[1])
            if not abs(claimed - error) <= 1e-3 * error + 1e-6 * variance:
                raise ValueError(
                    f"convergence: expected the train error of the fit, {error:g}, found {claimed:g}; "
                    "report the mean square error on the training set that was handed over"
                )
            measured = _mean_square(fit.predict(x) - y)
            found.append((measured if np.isfinite(measured) else np.inf, fit.convergence))
        return found


@dataclass(frozen=True)
class Trial:
    """A learner with one of its settings, seen on the validation set; plain numbers beside the task."""

    settings: tuple[tuple[str, float], ...]
    """Name and value of each, sorted by name."""
    validation_error: float
    """Mean square error on the validation set; infinite if the learner diverged."""
    convergence: Convergence
    """How far it got with its training set."""
    task: Task
    """What it was trained on."""


@dataclass(frozen=True)
class Grid:
    """What a learner is tuned over."""

    axes: Mapping[str, tuple[float, ...]]
    """Values of each setting, >= 0 and increasing, at least three."""

    def __post_init__(self):
        if not self.axes:
            raise ValueError("axes: expected at least one, found none")
        for name, values in self.axes.items():
            if len(values) < 3 or not (np.diff(values) > 0).all() or not (values[0] >= 0 and np.isfinite(values[-1])):
                raise ValueError(f"axes: expected {name} to have 3 increasing values >= 0 or more, found {values}")

    @property
    def points(self) -> list[dict[str, float]]:
        """All combinations."""
        return [dict(zip(self.axes, values, strict=True)) for values in itertools.product(*self.axes.values())]


@dataclass(frozen=True)
class Choice:
    """The settings that validation chose for a learner; an `EdgeError` if they lie at an end of its grid."""

    grid: Grid
    trials: tuple[Trial, ...]
    """One for each point of the grid, on one task, in any order."""

    def __post_init__(self):
        places = [tuple(sorted(point.items())) for point in self.grid.points]
        tried = [trial.settings for trial in self.trials]
        if sorted(tried) != sorted(places):
            missing, more = len(set(places) - set(tried)), len(tried) - len(set(tried) & set(places))
            raise ValueError(
                f"trials: expected one for each of the {len(places)} points of the grid, found {len(tried)}, "
                f"with {missing} points missing and {more} trials repeated or off the grid"
            )
        if any(trial.task != self.trials[0].task for trial in self.trials):
            raise ValueError("trials: expected all of them on one task, found several; tune on one")
        if not np.isfinite(self.winner.validation_error):
            raise ValueError("trials: expected one that did not diverge, found none; take smaller step sizes")
        for name, value in self.settings.items():
            values = self.grid.axes[name]
            if value == values[-1] or (value == values[0] > 0 and name != RIDGE):
                raise EdgeError(
                    f"grid: expected the winner inside, found {name} = {value:g} at an end of {values}; "
                    "widen the grid there and run the new points"
                )

    @property
    def winner(self) -> Trial:
        """The trial with the least validation error."""
        return min(self.trials, key=lambda trial: trial.validation_error)

    @property
    def settings(self) -> dict[str, float]:
        """The settings of the winner."""
        return dict(self.winner.settings)

    @property
    def neighbours(self) -> list[dict[str, float]]:
        """Points of the grid one step from the winner along one axis."""
        found = []
        for name, values in self.grid.axes.items():
            at = values.index(self.settings[name])
            near = (values[i] for i in (at - 1, at + 1) if 0 <= i < len(values))
            found += [{**self.settings, name: value} for value in near]
        return found


@dataclass(frozen=True)
class Result:
    """A tuned learner on the test set."""

    settings: dict[str, float]
    """Its settings."""
    convergence: Convergence
    """Final train error and slope of the last quarter."""
    as_found: float
    """Mean square error on the test set, converged or not: to show what starvation does, and not to compare."""

    @property
    def test_error(self) -> float:
        """Mean square error on the test set; a `NotConvergedError` if the learner is starved."""
        if self.convergence.starved:
            raise NotConvergedError(
                f"not converged: expected a learner that is fitted or at rest, found train error "
                f"{self.convergence.train_error:g} of {self.convergence.target_variance:g} with slope "
                f"{self.convergence.slope:g} in its last quarter; train it longer"
            )
        return self.as_found


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

    def result(self, name: str, train: Learner, task: Task | None = None) -> Result:
        """Train a learner with its chosen settings and measure it on the test set.

        Parameters
        ----------
        name : str
            Which choice.
        train : callable
            The learner; a wider one than was tuned, for example.
        task : Task, optional
            Another task than that of the tuning, such as another seed or more data.

        Returns
        -------
        Result

        Raises
        ------
        ValueError
            If two of the three sets share an input, or if the learner reports another train error than it has.
        """
        choice = self.choices[name]
        task = choice.winner.task if task is None else task
        x, y = task._set("test", task.n_test)
        _check_apart(train=task.train[0], validation=task._validation[0], test=x)
        ((error, convergence),) = task._measure(train, [choice.settings], x, y)
        return Result(choice.settings, convergence, error)


def _mean_square(values: Array) -> float:
    return float(np.square(values, dtype=np.float64).mean())


def _check_apart(**sets: Array) -> None:
    """Raise ValueError if two sets share an input."""
    rows = {name: {point.tobytes() for point in np.ascontiguousarray(x)} for name, x in sets.items()}
    for one, other in itertools.combinations(rows, 2):
        if shared := len(rows[one] & rows[other]):
            raise ValueError(
                f"draw: expected {one} and {other} inputs to be apart, found {shared} in both; "
                "draw them from the generator, and not from a pool"
            )
