"""Nets of several widths on a mixture: Figure 1 of Li and Liang (2018), and the same inside the theorem."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import xarray as xr

from ntkbook.expect import expects
from ntkbook.experiments.clustered_data.checks import check_counts
from ntkbook.experiments.clustered_data.clusters import Clusters
from ntkbook.experiments.clustered_data.nets import Cell, measure_nets
from ntkbook.experiments.clustered_data.training import FIRST_PASS, Recipe, mixture_task
from ntkbook.streams import Streams


@expects()
@dataclass(frozen=True)
class Settings:
    """What every cell receives."""

    clusters: Clusters = field(default_factory=Clusters)
    """Sizes of the mixture."""
    n_points: int = 1000
    """Training points, and as many for testing."""
    n_probe: int = 128
    """Test points that are looked at along a run."""
    recipe: Recipe = field(default_factory=lambda: Recipe(first=FIRST_PASS))
    """Of SGD."""
    mixture: str = "Gaussian"
    """One of `MIXTURES`: the paper's, or the one that meets (A1) and (A2)."""

    def __post_init__(self):
        check_counts(n_points=self.n_points, n_probe=self.n_probe)


def measure(cells: Sequence[Cell], settings: Settings, streams: Streams, device: str) -> list[xr.Dataset]:
    """Train nets of one width; data and batches are the same at every width.

    Parameters
    ----------
    cells : sequence of Cell
        Of one width, with seeds.
    settings : Settings
        Of the part.
    streams : Streams
        Random streams.
    device : str
        Where to train.

    Returns
    -------
    list of xarray.Dataset
        See `measure_nets`.
    """
    sizes = {"n_points": settings.n_points, "n_probe": settings.n_probe}
    tasks = [
        mixture_task(
            settings.clusters.mixture(streams("means", cell.seed), settings.mixture),
            cell.seed,
            streams,
            device,
            **sizes,
        )
        for cell in cells
    ]
    return measure_nets(cells, tasks, settings.recipe, streams)
