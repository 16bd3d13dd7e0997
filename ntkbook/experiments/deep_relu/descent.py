"""Gradient descent on deep ReLU nets: movement, gradients and the constant B along training, beside its certificate."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
import xarray as xr

from ntkbook.data import Sample
from ntkbook.expect import expects
from ntkbook.experiments.deep_relu import tasks
from ntkbook.margins import gradient_certificate
from ntkbook.networks import DeepReLU, gradient_norms
from ntkbook.streams import Streams
from ntkbook.training import DeepTrajectory, deep_gradient_descent, log_grid

LEVELS = (0.4, 0.3, 0.2, 0.1, 0.07, 0.05, 0.035, 0.025, 0.017, 0.012)
"""Surrogate errors epsilon at which time and movement are read."""


@expects()
@dataclass(frozen=True)
class Settings:
    """What every cell receives."""

    n: int
    """Training points."""
    n_steps: int
    """Steps K."""
    rate: float = 16.0
    """eta m, so that time eta m k is rate times steps."""
    per_decade: int = 8
    """Recorded steps for a factor of ten."""

    def __post_init__(self):
        if self.n < 2 or self.n_steps < 2 or not self.rate > 0:
            raise ValueError(
                f"n, n_steps, rate: expected at least 2 points, 2 steps and a positive rate, "
                f"found {self.n}, {self.n_steps} and {self.rate}"
            )


@dataclass(frozen=True)
class Cell:
    """One run."""

    task: str
    depth: int
    width: int
    seed: int


def measure(cell: Cell, settings: Settings, samples: Mapping[str, Sample], streams: Streams, device: str) -> xr.Dataset:
    """Train one net, and compare its gradients with the margin of its last layer's tangent features.

    Parameters
    ----------
    cell : Cell
        Task, depth, width and seed.
    settings : Settings
        Of the part.
    samples : mapping of str to Sample
        What the tasks are made from.
    streams : Streams
        Random streams.
    device : str
        Where to train.

    Returns
    -------
    xarray.Dataset
        Along recorded steps: losses, sqrt(m) max_l |W_l - W_l(0)|_F, |grad_{W_L} L_S| / (sqrt(m) E_S) as `constant`
        and the same of the largest layer as `largest`; by level of the surrogate error: time and movement; margins of
        the tangent features over sqrt(m) at the start and at the end.
    """
    m = cell.width
    x, y = tasks.problem(cell.task, settings.n, cell.seed, samples, streams, torch.float32, device)
    rng = streams("weights", cell.depth, m, cell.seed)
    net = DeepReLU.initialise(x.shape[1], (m,) * cell.depth, rng, device=device)
    path = deep_gradient_descent(
        net,
        x,
        y,
        step_size=settings.rate / m,
        n_steps=settings.n_steps,
        record_at=log_grid(settings.n_steps, settings.per_decade),
    )
    scaled = path.gradient_norms / (m**0.5 * path.surrogate_error[:, None])  # |grad_l L_S| / (sqrt(m) E_S)    (s, L)
    movement = m**0.5 * path.movement.total.max(axis=1)
    time_to = np.array([first_time(path, level) for level in LEVELS])
    movement_at = np.where(np.isfinite(time_to), np.interp(time_to, path.times, movement), np.inf)
    return xr.Dataset(
        {
            "surrogate": ("step", path.surrogate_error),
            "loss": ("step", path.loss),
            "error": ("step", (path.margins < 0).mean(axis=1)),
            "ramp": ("step", np.clip(1 - path.margins, 0, 1).mean(axis=1)),
            "movement": ("step", movement),
            "flipped": ("step", path.movement.flipped.max(axis=1)),
            "constant": ("step", scaled[:, -1]),
            "largest": ("step", scaled.max(axis=1)),
            "time_to": ("epsilon", time_to),
            "movement_at": ("epsilon", movement_at),
            "certificate": gradient_certificate(net, x, y),
            "certificate_end": gradient_certificate(path.network, x, y),
            "gradient_start": float(gradient_norms(net, x).max()) / m**0.5,
        },
        {"step": path.steps, "epsilon": list(LEVELS)},
    )


def first_time(path: DeepTrajectory, level: float) -> float:
    """Time eta m k at which the surrogate error first comes down to a level, read between steps on a log scale.

    Parameters
    ----------
    path : DeepTrajectory
        A run.
    level : float
        epsilon.

    Returns
    -------
    float
        Infinite if it never does.
    """
    errors = path.surrogate_errors
    below = np.flatnonzero(errors <= level)
    if not len(below):
        return np.inf
    k = int(below[0])
    share = 1.0 if k == 0 else np.log(errors[k - 1] / level) / np.log(errors[k - 1] / errors[k])
    return float((k - 1 + share) * path.step_size * min(path.network.widths)) if k else 0.0
