"""Wide nets trained on functions on the sphere, beside kernel regression and the leading term of the bound."""

from dataclasses import dataclass

import numpy as np
import torch
import xarray as xr

from ntkbook import data
from ntkbook.bounds import arora2019_generalization as bounds
from ntkbook.expect import expects
from ntkbook.kernels import h_infinity
from ntkbook.label_norm import label_norms
from ntkbook.networks import TwoLayer
from ntkbook.streams import Streams
from ntkbook.training import gradient_descent
from ntkbook.wants import between

TARGETS = ("linear", "quadratic", "cosine", "cubic")
_N_TEST = 2000


@expects(delta=between(0, 1))
@dataclass(frozen=True)
class Settings:
    """What every cell receives."""

    width: int
    """Neurons m; half are copies with the opposite sign, so that the net starts at zero."""
    max_steps: int
    """Steps of gradient descent, with eta = 1 / lambda_max, after which training is cut off."""
    stop: float = 1e-6
    """Training stops at the first step with Phi at most this part of its value for the prediction 0."""
    dim: int = 10
    """Dimension of the inputs."""
    delta: float = 0.1
    """Failure probability in the bound."""

    def __post_init__(self):
        if self.width < 2 or self.width % 2 or self.max_steps < 1 or self.dim < 3:
            raise ValueError(
                f"width, max_steps, dim: expected an even width, a step and a dimension >= 3, "
                f"found {self.width}, {self.max_steps} and {self.dim}"
            )
        if not 0 < self.stop < 1 or not 0 < self.delta < 1:
            raise ValueError(f"stop, delta: expected numbers in (0, 1), found {self.stop} and {self.delta}")


@dataclass(frozen=True)
class Cell:
    """One trained net."""

    target: str
    n: int
    seed: int


def targets(x: np.ndarray) -> dict[str, np.ndarray]:
    """Targets that nets are trained on, in [-1, 1] as Theorem 5.1 asks; the cubic has its linear part removed.

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
        "cosine": (np.cos(3 * first) - 1) / 2,
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
        On the test points, for the net, for kernel regression and for predicting zero: mean square, and mean of
        min(|u - y|, 1), a loss of Theorem 5.1. Training loss over that of zero, steps; sqrt(2 y'H^-1 y / n) and the
        remainder of the theorem's bound.
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
        n_steps=settings.max_steps,
        stop_loss=settings.stop * float(labels.square().sum()) / (2 * n),
        record_at=(),
        x_test=torch.tensor(x_test, device=device, dtype=torch.float32),
    )
    predicted = {"test": path.test_outputs[-1], "kernel": kernel_outputs.numpy(), "zero": np.zeros_like(y_test)}
    off = {name: np.abs(outputs - y_test) for name, outputs in predicted.items()}
    return xr.Dataset(
        {
            **{f"{name}_square": float((gap**2).mean()) for name, gap in off.items()},
            **{f"{name}_error": float(gap.clip(max=1).mean()) for name, gap in off.items()},
            "train_loss": float(path.loss[-1] / path.loss[0]),
            "steps": float(path.steps[-1]),
            "leading_term": float(found.values * (2 / n) ** 0.5),
            "remainder": bounds.theorem_5_1_remainder(n, found.lambda_min, settings.delta),
        }
    )
