"""Nets on MNIST: Figure 2 of Li and Liang (2018), for two scales of the start and two of the images."""

from collections.abc import Sequence
from dataclasses import dataclass

import xarray as xr

from ntkbook import data
from ntkbook.experiments.clustered_data.nets import measure_nets
from ntkbook.experiments.clustered_data.training import Recipe, Task, tensors
from ntkbook.streams import Streams

STARTS = {"(A3)": -0.5, "section 7": -0.25}
"""Standard deviation of a first-layer weight, as a power of m: assumption (A3), and N(0, 1/sqrt(m)) of section 7."""
INPUTS = {"norm 1": True, "pixels": False}
"""Scale of the images, which the paper does not give: whether they have norm 1, or else are pixels over sqrt(d)."""


@dataclass(frozen=True)
class Cell:
    """One net on images, under one reading of the experiment."""

    start: str
    inputs: str
    width: int
    seed: int


def measure(
    cells: Sequence[Cell], recipe: Recipe, images: data.Sample, streams: Streams, device: str
) -> list[xr.Dataset]:
    """Train nets of one width under one reading; the images are the same for every seed, start and batches differ.

    Parameters
    ----------
    cells : sequence of Cell
        Alike but for their seeds.
    recipe : Recipe
        Of SGD.
    images : Sample
        Of ten classes, scaled as the cells say.
    streams : Streams
        Random streams.
    device : str
        Where to train.

    Returns
    -------
    list of xarray.Dataset
        See `measure_nets`; all test images are looked at along a run.
    """
    points = *tensors(images.x_train, images.y_train, device), *tensors(images.x_test, images.y_test, device)
    task = Task(*points, n_classes=10, n_probe=len(images.x_test))
    return measure_nets(cells, [task] * len(cells), recipe, streams, start_power=STARTS[cells[0].start])
