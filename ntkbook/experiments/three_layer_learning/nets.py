"""Tuned nets on the test set, and how they err on the even and on the odd part of their target."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import xarray as xr

from ntkbook.data import sphere
from ntkbook.expect import expects
from ntkbook.experiments.three_layer_learning.learners import BATCH_SIZE, KINDS, Trained
from ntkbook.experiments.three_layer_learning.targets import DIM, N_VALIDATION, target, task
from ntkbook.experiments.three_layer_learning.tuning import Tuned, nearest
from ntkbook.streams import Streams
from ntkbook.tuning import Contest, Fit, Learner, Result
from ntkbook.tuning import Settings as Point

Array = np.ndarray


@expects()
@dataclass(frozen=True)
class Settings:
    """Of a tuned net."""

    n_steps: int
    """Steps of SGD."""
    least_epochs: int
    """Epochs that a larger sample gets at the least."""

    def steps(self, n: int) -> int:
        """Steps on n points."""
        return max(self.n_steps, self.least_epochs * n // BATCH_SIZE)


@dataclass(frozen=True)
class Cell:
    """A learner on a sample."""

    learner: str
    target: str
    width: int
    n: int
    seed: int


def measure(cell: Cell, settings: Settings, tuned: Sequence[Tuned], streams: Streams, device: str) -> xr.Dataset:
    """Errors of a learner with its chosen settings, as fractions of the target's variance.

    Parameters
    ----------
    cell : Cell
        Learner, target, width, sample.
    settings : Settings
        Steps.
    tuned : sequence of Tuned
        Where settings come from, see `ntkbook.experiments.three_layer_learning.tuning.nearest`.
    streams : Streams
        Of data, starts and batches.
    device : str
        Where to train.

    Returns
    -------
    xarray.Dataset
        test_error as found, starved or not; see `errors`. Also tuned_here, 0 where the settings are those of F.
    """
    place = nearest(tuned, cell.target, cell.width)
    learner = Trained(KINDS[cell.learner], cell.width, settings.steps(cell.n), streams, cell.seed, device)
    found = errors(place.contest(streams), cell.learner, learner, cell.target, cell.n, cell.seed, streams)
    return found.assign(tuned_here=((), float(place.target == cell.target)))


def errors(
    contest: Contest, name: str, learner: Learner, called: str, n: int, seed: int, streams: Streams
) -> xr.Dataset:
    """Errors of a chosen learner on its test set, and split by parity on points that are fresh once more.

    Parameters
    ----------
    contest : Contest
        Which has its choice.
    name : str
        Of the learner.
    learner : callable
        To be trained.
    called : str
        The target.
    n, seed : int
        Size and number of the sample.
    streams : Streams
        Of the data.

    Returns
    -------
    xarray.Dataset
        test_error, validation_error, train_error, slope, starved (0 or 1), even_error, odd_error.
    """
    kept: list[Fit | None] = []

    def remember(x: Array, y: Array, points: Sequence[Point]) -> Sequence[Fit | None]:
        kept.extend(learner(x, y, points))
        return kept

    result = contest.result(name, remember, task(called, n, seed, streams))
    even, odd = (np.inf, np.inf) if kept[0] is None else parity(kept[0].predict, called, seed, streams)
    numbers = {**summary(result), "even_error": even, "odd_error": odd}
    return xr.Dataset({key: ((), value) for key, value in numbers.items()})


def summary(result: Result) -> dict[str, float]:
    """Numbers of a result."""
    found = result.convergence
    finite = bool(np.isfinite(result.as_found))
    return {
        "test_error": result.as_found,
        "validation_error": result.validation_error,
        "train_error": found.train_error if finite else np.inf,
        "slope": found.slope if finite else 0.0,
        "starved": float(found.starved),
    }


def fresh(seed: int, streams: Streams) -> Array:
    """Points on the sphere that no task has: (1000, 4)."""
    return sphere(N_VALIDATION, DIM, streams("fresh", seed))


def parity(predict: Callable[[Array], Array], called: str, seed: int, streams: Streams) -> tuple[float, float]:
    """Mean squares of the even and of the odd part of f - F on fresh points.

    Parameters
    ----------
    predict : callable
        f.
    called : str
        F, see `target`.
    seed : int
        Number of the draw.
    streams : Streams
        Of the points.

    Returns
    -------
    tuple of float
    """
    x, waves = fresh(seed, streams), target(called)
    there, opposite = predict(x) - waves(x), predict(-x) - waves(-x)
    return float(np.square((there + opposite) / 2).mean()), float(np.square((there - opposite) / 2).mean())


@dataclass(frozen=True)
class LongCell:
    """A learner at a width."""

    learner: str
    width: int


def measure_longer(cell: LongCell, settings: Settings, tuned: Sequence[Tuned], streams: Streams, device: str):
    """A winner's validation error, and that after four times the training.

    Parameters
    ----------
    cell : LongCell
        Learner and width.
    settings, tuned, streams, device
        As for `measure`.

    Returns
    -------
    xarray.Dataset
        validation_error, validation_error_longer, train_error, train_error_longer, settled (0 or 1), on the first
        sample of the contests.
    """
    place = nearest(tuned, "composed", cell.width)
    n = place.settings.n_train
    learner = Trained(KINDS[cell.learner], cell.width, settings.n_steps, streams, 0, device)
    longer = replace(learner, n_steps=4 * settings.n_steps)
    result = place.contest(streams).result(cell.learner, learner, task("composed", n, 0, streams), longer)
    numbers = {
        "validation_error": result.validation_error,
        "validation_error_longer": result.validation_error_longer,
        "train_error": result.convergence.train_error,
        "train_error_longer": result.train_error_longer,
        "settled": float(result.settled),
    }
    return xr.Dataset({key: ((), value) for key, value in numbers.items()})
