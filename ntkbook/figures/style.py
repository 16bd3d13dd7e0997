"""The book's look: one palette, one colour for a concept; figures are drawn once, for light, dark and phone."""

from collections.abc import Sequence
from typing import Any

import matplotlib
import matplotlib.pyplot as plt
import seaborn as sns
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ntkbook.figures.palette import AMBERS, BLUES, GROUND, GUIDE, PREDICTION, PURPLE

COLOURS = {
    "true": BLUES[2],
    "random": AMBERS[0],
    "worst": PURPLE,
    "theory": PREDICTION,
    "bound": GUIDE,
    "mnist": BLUES[2],
    "cifar10": AMBERS[0],
    "digits": PURPLE,
}
"""Colours that stay apart for colour-blind readers, by concept."""

NAMES = {
    "true": "true labels",
    "random": "random labels",
    "worst": "worst-case labels",
    "mnist": "MNIST",
    "cifar10": "CIFAR-10",
    "digits": "digits",
}
"""What a legend calls them."""

DOTS: dict[str, Any] = {"marker": "o", "ms": 4, "color": PREDICTION, "mec": GROUND, "mew": 0.7}
"""Single seeds on a bar: dots that are seen on any colour."""

MARKERS = {"true": "o", "random": "s", "worst": "^", "mnist": "o", "cifar10": "s", "digits": "^"}
"""Markers, so that colour is never the only difference."""


def use_style() -> None:
    """Set the book's matplotlib style, and SVG output inside a notebook.

    Call once at the top of a chapter. Figures are 5.4 inches wide or less, with type that is still legible on a phone.
    """
    sns.set_theme(
        context="notebook",
        style="ticks",
        rc={
            "figure.constrained_layout.use": True,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.labelsize": 12,
            "axes.titlesize": 12,
            "legend.fontsize": 11,
            "legend.frameon": False,
            "xtick.labelsize": 11,
            "ytick.labelsize": 11,
            "lines.linewidth": 1.8,
            "lines.markersize": 5,
            "font.sans-serif": ["DejaVu Sans"],  # comes with matplotlib: the same layout everywhere
            "mathtext.fontset": "dejavusans",
            "svg.fonttype": "none",  # text that can be selected and found
            "svg.hashsalt": "ntkbook",
        },
    )
    if "inline" in matplotlib.get_backend():
        from matplotlib_inline.backend_inline import set_matplotlib_formats

        set_matplotlib_formats("svg", metadata={"Date": None}, pad_inches=0.02)


def panels(rows: int, height: float = 3.0) -> tuple[Figure, list[Axes]]:
    """Make a figure of panels one above the other, each as wide as a phone can show.

    Parameters
    ----------
    rows : int
        Number of panels.
    height : float
        Of one panel, in inches.

    Returns
    -------
    tuple of Figure and list of Axes
    """
    figure, axes = plt.subplots(rows, 1, figsize=(5.4, height * rows), squeeze=False)
    return figure, list(axes[:, 0])


def stamp(figure: Figure, record: xr.DataTree, *parts: str, seeds: int, data: Sequence[str] | None = None) -> Figure:
    """Print profile, seeds and data sources under a figure, and return it.

    On a page of the book the stamp moves into the lines under the figure, which lead to the numbers
    (`ntkbook.book.pictures`): its name in the SVG tells them which.

    Parameters
    ----------
    figure : Figure
        Finished but for the stamp.
    record : xarray.DataTree
        What was drawn.
    *parts : str
        Names of the parts of the record that were drawn.
    seeds : int
        Number of initialisations behind each point or curve.
    data : sequence of str, optional
        Names of the data shown; when left out, all the record has.

    Returns
    -------
    Figure
    """
    sources, names = record.attrs["data"].split("; "), record.attrs["data_names"].split("; ")
    shown = [source for name, source in zip(names, sources, strict=True) if data is None or name in data]
    runs = f"{seeds} seed" + ("s" if seeds != 1 else "")
    text = "\n".join([f"profile {record.attrs['profile']}, {runs}", *shown])
    label = figure.supxlabel(text, fontsize=8, color=COLOURS["bound"], x=0.99, ha="right")
    label.set_gid(":".join(["stamp", *(record.attrs[key] for key in ("experiment", "profile", "commit")), *parts]))
    plt.close(figure)  # a notebook shows the returned figure, once
    return figure


def slope_guide(axes: Axes, x: tuple[float, float], y: float, slope: float, label: str) -> None:
    """Draw a dotted line of a given slope on log-log axes.

    Parameters
    ----------
    axes : Axes
        With logarithmic scales.
    x : tuple of float
        Ends of the line.
    y : float
        Its height at the left end.
    slope : float
        Exponent.
    label : str
        For the legend.
    """
    axes.plot(x, [y, y * (x[1] / x[0]) ** slope], ":", color=COLOURS["bound"], label=label)
