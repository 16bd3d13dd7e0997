"""Figures of the chapter on what two-layer nets learn, from a record alone."""

from collections.abc import Sequence

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ntkbook.experiments.two_layer_learning.learners import LEARNERS
from ntkbook.figures.palette import AMBERS, BLUES, shades
from ntkbook.figures.style import COLOURS, DOTS, panels, slope_guide, stamp
from ntkbook.records import part

_CURVES = {"exp": (BLUES[4], "o"), "z": (BLUES[0], "s"), "z^3": (COLOURS["worst"], "^")}
_HEIGHTS = (0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3)
_TARGETS = {"concept": (COLOURS["true"], "o"), "figure 1": (COLOURS["worst"], "s")}


def complexity_against_epsilon(record: xr.DataTree) -> Figure:
    """C_eps(phi, 1) against 1/eps on doubly logarithmic axes of both logarithms, for two constants: example 2.1.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `two_layer_learning`.

    Returns
    -------
    Figure
    """
    measured, cut = part(record, "complexity"), part(record, "truncated")
    figure, all_axes = panels(2, 2.9)
    for axes, c in zip(all_axes, sorted(measured.constant.values, reverse=True), strict=True):
        for name, (colour, marker) in _CURVES.items():
            label = "$e^z$" if name == "exp" else f"${name}$"
            values = measured.network.sel(function=name, constant=c)
            axes.plot(measured.digits, values, color=colour, marker=marker, ms=3.5, label=label)
        values = cut.network.sel(function="tanh", constant=c)
        axes.plot(cut.digits, values, color=COLOURS["random"], marker="D", ms=3.5, label=r"$\tanh$, truncated")
        axes.plot(measured.digits, measured.digits, "--", color=COLOURS["theory"], lw=1.2, label=r"$1/\epsilon$")
        axes.set(xscale="log", yscale="log", xlabel=r"$\log_{10}1/\epsilon$")
        axes.set_ylabel(rf"$\log_{{10}}\mathcal{{C}}_\epsilon(\phi,1)$,  $C={_plain(c)}$")
        _plain_ticks(axes, [10.0**k for k in range(5)], [10.0**k for k in range(0, 7, 2)])
    handles, labels = all_axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=5, columnspacing=0.9, handlelength=1.3)
    return stamp(figure, record, "complexity", "truncated", seeds=1)


def risk_against_n(record: xr.DataTree) -> Figure:
    """Excess risk against the sample size, a line for each width, without and with label noise: Theorem 1.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `two_layer_learning`.

    Returns
    -------
    Figure
    """
    risk = part(record, "risk")
    figure, all_axes = panels(2, 3.0)
    for axes, noise in zip(all_axes, (risk.noise.values[0], risk.noise.values[-1]), strict=True):
        shown = risk.sel(noise=noise)
        for width, colour in zip(risk.width.values, shades(risk.sizes["width"]), strict=True):
            error = shown.stopped.sel(width=width).mean("seed")
            axes.plot(risk.n, error, color=colour, marker="o", ms=4, label=f"$m={_plain(width)}$")
        if noise:
            final = shown.final.isel(width=-1).mean("seed")
            axes.plot(risk.n, final, "--", color=COLOURS["random"], marker="s", ms=4, label="widest, not stopped")
            axes.axhline(noise**2, color=COLOURS["bound"], lw=0.8)
            axes.annotate(
                "OPT", (float(risk.n[-1]), noise**2), (0, 3), textcoords="offset points", ha="right", fontsize=11
            )
        begin = float(shown.stopped.isel(n=0).mean("seed").min())
        slope_guide(axes, (float(risk.n[0]), float(risk.n[-1])), 0.8 * begin, -0.5, "slope $-1/2$")
        axes.set(xscale="log", yscale="log", xlabel="training samples $N$")
        axes.set_ylabel("excess risk, " + (rf"noise ${noise:g}$" if noise else "no noise"))
        _plain_ticks(axes, risk.n.values.tolist(), _HEIGHTS)
    handles, labels = all_axes[1].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=3, columnspacing=1.0, handlelength=1.5)
    return stamp(figure, record, "risk", seeds=risk.sizes["seed"])


def error_against_width(record: xr.DataTree, moment: float = 0.01) -> Figure:
    """Test error against the width, at equal convergence and after equally many steps: example 3.1.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `two_layer_learning`.
    moment : float
        Share of the run at which nets are compared after equally many steps.

    Returns
    -------
    Figure
    """
    nets = part(record, "widths").sel(target="concept")
    figure, (axes,) = panels(1, 3.2)
    _lines(axes, nets.fitted_error, COLOURS["true"], "o", "equal train error")
    _lines(axes, nets.test.sel(moment=moment), COLOURS["random"], "s", "equally many steps")
    axes.set(xscale="log", yscale="log", xlabel="neurons $m$", ylabel="test error / variance")
    _plain_ticks(axes, nets.width.values.tolist(), _HEIGHTS)
    figure.legend(loc="outside upper center", ncols=2)
    return stamp(figure, record, "widths", seeds=nets.sizes["seed"])


def memory_along_training(record: xr.DataTree) -> Figure:
    """Train and test error along SGD for realisable and for random labels: section 3.2.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `two_layer_learning`.

    Returns
    -------
    Figure
    """
    memory = part(record, "memory")
    figure, (axes,) = panels(1, 3.4)
    for portion, kind, label in ((0.0, "true", "realisable"), (1.0, "random", "random")):
        mean = memory.sel(portion=portion).mean("seed")
        later = mean.sel(step=mean.step > 0)
        axes.plot(later.step, later.test, color=COLOURS[kind], label=f"{label}, test")
        axes.plot(later.step, later.train, "--", color=COLOURS[kind], label=f"{label}, train")
    axes.axhline(1, color=COLOURS["bound"], lw=0.8)
    axes.set(xscale="log", yscale="log", xlabel="step of SGD", ylabel="error / variance of the labels")
    axes.legend(loc="lower left")
    return stamp(figure, record, "memory", seeds=memory.sizes["seed"])


