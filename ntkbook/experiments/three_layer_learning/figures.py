"""Figures of the chapter on three layers that show learners and targets, from the record alone."""

from typing import Any

import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ntkbook.experiments.experiment import settings
from ntkbook.experiments.three_layer_learning.claims_figure import RAW_LINEAR, THREE, TWO, sample_size
from ntkbook.experiments.three_layer_learning.readings_figure import PARITY, VARIANCE, frequencies
from ntkbook.figures.style import COLOURS, DOTS, panels, stamp
from ntkbook.records import part

_CONSTANT = "2 layers, constant coordinate"
_THREE, _TWO, _KERNEL = COLOURS["random"], COLOURS["true"], COLOURS["worst"]
_TRAINED: dict[str, dict[str, Any]] = {
    THREE: {"color": _THREE, "marker": "o"},
    TWO: {"color": _TWO, "marker": "s"},
    _CONSTANT: {"color": _TWO, "marker": "D", "mfc": "white"},
    "2 layers, no biases": {"color": _TWO, "marker": "x"},
}
_LINEAR: dict[str, dict[str, Any]] = {
    "3 layers (NTK)": {"color": _THREE, "ls": "--", "marker": "^"},
    "3 layers (last)": {"color": _THREE, "ls": ":", "marker": "v"},
    "2 layers (NTK)": {"color": _TWO, "ls": "--", "marker": "^"},
    "2 layers (last)": {"color": _TWO, "ls": ":", "marker": "v"},
}
_LIMITS: dict[str, dict[str, Any]] = {
    "3 layers (NTK)": {"color": _KERNEL, "ls": "--", "label": "NTK, infinite width"},
    "3 layers (last)": {"color": _KERNEL, "ls": ":", "label": "last layer, infinite width"},
    "Gaussian": {"color": COLOURS["theory"], "ls": "-.", "label": "Gaussian kernel"},
}


def error_against_width(record: xr.DataTree) -> Figure:
    """Figure 1(a): mean square error against m, trained nets above, linear learners and their limits below.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `three_layer_learning`.

    Returns
    -------
    Figure
    """
    nets = part(record, "widths")
    limits = part(record, "kernels").test_error.sel(n=sample_size(record)).mean("seed")
    figure, top, bottom = _trained_and_linear(
        nets, part(record, "linear_widths"), "width", "$m$ = number of hidden neurons"
    )
    for name, style in _LIMITS.items():
        bottom.axhline(VARIANCE * float(limits.sel(learner=name)), lw=1.4, **style)
    _legends(top, bottom)
    return stamp(figure, record, "kernels", "linear_widths", "widths", seeds=nets.sizes["seed"])


def error_against_size(record: xr.DataTree) -> Figure:
    """Figure 1(b): mean square error against N, trained nets above, some wider, linear learners and limits below.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `three_layer_learning`.

    Returns
    -------
    Figure
    """
    nets, limits = part(record, "sizes"), part(record, "kernels")
    figure, top, bottom = _trained_and_linear(
        nets, part(record, "linear_sizes"), "n", "$N$ = number of training samples"
    )
    wide, m = part(record, "wide_sizes"), settings(record)["figure"]["wide"]
    for name in wide.learner.values:
        style = _TRAINED[name] | {"ls": "--", "mfc": "white"}
        _band(top, wide.test_error.sel(learner=name), "n", style, f"{name}, $m={m}$")
    for name, style in _LIMITS.items():
        _band(bottom, limits.test_error.sel(learner=name), "n", style, style["label"])
    _legends(top, bottom)
    return stamp(figure, record, "kernels", "linear_sizes", "sizes", "wide_sizes", seeds=nets.sizes["seed"])


def parity_bars(record: xr.DataTree) -> Figure:
    """Test error of the trained nets at the largest width, split into that of the even and of the odd part of F.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `three_layer_learning`.

    Returns
    -------
    Figure
    """
    nets = part(record, "widths").isel(width=-1)
    figure, (axes,) = panels(1, 3.2)
    names = list(PARITY)
    for shift, (key, colour) in enumerate((("even", COLOURS["true"]), ("odd", COLOURS["random"]))):
        errors = 100 * nets[f"{key}_error"].sel(learner=names)
        places = [i + 0.38 * (shift - 0.5) for i in range(len(names))]
        axes.bar(places, errors.mean("seed"), 0.36, color=colour, label=f"{key} part")
        for place, values in zip(places, errors.transpose("learner", "seed").values, strict=True):
            axes.plot([place] * len(values), values, ls="", **DOTS)
    floor = 100 * odd_floor()
    axes.axhline(floor, color=COLOURS["theory"], ls="--", lw=1.2, label="odd part beyond degree 1")
    axes.set_xticks(
        range(len(names)), [name.replace(", ", ",\n").replace("constant c", "constant\nc") for name in names]
    )
    axes.set(xlabel="trained learner", ylabel="error, % of the variance")
    figure.legend(loc="outside upper center", ncols=2, columnspacing=1.0)
    return stamp(figure, record, "widths", seeds=nets.sizes["seed"])


