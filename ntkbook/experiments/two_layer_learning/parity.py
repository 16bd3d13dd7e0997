"""Learners with other biases on the target of figure 1: which parity of it they learn."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ntkbook import data
from ntkbook.expect import expects
from ntkbook.experiments.two_layer_learning.learners import LEARNERS, KernelLearner, NetLearner
from ntkbook.experiments.two_layer_learning.nets import Recipe
from ntkbook.experiments.two_layer_learning.targets import figure_1
from ntkbook.streams import Streams
from ntkbook.tuning import RIDGE, Choice, Contest, EdgeError, Fit, Grid, Learner, Task
from ntkbook.tuning import Settings as Point

Array = NDArray[np.float64]
RIDGES = Grid({RIDGE: tuple(10.0**k for k in range(-9, 0))})


@expects()
@dataclass(frozen=True)
class Settings:
    """What every cell receives."""

    width: int
    """m."""
    n_steps: int
    """T. Winners are trained four times as long as well, to see whether they have settled."""
    n_train: int = 1000
    """N."""
    n_validation: int = 1000
    """Points on which settings are chosen."""
    n_test: int = 4000
    """Test points, and points at which the error is split."""
    steps: tuple[float, ...] = (0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
    """First step sizes that nets are tuned over, in units of `step_unit`; the last ones should diverge."""
    recipe: Recipe = field(default_factory=Recipe)
    """Batches and momentum; output scale and steps vary."""

    def __post_init__(self):
        if min(self.width, self.n_steps, self.n_train, self.n_validation, self.n_test) < 1:
            raise ValueError(
                f"width, n_steps, n_train, n_validation, n_test: expected whole numbers >= 1, found {self.width}, "
                f"{self.n_steps}, {self.n_train}, {self.n_validation} and {self.n_test}"
            )


@dataclass(frozen=True)
class Cell:
    """The three learners with one output scale, on one draw of the data."""

    output_scale: float
    seed: int


def measure(cell: Cell, settings: Settings, streams: Streams, device: str) -> xr.Dataset:
    """Tune the step size of a net of each learner by validation, and split the test error of the winners by parity.

    Parameters
    ----------
    cell : Cell
        Output scale and seed.
    settings : Settings
        Of the part.
    streams : Streams
        Random streams.
    device : str
        Where to train.

    Returns
    -------
    xarray.Dataset
        By learner: validation errors by step size, infinite where a net diverged; the chosen step size, its train and
        test error, even and odd part of the error, and whether it has converged or settled, 1 or 0.
    """
    task = _task(cell.seed, settings, streams)
    recipe = replace(settings.recipe, output_scale=cell.output_scale)

    def learner(name: str, times: int = 1) -> NetLearner:
        return NetLearner(name, settings.width, times * settings.n_steps, recipe, streams, cell.seed, device)

    contest = tuned(task, {name: learner(name) for name in LEARNERS}, Grid({"step": settings.steps}))
    rows: list[dict[str, float]] = []
    for name in LEARNERS:
        kept: list[Fit | None] = []
        result = contest.result(name, _kept(learner(name), kept), longer=learner(name, 4))
        rows.append(
            {
                "chosen_step": result.settings["step"],
                "train": result.convergence.train_error,
                "error": result.as_found,
                "validation_error": result.validation_error,
                "validation_longer": result.validation_error_longer,
                "converged": float(not result.convergence.starved or result.settled),
                **_split(kept, cell.seed, settings, streams),
            }
        )
    trials = {
        name: {dict(trial.settings)["step"]: trial.validation_error for trial in choice.trials}
        for name, choice in contest.choices.items()
    }
    return xr.Dataset(
        {name: ("learner", [row[name] for row in rows]) for name in rows[0]}
        | {"trials": (("learner", "step"), [[trials[name][step] for step in settings.steps] for name in LEARNERS])},
        {"learner": list(LEARNERS), "step": list(settings.steps)},
    )


@dataclass(frozen=True)
class KernelCell:
    """The three kernels on one draw of the data."""

    seed: int


def measure_kernels(cell: KernelCell, settings: Settings, streams: Streams, device: str) -> xr.Dataset:
    """Tune the ridge of each learner's tangent kernel at infinite width, and split its test error by parity.

    Parameters
    ----------
    cell : KernelCell
        Seed.
    settings : Settings
        Of the part; sizes alone.
    streams : Streams
        Random streams.
    device : str
        Where to compute.

    Returns
    -------
    xarray.Dataset
        By learner: the ridge over lambda_max, train and test error, even and odd part of the error.
    """
    task = _task(cell.seed, settings, streams)
    learners = {name: KernelLearner(name, device) for name in LEARNERS}
    contest = tuned(task, learners, RIDGES)
    rows: list[dict[str, float]] = []
    for name in LEARNERS:
        kept: list[Fit | None] = []
        result = contest.result(name, _kept(learners[name], kept))
        rows.append(
            {
                "ridge": result.settings[RIDGE],
                "train": result.convergence.train_error,
                "error": result.test_error,
                **_split(kept, cell.seed, settings, streams),
            }
        )
    return xr.Dataset({name: ("learner", [row[name] for row in rows]) for name in rows[0]}, {"learner": list(LEARNERS)})


def tuned(task: Task, learners: Mapping[str, Learner], grid: Grid) -> Contest:
    """Learners with settings chosen from one grid, which grows for all of them while a winner is at its end.

    Parameters
    ----------
    task : Task
        What they are tuned on.
    learners : mapping of str to callable
        By name.
    grid : Grid
        The first one.

    Returns
    -------
    Contest

    Raises
    ------
    EdgeError
        If a winner is at an end after the grid has grown three times.
    """
    for growth in range(4):
        try:
            return Contest({name: Choice(grid, tuple(task.trials(f, grid.points))) for name, f in learners.items()})
        except EdgeError:
            if growth == 3:
                raise
            grid = grown(grid)
    raise AssertionError("unreachable")


def grown(grid: Grid) -> Grid:
    """A grid with a value more at each end of each axis, at the distance of the last two; none below 0."""
    axes = {}
    for name, values in grid.axes.items():
        low = () if values[0] == 0 else (values[0] ** 2 / values[1],)
        axes[name] = (*low, *values, values[-1] ** 2 / values[-2])
    return Grid(axes)


def _task(seed: int, settings: Settings, streams: Streams) -> Task:
    f = figure_1()

    def draw(rng: np.random.Generator, n: int) -> tuple[Array, Array]:
        x = data.sphere(n, 4, rng)
        return x, f(x)

    return Task(draw, settings.n_train, settings.n_validation, settings.n_test, streams, (seed,))


def _kept(learner: Learner, kept: list[Fit | None]) -> Learner:
    """The same learner, whose fits are kept: the error that is split is that of the net that the contest tested."""

    def train(x: Array, y: Array, points: Sequence[Point]) -> Sequence[Fit | None]:
        kept[:] = learner(x, y, points)
        return kept

    return train


def _split(kept: Sequence[Fit | None], seed: int, settings: Settings, streams: Streams) -> dict[str, float]:
    """Mean squares of the even and the odd part of a fit's error, from pairs of opposite points."""
    (fit,) = kept
    assert fit is not None
    f, x = figure_1(), data.sphere(settings.n_test, 4, streams("pairs", seed))
    return dict(zip(("even", "odd"), split_by_parity(lambda z: fit.predict(z) - f(z), x), strict=True))


def split_by_parity(function: Callable[[Array], Array], x: Array) -> tuple[float, float]:
    """Mean squares of the even and the odd part of a function over points and their opposites.

    Parameters
    ----------
    function : callable
        Of inputs (n, d).
    x : array (n, d)
        The points.

    Returns
    -------
    tuple of float
        Their sum is the mean square over all 2 n points.
    """
    here, there = function(x), function(-x)
    return float(((here + there) / 2) @ ((here + there) / 2) / len(x)), float(
        ((here - there) / 2) @ ((here - there) / 2) / len(x)
    )
