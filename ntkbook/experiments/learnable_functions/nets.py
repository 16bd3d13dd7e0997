"""Wide nets trained on functions on the sphere, beside kernel regression and the leading term of the bound."""

from dataclasses import dataclass

import numpy as np
import torch
import xarray as xr

from ntkbook import data
from ntkbook.kernels import h_infinity
from ntkbook.label_norm import label_norms
from ntkbook.networks import TwoLayer
from ntkbook.streams import Streams
from ntkbook.training import gradient_descent

TARGETS = ("linear", "quadratic", "cosine", "cubic")
_N_TEST = 2000


@dataclass(frozen=True)
class Settings:
    """What every cell receives."""

    width: int
    """Neurons m; half are copies with the opposite sign, so that the net starts at zero."""
    n_steps: int
    """Steps of gradient descent, with eta = 1 / lambda_max."""
    dim: int = 10
    """Dimension of the inputs."""

    def __post_init__(self):
        if self.width < 2 or self.width % 2 or self.n_steps < 1 or self.dim < 3:
            raise ValueError(
                f"width, n_steps, dim: expected an even width, a step and a dimension >= 3, "
                f"found {self.width}, {self.n_steps} and {self.dim}"
            )


@dataclass(frozen=True)
class Cell:
    """One trained net."""

    target: str
    n: int
    seed: int


def targets(x: np.ndarray) -> dict[str, np.ndarray]:
    """Targets that nets are trained on; the cubic has its linear part removed.

    Parameters
    ----------
    x : ndarray (n, d)
        Unit inputs.

    Returns
    -------
    dict of str to ndarray (n,)
    """
    first, second = x[:, 0], x[:, 1]
    return {
        "linear": first,
        "quadratic": first**2 - second**2,
        "cosine": np.cos(3 * first) - 1,
        "cubic": first**3 - 3 * first / (x.shape[1] + 2),  # the part of degree 3 of (beta.x)^3
    }


def measure(cell: Cell, settings: Settings, streams: Streams, device: str) -> xr.Dataset:
    """Train a wide net that starts at zero on one target, and measure its test error beside the bound.

    Parameters
    ----------
    cell : Cell
        Target, sample size and seed.
    settings : Settings
        Of the part.
    streams : Streams
        Random streams.
    device : str
        Where to train.

    Returns
    -------
    xarray.Dataset
        Mean absolute test error, that of predicting zero, that of kernel regression, and sqrt(2 y'H^-1 y / n).
    """
    d, n = settings.dim, cell.n
    x = data.sphere(n, d, streams("inputs", d, cell.seed, n))
    x_test = data.sphere(_N_TEST, d, streams("test inputs", d, cell.seed))
    y, y_test = targets(x)[cell.target], targets(x_test)[cell.target]
    gram = h_infinity(torch.tensor(x, device=device))
    labels = torch.tensor(y, device=device)
    found = label_norms(gram, labels)
    weights = torch.cholesky_solve(labels[:, None], found.factor)[:, 0]
    kernel_outputs = (h_infinity(torch.tensor(x_test, device=device), torch.tensor(x, device=device)) @ weights).cpu()
    half = TwoLayer.initialise(d, settings.width // 2, streams("weights", cell.seed), device=device)
    path = gradient_descent(
        half.doubled(),
        torch.tensor(x, device=device, dtype=torch.float32),
        labels.float(),
        step_size=1 / found.lambda_max,
        n_steps=settings.n_steps,
        record_at=(),
        x_test=torch.tensor(x_test, device=device, dtype=torch.float32),
    )
    return xr.Dataset(
        {
            "test_error": float(np.abs(path.test_outputs[-1] - y_test).mean()),
            "zero_error": float(np.abs(y_test).mean()),
            "kernel_error": float(np.abs(kernel_outputs.numpy() - y_test).mean()),
            "train_loss": float(path.loss[-1] / path.loss[0]),
            "leading_term": float(found.values * (2 / n) ** 0.5),
        }
    )