def odd_floor() -> float:
    """Share of the variance of F in its odd part beyond degree 1, which no net x -> a.relu(W'x) can represent.

    The odd part has variance 13.031, of which 0.084 are of degree 1 (by Monte Carlo, 2e6 points).
    """
    return 12.947 / VARIANCE


def starvation(record: xr.DataTree) -> Figure:
    """SGD on linear learners against epochs, beside the minimum that it is after.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `three_layer_learning`.

    Returns
    -------
    Figure
    """
    runs = part(record, "starvation")
    figure, (axes,) = panels(1, 3.6)
    for name in RAW_LINEAR:
        style = _LINEAR[name]
        best = runs.sgd_error.sel(learner=name).min("step")
        _band(axes, best, "epochs", style, f"{name}, SGD")
        level = VARIANCE * float(runs.ridge_error.sel(learner=name).mean("seed"))
        axes.axhline(level, color=style["color"], ls=style["ls"], lw=1)
    axes.plot([], [], color=COLOURS["theory"], lw=1, label="the same, closed form")
    axes.set(xscale="log", yscale="log", xlabel="epochs of SGD", ylabel="test error")
    axes.set_xticks(runs.epochs.values.tolist(), [f"{int(e):,}" for e in runs.epochs.values])
    low, high = axes.get_ylim()
    heights = [height for height in (0.2, 0.5, 1, 2, 5, 10, 20) if low <= height <= high]
    axes.set_yticks(heights, [f"{height:g}" for height in heights])
    axes.minorticks_off()
    figure.legend(loc="outside upper center", ncols=2, columnspacing=1.0)
    return stamp(figure, record, "starvation", seeds=runs.sizes["seed"])


def harmonic(record: xr.DataTree) -> Figure:
    """Relative error on cos(c x_1) exp(c x_2) against c.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `three_layer_learning`.

    Returns
    -------
    Figure
    """
    nets, limits = part(record, "targets"), part(record, "target_limits")
    named = frequencies(record)
    figure, (axes,) = panels(1, 3.8)
    for name, style in _TRAINED.items():
        errors = nets.test_error.sel(learner=name, target=list(named.values())).assign_coords(target=list(named))
        _band(axes, errors, "target", style, name, unit=1)
    for name, style in _LIMITS.items():
        errors = limits.test_error.sel(learner=name, target=list(named.values())).assign_coords(target=list(named))
        _band(axes, errors, "target", style, style["label"], unit=1)
    axes.axhline(1, color=COLOURS["bound"], lw=0.8)
    axes.set(yscale="log", xlabel="$c$", ylabel="test error / variance")
    axes.set_xticks(list(named), [f"{c:g}" for c in named])
    figure.legend(loc="outside upper center", ncols=2, columnspacing=1.0)
    return stamp(figure, record, "target_limits", "targets", seeds=nets.sizes["seed"])


def _trained_and_linear(nets: xr.Dataset, linear: xr.Dataset, dim: str, label: str) -> tuple[Figure, Axes, Axes]:
    """Trained nets above, three layers beside linear learners below, against one dimension of both parts."""
    figure, (top, bottom) = panels(2, 3.6)
    for name in [name for name in _TRAINED if name in nets.learner]:
        _band(top, nets.test_error.sel(learner=name), dim, _TRAINED[name], name)
    _band(bottom, nets.test_error.sel(learner=THREE), dim, _TRAINED[THREE], THREE)
    for name, style in _LINEAR.items():
        _band(bottom, linear.test_error.sel(learner=name), dim, style, f"{name}, ridge")
    for axes in (top, bottom):
        axes.set(xscale="log", yscale="log", xlabel=label, ylabel="test error")
        axes.set_xticks(nets[dim].values.tolist(), [_thousands(int(n)) for n in nets[dim].values])
        axes.minorticks_off()
        axes.axhline(VARIANCE, color=COLOURS["bound"], lw=0.8)
    return figure, top, bottom


def _band(
    axes: Axes, errors: xr.DataArray, dim: str, style: dict[str, Any], label: str, unit: float = VARIANCE
) -> None:
    """Mean over seeds and the band of all seeds, in units of the target."""
    style = {key: value for key, value in style.items() if key != "label"}
    errors = (unit * errors).transpose(dim, "seed")
    axes.fill_between(errors[dim], errors.min("seed"), errors.max("seed"), color=style["color"], alpha=0.15, lw=0)
    axes.plot(errors[dim], errors.mean("seed"), label=label, **style)


def _legends(top: Axes, bottom: Axes) -> None:
    top.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2, columnspacing=0.8, handlelength=1.5)
    bottom.legend(loc="upper center", bbox_to_anchor=(0.5, -0.22), ncols=2, columnspacing=0.8, handlelength=1.5)


def _thousands(n: int) -> str:
    return f"{n // 1000}k" if n % 1000 == 0 else str(n)
