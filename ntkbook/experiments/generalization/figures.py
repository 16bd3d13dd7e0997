"""Figures of the chapter on generalisation, from a record alone."""

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ntkbook.experiments.experiment import settings
from ntkbook.experiments.generalization.claims_distance import movement_ratio
from ntkbook.experiments.generalization.readings import fitted
from ntkbook.figures.style import COLOURS, MARKERS, NAMES, panels, slope_guide, stamp
from ntkbook.records import part


def measure_against_noise(record: xr.DataTree) -> Figure:
    """The measure of eq. (10) against the portion of random labels, from inputs and labels alone.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `generalization`.

    Returns
    -------
    Figure
    """
    measures = part(record, "measures")
    figure, (axes,) = panels(1, 3.4)
    for name in measures["data"].values:
        measure, colour = measures.measure.sel(data=name), COLOURS[name]
        axes.fill_between(measures.portion, measure.min("seed"), measure.max("seed"), color=colour, alpha=0.25, lw=0)
        axes.plot(measures.portion, measure.mean("seed"), color=colour, marker=MARKERS[name], ms=5, label=NAMES[name])
        axes.plot(measures.portion, measures.expected.sel(data=name), "--", color=COLOURS["theory"], lw=1.4)
    axes.plot([], [], "--", color=COLOURS["theory"], lw=1.4, label="mean over draws, in closed form")
    axes.axhline(1, color=COLOURS["bound"], lw=0.8, label="the bound is empty above")
    axes.set(
        xlabel="portion of random labels", ylabel=r"$\sqrt{2y^\top(H^\infty)^{-1}y/n}$", xlim=(0, 1), ylim=(0, None)
    )
    axes.legend()
    return stamp(figure, record, "measures", seeds=measures.sizes["seed"])


def error_against_noise(record: xr.DataTree, name: str) -> Figure:
    """Test losses of trained nets and the measure against the portion of random labels: the paper's Figure 2.

    Open markers are nets as wide as there are images, where there are any.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `generalization`.
    name : str
        Data set.

    Returns
    -------
    Figure
    """
    row = _nets(record, name)
    figure, (axes,) = panels(1, 3.8)
    right = axes.twinx()
    right.spines["right"].set_visible(True)
    curves = (
        (axes, "l1", COLOURS["true"], "o", r"$\ell_1$ loss (left)"),
        (axes, "error", COLOURS["random"], "s", "classification error (left)"),
        (right, "measure", COLOURS["theory"], "D", "complexity measure (right)"),
    )
    for side, variable, colour, marker, label in curves:
        style = "--" if side is right else "-"
        _band(side, row[variable], colour)
        side.plot(row.portion, row[variable].mean("draw"), style, color=colour, marker=marker, ms=5)
        axes.plot([], [], style, color=colour, marker=marker, ms=5, label=label)
    square = part(record, "square")
    if name in square["data"].values:
        wide = square.sel(data=name).isel(draw=0)
        for variable, colour, marker in (("l1", COLOURS["true"], "o"), ("error", COLOURS["random"], "s")):
            axes.plot(wide.portion, wide[variable], marker, color=colour, mfc="none", ms=9)
        axes.plot([], [], "o", color=COLOURS["theory"], mfc="none", ms=9, label="losses for $m=n$")
    axes.set(xlabel="portion of random labels", ylabel="test loss")
    axes.set_xlim(-0.02, 1.02)
    axes.set_ylim(0, max(1.0, 1.05 * float(row.l1.max())))
    right.set_ylim(0, max(6.0, 1.05 * float(row.measure.max())))
    right.set_ylabel(r"$\sqrt{2y^\top(H^\infty)^{-1}y/n}$")
    figure.legend(loc="outside upper center", ncols=2, columnspacing=1.0)
    return stamp(figure, record, "nets", "square", seeds=row.sizes["draw"], data=[name])


