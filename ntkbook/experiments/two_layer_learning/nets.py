"""How the experiment trains: nets of one width side by side, and what is seen along the run."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ntkbook.expect import expects
from ntkbook.kernels import finite_tangent_kernel
from ntkbook.networks import BiasedTwoLayer
from ntkbook.training import NetTrajectory, RegressionSnapshot, regression_sgd_ensemble, step_unit
from ntkbook.wants import between

Array = NDArray[np.float64]
_N_KERNEL = 1000


@expects(momentum=between(0, 1, above=False))
@dataclass(frozen=True)
class Recipe:
    """Of SGD, the same for all nets of a part."""

    step: float = 1.0
    """First step size in units of `step_unit`."""
    batch_size: int = 50
    """B."""
    momentum: float = 0.9
    """beta."""
    output_scale: float = 0.3
    """eps_a, in units of the targets' standard deviation: about that of the outputs at the start."""

    def __post_init__(self):
        if not self.step > 0 or self.batch_size < 1 or not self.output_scale > 0:
            raise ValueError(
                f"step, batch_size, output_scale: expected positive numbers, "
                f"found {self.step}, {self.batch_size} and {self.output_scale}"
            )


@dataclass(frozen=True, eq=False)
class Run:
    """Data and random streams of one net."""

    x: Array
    """Training inputs (n, d), as the net sees them."""
    y: Array
    """Training targets (n,)."""
    watched: Mapping[str, tuple[Array, Array]]
    """Sets on which the mean square error is measured along the run, by name."""
    weights: np.random.Generator
    """Source of the start."""
    batches: np.random.Generator
    """Source of the batches."""


def train(
    runs: Sequence[Run],
    width: int,
    n_steps: int,
    recipe: Recipe,
    device: str,
    *,
    record_at: Iterable[int] | None = None,
) -> list[NetTrajectory]:
    """Train a net for each run, all side by side.

    Parameters
    ----------
    runs : sequence of Run
        In shapes that agree.
    width : int
        m.
    n_steps : int
        T.
    recipe : Recipe
        Of SGD.
    device : str
        Where.
    record_at : iterable of int, optional
        Steps to record, `log_grid` when left out.

    Returns
    -------
    list of NetTrajectory
        Observed at each recorded step: the error on each watched set, and the "evenness" of the increments.
    """
    x, y = ([tensor(getattr(run, name), device) for run in runs] for name in ("x", "y"))
    starts = [
        BiasedTwoLayer.initialise(run.x.shape[1], width, run.weights, output_scale=recipe.output_scale, device=device)
        for run in runs
    ]
    units = [
        step_unit(finite_tangent_kernel(start, points[:_N_KERNEL]), recipe.batch_size, momentum=recipe.momentum)
        for start, points in zip(starts, x, strict=True)
    ]
    return regression_sgd_ensemble(
        starts,
        x,
        y,
        step_sizes=[recipe.step * unit for unit in units],
        batch_size=recipe.batch_size,
        n_steps=n_steps,
        rngs=[run.batches for run in runs],
        weight_decays=[0.0] * len(runs),
        momentum=recipe.momentum,
        record_at=record_at,
        observers=[_observer(start, run, device) for start, run in zip(starts, runs, strict=True)],
    )


def _observer(start: BiasedTwoLayer, run: Run, device: str) -> Callable[[RegressionSnapshot], dict[str, Tensor]]:
    watched = {name: (tensor(x, device), tensor(y, device)) for name, (x, y) in run.watched.items()}

    def observe(now: RegressionSnapshot) -> dict[str, Tensor]:
        assert isinstance(now.network, BiasedTwoLayer)
        errors = {name: (now.network(x) - y).square().mean() for name, (x, y) in watched.items()}
        return errors | {"evenness": evenness(now.network.weights - start.weights)}

    return observe


def evenness(increments: Tensor) -> Tensor:
    """m^(1/4) |W_t|_{2,4} / |W_t|_F: 1 if all neurons moved as far, m^(1/4) if one did: sec. 1.2 and footnote 9.

    Parameters
    ----------
    increments : Tensor (d, m)
        W_t, one neuron a column.

    Returns
    -------
    Tensor ()
        1 where nothing has moved.
    """
    squares = increments.square().sum(0)
    total = squares.sum()
    ratio = (len(squares) * squares.square().sum()).pow(0.25) / total.sqrt()
    return torch.where(total > 0, ratio, torch.ones_like(ratio))


def at_level(train_errors: Array, values: Array, level: float) -> tuple[float, float, float]:
    """What stands beside the train error when it first reaches a level, between recorded steps on logarithmic axes.

    Parameters
    ----------
    train_errors, values : array (s,)
        Along a run, positive.
    level : float
        Of the train error.

    Returns
    -------
    tuple of float
        Train error, value, and place among the recorded steps; the last ones of a run that does not reach the level.
    """
    reached = np.flatnonzero(train_errors <= level)
    if len(reached) == 0 or reached[0] == 0:
        last = 0 if len(reached) else len(values) - 1
        return float(train_errors[last]), float(values[last]), float(last)
    after = int(reached[0])
    before, e, v = after - 1, np.log(train_errors), np.log(values)
    share = (e[before] - np.log(level)) / (e[before] - e[after])
    return level, float(np.exp(v[before] + share * (v[after] - v[before]))), before + float(share)


def tensor(values: Array, device: str) -> Tensor:
    """In float32, on the device."""
    return torch.tensor(values, dtype=torch.float32, device=device)
