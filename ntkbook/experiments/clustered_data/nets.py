"""What Figures 1 and 2 of Li and Liang (2018) show of a net: accuracy, flips, distance, and singular values."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
import xarray as xr

from ntkbook.diagnostics import Probe, singular_values
from ntkbook.experiments.clustered_data.training import Recipe, Task, train
from ntkbook.networks import TwoLayerClassifier
from ntkbook.streams import Streams
from ntkbook.training import SgdTrajectory

SHOWN = 60
"""Singular values kept of each matrix."""
_MEASURED = ("accuracy", "flipped", "distance", "pseudo_gap", "output", "pseudo_agree")


@dataclass(frozen=True)
class Cell:
    """One net on the data of a figure."""

    width: int
    seed: int


class Sized(Protocol):
    """What a cell tells of its net."""

    @property
    def width(self) -> int:
        """Neurons m."""
        ...

    @property
    def seed(self) -> int:
        """Of start and batches."""
        ...


def measure_nets(
    cells: Sequence[Sized], tasks: Sequence[Task], recipe: Recipe, streams: Streams, *, start_power: float = -0.5
) -> list[xr.Dataset]:
    """Train nets of one width, and measure the four panels of their figure.

    Parameters
    ----------
    cells : sequence of Cell
        Of one width, with seeds.
    tasks : sequence of Task
        The data of each.
    recipe : Recipe
        Of SGD.
    streams : Streams
        Random streams.
    start_power : float
        Standard deviation of a first-layer weight at the start, as a power of m.

    Returns
    -------
    list of xarray.Dataset
        Along the run on the probe, at the end on all test points; singular values of W(T) - W(0), W(T) and W(0).
    """
    width = cells[0].width
    trained = train(tasks, width, recipe, streams, [cell.seed for cell in cells], init_scale=width**start_power)
    return [_panels(task, start, path) for task, (start, path) in zip(tasks, trained, strict=True)]


def _panels(task: Task, start: TwoLayerClassifier, path: SgdTrajectory) -> xr.Dataset:
    last = Probe(start, task.x_test, task.classes_test)(path.network.weights)
    spectra = {
        "update": singular_values(path.network.weights, start.weights),
        "weights": singular_values(path.network.weights),
        "start": singular_values(start.weights),
    }
    return xr.Dataset(
        {name: ("step", path.observations[name]) for name in _MEASURED}
        | {f"end_{name}": last[name] for name in _MEASURED}
        | {f"spectrum_{name}": ("index", _first(values)) for name, values in spectra.items()},
        {"step": path.steps, "index": np.arange(1, SHOWN + 1)},
    )


def _first(values: torch.Tensor) -> np.ndarray:
    shown = np.zeros(SHOWN)
    shown[: min(SHOWN, len(values))] = values[:SHOWN].cpu().numpy()
    return shown