def memory_against_portion(record: xr.DataTree) -> Figure:
    """Test error at the end against the portion of random labels, beside what the random labels alone cost.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `two_layer_learning`.

    Returns
    -------
    Figure
    """
    last = part(record, "memory").isel(step=-1)
    figure, (axes,) = panels(1, 2.8)
    low, mean, high = last.test.min("seed"), last.test.mean("seed"), last.test.max("seed")
    axes.fill_between(last.portion, low, high, color=COLOURS["random"], alpha=0.2, lw=0)
    axes.plot(last.portion, mean, color=COLOURS["random"], marker="s", label="measured")
    share = np.linspace(0, 1, 50)  # (1 - q) F* is the best prediction of labels of which q are random
    axes.plot(share, 1 - (1 - share) ** 2, "--", color=COLOURS["theory"], lw=1.2, label="best possible")
    axes.set(xlabel="portion of random labels", ylabel="test error / variance", ylim=(0, None))
    axes.legend()
    return stamp(figure, record, "memory", seeds=last.sizes["seed"])


def evenness_against_width(record: xr.DataTree) -> Figure:
    """Evenness of the increments at the end of training against the width, with what chance and one neuron give.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `two_layer_learning`.

    Returns
    -------
    Figure
    """
    nets = part(record, "widths")
    figure, (axes,) = panels(1, 3.6)
    for name, (colour, marker) in _TARGETS.items():
        called = "two-layer target" if name == "concept" else "target of figure 1"
        _lines(axes, nets.evenness.sel(target=name).isel(moment=-1), colour, marker, called)
    for name, style, label in (("null", ":", "Gaussian rows"), ("null_scaled", "--", "Gaussian rows times $a_i$")):
        axes.axhline(float(nets[name]), color=COLOURS["theory"], ls=style, lw=1.2, label=label)
    axes.plot(nets.width, nets.width**0.25, "-.", color=COLOURS["bound"], lw=1.2, label="one neuron, $m^{1/4}$")
    axes.set(xscale="log", yscale="log", xlabel="neurons $m$")
    axes.set_ylabel(r"$m^{1/4}\,\|W_t\|_{2,4}\,/\,\|W_t\|_F$")
    _plain_ticks(axes, nets.width.values.tolist(), (1, 1.5, 2, 3, 5, 8, 12))
    figure.legend(loc="outside upper center", ncols=2, columnspacing=1.0, handlelength=1.8)
    return stamp(figure, record, "widths", seeds=nets.sizes["seed"])


def parity_bars(record: xr.DataTree) -> Figure:
    """Even and odd part of the test error on the target of figure 1, by learner and output scale.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `two_layer_learning`.

    Returns
    -------
    Figure
    """
    nets, kernels, shares = (part(record, name) for name in ("parity", "kernels", "shares"))
    scales = nets.output_scale.values.tolist()
    figure, all_axes = panels(2, 2.6)
    width = 0.8 / (len(scales) + 1)
    for axes, parity in zip(all_axes, ("even", "odd"), strict=True):
        columns = [nets[parity].sel(output_scale=scale) for scale in scales] + [kernels[parity]]
        colours = [*shades(len(scales), AMBERS), COLOURS["true"]]
        labels = [rf"net, $\epsilon_a={scale:g}$" for scale in scales] + ["kernel, $m=\\infty$"]
        for k, (values, colour, label) in enumerate(zip(columns, colours, labels, strict=True)):
            places = np.arange(len(LEARNERS)) + (k - len(scales) / 2) * width
            axes.bar(places, values.mean("seed"), 0.92 * width, color=colour, label=label)
            for seed in values.seed:
                axes.plot(places, values.sel(seed=seed), ls="", **DOTS)
        axes.set(ylim=(0, None), xlabel="learner", ylabel=f"error, {parity} part")
        axes.set_xticks(range(len(LEARNERS)), LEARNERS)
        axes.tick_params(axis="x", length=0)
    all_axes[1].axhline(float(shares.odd), color=COLOURS["theory"], ls="--", lw=1.2, label="least without biases")
    handles, labels = all_axes[1].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=2, columnspacing=1.0, handlelength=1.4)
    return stamp(figure, record, "kernels", "parity", "shares", seeds=nets.sizes["seed"])


def _lines(axes: Axes, values: xr.DataArray, colour: str, marker: str, label: str) -> None:
    """Mean over seeds, and each seed."""
    for seed in values.seed:
        axes.plot(values.width, values.sel(seed=seed), color=colour, lw=0.6)
    axes.plot(values.width, values.mean("seed"), color=colour, marker=marker, label=label)


def _plain(number: float) -> str:
    return rf"10^{{{round(np.log10(number))}}}" if number >= 1e4 and np.log10(number) % 1 == 0 else f"{number:g}"


def _plain_ticks(axes: Axes, places: Sequence[float], heights: Sequence[float]) -> None:
    """Label places, and those of the heights that are in view, with plain numbers; powers of ten from 1e4 on."""
    low, high = axes.get_ylim()
    shown = [height for height in heights if low <= height <= high]
    axes.set_xticks(places, [f"${_plain(place)}$" for place in places])
    axes.set_yticks(shown, [f"${_plain(height)}$" for height in shown])
    axes.minorticks_off()
