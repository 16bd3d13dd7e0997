"""Figure of the command `ntkbook complexity`: a spectrum, and two kinds of labels in it."""

import matplotlib.pyplot as plt
import xarray as xr
from matplotlib.figure import Figure

from ntkbook.figures.style import COLOURS, panels


def spectrum_and_labels(record: xr.Dataset) -> Figure:
    """Eigenvalues; projections of true and shuffled labels; the running share of |y|^2.

    Parameters
    ----------
    record : xarray.Dataset
        `eigenvalue`, `projection` and `shuffled_projection` (index,), index from 1; `attrs["data"]` names the data.

    Returns
    -------
    Figure
    """
    figure, (top, middle, bottom) = panels(3, 2.4)
    top.plot(record.index, record.eigenvalue, color=COLOURS["theory"])
    top.set(yscale="log", ylabel=r"eigenvalue $\lambda_i$")
    kinds = (
        ("shuffled labels", record.shuffled_projection, COLOURS["random"], "s"),
        ("true labels", record.projection, COLOURS["true"], "o"),
    )
    many = record.sizes["index"] > 2000
    for name, projection, colour, marker in kinds:
        middle.plot(record.index, projection, marker, ms=3, color=colour, label=name, rasterized=many)
        bottom.plot(record.index, (projection**2).cumsum() / (projection**2).sum(), color=colour, label=name)
    middle.set(ylabel=r"projection $|v_i^\top y|$")
    middle.legend(markerscale=2)
    bottom.plot(record.index, record.index / record.sizes["index"], ":", color=COLOURS["bound"], label="flat")
    bottom.set(ylim=(0, 1.02), ylabel=r"share of $|y|^2$ up to $i$", xlabel="index $i$")
    bottom.legend()
    for axes in (top, middle, bottom):
        axes.set(xscale="log", xlim=(0.8, record.sizes["index"] * 1.25))
    figure.supxlabel(record.attrs["data"], fontsize=8, color=COLOURS["bound"], x=0.99, ha="right")
    plt.close(figure)
    return figure
