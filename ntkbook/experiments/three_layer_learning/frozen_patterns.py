"""Sign patterns of the start put back after training, in nets of two and of three layers: sec. 4.3, footnote 12."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
import xarray as xr
from torch import Tensor

from ntkbook import data
from ntkbook.data.composite_targets import figure_1_target
from ntkbook.expect import expects
from ntkbook.kernels.finite_width import finite_tangent_kernel
from ntkbook.networks import BiasedTwoLayer, ThreeLayer
from ntkbook.streams import Streams
from ntkbook.training import RegressionSnapshot, log_grid, regression_sgd_ensemble, step_unit

TASKS = ("lazy", "F")
_N_TEST, _BATCH, _MOMENTUM = 500, 50, 0.9

Net = BiasedTwoLayer | ThreeLayer


@expects()
@dataclass(frozen=True)
class Settings:
    """What every cell receives."""

    n_train: int
    """N."""
    n_steps: int
    """Steps of SGD."""
    step: float = 0.1
    """First step size, in units of `training.step_unit`."""


@dataclass(frozen=True)
class Cell:
    """One trained net."""

    depth: int
    """2 or 3."""
    task: str
    """Of `TASKS`."""
    width: int
    """m, of both hidden layers where there are two."""
    seed: int


def target(task: str, x: np.ndarray) -> np.ndarray:
    """Targets of a task: F, or the lazy one, sqrt(24) x_1 x_2, of variance 1.

    Parameters
    ----------
    task : str
        Of `TASKS`.
    x : ndarray (n, 4)
        Unit inputs.

    Returns
    -------
    ndarray (n,)
    """
    return figure_1_target()(x) if task == "F" else 24**0.5 * x[:, 0] * x[:, 1]


def measure(cells: Sequence[Cell], settings: Settings, streams: Streams, device: str) -> list[xr.Dataset]:
    """Train nets of one depth and width side by side, and put the patterns of the start back along the way.

    Parameters
    ----------
    cells : sequence of Cell
        With one depth and one width.
    settings : Settings
        Of the part.
    streams : Streams
        Random streams.
    device : str
        Where to train.

    Returns
    -------
    list of xarray.Dataset
        Of each net, at some steps, on test inputs: `gap`, rms(frozen - f) / rms(f - f_0); `distance`, rms of the change
        of the last pre-activations over their rms at the start; `flipped`, the share of these whose sign has changed;
        and at the end `train_error`, over the variance of the targets.
    """
    starts, x, y, observers, rates = [], [], [], [], []
    for cell in cells:
        weights, widths = streams("frozen weights", cell.depth, cell.width, cell.seed), (cell.width, cell.width)
        if cell.depth == 2:
            start = BiasedTwoLayer.initialise(4, cell.width, weights, device=device)
        else:
            start = ThreeLayer.initialise(4, widths, weights, device=device)
        points = data.sphere(settings.n_train, 4, streams("frozen inputs", cell.seed))
        unseen = data.sphere(_N_TEST, 4, streams("frozen test inputs", cell.seed))
        inputs, targets, test = (
            torch.from_numpy(v).to(device, torch.float32) for v in (points, target(cell.task, points), unseen)
        )
        unit = step_unit(finite_tangent_kernel(start, inputs), _BATCH, momentum=_MOMENTUM)
        starts.append(start)
        x.append(inputs)
        y.append(targets)
        observers.append(_watch(start, test))
        rates.append(settings.step * unit)
    paths = regression_sgd_ensemble(
        starts,
        x,
        y,
        step_sizes=rates,
        batch_size=_BATCH,
        n_steps=settings.n_steps,
        rngs=[streams("frozen batches", cell.seed) for cell in cells],
        weight_decays=[0.0] * len(cells),
        momentum=_MOMENTUM,
        record_at=log_grid(settings.n_steps, per_decade=4),
        observers=observers,
    )
    return [
        xr.Dataset(
            {
                **{name: ("step", values[1:]) for name, values in path.observations.items()},  # at step 0 it is 0 / 0
                "train_error": path.train_errors[-1] / path.target_variance,
            },
            {"step": path.steps[1:]},
        )
        for path in paths
    ]


def _watch(start: Net, x: Tensor) -> Callable[[RegressionSnapshot], dict[str, Tensor]]:
    f_0, z_0 = start(x), _last_pre_activations(start, x)

    def watch(now: RegressionSnapshot) -> dict[str, Tensor]:
        net = now.network
        f, z = net(x), _last_pre_activations(net, x)
        frozen = net.frozen(x, start)  # pyright: ignore[reportArgumentType]
        return {
            "gap": (frozen - f).norm() / (f - f_0).norm(),
            "distance": (z - z_0).norm() / z_0.norm(),
            "flipped": ((z > 0) != (z_0 > 0)).double().mean(),
        }

    return watch


def _last_pre_activations(net: Net, x: Tensor) -> Tensor:
    """V'h_1 + b_2 with three layers, W'x + b with two, (n, m)."""
    if isinstance(net, ThreeLayer):
        return torch.addmm(net.second_biases, net.hidden(x)[1], net.second_weights)
    return torch.addmm(net.biases, x, net.weights)
