"""Figures of the chapter on deep ReLU nets, from a record alone."""

from collections.abc import Sequence

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ntkbook import adversarial
from ntkbook.experiments.deep_relu.quantities import widest
from ntkbook.experiments.experiment import settings
from ntkbook.figures.palette import GREEN
from ntkbook.figures.style import COLOURS, panels, slope_guide, stamp
from ntkbook.records import part

_TASKS = {
    "true": ("true labels", COLOURS["true"], "o"),
    "random": ("random labels", COLOURS["random"], "s"),
    "margin": ("data with a margin", GREEN, "^"),
}
"""What a legend calls the tasks, their colours and markers."""
_DEPTHS = {1: (COLOURS["true"], "o"), 2: (COLOURS["random"], "s"), 3: (COLOURS["worst"], "^"), 5: (GREEN, "D")}
"""Colour and marker of each number of hidden layers."""
_IMAGES = ("mnist", "digits")


def constant_along_training(record: xr.DataTree) -> Figure:
    """B = |grad_{W_L} L_S| / (sqrt(m) E_S) along training, beside the margins of the tangent features: eq. (4.1).

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `deep_relu`.

    Returns
    -------
    Figure
    """
    long = part(record, "long").isel(width=0, step=slice(1, None))
    rate = settings(record)["long"]["rate"]
    depths = [1, int(long.depth[long.depth <= 3].max())]
    figure, all_axes = panels(2, 3.2)
    for axes, depth in zip(all_axes, depths, strict=True):
        mean = long.sel(depth=depth).mean("seed")
        for task, (label, colour, marker) in _TASKS.items():
            run = mean.sel(task=task)
            axes.plot(rate * run.step, run.constant, color=colour, marker=marker, ms=4, label=label)
            axes.axhline(float(run.certificate), color=colour, ls="--", lw=1.2)
            axes.plot(
                float(rate * run.step[-1]) * 1.25,
                float(run.certificate_end),
                marker=marker,
                color=colour,
                mfc="none",
                ls="",
            )
        axes.set(xscale="log", yscale="log", xlabel=r"time $\eta mk$", ylabel=rf"$B_k$,  $L={depth}$")
        _plain_heights(axes, (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1))
    _legend(figure, all_axes[0], 2)
    return stamp(figure, record, "long", seeds=long.sizes["seed"], data=(*_IMAGES, "margin"))


def margin_against_n(record: xr.DataTree) -> Figure:
    """Margin of the last layer's tangent features over sqrt(m) at the start against n, and what the proofs give.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `deep_relu`.

    Returns
    -------
    Figure
    """
    margins = part(record, "certificates")
    figure, all_axes = panels(2, 3.0)
    for axes, depth in zip(all_axes, (margins.depth.values[0], margins.depth.values[-1]), strict=True):
        mean = margins.sel(depth=depth).mean("seed")
        for task, (label, colour, marker) in _TASKS.items():
            axes.plot(margins.n, mean.certificate.sel(task=task), color=colour, marker=marker, label=label)
            axes.plot(margins.n, mean.proof.sel(task=task), color=colour, ls="--", lw=1.2)
        axes.set(xscale="log", yscale="log", xlabel="samples $n$", ylabel=rf"margin$/\sqrt{{m}}$,  $L={depth}$")
        axes.set_xticks(margins.n.values, [f"{n:,}" for n in margins.n.values])
        _plain_heights(axes, (1e-4, 2e-4, 5e-4, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5))
    _legend(figure, all_axes[0], 2)
    return stamp(figure, record, "certificates", seeds=margins.sizes["seed"], data=(*_IMAGES, "margin"))


