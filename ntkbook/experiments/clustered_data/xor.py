"""Nets on the XOR data of Li and Liang (2018), sec. 3, in the plane and lifted, with the regions that they learn."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
import xarray as xr

from ntkbook import data
from ntkbook.expect import expects
from ntkbook.experiments.clustered_data.checks import check_counts
from ntkbook.experiments.clustered_data.training import Recipe, mixture_task, train
from ntkbook.streams import Streams

DISCS = {"planar": (0.05, False), "lifted, 0.05": (0.05, True), "lifted, 0.02": (0.02, True)}
"""Radius, and whether lifted."""
_AXIS = np.linspace(-0.5, 2.5, 121)


@expects()
@dataclass(frozen=True)
class Settings:
    """What every cell receives."""

    width: int
    """Neurons m."""
    recipe: Recipe
    """Of SGD."""
    n_points: int = 1000
    """Training points, and as many for testing."""

    def __post_init__(self):
        check_counts(width=self.width, n_points=self.n_points)


@dataclass(frozen=True)
class Cell:
    """One net on one of the data sets."""

    discs: str
    seed: int


def mixture(discs: str) -> data.Mixture:
    """XOR data by name.

    Parameters
    ----------
    discs : str
        One of `DISCS`.

    Returns
    -------
    Mixture
    """
    radius, lifted = DISCS[discs]
    return data.xor_mixture(radius=radius, lifted=lifted)


def measure(cells: Sequence[Cell], settings: Settings, streams: Streams, device: str) -> list[xr.Dataset]:
    """Train nets on one of the data sets.

    Parameters
    ----------
    cells : sequence of Cell
        On the same discs, with seeds.
    settings : Settings
        Of the part.
    streams : Streams
        Random streams.
    device : str
        Where to train.

    Returns
    -------
    list of xarray.Dataset
        Test accuracy, of all and of each component, and the class that the net assigns to the points of the plane.
    """
    discs, n = mixture(cells[0].discs), settings.n_points
    tasks = [mixture_task(discs, cell.seed, streams, device, n_points=n, n_probe=n) for cell in cells]
    trained = train(tasks, settings.width, settings.recipe, streams, [cell.seed for cell in cells])
    plane = np.stack(np.meshgrid(_AXIS, _AXIS, indexing="xy"), axis=-1).reshape(-1, 2)
    points = np.column_stack([plane, np.ones(len(plane))]) if discs.lifted else plane
    shown = torch.tensor(points, dtype=torch.float32, device=device)  # a positive factor would change nothing
    found = []
    for cell, task, (_, path) in zip(cells, tasks, trained, strict=True):
        components = discs.draw(n, streams("test", cell.seed)).components  # of the test points of the task
        right = (path.network(task.x_test).argmax(1) == task.classes_test).cpu().numpy()
        region = path.network(shown).argmax(1).cpu().numpy().reshape(len(_AXIS), len(_AXIS)).astype(np.float64)
        found.append(
            xr.Dataset(
                {
                    "accuracy": float(right.mean()),
                    "component_accuracy": ("component", [right[components == i].mean() for i in range(4)]),
                    "region": (("y", "x"), region),
                },
                {"component": range(4), "x": _AXIS, "y": _AXIS},
            )
        )
    return found
