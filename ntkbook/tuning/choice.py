"""Settings chosen by validation from a whole grid."""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ntkbook.expect import expects
from ntkbook.tuning.task import Trial

RIDGE = "ridge"
"""The axis that may win at its lower end: below it lies interpolation, which it nears, and nothing else."""


class EdgeError(ValueError):
    """The winner is at an end of its grid."""


@expects()
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


@expects()
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
