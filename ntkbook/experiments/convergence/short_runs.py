"""Short runs over widths, seeds and scales of initialisation: the distance from the frozen kernel, and its drift."""

from dataclasses import dataclass

import numpy as np
import torch
import xarray as xr

from ntkbook import dynamics
from ntkbook.bounds import arora2019 as bounds
from ntkbook.diagnostics import gram_drift, gram_times
from ntkbook.expect import expects
from ntkbook.experiments.convergence import steps
from ntkbook.experiments.problem import Problem
from ntkbook.kernels import empirical_gram
from ntkbook.networks import TwoLayer
from ntkbook.streams import Streams
from ntkbook.training import DescentSnapshot, gradient_descent


@expects()
@dataclass(frozen=True)
class Settings:
    """What every cell receives."""

    n_steps: int
    """Steps of gradient descent."""
    per_decade: int = 4
    """Recorded steps for each factor of ten."""

    def __post_init__(self):
        if min(self.n_steps, self.per_decade) < 1:
            raise ValueError(
                f"n_steps, per_decade: expected whole numbers >= 1, found {self.n_steps} and {self.per_decade}"
            )


@dataclass(frozen=True)
class Cell:
    """One short run."""

    init_scale: float
    width: int
    labels: str
    seed: int


def measure(cell: Cell, settings: Settings, problem: Problem, streams: Streams) -> xr.Dataset:
    """Train one net, and hold it against the frozen kernel.

    Parameters
    ----------
    cell : Cell
        kappa, width, labels and seed.
    settings : Settings
        Of the part.
    problem : Problem
        What is learnt.
    streams : Streams
        Random streams.

    Returns
    -------
    xarray.Dataset
        |y - u(k)| / |y|, and predicted from y - u(0) and from y; flipped gates; rates, movement and drift with bounds;
        v_n' H(k) v_n / lambda_0; eps(k) of eq. (24), its largest over eta |u - y| and over |eta H(k)(u - y)|.
    """
    x, y = problem.x.float(), problem.labels[cell.labels].float()
    rng = streams("weights", cell.width, cell.seed)
    start = TwoLayer.initialise(x.shape[1], cell.width, rng, init_scale=cell.init_scale, device=x.device)
    products, gram_0 = x @ x.T, empirical_gram(x, start.weights)
    slowest = problem.spectrum.eigenvectors[:, -1].float()
    grid = steps.grid(settings.n_steps, settings.per_decade)

    def observe(now: DescentSnapshot) -> dict[str, torch.Tensor]:
        pulled, swung = (gram_times(products, now.preactivations, vector) for vector in (now.residual, slowest))
        return {"gram_times_residual": pulled, "slowest_form": slowest @ swung}

    path = gradient_descent(
        start, x, y, step_size=problem.step_size, n_steps=settings.n_steps, record_at=grid, observe=observe
    )
    n, norms, movement = len(x), path.residual_norms, path.movement
    first = steps.followed(grid)
    linear = problem.step_size * path.observations["gram_times_residual"][first]
    error = path.residuals[first] - path.residuals[first + 1] - linear  # eps(k) of eq. (24)
    k, residual_0 = torch.as_tensor(grid, device=x.device), torch.as_tensor(path.residuals[0], device=x.device)
    frozen = dynamics.linear_residual_norms(problem.spectrum, residual_0, problem.step_size, k)
    label_only = dynamics.linear_residual_norms(problem.spectrum, y.double(), problem.step_size, k)
    bound = bounds.lemma_c1_movement(n, cell.width, problem.spectrum.lambda_min, norms[0])
    factor = bounds.theorem_3_1_rate(problem.step_size, problem.spectrum.lambda_min)
    rates = path.loss[first + 1] / path.loss[first]
    missed = np.linalg.norm(error, axis=1)
    of_step = missed / np.linalg.norm(linear, axis=1)
    size = float(torch.linalg.vector_norm(y))
    return xr.Dataset(
        {
            "residual": ("step", norms / size),
            "frozen": ("step", frozen.cpu().numpy() / size),
            "label_only": ("step", label_only.cpu().numpy() / size),
            "flipped": ("step", movement.flipped),
            "rate_max": float(rates.max()),
            "rate_bound": factor,
            "rate_violations": float((rates > factor).mean()),
            "movement_ratio": float(movement.neurons.max() / bound),
            "neuron_movement": float(movement.neurons.max()),
            "neuron_rms": movement.total[-1] / cell.width**0.5,
            "slowest_form": ("step", path.observations["slowest_form"] / problem.spectrum.lambda_min),
            "gram_drift": gram_drift(gram_0, movement.network.weights, x),
            "feature_drift": float((n * movement.flipped[-1]) ** 0.5),
            "step_error": float((missed / (problem.step_size * norms[first])).max()),
            "linearisation_error": float(np.median(of_step)),
            "linearisation_error_max": float(of_step.max()),
        },
        {"step": grid},
    )
