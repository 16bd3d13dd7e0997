"""The picture of the front page: three label vectors of the same images, trained and predicted, for light and dark."""

from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import xarray as xr
from matplotlib.figure import Figure

from ntkbook import records
from ntkbook.experiments.problem import LABELS
from ntkbook.figures.style import MARKERS, NAMES, use_style

INKS = {
    "light": {"text": "#222222", "true": "#0072B2", "random": "#A05A00", "worst": "#A64D8F"},
    "dark": {"text": "#D8DEE4", "true": "#56B4E9", "random": "#F0A830", "worst": "#E08CC8"},
}
"""Mode of the page -> colours of words and of the three kinds of labels, as in the chapters."""
PLACES = {"true": (1.2, 0.17), "random": (1.2, 0.29), "worst": (800, 0.44)}
"""Where the names of the curves stand, between them: step and loss."""
RECORD = "million_steps-laptop.nc"
"""The recorded run that is drawn: small enough to have been trained to the end of the axis."""


def front_picture(record: xr.DataTree, mode: str) -> Figure:
    """Draw the loss against steps for true, random and worst-case labels of MNIST, beside what the kernel predicts.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `million_steps`.
    mode : str
        "light" or "dark".

    Returns
    -------
    Figure
        Without a ground of its own; every line is named beside it.
    """
    inks = INKS[mode]
    runs = records.part(record, "runs").sel(data="mnist").isel(seed=0)
    painted: dict[Any, str] = dict.fromkeys(("text.color", "axes.labelcolor", "axes.edgecolor"), inks["text"])
    painted |= {f"{axis}tick.{part}": inks["text"] for axis in "xy" for part in ("color", "labelcolor")}
    with plt.rc_context(painted):
        figure, axes = plt.subplots(figsize=(5.4, 2.7), facecolor="none")
        axes.set_facecolor("none")
        for kind in LABELS:
            run = runs.sel(labels=kind).where(runs.step > 0, drop=True)
            trained = run.where(run.measured, drop=True)
            axes.plot(trained.step, trained.loss, color=inks[kind], marker=MARKERS[kind], ms=4)
            axes.plot(run.step, run.predicted**2 / 2, "--", color=inks[kind], lw=1.3)
            axes.annotate(NAMES[kind], PLACES[kind], color=inks[kind], fontsize=12)
        axes.set(xscale="log", ylim=(0, 0.52), xlabel="steps of gradient descent", ylabel="training loss")
    plt.close(figure)
    return figure


def write_pictures(folder: Path) -> None:
    """Write ``front-light.svg`` and ``front-dark.svg`` from the recorded run.

    Parameters
    ----------
    folder : path
        Where to.
    """
    use_style()
    record = records.load(records.RESULTS / RECORD)
    with plt.rc_context({"svg.fonttype": "none"}):
        for mode in INKS:
            front_picture(record, mode).savefig(folder / f"front-{mode}.svg", metadata={"Date": None}, transparent=True)
