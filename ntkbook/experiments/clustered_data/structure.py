"""Nets on mixtures of less or more structure, or of another dimension: Li and Liang (2018), secs. 4 and 6."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace

import numpy as np
import xarray as xr

from ntkbook import data
from ntkbook.diagnostics import Probe, singular_values
from ntkbook.expect import expects
from ntkbook.experiments.clustered_data.checks import check_counts, check_increasing
from ntkbook.experiments.clustered_data.clusters import MIXTURES, Clusters, mixture
from ntkbook.experiments.clustered_data.training import FIRST_PASS, Recipe, Task, mixture_task, train
from ntkbook.networks import TwoLayerClassifier
from ntkbook.streams import Streams
from ntkbook.training import SgdTrajectory

VARIED = {"noise": "sigma", "classes": "n_classes", "components": "n_components", "dimension": "dim"}
"""Groups of the record, and what is varied in each."""


@expects()
@dataclass(frozen=True)
class Settings:
    """What every cell receives."""

    width: int
    """Neurons m."""
    n_points: int = 1000
    """Training points, and as many for testing."""
    n_probe: int = 128
    """Test points that are looked at along a run."""
    recipe: Recipe = field(default_factory=lambda: Recipe(first=FIRST_PASS))
    """Of SGD."""

    def __post_init__(self):
        check_counts(width=self.width, n_points=self.n_points, n_probe=self.n_probe)


@dataclass(frozen=True)
class Cell:
    """One net on a mixture."""

    mixture: str
    sigma: float
    n_classes: int
    n_components: int
    dim: int
    seed: int


@expects()
@dataclass(frozen=True)
class Grid:
    """What is varied, one property at a time, around the paper's mixture with sigma = 1."""

    sigmas: tuple[float, ...]
    """Scales of the noise, increasing; so are the next three."""
    ks: tuple[int, ...]
    """Numbers of classes."""
    ls: tuple[int, ...]
    """Numbers of components in a class."""
    dims: tuple[int, ...]
    """Dimensions, each at least k l."""
    base: Clusters = field(default_factory=Clusters)
    """Sizes where they are not varied."""

    def __post_init__(self):
        check_increasing(sigmas=self.sigmas, ks=self.ks, ls=self.ls, dims=self.dims)
        count = max(self.ks[-1] * self.base.n_components, self.base.n_classes * self.ls[-1])
        if self.dims[0] < self.base.count or self.base.dim < 2 * count:
            raise ValueError(
                f"dims, base: expected dimensions of at least k l = {self.base.count}, and where k and l are varied "
                f"at least twice the largest k l, {2 * count}; found {self.dims} and {self.base.dim}"
            )

    def cells(self, group: str, seeds: Sequence[int]) -> list[Cell]:
        """Cells of one group of the record.

        Parameters
        ----------
        group : str
            One of `VARIED`.
        seeds : sequence of int
            Repetitions.

        Returns
        -------
        list of Cell
        """
        paper = Cell("Gaussian", 1.0, self.base.n_classes, self.base.n_components, self.base.dim, seed=0)
        values = {"noise": self.sigmas, "classes": self.ks, "components": self.ls, "dimension": self.dims}[group]
        return [
            replace(paper, mixture=mixture, seed=seed, **{VARIED[group]: value})
            for mixture in (MIXTURES if group == "dimension" else MIXTURES[:1])
            for value in values
            for seed in seeds
        ]


def fixed(group: str) -> list[str]:
    """Fields of a cell that are the same throughout a group.

    Parameters
    ----------
    group : str
        One of `VARIED`.

    Returns
    -------
    list of str
    """
    varied = {VARIED[group], "seed"} | ({"mixture"} if group == "dimension" else set())
    return [cell.name for cell in fields(Cell) if cell.name not in varied]


def measure(cells: Sequence[Cell], settings: Settings, streams: Streams, device: str) -> list[xr.Dataset]:
    """Train nets on mixtures that differ in their seeds alone.

    Parameters
    ----------
    cells : sequence of Cell
        Alike but for their seeds.
    settings : Settings
        Of the part.
    streams : Streams
        Random streams.
    device : str
        Where to train.

    Returns
    -------
    list of xarray.Dataset
        Accuracy, distance and flips, along the run on the probe and at the end on all test points; the gap after
        singular value k l of the update, and after which of the first 3/2 k l it is widest.
    """
    sizes = {"n_points": settings.n_points, "n_probe": settings.n_probe}
    tasks = [
        mixture_task(_mixture(cell, streams("means", cell.seed)), cell.seed, streams, device, **sizes) for cell in cells
    ]
    trained = train(tasks, settings.width, settings.recipe, streams, [cell.seed for cell in cells])
    count = cells[0].n_classes * cells[0].n_components
    return [_measured(task, start, path, count) for task, (start, path) in zip(tasks, trained, strict=True)]


def _mixture(cell: Cell, rng: np.random.Generator) -> data.Mixture:
    return mixture(cell.mixture, cell.n_classes, cell.n_components, cell.dim, rng, sigma=cell.sigma)


def _measured(task: Task, start: TwoLayerClassifier, path: SgdTrajectory, count: int) -> xr.Dataset:
    last = Probe(start, task.x_test, task.classes_test)(path.network.weights)
    values = singular_values(path.network.weights, start.weights).cpu().numpy()
    ratios = values[: 3 * count // 2] / values[1 : 3 * count // 2 + 1]  # s_j / s_j+1
    names = ("accuracy", "distance", "flipped")
    return xr.Dataset(
        {name: ("step", path.observations[name]) for name in names}
        | {f"end_{name}": last[name] for name in names}
        | {
            "components": float(count),
            "gap": float(ratios[count - 1]),
            "widest_gap": float(1 + np.argmax(ratios)),
        },
        {"step": path.steps},
    )
