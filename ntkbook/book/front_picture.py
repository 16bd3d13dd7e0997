"""The picture of the front page: three label vectors of the same images, trained and predicted, for light and dark."""

import io
from pathlib import Path

import matplotlib.pyplot as plt
import xarray as xr
from matplotlib.figure import Figure

from ntkbook import records
from ntkbook.book.pictures import darkened
from ntkbook.experiments.problem import LABELS
from ntkbook.figures.palette import AMBERS, BLUES, PURPLE
from ntkbook.figures.style import MARKERS, NAMES, use_style

INKS = {"true": BLUES[2], "random": AMBERS[1], "worst": PURPLE}
"""Kind of labels -> colour of its curve and of its name, which as text must stand out more than a mark."""
PLACES = {"true": (1.2, 0.17), "random": (1.2, 0.29), "worst": (1250, 0.455)}
"""Where the names of the curves stand, between them: step and loss."""
RECORD = "million_steps-laptop.nc"
"""The recorded run that is drawn: small enough to have been trained to the end of the axis."""


def front_picture(record: xr.DataTree) -> Figure:
    """Draw the loss against steps for true, random and worst-case labels of MNIST, beside what the kernel predicts.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `million_steps`.

    Returns
    -------
    Figure
        Without a ground of its own; every line is named beside it.
    """
    runs = records.part(record, "runs").sel(data="mnist").isel(seed=0)
    figure, axes = plt.subplots(figsize=(5.4, 2.7))
    for kind in LABELS:
        run = runs.sel(labels=kind).where(runs.step > 0, drop=True)
        trained = run.where(run.measured, drop=True)
        axes.plot(trained.step, trained.loss, color=INKS[kind], marker=MARKERS[kind], ms=4)
        axes.plot(run.step, run.predicted**2 / 2, "--", color=INKS[kind], lw=1.3)
        axes.annotate(NAMES[kind], PLACES[kind], color=INKS[kind], fontsize=12)
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
    drawn = io.StringIO()
    figure = front_picture(records.load(records.RESULTS / RECORD))
    figure.savefig(drawn, format="svg", metadata={"Date": None}, transparent=True)
    (folder / "front-light.svg").write_text(drawn.getvalue(), "utf-8")
    (folder / "front-dark.svg").write_text(darkened(drawn.getvalue()), "utf-8")
