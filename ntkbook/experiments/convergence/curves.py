"""Long runs in the paper's setting beside the prediction of eq. (8): Arora et al. (2019), Figures 1(a) and 1(c)."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
import xarray as xr

from ntkbook import dynamics
from ntkbook.expect import expects
from ntkbook.experiments.convergence import steps
from ntkbook.experiments.problem import Problem
from ntkbook.networks import TwoLayer
from ntkbook.streams import Streams
from ntkbook.training import gradient_descent


@expects()
@dataclass(frozen=True)
class Settings:
    """What every cell receives."""

    width: int
    """Neurons m."""
    n_steps: int
    """Steps of gradient descent."""
    init_scale: float = 0.01
    """kappa, the paper's."""
    horizon: int = 1_000_000
    """Steps up to which the prediction is drawn, as in the paper's Figure 1(a)."""
    per_decade: int = 4
    """Recorded steps for each factor of ten."""

    def __post_init__(self):
        if min(self.width, self.n_steps, self.horizon, self.per_decade) < 1 or not self.init_scale > 0:
            raise ValueError(
                f"width, n_steps, horizon, per_decade, init_scale: expected whole numbers >= 1 and a positive scale, "
                f"found {self.width}, {self.n_steps}, {self.horizon}, {self.per_decade} and {self.init_scale}"
            )


@dataclass(frozen=True)
class Cell:
    """One long run."""

    data: str
    labels: str


def measure(cell: Cell, settings: Settings, problems: Mapping[str, Problem], streams: Streams) -> xr.Dataset:
    """Train one net, and predict its loss from inputs and labels alone.

    Parameters
    ----------
    cell : Cell
        Data set and labels.
    settings : Settings
        Of the part.
    problems : mapping of str to Problem
        By data set.
    streams : Streams
        Random streams.

    Returns
    -------
    xarray.Dataset
        Phi / n and |y - u| / sqrt(n), measured and predicted; flipped gates and movement; eigenvalues and step size.
    """
    problem = problems[cell.data]
    x, y, n = problem.x.float(), problem.labels[cell.labels], len(problem.x)
    rng = streams("weights", settings.width, 0)
    start = TwoLayer.initialise(x.shape[1], settings.width, rng, init_scale=settings.init_scale, device=x.device)
    grid = steps.grid(settings.n_steps, settings.per_decade)
    path = gradient_descent(start, x, y.float(), step_size=problem.step_size, n_steps=settings.n_steps, record_at=grid)
    horizon = np.unique(np.concatenate([[0], np.geomspace(1, settings.horizon, 200).round()])).astype(np.int64)

    def predicted(at: np.ndarray) -> np.ndarray:
        k = torch.as_tensor(at, device=x.device)
        return dynamics.linear_residual_norms(problem.spectrum, y, problem.step_size, k).cpu().numpy() / n**0.5

    return xr.Dataset(
        {
            "loss": ("step", path.loss / n),
            "residual": ("step", path.residual_norms / n**0.5),
            "predicted": ("step", predicted(grid)),
            "flipped": ("step", path.movement.flipped),
            "neuron_movement": ("step", path.movement.neurons.max(1)),
            "movement": ("step", path.movement.total),
            "horizon_loss": ("horizon", predicted(horizon) ** 2 / 2),
            "lambda_min": problem.spectrum.lambda_min,
            "lambda_max": problem.spectrum.lambda_max,
            "step_size": problem.step_size,
            "init_norm": float(torch.linalg.vector_norm(start.weights, dim=0).mean()),
        },
        {"step": grid, "horizon": horizon},
    )
