"""Odd labels on antipodal pairs, which one hidden layer cannot fit: f(x) - f(-x) is linear at L = 1."""

from dataclasses import dataclass

import numpy as np
import torch
import xarray as xr
from torch import Tensor

from ntkbook import data
from ntkbook.expect import expects
from ntkbook.losses import logistic, logistic_derivative
from ntkbook.margins import NotSeparableError, gradient_certificate
from ntkbook.networks import DeepReLU
from ntkbook.streams import Streams
from ntkbook.training import deep_gradient_descent, log_grid


@expects()
@dataclass(frozen=True)
class Settings:
    """What every cell receives."""

    width: int
    """Neurons m of each layer."""
    n_steps: int
    """Steps K."""
    n_pairs: int = 60
    """Pairs x, -x in four dimensions, labelled by sign(x_1 x_2 x_3)."""
    rate: float = 16.0
    """eta m."""

    def __post_init__(self):
        if self.width < 2 or self.width % 2 or self.n_steps < 2 or self.n_pairs < 20:
            raise ValueError(
                f"width, n_steps, n_pairs: expected an even width, 2 steps and 20 pairs, fewer of which a linear "
                f"function may fit, found {self.width}, {self.n_steps} and {self.n_pairs}"
            )


@dataclass(frozen=True)
class Cell:
    """One run."""

    depth: int
    seed: int


def pairs(n_pairs: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw antipodal pairs on the sphere of R^4, with odd labels.

    Parameters
    ----------
    n_pairs : int
        How many.
    rng : numpy.random.Generator
        Source of the draws.

    Returns
    -------
    tuple of ndarray (2 n_pairs, 4) and ndarray (2 n_pairs,)
    """
    x = data.sphere(n_pairs, 4, rng)
    x = np.concatenate([x, -x])
    return x, np.sign(x[:, 0] * x[:, 1] * x[:, 2])


def logistic_regression(x: Tensor, labels: Tensor) -> float:
    """Least mean logistic loss of a linear function without intercept, by Newton's method; not for separable labels.

    Parameters
    ----------
    x : Tensor (n, d)
        Inputs, float64.
    labels : Tensor (n,)
        y, +-1.

    Returns
    -------
    float
    """
    signed = x * labels[:, None]
    weights = torch.zeros_like(x[0])
    for _ in range(50):
        slopes = logistic_derivative(signed @ weights)  # -a_i    (n,)
        curvature = signed.T @ ((-slopes * (1 + slopes))[:, None] * signed)  # sum_i a_i (1 - a_i) x_i x_i'
        weights -= torch.linalg.solve(curvature, signed.T @ slopes)
    return float(logistic(signed @ weights).mean())


def measure(cell: Cell, settings: Settings, streams: Streams, device: str) -> xr.Dataset:
    """Train one net on antipodal pairs.

    Parameters
    ----------
    cell : Cell
        Depth and seed.
    settings : Settings
        Of the part.
    streams : Streams
        Random streams.
    device : str
        Where to train.

    Returns
    -------
    xarray.Dataset
        Along recorded steps the losses, the share of errors and B; the margin at the start, 0 where there is none; and
        the least loss of logistic regression, below which no net with one hidden layer comes.
    """
    m = settings.width
    points, signs = pairs(settings.n_pairs, streams("antipodal pairs", cell.seed))
    x, y = torch.tensor(points, device=device), torch.tensor(signs, device=device)
    rng = streams("weights", cell.depth, m, cell.seed)
    net = DeepReLU.initialise(4, (m,) * cell.depth, rng, dtype=torch.float64, device=device)
    path = deep_gradient_descent(
        net, x, y, step_size=settings.rate / m, n_steps=settings.n_steps, record_at=log_grid(settings.n_steps)
    )
    try:
        certificate = gradient_certificate(net, x, y)
    except NotSeparableError:
        certificate = 0.0
    return xr.Dataset(
        {
            "surrogate": ("step", path.surrogate_error),
            "loss": ("step", path.loss),
            "error": ("step", (path.margins < 0).mean(axis=1)),
            "constant": ("step", path.gradient_norms[:, -1] / (m**0.5 * path.surrogate_error)),
            "certificate": certificate,
            "least_linear_loss": logistic_regression(x, y),
        },
        {"step": path.steps},
    )
