"""True and arbitrary labels of the same points: Li and Liang (2018), sec. 4."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import torch
import xarray as xr

from ntkbook.diagnostics import Probe
from ntkbook.expect import expects
from ntkbook.experiments.clustered_data.checks import check_counts
from ntkbook.experiments.clustered_data.clusters import Clusters
from ntkbook.experiments.clustered_data.training import Recipe, Task, mixture_task, train
from ntkbook.networks import TwoLayerClassifier
from ntkbook.streams import Streams
from ntkbook.training import SgdTrajectory

LABELS = ("true", "random")


@expects()
@dataclass(frozen=True)
class Settings:
    """What every cell receives."""

    width: int
    """Neurons m."""
    recipe: Recipe
    """Of SGD; random labels take thousands of steps."""
    clusters: Clusters = field(default_factory=Clusters)
    """Sizes of the mixture."""
    n_points: int = 1000
    """Training points, and as many for testing."""
    n_probe: int = 128
    """Training points that are looked at along a run."""

    def __post_init__(self):
        check_counts(width=self.width, n_points=self.n_points, n_probe=self.n_probe)


@dataclass(frozen=True)
class Cell:
    """One net on true or random labels."""

    labels: str
    seed: int


def measure(cells: Sequence[Cell], settings: Settings, streams: Streams, device: str) -> list[xr.Dataset]:
    """Train nets on true or arbitrary labels, probed on their training points.

    Parameters
    ----------
    cells : sequence of Cell
        With either labels, and seeds.
    settings : Settings
        Of the part.
    streams : Streams
        Random streams.
    device : str
        Where to train.

    Returns
    -------
    list of xarray.Dataset
        Share of the training points that is fitted, distance and flips, along the run on the probe and at the end on
        all; accuracy on new points.
    """
    sizes, tasks = {"n_points": settings.n_points, "n_probe": settings.n_probe}, []
    for cell in cells:
        mixture = settings.clusters.mixture(streams("means", cell.seed))
        task = mixture_task(mixture, cell.seed, streams, device, **sizes)
        if cell.labels == "random":
            drawn = streams("labels", cell.seed).integers(settings.clusters.n_classes, size=settings.n_points)
            task = replace(task, classes=torch.tensor(drawn, device=device))
        tasks.append(task)
    seen = [replace(task, x_test=task.x, classes_test=task.classes) for task in tasks]
    trained = train(seen, settings.width, settings.recipe, streams, [cell.seed for cell in cells])
    return [_measured(task, start, path) for task, (start, path) in zip(tasks, trained, strict=True)]


def _measured(task: Task, start: TwoLayerClassifier, path: SgdTrajectory) -> xr.Dataset:
    fitted = Probe(start, task.x, task.classes)(path.network.weights)
    fresh = Probe(start, task.x_test, task.classes_test)(path.network.weights)
    names = {"fitted": "accuracy", "distance": "distance", "flipped": "flipped"}
    return xr.Dataset(
        {new: ("step", path.observations[name]) for new, name in names.items()}
        | {f"end_{new}": fitted[name] for new, name in names.items()}
        | {"end_accuracy": fresh["accuracy"]},
        {"step": path.steps},
    )
