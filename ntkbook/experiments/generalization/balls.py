"""Nets of growing width, and every term of Lemma 5.4 of Arora et al. (2019) for the ball in which each of them ends."""

from dataclasses import dataclass, replace

import numpy as np
import torch
import xarray as xr

from ntkbook import data, rademacher
from ntkbook.bounds import arora2019_generalization as bounds
from ntkbook.expect import expects
from ntkbook.experiments.generalization.descent import Descent
from ntkbook.experiments.generalization.losses import losses
from ntkbook.kernels import empirical_gram, h_infinity
from ntkbook.networks import TwoLayer
from ntkbook.spectrum import Spectrum, eigendecompose
from ntkbook.streams import Streams
from ntkbook.wants import between

PORTIONS = {"true": 0.0, "random": 1.0}
"""Portion of random labels, by kind of labels."""
_MONTE_CARLO = 400  # sign vectors behind the mean of |Z(0) eps|


@expects(delta=between(0, 1))
@dataclass(frozen=True)
class Settings:
    """What every cell receives."""

    max_steps: int = 300_000
    """Steps after which training is cut off."""
    low_loss: float = 5e-5
    """Phi / n to which training goes on, to see the whole way to the end."""
    n_signs: int = 3
    """Sign vectors for which the supremum of Lemma 5.4 is searched."""
    delta: float = 0.1
    """Failure probability in the bounds."""

    def __post_init__(self):
        if (
            self.max_steps < 1
            or not 1 <= self.n_signs <= _MONTE_CARLO
            or not 0 < self.delta < 1
            or not self.low_loss > 0
        ):
            raise ValueError(
                f"max_steps, n_signs, delta, low_loss: expected a step, 1 to {_MONTE_CARLO} sign vectors, a number in "
                f"(0, 1) and a positive one, found {self.max_steps}, {self.n_signs}, {self.delta} and {self.low_loss}"
            )


@dataclass(frozen=True)
class Cell:
    """One net, and the ball around its start in which it ends."""

    init_scale: float
    width: int
    labels: str
    seed: int

    @property
    def copies(self) -> int:
        """How often each weight vector occurs at the start: twice where kappa = 1, for u(0) = 0."""
        return 2 if self.init_scale == 1 else 1


def measure(
    cell: Cell, settings: Settings, descent: Descent, sample: data.Sample, streams: Streams, device: str
) -> xr.Dataset:
    """Train one net to convergence, and take every term of Lemma 5.4 for the smallest ball that holds it.

    Parameters
    ----------
    cell : Cell
        Scale of initialisation, width, labels and seed.
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
        Movement, test losses, and the Rademacher complexity of the ball from several sides; movement at the low loss.
    """
    y_train = data.randomise_portion(sample.y_train, PORTIONS[cell.labels], streams("labels", 0))
    y_test = data.randomise_portion(sample.y_test, PORTIONS[cell.labels], streams("test labels", 0))
    x, y = torch.tensor(sample.x_train, device=device), torch.tensor(y_train, device=device)
    x_test, n = torch.tensor(sample.x_test, device=device), len(sample.x_train)
    spectrum = eigendecompose(h_infinity(x))
    start = _start(x.shape[1], cell, streams("weights", cell.width, cell.seed), device)
    path = descent.train(start, x, y, spectrum, max_steps=settings.max_steps, x_test=x_test)
    total, neuron = path.movement.total[-1], path.movement.neurons[-1].max()
    signs = streams("signs", cell.seed).choice([-1.0, 1.0], (n, _MONTE_CARLO))
    found = {
        **losses(path.test_outputs[-1], y_test),
        "movement": total,
        "neuron_movement": neuron,
        "norm": (spectrum.project(y).square() / spectrum.eigenvalues).sum().sqrt(),
        "linear_movement": descent.linear_movement(spectrum, y),
        "steps": path.steps[-1],
        "loss": path.loss[-1] / n,
        **_further(settings, descent, path.network, start, x, y, spectrum),
        **_complexity(cell, settings, start, x.float(), torch.tensor(signs, device=device), neuron, total),
    }
    return xr.Dataset({name: float(value) for name, value in found.items()})


def _further(
    settings: Settings,
    descent: Descent,
    net: TwoLayer,
    start: TwoLayer,
    x: torch.Tensor,
    y: torch.Tensor,
    spectrum: Spectrum,
) -> dict[str, float | torch.Tensor]:
    """Train on to the low loss: the movement there, and that of frozen gates at the same loss."""
    low = replace(descent, stop_loss=settings.low_loss)
    path = low.train(net, x, y, spectrum, max_steps=settings.max_steps, x_test=x[:1])
    moved = torch.linalg.vector_norm(path.network.weights - start.weights, dim=0)
    return {
        "low_movement": torch.linalg.vector_norm(moved),
        "low_neuron_movement": moved.max(),
        "low_linear_movement": low.linear_movement(spectrum, y),
        "low_loss": path.loss[-1] / len(y),
        "low_steps": path.steps[-1],
    }


def _complexity(
    cell: Cell,
    settings: Settings,
    start: TwoLayer,
    x: torch.Tensor,
    signs: torch.Tensor,
    neuron_radius: float,
    total_radius: float,
) -> dict[str, float | torch.Tensor]:
    """Rademacher complexity of the ball: lower bounds, gates frozen, and each term of Lemma 5.4 and of its proof."""
    n = len(x)
    gram_0 = empirical_gram(x, start.weights).double()
    suprema = rademacher.linear_suprema(gram_0, signs, total_radius)
    ascended = rademacher.ascended_suprema(
        start, x, signs[:, : settings.n_signs].float(), neuron_radius=neuron_radius, total_radius=total_radius
    )
    net = {"width": cell.width, "init_scale": cell.init_scale, "delta": settings.delta, "copies": cell.copies}
    bound = bounds.lemma_5_4_rademacher(neuron_radius, total_radius, n, **net)
    reached = rademacher.inputs_in_reach(x, start.weights, neuron_radius)
    in_reach = float(reached.double().mean()) / n
    return {
        "linear": suprema.mean(),
        "linear_error": suprema.std() / _MONTE_CARLO**0.5,
        "jensen": total_radius * gram_0.diagonal().sum().sqrt() / n,
        "linear_term": bound.linear,
        "flips_term": bound.flips,
        "deviation_term": bound.deviation,
        "bound": bound.total,
        "in_reach": in_reach,
        "in_reach_bound": bounds.lemma_5_4_events(neuron_radius, **net),
        "flips_counted": 2 * neuron_radius * cell.width**0.5 * in_reach,
        "flips_capped": rademacher.flips_capped(reached, n, total_radius),
        "ascended": ascended.mean(),
        "ascended_linear": suprema[: settings.n_signs].mean(),
    }


def _start(d: int, cell: Cell, rng: np.random.Generator, device: str) -> TwoLayer:
    """Start at zero output where kappa = 1, as Theorem 5.1 wants u(0) small; the paper's start elsewhere."""
    if cell.copies == 2:
        return TwoLayer.initialise(d, cell.width // 2, rng, device=device).doubled()
    return TwoLayer.initialise(d, cell.width, rng, init_scale=cell.init_scale, device=device)
