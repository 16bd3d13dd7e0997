"""Figures of the chapter on functions that two-layer nets learn, from a record alone."""

from collections.abc import Sequence

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ntkbook.experiments.learnable_functions.claims import relative_square
from ntkbook.figures.palette import shades
from ntkbook.figures.style import COLOURS, panels, stamp
from ntkbook.records import part

_SHADES = dict(zip((f"power {p}" for p in (8, 6, 4, 2, 1)), shades(5), strict=True))
_ODD = {"power 3": COLOURS["random"], "power 5": COLOURS["worst"]}
_TARGETS = dict(zip(("cosine", "quadratic", "linear", "cubic"), (*shades(3), COLOURS["random"]), strict=True))
_MARKERS = {"linear": "o", "quadratic": "s", "cosine": "^", "cubic": "D"}


def norms_against_n(record: xr.DataTree, dims: tuple[int, int] = (3, 10)) -> Figure:
    """Norm sqrt(y'H^-1 y) of powers against the sample size, with its limit: Theorem 6.1 and what it leaves out.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `learnable_functions`.
    dims : tuple of int
        Two dimensions of the inputs, a panel each.

    Returns
    -------
    Figure
    """
    measured = part(record, "norms")
    figure, all_axes = panels(2, 3.2)
    for axes, dim in zip(all_axes, dims, strict=True):
        norms = measured.norm.sel(dim=dim).mean("seed")
        for name, colour in sorted((_SHADES | _ODD).items()):
            marker = "o" if name in _SHADES else "s"
            label = rf"$(\beta^\top x)^{name[-1]}$"
            axes.plot(measured.n, norms.sel(function=name), color=colour, marker=marker, ms=4, label=label)
            limit = float(measured.limit.sel(dim=dim, function=name))
            if np.isfinite(limit):
                axes.axhline(limit, color=colour, ls="--", lw=1)
        axes.set(xscale="log", yscale="log", xlabel="samples $n$", ylabel=rf"$\sqrt{{y^\top H^{{-1}}y}}$,  $d={dim}$")
        _plain_ticks(axes, measured.n.values.tolist(), (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200))
    handles, labels = all_axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=4, columnspacing=1.0, handlelength=1.5)
    return stamp(figure, record, "norms", seeds=measured.sizes["seed"])


def degree_weights(record: xr.DataTree) -> Figure:
    """Weight of each degree in the kernel on the sphere, without and with a constant input coordinate.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `learnable_functions`.

    Returns
    -------
    Figure
    """
    figure, (axes,) = panels(1, 3.2)
    weights = part(record, "degrees").weight
    degrees = weights.degree.values
    for offset, name, colour in ((-0.2, "plain", COLOURS["true"]), (0.2, "with bias", COLOURS["random"])):
        axes.bar(degrees + offset, weights.sel(profile=name), width=0.4, color=colour, label=name)
    axes.set(yscale="log", ylim=(1e-4, 1), xlabel=r"degree $l$", ylabel=r"$N_l\,\mu_l$", xticks=degrees)
    axes.legend()
    return stamp(figure, record, "degrees", seeds=1)


def error_against_n(record: xr.DataTree) -> Figure:
    """Test errors of trained nets against the sample size: beside kernel regression, and beside Theorem 5.1.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `learnable_functions`.

    Returns
    -------
    Figure
    """
    nets = part(record, "nets")
    figure, (top, bottom) = panels(2, 3.4)
    squares, kernels = relative_square(record), relative_square(record, "kernel")
    for name, colour in _TARGETS.items():
        style = {"color": colour, "marker": _MARKERS[name], "ms": 5, "label": name}
        top.plot(nets.n, squares.sel(target=name), **style)
        top.plot(nets.n, kernels.sel(target=name), ":", color=colour, lw=1.6)
        bottom.plot(nets.n, nets.test_error.sel(target=name).mean("seed"), **style)
        bottom.plot(nets.n, nets.leading_term.sel(target=name).mean("seed"), "--", color=colour, lw=1.2)
    bottom.plot(nets.n, (nets.leading_term + nets.remainder).sel(target="linear").mean("seed"), color=COLOURS["bound"])
    top.axhline(1, color=COLOURS["bound"], lw=0.8)
    top.set(ylabel="mean square / that of predicting 0")
    bottom.set(ylabel=r"mean of $\min(|u-y|,1)$")
    for axes in (top, bottom):
        axes.set(xscale="log", yscale="log", xlabel="training samples $n$")
    _plain_ticks(top, nets.n.values.tolist(), (1e-4, 1e-3, 0.01, 0.1, 1))
    _plain_ticks(bottom, nets.n.values.tolist(), (0.001, 0.01, 0.1, 1))
    handles, names = top.get_legend_handles_labels()
    figure.legend(handles, names, loc="outside upper center", ncols=4, columnspacing=1.0)
    return stamp(figure, record, "nets", seeds=nets.sizes["seed"])


def _plain_ticks(axes: Axes, sizes: Sequence[int], heights: Sequence[float]) -> None:
    """Label sample sizes and those of the heights that are in view with plain numbers."""
    low, high = axes.get_ylim()
    shown = [height for height in heights if low <= height <= high]
    axes.set_xticks(sizes, [f"{n:,}" for n in sizes])
    axes.set_yticks(shown, [f"{height:g}" for height in shown])
    axes.minorticks_off()
