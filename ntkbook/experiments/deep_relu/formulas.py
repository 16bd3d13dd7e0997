"""Outputs, gradients and training by the formulas of Cao and Gu (2019), app. A, against automatic differentiation."""

from dataclasses import dataclass

import numpy as np
import torch
import xarray as xr
from torch import Tensor

from ntkbook import data
from ntkbook.expect import expects
from ntkbook.losses import logistic
from ntkbook.networks import DeepReLU, layer_product, loss_gradient
from ntkbook.streams import Streams
from ntkbook.training import deep_gradient_descent


@expects()
@dataclass(frozen=True)
class Settings:
    """What every cell receives."""

    widths: tuple[int, ...] = (96, 160, 64)
    """Unequal widths m_1, ..., m_L: equal ones would hide fan-in for fan-out."""
    dim: int = 30
    """Dimension of the inputs."""
    n: int = 20
    """Inputs."""
    n_steps: int = 10
    """Steps of gradient descent, at eta = 1 / m."""


@dataclass(frozen=True)
class Cell:
    """One net."""

    seed: int


def measure(cell: Cell, settings: Settings, streams: Streams, device: str) -> xr.Dataset:
    """Compare one net with autograd, and its start with N(0, 2/m_l).

    Parameters
    ----------
    cell : Cell
        Seed.
    settings : Settings
        Of the part.
    streams : Streams
        Random streams.
    device : str
        Where to compute.

    Returns
    -------
    xarray.Dataset
        Largest relative differences of outputs, gradients and weights after training, and by how many standard errors
        the mean of m_l W_l^2 / 2 misses 1.
    """
    d, n = settings.dim, settings.n
    net = DeepReLU.initialise(
        d, settings.widths, streams("weights of formulas", cell.seed), dtype=torch.float64, device=device
    )
    x = torch.tensor(data.sphere(n, d, streams("inputs of formulas", cell.seed)), device=device)
    y = torch.tensor(data.random_labels(n, streams("labels of formulas", cell.seed)), device=device)
    step_size = 1 / min(settings.widths)
    path = deep_gradient_descent(net, x, y, step_size=step_size, n_steps=settings.n_steps, record_at=())
    weights = [w.clone().requires_grad_() for w in net.weights]
    with torch.enable_grad():
        outputs = _outputs(weights, net.output_weights, x)
        gradients = torch.autograd.grad(logistic(y * outputs).mean(), weights)
    spread = [
        abs(float(w.square().mean()) * m / 2 - 1) * (w.numel() / 2) ** 0.5
        for w, m in zip(net.weights, settings.widths, strict=True)
    ]
    return xr.Dataset(
        {
            "output": _difference([_matrix_products(net, x)], [outputs]),
            "gradient": _difference(loss_gradient(net, x, y), gradients),
            "training": _difference(path.network.weights, _trained(net, x, y, step_size, settings.n_steps)),
            "spread": max(spread),  # an entry's square has variance 2 in units of its mean
        }
    )


def _matrix_products(net: DeepReLU, x: Tensor) -> Tensor:
    """Outputs v' [prod_r Sigma_r W_r'] x_i, the form of app. A, (n,)."""
    return torch.stack([point @ layer_product(net, point, 1) @ net.output_weights for point in x])


def _outputs(weights: list[Tensor], output_weights: Tensor, x: Tensor) -> Tensor:
    for w in weights:
        x = torch.relu(x @ w)
    return x @ output_weights


def _trained(net: DeepReLU, x: Tensor, y: Tensor, step_size: float, n_steps: int) -> list[Tensor]:
    """Weights after gradient descent by autograd."""
    weights = [w.clone().requires_grad_() for w in net.weights]
    for _ in range(n_steps):
        with torch.enable_grad():
            loss = logistic(y * _outputs(weights, net.output_weights, x)).mean()
        for w, gradient in zip(weights, torch.autograd.grad(loss, weights), strict=True):
            w.data -= step_size * gradient
    return weights


def _difference(found: object, expected: object) -> float:
    pairs = zip(found, expected, strict=True)  # pyright: ignore[reportArgumentType]
    return float(np.max([float((a - b.detach()).norm() / b.detach().norm()) for a, b in pairs]))