def movement_against_noise(record: xr.DataTree, name: str) -> Figure:
    """Distance from the start against the portion of random labels, total and per neuron: Lemma 5.3.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `generalization`.
    name : str
        Data set.

    Returns
    -------
    Figure
    """
    row, colour = _nets(record, name), COLOURS[name]
    figure, (top, bottom) = panels(2, 3.0)
    for axes, variable, label in ((top, "movement", "trained net"), (bottom, "neuron_movement", None)):
        _band(axes, row[variable], colour)
        axes.plot(row.portion, row[variable].mean("draw"), color=colour, marker=MARKERS[name], ms=5, label=label)
    lines = (("norm", "--", r"$\sqrt{y^\top(H^\infty)^{-1}y}$"), ("linear_movement", ":", "frozen gates"))
    for variable, style, label in lines:
        top.plot(row.portion, row[variable].mean("draw"), style, color=COLOURS["theory"], lw=1.4, label=label)
    top.set(xlabel="portion of random labels", ylabel=r"$\|W(k)-W(0)\|_F$", xlim=(0, 1), ylim=(0, None))
    bottom.set(xlabel="portion of random labels", ylabel=r"$\max_r\,\|w_r(k)-w_r(0)\|$", xlim=(0, 1), ylim=(0, None))
    figure.legend(loc="outside upper center", ncols=3, columnspacing=1.0)
    return stamp(figure, record, "nets", seeds=row.sizes["draw"], data=[name])


def against_width(record: xr.DataTree) -> Figure:
    """Movement of neurons, total movement and test loss against the width, at two scales of initialisation.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `generalization`.

    Returns
    -------
    Figure
    """
    balls = part(record, "balls")
    scales, kinds = list(zip(balls.init_scale.values, ("-", ":"), strict=True)), balls.labels.values
    figure, axes = panels(3, 2.7)
    shown = (balls.neuron_movement, movement_ratio(record, low=True), balls.ramp)
    for ax, values in zip(axes, shown, strict=True):
        for scale, style in scales:
            for kind in kinds:
                seeds = values.sel(init_scale=scale, labels=kind)
                ax.plot(balls.width, seeds, MARKERS[kind], ms=4, mfc="none", color=COLOURS[kind])
                ax.plot(balls.width, seeds.mean("seed"), style, color=COLOURS[kind])
        ax.set(xscale="log", xlabel="width $m$")
        ax.set_xticks(balls.width.values, [f"{m:,}" for m in balls.width.values])
        ax.minorticks_off()
    typical = balls.movement / balls.width**0.5
    for scale, style in scales:
        for kind in kinds:
            seeds = typical.sel(init_scale=scale, labels=kind)
            axes[0].plot(balls.width, seeds.mean("seed"), style, color=COLOURS[kind], lw=1)
    axes[0].set(yscale="log", ylabel="neuron, farthest\nand r.m.s. (thin)")
    ends = float(balls.width[0]), float(balls.width[-1])
    slope_guide(axes[0], ends, 0.5 * float(typical.isel(width=0).min()), -0.5, "slope -1/2")
    axes[0].legend()
    axes[1].axhline(1, color=COLOURS["bound"], lw=0.8)
    for ax in axes[1:]:
        ax.set_ylim(0, None)
    axes[1].set_ylabel("total movement /\nof frozen gates")
    axes[2].set_ylabel("ramp test loss")
    handles = [axes[2].plot([], [], color=COLOURS[k], marker=MARKERS[k], ms=4, label=NAMES[k])[0] for k in kinds]
    for scale, style in scales:
        handles += axes[2].plot([], [], style, color=COLOURS["theory"], label=rf"$\kappa={scale:g}$")
    figure.legend(handles=handles, loc="outside upper center", ncols=2, columnspacing=1.2)
    return stamp(figure, record, "balls", seeds=balls.sizes["seed"], data=_first(record))


