"""Trained deep nets: test error, and what three bounds say of it. Cao and Gu (2019), Theorem 4.5 and Remark 4.6."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import torch
import xarray as xr
from torch import Tensor

from ntkbook.adversarial import adversarial_shift
from ntkbook.bounds.cao2019_generalization import (
    linearised_bound,
    linearised_rademacher,
    theorem_4_5,
    theorem_4_5_radius,
)
from ntkbook.bounds.spectral import bartlett2017, neyshabur2018
from ntkbook.data import Sample
from ntkbook.expect import expects
from ntkbook.experiments.deep_generalization import tasks
from ntkbook.losses import surrogate_error
from ntkbook.networks import DeepReLU, linearise, tangent_gram
from ntkbook.streams import Streams
from ntkbook.training import deep_gradient_descent
from ntkbook.wants import between

FIXED = 0.1
"""Surrogate error that does not depend on n, at which nets that are trained to a smaller one are tested on the way."""


@expects(stop=between(0, 1), delta=between(0, 1))
@dataclass(frozen=True)
class Settings:
    """What every cell receives."""

    n_steps: int
    """Steps of gradient descent, at most."""
    stop: float | None = None
    """c, if training stops at a surrogate error E_S <= c n^(-1/4), the eps whose n* ~ eps^-4 is n; or at 0.1 if that is
    smaller."""
    rate: float = 16.0
    """eta m; after k steps the time eta m k is k times that."""
    reach: tuple[float, ...] = (18.0, 10.0, 7.0)
    """tau sqrt(m) of the class whose complexity is computed, for L = 1, 2, ...: fixed before the sample is drawn, and
    enough for nets that tell sixes from sevens."""
    delta: float = 0.1
    """Failure probability."""
    n_signs: int = 50
    """Random sign vectors in the Rademacher complexity."""
    n_adversarial: int = 10
    """Test inputs at which the net is bent as far as a radius allows."""

    def __post_init__(self):
        if self.n_steps < 1 or not self.rate > 0 or not all(reach > 0 for reach in self.reach):
            raise ValueError(
                f"n_steps, rate, reach: expected positive numbers, found {self.n_steps}, {self.rate} and {self.reach}"
            )
        if not 0 < self.delta < 1:
            raise ValueError(f"delta: expected a probability in (0, 1), found {self.delta}")


@dataclass(frozen=True)
class Cell:
    """One trained net."""

    task: str
    depth: int
    width: int
    n: int
    seed: int


def measure(cell: Cell, settings: Settings, pools: Mapping[str, Sample], streams: Streams, device: str) -> xr.Dataset:
    """Train a net by gradient descent, and evaluate the bounds on it.

    Parameters
    ----------
    cell : Cell
        Task, layers, width, samples and seed.
    settings : Settings
        Of the part.
    pools : mapping of str to Sample
        Images of the pairs.
    streams : Streams
        Random streams.
    device : str
        Where to train.

    Returns
    -------
    xarray.Dataset
        Errors, also at a surrogate error of 0.1 where training goes on from there; movement; the terms of Theorem 4.5
        at that movement with constant 1; the bounds of Remark 4.6; and, for the nets linearised at the start in a ball
        fixed before, errors, Rademacher complexity and bound, beside the largest departure from linearity at one input
        in that ball.
    """
    sample = tasks.draw(cell.task, cell.n, cell.seed, pools, streams)
    x, x_test = (torch.tensor(a, dtype=torch.float32, device=device) for a in (sample.x_train, sample.x_test))
    y, y_test = (torch.tensor(a, dtype=torch.float32, device=device) for a in (sample.y_train, sample.y_test))
    rng = streams("weights of trained nets", cell.depth, cell.width, cell.seed)
    start = DeepReLU.initialise(x.shape[1], (cell.width,) * cell.depth, rng, device=device)
    how = {"step_size": settings.rate / cell.width, "n_steps": settings.n_steps, "record_at": ()}
    on_the_way = {}
    if settings.stop is None:
        path = deep_gradient_descent(start, x, y, **how)
        steps = int(path.steps[-1])
    else:
        first = deep_gradient_descent(start, x, y, stop_surrogate=FIXED, **how)
        epsilon = min(FIXED, settings.stop * cell.n**-0.25)
        path = deep_gradient_descent(first.network, x, y, stop_surrogate=epsilon, **how)
        steps = int(first.steps[-1] + path.steps[-1])
        on_the_way["test_error_fixed"] = _error(first.network(x_test), y_test)
    moved = path.network
    movement = max(float((w - origin).norm()) for w, origin in zip(moved.weights, start.weights, strict=True))
    radius = settings.reach[cell.depth - 1] / math.sqrt(cell.width)
    draws = streams("signs", cell.n, cell.seed).choice([-1.0, 1.0], (cell.n, settings.n_signs))
    signs = torch.tensor(draws, device=device)
    terms = theorem_4_5(movement, cell.n, cell.width, cell.depth)
    spectral = {
        "bartlett": bartlett2017(moved, start, cell.n),
        "bartlett_uncentred": bartlett2017(moved, None, cell.n),
        "bartlett_transposed": bartlett2017(moved, start, cell.n, transposed=True),
        "neyshabur": neyshabur2018(moved, start, cell.n),
        "neyshabur_uncentred": neyshabur2018(moved, None, cell.n),
    }
    return xr.Dataset(
        {
            "test_error": _error(moved(x_test), y_test),
            **on_the_way,
            "surrogate": float(path.surrogate_error[-1]),
            "steps": steps,
            "movement": movement,
            "allowed_radius": theorem_4_5_radius(cell.width, cell.depth),
            "linear_term": terms.linear,
            "curvature_term": terms.curvature,
            **spectral,
            "radius": radius,
            **_linearised(moved, start, (x, y, x_test, y_test), radius, settings.delta, signs),
            "adversarial_gap": _adversarial_gap(start, x_test[: settings.n_adversarial], radius),
        }
    )


def _error(outputs: Tensor, labels: Tensor) -> float:
    """Share of wrong signs."""
    return float((outputs * labels <= 0).double().mean())


def _linearised(
    moved: DeepReLU,
    start: DeepReLU,
    points: tuple[Tensor, Tensor, Tensor, Tensor],
    radius: float,
    delta: float,
    signs: Tensor,
) -> dict[str, float]:
    """Errors of the net linearised at its start and moved as far, and the bound of its class: `linearised_bound`."""
    x, y, x_test, y_test = points
    gap, gap_test = linearise(moved, start, x).gap, linearise(moved, start, x_test).gap
    surrogate = float(surrogate_error(y * (moved(x) - gap)))
    grams = [tangent_gram(start, x, layer) for layer in range(1, start.depth + 1)]
    rademacher = linearised_rademacher(grams, signs, radius)
    return {
        "gap": float(gap_test.abs().mean()),
        "linear_surrogate": surrogate,
        "linear_test_error": _error(moved(x_test) - gap_test, y_test),
        "rademacher": rademacher,
        "sharp_bound": linearised_bound(surrogate, rademacher, len(x), delta),
    }


def _adversarial_gap(start: DeepReLU, x: Tensor, radius: float) -> float:
    """Mean over inputs of the largest gap to linearity that a movement of the last layer within the radius makes."""
    exact = DeepReLU(tuple(w.double() for w in start.weights), start.output_weights.double())
    gaps = [adversarial_shift(exact, point, radius).gap for point in x.double()]
    return sum(gaps) / len(gaps)
