"""Nets trained on noisy labels in the paper's setting, beside what needs no training: Arora et al. (2019), fig. 2."""

from dataclasses import dataclass

import torch
import xarray as xr

from ntkbook import data
from ntkbook.bounds import arora2019 as convergence
from ntkbook.bounds import arora2019_generalization as bounds
from ntkbook.expect import expects
from ntkbook.experiments.generalization.descent import Descent
from ntkbook.experiments.generalization.losses import losses
from ntkbook.kernels import empirical_gram, h_infinity
from ntkbook.label_norm import label_norms
from ntkbook.networks import TwoLayer
from ntkbook.spectrum import eigendecompose
from ntkbook.streams import Streams
from ntkbook.wants import between


@expects(delta=between(0, 1), rtol=between(0, 1))
@dataclass(frozen=True)
class Settings:
    """What every cell receives."""

    width: int
    """Neurons m."""
    init_scale: float = 0.01
    """kappa: the paper's."""
    max_steps: int = 300_000
    """Steps after which training is cut off."""
    delta: float = 0.1
    """Failure probability in the bounds."""
    rtol: float | None = None
    """Error allowed to nets that are trained in windows, in units of |r(0)|; None: step by step."""

    def __post_init__(self):
        if self.width < 1 or self.max_steps < 1 or not self.init_scale > 0 or not 0 < self.delta < 1:
            raise ValueError(
                f"width, max_steps, init_scale, delta: expected a neuron, a step, a positive number and one in (0, 1), "
                f"found {self.width}, {self.max_steps}, {self.init_scale} and {self.delta}"
            )


@dataclass(frozen=True)
class Cell:
    """One net, trained on labels of which a portion is random."""

    data: str
    portion: float
    draw: int


def measure(
    cell: Cell, settings: Settings, descent: Descent, sample: data.Sample, streams: Streams, device: str
) -> xr.Dataset:
    """Train one net in the paper's setting until Phi / n <= `stop_loss`, and measure it beside what needs no training.

    Parameters
    ----------
    cell : Cell
        Data set, portion and draw.
    settings : Settings
        Of the part.
    descent : Descent
        How to train.
    sample : Sample
        Images of this draw.
    streams : Streams
        Random streams.
    device : str
        Where to train.

    Returns
    -------
    xarray.Dataset
        Test losses of the net and of kernel regression, movement, steps, and the quantities of the bounds.
    """
    y_train = data.randomise_portion(sample.y_train, cell.portion, streams("labels", cell.draw))
    y_test = data.randomise_portion(sample.y_test, cell.portion, streams("test labels", cell.draw))
    x, y = torch.tensor(sample.x_train, device=device), torch.tensor(y_train, device=device)
    x_test, n = torch.tensor(sample.x_test, device=device), len(sample.x_train)
    spectrum = eigendecompose(gram := h_infinity(x))
    start = TwoLayer.initialise(
        x.shape[1], settings.width, streams("weights", cell.draw), init_scale=settings.init_scale, device=device
    )
    path = descent.train(start, x, y, spectrum, max_steps=settings.max_steps, x_test=x_test, rtol=settings.rtol)
    learnt = h_infinity(x_test, x) @ torch.linalg.solve(gram, y)
    norm = float(label_norms(gram, y).values)
    neuron = path.movement.neurons[-1].max()
    found = {
        **losses(path.test_outputs[-1], y_test),
        **{f"kernel_{name}": value for name, value in losses(learnt.cpu().numpy(), y_test).items()},
        "clean_error": losses(path.test_outputs[-1], sample.y_test)["error"],
        "train_ramp": losses(y_train - path.residuals[-1], y_train)["ramp"],
        "loss": path.loss[-1] / n,
        "steps": path.steps[-1],
        "linear_steps": descent.linear_steps(spectrum, y),
        "linear_movement": descent.linear_movement(spectrum, y),
        "movement": path.movement.total[-1],
        "neuron_movement": neuron,
        "c1_ratio": neuron
        / convergence.lemma_c1_movement(n, settings.width, spectrum.lambda_min, path.residual_norms[0]),
        "flipped": path.movement.flipped[-1],
        "norm": norm,
        "norm_0": label_norms(empirical_gram(x, start.weights.double()), y).values,
        "measure": norm * (2 / n) ** 0.5,
        "remainder": bounds.theorem_5_1_remainder(n, spectrum.lambda_min, settings.delta),
        "lambda_min": spectrum.lambda_min,
    }
    return xr.Dataset({name: float(value) for name, value in found.items()})
