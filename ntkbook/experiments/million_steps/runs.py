"""One long run beside exact gradient descent, as far as that was followed, and beside the prediction of eq. (8)."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
import xarray as xr
from numpy.typing import NDArray

from ntkbook import dynamics
from ntkbook.expect import expects
from ntkbook.experiments.problem import Problem
from ntkbook.networks import TwoLayer
from ntkbook.streams import Streams
from ntkbook.training import DescentTrajectory, LongTrajectory, gradient_descent, log_grid, long_gradient_descent
from ntkbook.wants import between

Array = NDArray[np.float64]


@expects(rtol=between(0, 1))
@dataclass(frozen=True)
class Settings:
    """What every cell receives."""

    width: int
    """Neurons m."""
    n_steps: int
    """Steps on MNIST, the end of the axis of the paper's Figure 1(a); three in ten of them elsewhere, Figure 1(c)."""
    n_exact: int
    """Steps of exact gradient descent, to compare with."""
    rtol: float = 1e-2
    """Error allowed, in units of |r(0)|; a tenth of it is what float32 reproduces of worst-case labels."""
    init_scale: float = 0.01
    """kappa, the paper's."""

    def __post_init__(self):
        if min(self.width, self.n_steps, self.n_exact) < 1 or not self.init_scale > 0:
            raise ValueError(
                f"width, n_steps, n_exact, init_scale: expected whole numbers >= 1 and a positive scale, found "
                f"{self.width}, {self.n_steps}, {self.n_exact} and {self.init_scale}"
            )

    def last(self, data: str) -> int:
        """Steps of the runs on a data set."""
        return max(1, 3 * self.n_steps // 10) if data == "cifar10" else self.n_steps

    @property
    def grid(self) -> NDArray[np.int64]:
        """Recorded steps, those of all data sets."""
        dense, sparse = log_grid(min(1000, self.n_steps), 8), log_grid(self.n_steps, 4)
        return np.unique(np.concatenate([dense, sparse, [self.last("cifar10")]]))


@dataclass(frozen=True)
class Cell:
    """One long run."""

    data: str
    labels: str
    seed: int


def measure(cell: Cell, settings: Settings, problems: Mapping[str, Problem], streams: Streams) -> xr.Dataset:
    """Train one net by leaps, and for a while step by step.

    Parameters
    ----------
    cell : Cell
        Data set, labels and initialisation.
    settings : Settings
        Of the part.
    problems : mapping of str to Problem
        By data set.
    streams : Streams
        Random streams.

    Returns
    -------
    xarray.Dataset
        See `described`.
    """
    problem = problems[cell.data]
    start = initialised(problem, settings, streams, cell.seed)
    x, y, grid = problem.x.float(), problem.labels[cell.labels].float(), settings.grid
    grid = grid[grid <= settings.last(cell.data)]
    exact = stepwise(start, problem, cell.labels, grid[grid <= settings.n_exact])
    path = long_gradient_descent(
        start, x, y, step_size=problem.step_size, n_steps=int(grid[-1]), rtol=settings.rtol, record_at=grid
    )
    return described(path, exact, problem, cell.labels, settings.grid)


def initialised(problem: Problem, settings: Settings, streams: Streams, seed: int) -> TwoLayer:
    """Net at its start, on the device of the problem."""
    rng, scale = streams("weights", settings.width, seed), settings.init_scale
    return TwoLayer.initialise(problem.x.shape[1], settings.width, rng, init_scale=scale, device=problem.x.device)


def stepwise(start: TwoLayer, problem: Problem, labels: str, steps: NDArray[np.int64]) -> DescentTrajectory:
    """Exact gradient descent, recorded at some steps and at the two before each."""
    x, y = problem.x.float(), problem.labels[labels].float()
    at = np.unique(np.concatenate([np.maximum(steps - back, 0) for back in range(3)]))
    run = {"step_size": problem.step_size, "n_steps": int(at[-1]), "record_at": at}
    return gradient_descent(start, x, y, track_movement=False, **run)


def described(
    path: LongTrajectory, exact: DescentTrajectory | None, problem: Problem, labels: str, grid: NDArray[np.int64]
) -> xr.Dataset:
    """Numbers of a long run on a grid of steps.

    Parameters
    ----------
    path : LongTrajectory
        The run, which may end before the grid does.
    exact : DescentTrajectory or None
        From `stepwise`.
    problem : Problem
        What was learnt.
    labels : str
        Which labels.
    grid : ndarray of int64
        Steps of the record; what was recorded elsewhere is left out, what was not reached is NaN and not `measured`.

    Returns
    -------
    xarray.Dataset
        Phi / n and |y - u| / sqrt(n), trained and predicted; the residual's mean over neighbouring steps and its
        oscillation; flipped gates and movement; steps that one window may stand for; the mean residual's estimated
        error and its distance to exact gradient descent, in units of |y - u(0)|; the largest of such distances; number
        and errors of the leaps. The distance is NaN at steps 0 and 1, and where gradient descent was not followed.
    """
    n, norm = len(problem.x), np.linalg.norm
    at_run = np.isin(path.steps, grid)
    place = np.searchsorted(grid, path.steps[at_run])

    def on_grid(values: Array) -> tuple[str, Array]:
        found = np.full(len(grid), np.nan)
        found[place] = values[at_run]
        return "step", found

    measured = np.zeros(len(grid), dtype=bool)
    measured[place] = True
    k = torch.as_tensor(grid, device=problem.x.device)
    y, eta = problem.labels[labels], problem.step_size
    predicted = dynamics.linear_residual_norms(problem.spectrum, y, eta, k).cpu().numpy() / n**0.5
    steps, gaps = compared(path, exact)
    accepted = path.leaps[:, 4] == 1
    return xr.Dataset(
        {
            "loss": on_grid(path.loss / n),
            "residual": on_grid(path.residual_norms / n**0.5),
            "mean_residual": on_grid(norm(path.mean_residuals, axis=1) / n**0.5),
            "oscillation": on_grid(path.oscillations / n**0.5),
            "flipped": on_grid(path.movement.flipped),
            "movement": on_grid(path.movement.total),
            "neuron_movement": on_grid(path.movement.neurons.max(1)),
            "window": on_grid(_windows(path)),
            "estimated_error": on_grid(path.estimated_errors),
            "distance": on_grid(_at(path.steps, steps, gaps[:, 2])),
            "leaps_so_far": on_grid(np.searchsorted(path.leaps[accepted, 0], path.steps).astype(float)),
            "measured": ("step", measured),
            "predicted": ("step", predicted),
            "exact_steps": int(steps[-1]) if len(steps) else 0,
            "error": float(gaps[:, 0].max(initial=0)),
            "error_of_mean": float(gaps[:, 1].max(initial=0)),
            "distance_of_mean": float(gaps[:, 2].max(initial=0)),
            "leaps": int(accepted.sum()),
            "rejected": int((~accepted).sum()),
            "largest_leap_error": float(path.leaps[accepted, 2].max(initial=0)),
            "evaluations": path.evaluations,
            "last_step": int(path.steps[-1]),
            "lambda_min": problem.spectrum.lambda_min,
            "lambda_max": problem.spectrum.lambda_max,
            "step_size": eta,
        },
        {"step": grid},
    )


def _at(steps: NDArray[np.int64], known: NDArray[np.int64], values: Array) -> Array:
    """Values that are known at some of the steps, NaN at the others."""
    found = np.full(len(steps), np.nan)
    found[np.searchsorted(steps, known)] = values
    return found


def _windows(path: LongTrajectory) -> Array:
    """Steps that one window may stand for around each recorded step (s,): 1 where steps were taken one by one."""
    accepted = path.leaps[path.leaps[:, 4] == 1]
    before = np.searchsorted(accepted[:, 0], path.steps) - 1
    return np.where(before < 0, 1, np.append(accepted[:, 3], 1)[before])


def compared(path: LongTrajectory, exact: DescentTrajectory | None) -> tuple[NDArray[np.int64], Array]:
    """Distances to exact gradient descent at the steps that both recorded, in units of |r(0)|.

    Parameters
    ----------
    path : LongTrajectory
        The run.
    exact : DescentTrajectory or None
        Recorded at steps k, k - 1 and k - 2.

    Returns
    -------
    ndarray of int64 (c,), ndarray (c, 3)
        The steps k; differences of |r(k)| and of the norm of the mean residual, and the norm of the difference.
    """
    norm, found = np.linalg.norm, []
    at = {} if exact is None else dict(zip(exact.steps.tolist(), exact.residuals, strict=True))
    for k, residual, mean in zip(path.steps.tolist(), path.residuals, path.mean_residuals, strict=True):
        if k >= 2 and {k, k - 1, k - 2} <= at.keys():
            true = (at[k] + 2 * at[k - 1] + at[k - 2]) / 4
            gaps = abs(norm(residual) - norm(at[k])), abs(norm(mean) - norm(true)), norm(mean - true)
            found.append([k, *(gap / norm(at[0]) for gap in gaps)])
    table = np.array(found).reshape(-1, 4)
    return table[:, 0].astype(np.int64), table[:, 1:]
