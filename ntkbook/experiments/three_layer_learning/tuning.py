"""Trials of trained learners on a grid that grows until no winner is at its end, for all learners alike."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr

from ntkbook.experiments.lab import Lab
from ntkbook.experiments.three_layer_learning.learners import KINDS, Trained
from ntkbook.experiments.three_layer_learning.targets import task
from ntkbook.streams import Streams
from ntkbook.training import Convergence
from ntkbook.tuning import Choice, Contest, EdgeError, Grid, Trial

DRAW = 1000
"""Number of the draw of data and nets on which learners are tuned; those of the contests count from 0."""
_SIDE_BY_SIDE = 128
_VARIABLES = ("validation_error", "train_error", "slope", "target_variance")


@dataclass(frozen=True)
class Settings:
    """Of trials."""

    n_train: int
    """N."""
    n_steps: int
    """Steps of SGD."""


@dataclass(frozen=True)
class Cell:
    """A learner with one of its settings."""

    learner: str
    target: str
    width: int
    step: float
    decay: float
    rise: float


def together(cell: Cell) -> tuple[tuple[str, str, int], int]:
    """Nets of one kind and width are trained side by side on one target."""
    return (cell.learner, cell.target, cell.width), _SIDE_BY_SIDE


def measure(cells: Sequence[Cell], settings: Settings, streams: Streams, device: str) -> list[xr.Dataset]:
    """Validation error, train error and slope of each trial; one task and one start for all.

    Parameters
    ----------
    cells : sequence of Cell
        Alike but for step, decay and rise.
    settings : Settings
        Sample size and steps.
    streams : Streams
        Of data, starts and batches.
    device : str
        Where to train.

    Returns
    -------
    list of xarray.Dataset
        A net that diverged has an infinite validation error.
    """
    first = cells[0]
    learner = Trained(KINDS[first.learner], first.width, settings.n_steps, streams, DRAW, device)
    points = [{"step": cell.step, "decay": cell.decay, "rise": cell.rise} for cell in cells]
    trials = task(first.target, settings.n_train, DRAW, streams).trials(learner, points)
    return [xr.Dataset({name: ((), value) for name, value in _numbers(trial).items()}) for trial in trials]


def tune(
    lab: Lab,
    axes: dict[str, tuple[float, ...]],
    settings: Settings,
    targets: Sequence[str],
    widths: Sequence[int],
) -> xr.Dataset:
    """Try every learner of `KINDS` at every point of one grid, and widen the grid for all where a winner is at its end.

    Parameters
    ----------
    lab : Lab
        Where to compute.
    axes : dict of tuple
        Values of step, decay and rise to begin with.
    settings : Settings
        Of the trials.
    targets : sequence of str
        To be learnt.
    widths : sequence of int
        Of the nets.

    Returns
    -------
    xarray.Dataset (learner, target, width, step, decay, rise)
    """
    while True:
        points = Grid(axes).points
        places = [(name, target, width) for name in KINDS for target in targets for width in widths]
        cells = [Cell(*place, **point) for place in places for point in points]
        table = lab.sweep(measure, cells, settings, lab.streams, lab.device, together=together)
        found = [Tuned.of(table, settings, target, width) for target in targets for width in widths]
        ends = {end for tuned in found for name in KINDS if (end := tuned.end(name, lab.streams)) is not None}
        if not ends:
            return table
        for name, last in ends:
            values = axes[name]
            new = (*values, values[-1] * 10**0.5) if last else (values[0] / 10**0.5, *values)
            axes = {**axes, name: new}


@dataclass(frozen=True)
class Tuned:
    """Trials of all learners at one place, as plain numbers, of which any process can make the contest again."""

    target: str
    width: int
    settings: Settings
    axes: tuple[tuple[str, tuple[float, ...]], ...]
    trials: tuple[tuple[str, tuple[tuple[float, ...], ...]], ...]
    """Of each learner, what `measure` found at the points of the grid."""

    @classmethod
    def of(cls, table: xr.Dataset, settings: Settings, target: str, width: int) -> "Tuned":
        """The trials in a table at one target and width."""
        place = table[list(_VARIABLES)].sel(target=target, width=width)
        axes = tuple((name, tuple(map(float, table[name].values))) for name in ("step", "decay", "rise"))
        rows = place.to_dataarray("variable").transpose("learner", "step", "decay", "rise", "variable")
        trials = tuple(
            (str(name), tuple(tuple(map(float, row)) for row in rows.sel(learner=name).values.reshape(-1, 4)))
            for name in table.learner.values
        )
        return cls(target, width, settings, axes, trials)

    @property
    def n_trials(self) -> int:
        """Trials of each learner."""
        return len(self.trials[0][1])

    def choice(self, name: str, streams: Streams) -> Choice:
        """What validation chose for a learner; an `EdgeError` at an end of the grid."""
        grid, on = Grid(dict(self.axes)), task(self.target, self.settings.n_train, DRAW, streams)
        found = zip(grid.points, dict(self.trials)[name], strict=True)
        trials = (
            Trial(tuple(sorted(point.items())), error, Convergence(*convergence), on)
            for point, (error, *convergence) in found
        )
        return Choice(grid, tuple(trials))

    def contest(self, streams: Streams) -> Contest:
        """The contest of all learners."""
        return Contest({name: self.choice(name, streams) for name, _ in self.trials})

    def end(self, name: str, streams: Streams) -> tuple[str, bool] | None:
        """The axis at an end of which the winner is refused, and whether that is its upper end."""
        try:
            self.choice(name, streams)
        except EdgeError:
            errors = np.array([row[0] for row in dict(self.trials)[name]])
            winner = Grid(dict(self.axes)).points[int(errors.argmin())]
            for axis, values in self.axes:
                if winner[axis] == values[-1] or winner[axis] == values[0] > 0:
                    return axis, winner[axis] == values[-1]
        return None


def nearest(tuned: Sequence[Tuned], target: str, width: int) -> Tuned:
    """The place where settings for a net come from: the widest that is not wider than the net, or the narrowest."""
    there = sorted((place for place in tuned if place.target == target), key=lambda place: place.width)
    return [place for place in there if place.width <= width or place is there[0]][-1]


def _numbers(trial: Trial) -> dict[str, float]:
    found = trial.convergence
    values = (trial.validation_error, found.train_error, found.slope, found.target_variance)
    diverged = not np.isfinite(trial.validation_error)
    return dict(zip(_VARIABLES, (np.inf, np.inf, 0.0, found.target_variance) if diverged else values, strict=True))
