"""Nets on MNIST: Figure 2 of Li and Liang (2018), at one step size."""

from collections.abc import Sequence

import xarray as xr

from ntkbook import data
from ntkbook.experiments.clustered_data.nets import Cell, measure_nets
from ntkbook.experiments.clustered_data.training import Recipe, Task, tensors
from ntkbook.streams import Streams


def measure(
    cells: Sequence[Cell], recipe: Recipe, images: data.Sample, streams: Streams, device: str
) -> list[xr.Dataset]:
    """Train nets of one width; the images are the same for every seed, start and batches differ.

    Parameters
    ----------
    cells : sequence of Cell
        Of one width, with seeds.
    recipe : Recipe
        Of SGD.
    images : Sample
        Of ten classes.
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
    return measure_nets(cells, [task] * len(cells), recipe, streams)
