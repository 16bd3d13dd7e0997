"""SGD on linear learners beside the minimum that it is after: which of them it reaches, and which it starves."""

from dataclasses import dataclass

import numpy as np
import torch
import xarray as xr

from ntkbook.expect import expects
from ntkbook.experiments.three_layer_learning import linear
from ntkbook.experiments.three_layer_learning.learners import BATCH_SIZE, MOMENTUM
from ntkbook.experiments.three_layer_learning.nets import fresh
from ntkbook.experiments.three_layer_learning.targets import target, task
from ntkbook.kernel_ridge import kernel_ridge
from ntkbook.spectrum import eigendecompose
from ntkbook.streams import Streams
from ntkbook.training import linearised_sgd, step_unit
from ntkbook.tuning import RIDGE

STEPS = (1.0, 1.8)
"""Step sizes in units of `step_unit`; 2 is where SGD stops being stable."""


@expects()
@dataclass(frozen=True)
class Settings:
    """Of runs of SGD."""

    width: int
    """m."""
    epochs: tuple[int, ...]
    """How long SGD runs, each with its own decay of the steps."""


@dataclass(frozen=True)
class Cell:
    """A linear learner on a sample."""

    learner: str
    seed: int


def measure(cell: Cell, n: int, settings: Settings, n_trials: int, streams: Streams, device: str) -> xr.Dataset:
    """SGD and closed form with one and the same ridge, the tuned one.

    Parameters
    ----------
    cell : Cell
        Learner and sample.
    n : int
        Sample size.
    settings : Settings
        Width, epochs.
    n_trials : int
        Ridges tried.
    streams : Streams
        Of data, starts and batches.
    device : str
        Where to compute.

    Returns
    -------
    xarray.Dataset (epochs, step)
        sgd_error, sgd_train_error and gap, the root mean square of SGD's outputs less those of the closed form, on
        fresh points; infinite where SGD diverged. Also ridge_error, condition, lambda_max / ridge.
    """
    m = settings.width
    found = linear.Cell(cell.learner, "composed", m, n, cell.seed)
    contest, _ = linear.tuned_ridge(found, n_trials, streams, device)
    x, y = (torch.from_numpy(values).to(device) for values in task("composed", n, cell.seed, streams).train)
    kernel = linear.kernel_of(cell.learner, m, cell.seed, streams, device)
    gram, z = kernel(x, None), fresh(cell.seed, streams)
    gram = (gram + gram.T) / 2
    cross, labels = kernel(torch.from_numpy(z).to(device), x), torch.from_numpy(target("composed")(z)).to(device)
    spectrum = eigendecompose(gram)
    relative = contest.choices[cell.learner].settings[RIDGE]
    ridge = relative * spectrum.lambda_max
    optimum = kernel_ridge(spectrum, y, torch.tensor([ridge], dtype=torch.float64, device=device)).predict(cross)[:, 0]
    unit = step_unit(gram, BATCH_SIZE, momentum=MOMENTUM)
    shape = len(settings.epochs), len(STEPS)
    error, train, gap = (np.full(shape, np.inf) for _ in range(3))
    for i, epochs in enumerate(settings.epochs):
        for j, step in enumerate(STEPS):
            try:
                path = linearised_sgd(
                    gram,
                    y,
                    step_size=step * unit,
                    weight_decay=ridge / n,
                    batch_size=BATCH_SIZE,
                    n_steps=epochs * n // BATCH_SIZE,
                    momentum=MOMENTUM,
                    rng=streams("batches", m, cell.seed),
                    record_at=(),
                )
            except FloatingPointError:
                continue
            outputs = cross @ path.coefficients
            error[i, j], gap[i, j] = _mean_square(outputs - labels), _mean_square(outputs - optimum) ** 0.5
            train[i, j] = path.train_errors[-1]
    over = ("epochs", "step")
    return xr.Dataset(
        {
            "sgd_error": (over, error),
            "sgd_train_error": (over, train),
            "gap": (over, gap),
            "ridge_error": ((), _mean_square(optimum - labels)),
            "condition": ((), 1 / relative),
        },
        {"epochs": list(settings.epochs), "step": list(STEPS)},
    )


def _mean_square(values: torch.Tensor) -> float:
    return float(values.square().mean())
