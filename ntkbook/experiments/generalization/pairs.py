"""Two inputs of opposite label at a small angle, among others: what they do to the measure, and to a trained net."""

from dataclasses import dataclass

import numpy as np
import torch
import xarray as xr

from ntkbook import data
from ntkbook.expect import expects
from ntkbook.experiments.generalization.descent import Descent
from ntkbook.experiments.generalization.losses import losses
from ntkbook.kernels import h_infinity
from ntkbook.networks import TwoLayer
from ntkbook.spectrum import eigendecompose
from ntkbook.streams import Streams


@expects()
@dataclass(frozen=True)
class Settings:
    """What every cell receives."""

    width: int = 500
    """Neurons m."""
    init_scale: float = 0.01
    """kappa: the paper's."""
    max_steps: int = 30_000
    """Steps after which training is cut off."""

    def __post_init__(self):
        if self.width < 1 or self.max_steps < 1 or not self.init_scale > 0:
            raise ValueError(
                f"width, max_steps, init_scale: expected a neuron, a step and a positive number, "
                f"found {self.width}, {self.max_steps} and {self.init_scale}"
            )


@dataclass(frozen=True)
class Cell:
    """One net, trained on some images and a copy of the first at an angle in radians, with the opposite label."""

    angle: float


def measure(
    cell: Cell, settings: Settings, descent: Descent, sample: data.Sample, streams: Streams, device: str
) -> xr.Dataset:
    """Add to some images a copy of the first, turned by a small angle and given the opposite label; train on all.

    Parameters
    ----------
    cell : Cell
        The angle.
    settings : Settings
        Of the part.
    descent : Descent
        How to train.
    sample : Sample
        Images.
    streams : Streams
        Random streams.
    device : str
        Where to train.

    Returns
    -------
    xarray.Dataset
        The measure, and what training does: steps, movement, residual on the pair, test error.
    """
    first = sample.x_train[0]
    aside = streams("direction").standard_normal(len(first))
    aside -= first * (first @ aside)
    twin = np.cos(cell.angle) * first + np.sin(cell.angle) * aside / np.linalg.norm(aside)
    x = torch.tensor(np.vstack([sample.x_train, twin]), device=device)
    y = torch.tensor(np.append(sample.y_train, -sample.y_train[0]), device=device)
    x_test, n = torch.tensor(sample.x_test, device=device), len(x)
    spectrum = eigendecompose(h_infinity(x))
    norm = float((spectrum.project(y).square() / spectrum.eigenvalues).sum().sqrt())
    rng = streams("weights", settings.width, 0)
    start = TwoLayer.initialise(x.shape[1], settings.width, rng, init_scale=settings.init_scale, device=device)
    path = descent.train(start, x, y, spectrum, max_steps=settings.max_steps, x_test=x_test)
    found = {
        "measure": norm * (2 / n) ** 0.5,
        "lambda_min": spectrum.lambda_min,
        "steps": path.steps[-1],
        "linear_steps": descent.linear_steps(spectrum, y),
        "loss": path.loss[-1] / n,
        "residual": np.abs(path.residuals[-1][[0, -1]]).max(),
        "error": losses(path.test_outputs[-1], sample.y_test)["error"],
        "movement": path.movement.total[-1],
    }
    return xr.Dataset({name: float(value) for name, value in found.items()})