def rademacher_terms(record: xr.DataTree, labels: str = "random") -> Figure:
    """What Lemma 5.4 bounds, from below and above, against the width, at two scales of initialisation.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `generalization`.
    labels : str
        "true" or "random": which nets set the ball.

    Returns
    -------
    Figure
    """
    balls = part(record, "balls")
    balls = balls.assign(counted=balls.jensen + balls.flips_counted, capped=balls.jensen + balls.flips_capped)
    curves = (
        ("bound", COLOURS["bound"], "v-", "bound of the lemma"),
        ("counted", COLOURS["bound"], "^-", "the same, gates in reach counted"),
        ("capped", COLOURS["worst"], "D-", "bounded by Cauchy-Schwarz (ours)"),
        ("linear_term", COLOURS["theory"], "--", r"its first term, about $B/\sqrt{2n}$"),
        ("ascended", COLOURS["random"], "s-", "best net found by ascent"),
        ("linear", COLOURS["true"], "o", "gates frozen, Monte Carlo"),
    )
    figure, axes = panels(len(balls.init_scale), 3.2)
    for ax, scale in zip(axes, balls.init_scale.values, strict=True):
        row = balls.sel(init_scale=scale, labels=labels).mean("seed")
        for variable, colour, style, label in curves:
            size, fill = (11, "none") if variable == "linear" else (5, colour)  # a ring, as others lie under it
            ax.plot(balls.width, row[variable], style, color=colour, ms=size, mfc=fill, label=label)
        ax.axhline(0.5, color=COLOURS["bound"], lw=0.8, ls=":")
        ax.set(xscale="log", yscale="log", xlabel="width $m$", ylabel=rf"$\mathcal{{R}}_S$,  $\kappa={scale:g}$")
        ax.set_xticks(balls.width.values, [f"{m:,}" for m in balls.width.values])
        ax.tick_params(axis="x", which="minor", bottom=False, labelbottom=False)
    handles, names = axes[0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside upper center", ncols=1)
    return stamp(figure, record, "balls", seeds=balls.sizes["seed"], data=_first(record))


def close_pair(record: xr.DataTree) -> Figure:
    """Two inputs of opposite label at a small angle: the measure, the net's test error, the steps that it needs.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `generalization`.

    Returns
    -------
    Figure
    """
    pairs, n = part(record, "pairs"), settings(record)["n_pair"] + 1
    figure, (top, middle, bottom) = panels(3, 2.6)
    law = np.sqrt(8 * np.pi / (n * pairs.angle))
    top.plot(pairs.angle, pairs.measure, "o-", color=COLOURS["true"], label="measure")
    top.plot(pairs.angle, law, "--", color=COLOURS["theory"], label=r"$\sqrt{8\pi/(n\theta)}$")
    top.set(ylabel="measure", ylim=(0, None))
    done = fitted(record)
    for axes, values in ((middle, pairs.error), (bottom, pairs.steps)):
        axes.plot(pairs.angle, values, "-", color=COLOURS["random"])
        axes.plot(pairs.angle, values.where(done), "o", color=COLOURS["random"], label="trained net")
        axes.plot(pairs.angle, values.where(~done), "x", ms=8, color=COLOURS["bound"], label="cut off")
    middle.set(ylabel="error on test images", ylim=(0, None))
    frozen = "frozen kernel, to the same loss"
    bottom.plot(pairs.angle, pairs.linear_steps, "--", color=COLOURS["theory"], label=frozen)
    bottom.set(yscale="log", ylabel="steps")
    for axes in (top, middle, bottom):
        axes.set(xscale="log", xlabel=r"angle $\theta$ (radians)")
    handles = [handle for axes in (top, bottom) for handle in axes.get_legend_handles_labels()[0]]
    figure.legend(handles=handles, loc="outside upper center", ncols=2, columnspacing=1.0)
    return stamp(figure, record, "pairs", seeds=1, data=_first(record))


def _nets(record: xr.DataTree, name: str) -> xr.Dataset:
    """The nets trained on a data set, with the draws that were run on it."""
    row = part(record, "nets").sel(data=name)
    return row.isel(draw=row.measured.any("portion").values) if "measured" in row else row


def _band(axes: Axes, values: xr.DataArray, colour: str) -> None:
    """From the least to the largest draw."""
    axes.fill_between(values.portion, values.min("draw"), values.max("draw"), color=colour, alpha=0.25, lw=0)


def _first(record: xr.DataTree) -> list[str]:
    """The data set that serves the sweep over widths and the pairs."""
    return record.attrs["data_names"].split("; ")[:1]
