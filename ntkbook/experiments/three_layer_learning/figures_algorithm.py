"""Figures of the chapter on three layers that show Algorithm 1, from the record alone."""

from typing import Any

import xarray as xr
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ntkbook.experiments.three_layer_learning.claims_algorithm import VARIANCE
from ntkbook.figures.style import COLOURS, panels, stamp
from ntkbook.records import part

_SIGMA = {"with": COLOURS["random"], "without": COLOURS["true"]}
_DEPTHS = {2: COLOURS["true"], 3: COLOURS["random"]}
_TASKS = {"lazy": ("o", "lazy task"), "F": ("^", r"$F$")}


def error_against_scale(record: xr.DataTree) -> Figure:
    """Test error of Algorithm 1 against lambda_T, with Sigma (one, and the mean output over 20) and without.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `three_layer_learning`.

    Returns
    -------
    Figure
    """
    shrinking = part(record, "shrinking")
    figure, (axes,) = panels(1, 3.6)
    shown = (
        ("without", "test_error", "-", "s", r"without $\Sigma$"),
        ("with", "test_error", "-", "o", r"with $\Sigma$, one $\hat\Sigma$"),
        ("with", "averaged_error", "--", "o", r"with $\Sigma$, mean output of 20"),
    )
    for sigma, name, line, marker, label in shown:
        error = shrinking[name].sel(sigma=sigma) / VARIANCE
        filled = _SIGMA[sigma] if line == "-" else "white"
        axes.fill_between(error.scale, error.min("seed"), error.max("seed"), color=_SIGMA[sigma], alpha=0.15, lw=0)
        axes.plot(error.scale, error.mean("seed"), line, color=_SIGMA[sigma], marker=marker, mfc=filled, label=label)
    axes.axhline(1, color=COLOURS["bound"], lw=0.8)
    axes.set(xscale="log", yscale="log", xlabel=r"$\lambda_T$", ylabel="test error / variance of $F$")
    scales = shrinking.scale.values.tolist()
    axes.set_xticks(scales, [f"{scale:g}" for scale in scales])
    heights = [height for height in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2) if height > 0.8 * axes.get_ylim()[0]]
    axes.set_yticks(heights, [f"{height:g}" for height in heights])
    axes.minorticks_off()
    figure.legend(loc="outside upper center", ncols=2, columnspacing=1.0, handlelength=1.8)
    return stamp(figure, record, "shrinking", seeds=shrinking.sizes["seed"])


def gap_of_frozen_patterns(record: xr.DataTree) -> Figure:
    """What the start's patterns do to a trained net: after training against m, and along training against the distance.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `three_layer_learning`.

    Returns
    -------
    Figure
    """
    frozen = part(record, "frozen").mean("seed")
    figure, (against_m, against_distance) = panels(2, 3.2)
    handles = []
    for depth, colour in _DEPTHS.items():
        for task, (marker, called) in _TASKS.items():
            nets = frozen.sel(depth=depth, task=task)
            style: dict[str, Any] = {"color": colour, "marker": marker, "mfc": colour if task == "lazy" else "white"}
            handles.append(Line2D([], [], label=f"{depth} layers, {called}", **style))
            against_m.plot(nets.width, nets.gap.isel(step=-1), ms=6, **style)
            for width in nets.width:
                net = nets.sel(width=width)
                against_distance.plot(net.distance, net.gap, lw=0.8, ms=3.5, **style)
    widths = frozen.width.values.tolist()
    against_m.set(xscale="log", yscale="log", xlabel="width $m$", ylabel="gap after training")
    against_m.set_xticks(widths, [f"{width:,}" for width in widths])
    against_distance.set(
        xscale="log", yscale="log", xlabel=r"distance moved, $|z_t - z_0| / |z_0|$", ylabel="gap along training"
    )
    for axes in (against_m, against_distance):
        axes.axhline(1, color=COLOURS["bound"], lw=0.8)
    low, high = against_m.get_ylim()
    heights = [height for height in (0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10) if low <= height <= high]
    against_m.set_yticks(heights, [f"{height:g}" for height in heights])
    against_m.minorticks_off()
    figure.legend(handles=handles, loc="outside upper center", ncols=2, columnspacing=1.0)
    return stamp(figure, record, "frozen", seeds=part(record, "frozen").sizes["seed"])
