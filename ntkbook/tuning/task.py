"""The data that learners are compared on, and a learner with one of its settings seen on the validation set."""

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ntkbook.expect import expects
from ntkbook.streams import Streams
from ntkbook.training import Convergence
from ntkbook.wants import each, natural, not_negative

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Fit:
    """A trained learner."""

    predict: Callable[[Array], Array]
    """Outputs (t,) at inputs (t, d)."""
    convergence: Convergence
    """How far it got with its training set."""


Settings = Mapping[str, float]
Learner = Callable[[Array, Array, Sequence[Settings]], Sequence[Fit | None]]


@expects(key=each(natural, empty=True), label_noise=not_negative)
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

    @expects()
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
        measured = self._measure(train, settings, self._validation)
        return [
            Trial(tuple(sorted(point.items())), error, convergence, self)
            for point, ((error,), convergence) in zip(settings, measured, strict=True)
        ]

    @cached_property
    def _validation(self) -> tuple[Array, Array]:
        validation = self._set("validation", self.n_validation)
        check_apart(train=self.train[0], validation=validation[0])
        return validation

    def _set(self, purpose: str, n: int) -> tuple[Array, Array]:
        rng = self.streams(purpose, *self.key)
        x, y = self.draw(rng, n)
        noisy = self.label_noise > 0 and purpose != "test"
        return x, y + self.label_noise * rng.standard_normal(n) if noisy else y

    def _measure(
        self, train: Learner, settings: Sequence[Settings], *sets: tuple[Array, Array]
    ) -> list[tuple[list[float], Convergence]]:
        """Mean square error on each set, infinite where the learner diverged, and convergence."""
        variance = float(self.train[1].var())
        found = []
        for fit in train(*self.train, settings):
            if fit is None:
                found.append(([np.inf for _ in sets], Convergence(np.inf, np.nan, variance)))
                continue
            claimed, error = fit.convergence.train_error, _mean_square(fit.predict(self.train[0]) - self.train[1])
            if not abs(claimed - error) <= 1e-3 * error + 1e-6 * variance:
                raise ValueError(
                    f"convergence: expected the train error of the fit, {error:g}, found {claimed:g}; "
                    "report the mean square error on the training set that was handed over"
                )
            errors = [_mean_square(fit.predict(x) - y) for x, y in sets]
            found.append(([e if np.isfinite(e) else np.inf for e in errors], fit.convergence))
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


def _mean_square(values: Array) -> float:
    return float(np.square(values, dtype=np.float64).mean())


def check_apart(**sets: Array) -> None:
    """Raise ValueError if two sets share an input."""
    rows = {name: {point.tobytes() for point in np.ascontiguousarray(x)} for name, x in sets.items()}
    for one, other in itertools.combinations(rows, 2):
        if shared := len(rows[one] & rows[other]):
            raise ValueError(
                f"draw: expected {one} and {other} inputs to be apart, found {shared} in both; "
                "draw them from the generator, and not from a pool"
            )
