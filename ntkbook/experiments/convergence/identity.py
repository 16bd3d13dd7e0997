"""The iteration of eq. (7) against the sum of eq. (8) of Arora et al. (2019): a pointwise identity, no evidence."""

import torch
import xarray as xr

from ntkbook import dynamics
from ntkbook.experiments.problem import Problem
from ntkbook.kernels import h_infinity


def measure(problem: Problem, n_steps: int) -> xr.Dataset:
    """Follow the frozen kernel by both, for each kind of labels.

    Parameters
    ----------
    problem : Problem
        What is learnt.
    n_steps : int
        Steps.

    Returns
    -------
    xarray.Dataset
        Largest difference between the residual norms, by labels.
    """
    gram = h_infinity(problem.x)
    k = torch.arange(n_steps + 1, device=problem.x.device)
    error = []
    for y in problem.labels.values():
        iterated = y - dynamics.linear_predictions(gram, y, problem.step_size, n_steps)
        closed = dynamics.linear_residual_norms(problem.spectrum, y, problem.step_size, k)
        error.append(float((torch.linalg.vector_norm(iterated, dim=1) - closed).abs().max()))
    return xr.Dataset({"error": ("labels", error)}, {"labels": list(problem.labels)})