def movement_against_width(record: xr.DataTree) -> Figure:
    """sqrt(m) max_l |W_l - W_l(0)|_F at the end of the short runs, against the width: Theorem 4.7 (i).

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `deep_relu`.

    Returns
    -------
    Figure
    """
    runs = part(record, "widths")
    figure, (axes,) = panels(1, 3.4)
    for depth in runs.depth.values:
        colour, marker = _DEPTHS[int(depth)]
        for task, style in (("true", "-"), ("random", ":")):
            mean = runs.movement.isel(step=-1).sel(depth=depth, task=task).mean("seed")
            label = f"$L={depth}$, {_TASKS[task][0]}"
            axes.plot(runs.width, mean, color=colour, marker=marker, ls=style, label=label)
    axes.set(xscale="log", ylim=(0, None), xlabel="width $m$", ylabel=r"$\sqrt{m}\,\max_l\|W_l-W_l(0)\|_F$")
    axes.set_xticks(runs.width.values, [f"{m:,}" for m in runs.width.values])
    axes.minorticks_off()
    _legend(figure, axes, 2)
    return stamp(figure, record, "widths", seeds=runs.sizes["seed"], data=_IMAGES)


def cost_of_small_errors(record: xr.DataTree) -> Figure:
    """Time and movement at which the surrogate error is epsilon, against 1/epsilon: Theorem 4.7.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `deep_relu`.

    Returns
    -------
    Figure
    """
    long = part(record, "long").isel(width=0).sel(task="true")
    inverse = 1 / long.epsilon
    figure, (upper, lower) = panels(2, 2.9)
    for axes, name, power in ((upper, "time_to", 2), (lower, "movement_at", 1)):
        mean = long[name].mean("seed")
        for depth in long.depth.values:
            colour, marker = _DEPTHS[int(depth)]
            axes.plot(
                inverse, mean.sel(depth=depth).where(np.isfinite), color=colour, marker=marker, label=f"$L={depth}$"
            )
        finite = mean.where(np.isfinite(mean))
        low = float(finite.sel(epsilon=0.1, method="nearest").min())
        slope_guide(axes, (10, 40), low / 2, power, "the theorem's power")
        axes.set(xscale="log", yscale="log", xlabel=r"$1/\epsilon$")
        axes.set_xticks([2, 5, 10, 20, 50, 100], ["2", "5", "10", "20", "50", "100"])
        _plain_heights(axes, (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000))
    _legend(figure, upper, 3)
    upper.set_ylabel(r"time $\eta mk$ to $\mathcal{E}_S\leq\epsilon$")
    lower.set_ylabel(r"$\sqrt{m}\,\max_l\|W_l-W_l(0)\|_F$")
    return stamp(figure, record, "long", seeds=long.sizes["seed"], data=_IMAGES)


def large_steps(record: xr.DataTree) -> Figure:
    """Surrogate error of every step at three step sizes, with k*.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `deep_relu`.

    Returns
    -------
    Figure
    """
    runs = part(record, "large_steps").isel(seed=0)
    figure, (axes,) = panels(1, 3.2)
    for rate, (colour, _) in zip(runs.rate.values, _DEPTHS.values(), strict=False):
        run = runs.sel(rate=rate)
        axes.plot(runs.step, run.surrogate, color=colour, lw=1.4, label=rf"$\eta={rate:g}/m$")
        best = int(run.best_step)
        axes.plot(best, float(run.surrogate.sel(step=best)), "*", color=colour, ms=12, clip_on=False)
    axes.set(yscale="log", xlabel="step $k$", ylabel=r"surrogate error $\mathcal{E}_S$")
    _plain_heights(axes, (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5))
    axes.legend(loc="lower left")
    return stamp(figure, record, "large_steps", seeds=1, data=_IMAGES)


