"""Figures of the chapter on clustered data, from a record alone: Figure 2 of Li and Liang (2018), read in two ways."""

import matplotlib.pyplot as plt
import xarray as xr
from matplotlib.figure import Figure

from ntkbook.experiments.clustered_data.claims_distance import components
from ntkbook.experiments.clustered_data.figures import four_panels
from ntkbook.experiments.clustered_data.images import STARTS
from ntkbook.experiments.experiment import settings
from ntkbook.figures.style import stamp
from ntkbook.records import part


def two_starts(record: xr.DataTree) -> Figure:
    """Figure 2 of Li and Liang (2018), images as pixels over sqrt(d), with either start side by side.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `clustered_data`.

    Returns
    -------
    Figure
        Mean over seeds, band of one standard deviation. Rows share their vertical axis.
    """
    return _side_by_side(record, "pixels")


def two_starts_of_norm_one(record: xr.DataTree) -> Figure:
    """As `two_starts`, with images of norm 1.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `clustered_data`.

    Returns
    -------
    Figure
    """
    return _side_by_side(record, "norm 1")


def _side_by_side(record: xr.DataTree, inputs: str) -> Figure:
    figure, grid = plt.subplots(4, 2, figsize=(5.4, 9.2), sharey="row", squeeze=False)
    images = part(record, "images").sel(inputs=inputs)
    for column, start in enumerate(STARTS):
        four_panels(list(grid[:, column]), images.sel(start=start), components(record))
        for axes in grid[:, column]:
            axes.set_ylabel(axes.get_ylabel() if column == 0 else f"{start}", visible=column == 0)
        grid[0, column].annotate(start, (0.5, 1.02), xycoords="axes fraction", ha="center", va="bottom", fontsize=11)
    for axes in grid[2]:
        axes.set_yscale("log")  # the distances of the two starts are a factor m^(1/4) and more apart
        axes.autoscale(axis="y")
    handles, names = grid[0, 0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside upper center", ncols=2, columnspacing=1.0, handlelength=1.5)
    return stamp(figure, record, "images", seeds=images.sizes["seed"], data=[settings(record)["images"]])
