"""Gradient and pseudo-gradient of every neuron along a run in setting (S): Li and Liang (2018), Lemmas 5.1 and 5.2."""

from dataclasses import dataclass

import numpy as np
import torch
import xarray as xr

from ntkbook.bounds import li2018 as bounds
from ntkbook.diagnostics import neuron_norms, neuron_pulls
from ntkbook.expect import expects
from ntkbook.experiments.clustered_data import simple
from ntkbook.losses import softmax_cross_entropy_derivative
from ntkbook.streams import Streams
from ntkbook.training import SgdSnapshot, log_grid, sgd

QUANTILES = np.linspace(0, 1, 101)
"""At which the distribution over neurons is kept."""
_COUPLED = 1e-12  # relative difference of two gradients that are equal but for rounding


@expects()
@dataclass(frozen=True)
class Pace:
    """How fast, and for how long."""

    rate: float
    """m eta."""
    n_steps: int
    """Steps, each with all points."""


SLOW = Pace(rate=0.01, n_steps=100)
"""So slow that Lemma 5.1 is not vacuous."""
PAPER = Pace(rate=10.0, n_steps=400)
"""The paper's step size and number of steps."""


@dataclass(frozen=True)
class Cell:
    """One run."""

    seed: int


def measure(cell: Cell, settings: simple.Settings, pace: Pace, streams: Streams, device: str) -> xr.Dataset:
    """Run full-batch gradient descent, and compare the two gradients of every neuron.

    Parameters
    ----------
    cell : Cell
        The seed.
    settings : simple.Settings
        Of setting (S).
    pace : Pace
        Slow, or the paper's.
    streams : Streams
        Random streams.
    device : str
        Where to train.

    Returns
    -------
    xarray.Dataset
        By step: share of coupled neurons and its bound, sizes of pseudo-gradients, errors. At the end: quantiles over
        neurons of the relative difference of the two gradients.
    """
    k, parts, m = settings.clusters.n_classes, settings.clusters.n_components, settings.width
    start = simple.start(settings, cell.seed, streams, device)
    classes, delta, products, gates_0 = start.classes, start.delta, start.products, start.gates
    outer = start.net.output_weights
    differences = []

    def observe(now: SgdSnapshot) -> dict[str, float]:
        p = now.preactivations
        outputs = p.clamp(min=0) @ outer.T
        pseudo = neuron_pulls(outputs, classes, outer, gates_0)
        size = neuron_norms(products, pseudo)
        difference = neuron_norms(products, neuron_pulls(outputs, classes, outer, p >= 0) - pseudo)
        # A neuron that is off everywhere at the start has the pseudo-gradient 0; once on, it differs without end.
        relative = torch.where(difference == 0, 0.0, difference / size.clamp(min=1e-300))
        differences.append(relative.clamp(max=1e3))
        v = -float(softmax_cross_entropy_derivative(outputs, classes).min()) / len(classes)  # max p_ab (1 - o_a(x_ab))
        return simple.large(size, v, delta, k, parts) | {
            "coupled": float((relative <= _COUPLED).double().mean()),
            "v": v,
            "accuracy": float((outputs.argmax(1) == classes).double().mean()),
        }

    path = sgd(
        start.net,
        start.x,
        classes,
        step_size=pace.rate / m,
        batch_size=len(classes),
        n_steps=pace.n_steps,
        rng=streams("batches (S)", cell.seed),
        record_at=log_grid(pace.n_steps, 8),
        observe=observe,
        space="preactivations",
    )
    bound = [bounds.lemma_5_1_coupled(pace.rate / m, int(t), k, parts, m**-0.5) for t in path.steps]
    last = torch.quantile(differences[-1], torch.tensor(QUANTILES, device=device)).cpu().numpy()
    return xr.Dataset(
        {name: ("step", values) for name, values in path.observations.items()}
        | {"bound": ("step", bound), "difference": ("quantile", last), "delta": delta},
        {"step": path.steps, "quantile": QUANTILES},
    )
