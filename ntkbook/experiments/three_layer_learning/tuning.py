"""Trials of trained learners on a grid that grows until no winner is at its end, for all learners alike."""

import itertools
from collections.abc import Mapping, Sequence
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
_GRIDS = 4  # that are tried
_VARIABLES = ("validation_error", "train_error", "slope", "target_variance")


Axes = tuple[tuple[str, tuple[float, ...]], ...]
"""Names and values of the axes of a grid."""


@dataclass(frozen=True)
class Settings:
    """Of trials."""

    n_train: int
    """N."""
    n_steps: int
    """Steps of SGD."""


@dataclass(frozen=True)
class Cell:
    """A learner to be tuned."""

    learner: str
    target: str
    width: int


def measure(cell: Cell, settings: Settings, axes: Axes, streams: Streams, device: str) -> xr.Dataset:
    """Validation error, train error and slope of a trial at each point of a grid; one task and one start for all.

    Parameters
    ----------
    cell : Cell
        Learner, target, width.
    settings : Settings
        Sample size and steps.
    axes : tuple of tuple
        Of the grid, over step, decay and rise.
    streams : Streams
        Of data, starts and batches.
    device : str
        Where to train.

    Returns
    -------
    xarray.Dataset (step, decay, rise)
        A net that diverged has infinite errors.
    """
    learner = Trained(KINDS[cell.learner], cell.width, settings.n_steps, streams, DRAW, device)
    trials = task(cell.target, settings.n_train, DRAW, streams).trials(learner, Grid(dict(axes)).points)
    rows = np.array([_numbers(trial) for trial in trials]).reshape(*(len(values) for _, values in axes), -1)
    names = [name for name, _ in axes]
    return xr.Dataset(
        {name: (names, rows[..., k]) for k, name in enumerate(_VARIABLES)}, {name: list(v) for name, v in axes}
    )


def try_out(
    lab: Lab, axes: Mapping[str, tuple[float, ...]], settings: Settings, targets: Sequence[str], widths: Sequence[int]
) -> xr.Dataset:
    """Try every learner of `KINDS` at every point of one grid.

    Parameters
    ----------
    lab : Lab
        Where to compute.
    axes : mapping of tuple
        Values of step, decay and rise.
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
    cells = [Cell(*place) for place in itertools.product(KINDS, targets, widths)]
    return lab.sweep(measure, cells, settings, tuple(axes.items()), lab.streams, lab.device)


def try_wider(
    lab: Lab, axes: Mapping[str, tuple[float, ...]], settings: Settings, targets: Sequence[str], widths: Sequence[int]
) -> xr.Dataset:
    """As `try_out`; where a winner is at an end of the grid it is widened there for all learners, and tried again.

    Raises
    ------
    EdgeError
        If a winner is still at an end after the grid was widened three times.
    """
    ends: set[tuple[str, bool]] = set()
    for _ in range(_GRIDS):
        table = try_out(lab, axes, settings, targets, widths)
        places = [Tuned.of(table, settings, target, width) for target in targets for width in widths]
        ends = {end for tuned in places for end in tuned.ends(lab.streams)}
        if not ends:
            return table
        for name, last in ends:
            values = axes[name]
            new = (*values, values[-1] * 10**0.5) if last else (values[0] / 10**0.5, *values)
            axes = {**axes, name: new}
    raise EdgeError(
        f"grid: expected winners inside, found them at ends of {', '.join(n for n, _ in ends)}; start wider"
    )


@dataclass(frozen=True)
class Tuned:
    """Trials of all learners at one place, as plain numbers, of which any process can make the contest again."""

    target: str
    width: int
    settings: Settings
    axes: Axes
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

    def ends(self, streams: Streams) -> set[tuple[str, bool]]:
        """Axes at an end of which a winner is refused, each with whether that is its upper end."""
        found = set()
        for name, rows in self.trials:
            try:
                self.choice(name, streams)
            except EdgeError:
                winner = Grid(dict(self.axes)).points[int(np.argmin([row[0] for row in rows]))]
                for axis, values in self.axes:
                    if winner[axis] == values[-1] or winner[axis] == values[0] > 0:
                        found.add((axis, winner[axis] == values[-1]))
        return found


def nearest(tuned: Sequence[Tuned], target: str, width: int) -> Tuned:
    """The place where settings come from.

    Parameters
    ----------
    tuned : sequence of Tuned
        Places where learners are tuned, some of them on F.
    target : str
        What is to be learnt; where nothing was tuned on it, settings are those of F.
    width : int
        Of the net; the place is the widest that is not wider, or the narrowest.

    Returns
    -------
    Tuned
    """
    on = target if any(place.target == target for place in tuned) else "composed"
    there = sorted((place for place in tuned if place.target == on), key=lambda place: place.width)
    return [place for place in there if place.width <= width or place is there[0]][-1]


def _numbers(trial: Trial) -> tuple[float, ...]:
    found = trial.convergence
    if not np.isfinite(trial.validation_error):
        return np.inf, np.inf, 0.0, found.target_variance
    return trial.validation_error, found.train_error, found.slope, found.target_variance
