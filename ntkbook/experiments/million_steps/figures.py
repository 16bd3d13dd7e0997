"""Figures of the chapter on a million steps, from a record alone."""

import xarray as xr
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import NullFormatter

from ntkbook.experiments.experiment import settings
from ntkbook.experiments.problem import LABELS
from ntkbook.figures.style import COLOURS, MARKERS, NAMES, panels, stamp
from ntkbook.records import part


def paper_axes(record: xr.DataTree, name: str) -> Figure:
    """Trained and predicted loss on the linear axes of Figure 1(a) and 1(c), and on logarithmic ones.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `million_steps`.
    name : str
        Data set.

    Returns
    -------
    Figure
    """
    runs, used = part(record, "runs").sel(data=name).isel(seed=0), settings(record)["runs"]
    end = max(1, 3 * used["n_steps"] // 10) if name == "cifar10" else used["n_steps"]
    figure, (top, bottom) = panels(2, 3.1)
    for axes in (top, bottom):
        for kind in LABELS:
            run = runs.sel(labels=kind).where(runs.step <= end, drop=True)
            reached = run.where(run.measured, drop=True)
            axes.plot(reached.step, reached.loss, color=COLOURS[kind], marker=MARKERS[kind], ms=3.5)
            axes.plot(run.step, run.predicted**2 / 2, "--", color=COLOURS[kind], lw=1.4)
        axes.set(xlabel="step $k$", ylabel=r"loss $\Phi(k)/n$")
    top.set(xlim=(-0.01 * end, end), ylim=(0, 0.52))
    top.set_xticks([0, end // 2, end], ["0", f"{end // 2:,}", f"{end:,}"])
    bottom.set(xscale="symlog", yscale="log", xlim=(0, end), ylim=(1e-7, 1))
    _legend(figure, {"--": "predicted"})
    return stamp(figure, record, "runs", seeds=1, data=[name])


def window_lengths(record: xr.DataTree, name: str) -> Figure:
    """Steps that one window may stand for, around each recorded step.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `million_steps`.
    name : str
        Data set.

    Returns
    -------
    Figure
    """
    runs = part(record, "runs").sel(data=name).isel(seed=0)
    figure, (axes,) = panels(1, 3.1)
    for kind in LABELS:
        run = runs.sel(labels=kind)
        run = run.where(run.measured & (run.step > 0), drop=True)
        axes.plot(run.step, run.window, color=COLOURS[kind], marker=MARKERS[kind], ms=3.5)
        axes.plot(run.step, run.step, ":", color=COLOURS["theory"], lw=1.2)
    axes.set(xscale="log", yscale="log", xlabel="step $k$", ylabel="steps in one window")
    _legend(figure, {":": "all steps so far"})
    return stamp(figure, record, "runs", seeds=1, data=[name])


def error_found(record: xr.DataTree, name: str) -> Figure:
    """Distance of the mean residual to exact gradient descent, and what the run says of it, at each recorded step.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `million_steps`.
    name : str
        Data set.

    Returns
    -------
    Figure
    """
    runs = part(record, "runs").sel(data=name).isel(seed=0)
    figure, (axes,) = panels(1, 3.1)
    for kind in LABELS:
        run = runs.sel(labels=kind)
        run = run.where(run.estimated_error > 0, drop=True)  # from the first window on
        axes.plot(run.step, run.distance, color=COLOURS[kind], marker=MARKERS[kind], ms=3.5)
        axes.plot(run.step, run.estimated_error, "--", color=COLOURS[kind], lw=1.4)
    axes.axhline(settings(record)["runs"]["rtol"], color=COLOURS["theory"], lw=1.2, ls=":")
    axes.set(xscale="log", yscale="log", xlabel="step $k$", ylabel=r"error in units of $\|y-u(0)\|$")
    axes.set_xlim(100)
    axes.xaxis.set_minor_formatter(NullFormatter())
    _legend(figure, {"--": "estimated", ":": "rtol"})
    return stamp(figure, record, "runs", seeds=1, data=[name])


def _legend(figure: Figure, lines: dict[str, str]) -> None:
    """Legend above the panels: one entry for each kind of labels, one for each extra line style."""
    kinds = [Line2D([], [], color=COLOURS[kind], marker=MARKERS[kind], ms=4, label=NAMES[kind]) for kind in LABELS]
    extra = [Line2D([], [], color=COLOURS["theory"], ls=style, lw=1.4, label=text) for style, text in lines.items()]
    figure.legend(handles=[*kinds, *extra], loc="outside upper center", ncols=2, columnspacing=1.2)