def gap_and_flips(record: xr.DataTree) -> Figure:
    """Gap to the linearisation and flipped gates against tau, along the gradient and adversarially: Lemmas 5.2, B.1.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `deep_relu`.

    Returns
    -------
    Figure
    """
    nets = part(record, "linearity")
    figure, (upper, lower) = panels(2, 3.6)
    constants = {"gap": adversarial.GAP, "flips": adversarial.FLIPS}
    for (depth, wide), fill in zip(widest(nets), ("full", "none"), strict=True):
        mean, m = wide.mean("seed"), int(wide.width)
        told = f"$L={depth}$, $m={m:,}$"
        scales = {"gap": m**0.5 * wide.tau ** (4 / 3), "flips": m * wide.tau ** (2 / 3)}
        for axes, name in ((upper, "gap"), (lower, "flips")):
            unit = m**0.5 if name == "gap" else m
            look = {"ls": "", "fillstyle": fill, "ms": 4 if fill == "full" else 8}
            axes.plot(wide.tau, mean[name] / unit, "o", color=COLOURS["true"], label=f"gradient, {told}", **look)
            axes.plot(
                wide.tau,
                mean[f"adversarial_{name}"] / unit,
                "s",
                color=COLOURS["random"],
                label=f"adversarial, {told}",
                **look,
            )
            if fill == "full":
                predicted = constants[name] * scales[name] / unit
                axes.plot(wide.tau, predicted, "--", color=COLOURS["theory"], lw=1.2, label="adversarial, derived")
        look = {"color": COLOURS["worst"], "ms": 4 if fill == "full" else 8, "zorder": 3}
        upper.plot(wide.tau, mean.gap_printed / m**0.5, "x", label=f"as printed, {told}", **look)
    upper.set_ylabel(r"gap$/\sqrt{m}$")
    lower.set_ylabel(r"share of gates that flip")
    for axes in (upper, lower):
        axes.set(xscale="log", yscale="log", xlabel=r"movement $\tau$")
        axes.set_xticks(nets.tau.values, [f"{tau:g}" for tau in nets.tau.values])
        axes.minorticks_off()
    _legend(figure, upper, 2)
    return stamp(figure, record, "linearity", seeds=nets.sizes["seed"], data=("sphere",))


def antipodal(record: xr.DataTree) -> Figure:
    """Loss and B along training on antipodal pairs with odd labels, by depth.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `deep_relu`.

    Returns
    -------
    Figure
    """
    runs = part(record, "antipodal").isel(step=slice(1, None))
    rate = settings(record)["antipodal"]["rate"]
    figure, (upper, lower) = panels(2, 2.8)
    mean = runs.mean("seed")
    for depth in runs.depth.values:
        colour, marker = _DEPTHS[int(depth)]
        for axes, name in ((upper, "loss"), (lower, "constant")):
            axes.plot(
                rate * runs.step, mean[name].sel(depth=depth), color=colour, marker=marker, ms=4, label=f"$L={depth}$"
            )
        if float(mean.certificate.sel(depth=depth)) > 0:
            lower.axhline(float(mean.certificate.sel(depth=depth)), color=colour, ls="--", lw=1.2)
    floor = float(mean.least_linear_loss.mean())
    upper.axhline(floor, color=COLOURS["theory"], ls="--", lw=1.2, label="logistic regression")
    upper.set(xscale="log", xlabel=r"time $\eta mk$", ylabel="loss $L_S$", ylim=(0, None))
    lower.set(xscale="log", yscale="log", xlabel=r"time $\eta mk$", ylabel="$B_k$")
    _legend(figure, upper, 4)
    return stamp(figure, record, "antipodal", seeds=runs.sizes["seed"], data=("sphere",))


def _legend(figure: Figure, axes: Axes, columns: int) -> None:
    """One legend above all panels."""
    handles, labels = axes.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=columns, columnspacing=1.0, handlelength=1.5)


def _plain_heights(axes: Axes, heights: Sequence[float]) -> None:
    """Label those of the heights that are in view with plain numbers."""
    low, high = axes.get_ylim()
    shown = [height for height in heights if low <= height <= high]
    axes.set_yticks(shown, [f"{height:g}" for height in shown])
    axes.minorticks_off()
