"""Figures of the chapter on clustered data, from a record alone: the lemmas in setting (S)."""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from ntkbook.experiments.clustered_data.claims_distance import components
from ntkbook.figures.style import COLOURS, panels, stamp
from ntkbook.records import part

_ROUNDING = 1e-16


def coupling(record: xr.DataTree) -> Figure:
    """Lemma 5.1: share of neurons that left the pseudo-gradient, with its bound, and by how much they left it.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `clustered_data`.

    Returns
    -------
    Figure
    """
    figure, all_axes = panels(2, 3.0)
    paces = (("slow", r"$\eta=0.01/m$", COLOURS["true"], "o"), ("paper", r"$\eta=10/m$", COLOURS["random"], "s"))
    for pace, label, colour, form in paces:
        measured = part(record, pace)
        along = measured.isel(step=slice(1, None))
        left = 1 - along.coupled.mean("seed")
        all_axes[0].plot(along.step, left.where(left > 0), color=colour, marker=form, ms=4, label=label)
        all_axes[0].plot(along.step, 1 - along.bound.mean("seed"), "--", color=colour, lw=1.2)
        difference = np.maximum(measured.difference.mean("seed"), _ROUNDING)
        all_axes[1].plot(100 * measured["quantile"], difference, color=colour, label=label)
    all_axes[0].axhline(1, color=COLOURS["bound"], lw=0.8)
    all_axes[0].set(xscale="log", yscale="log", xlabel="step $t$", ylabel="share not coupled")
    all_axes[0].legend()
    all_axes[1].set(yscale="log", ylim=(_ROUNDING / 2, 1e2), xlabel="neurons, sorted (%)", ylabel="relative difference")
    return stamp(figure, record, "paper", "slow", seeds=part(record, "slow").sizes["seed"], data=["mixtures"])


def pseudo_gradient(record: xr.DataTree) -> Figure:
    """Lemma 5.2: norm that enough neurons reach, against the largest error v and against the separation delta.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `clustered_data`.

    Returns
    -------
    Figure
    """
    figure, all_axes = panels(2, 2.9)
    paper, pairs, count = part(record, "paper"), part(record, "pairs"), components(record)
    v = paper.v.mean("seed").values
    asked = paper.v * paper.delta / (3 * count)
    all_axes[0].plot(v, (paper.reach * asked).mean("seed"), "o-", color=COLOURS["true"], ms=4, label="reached")
    all_axes[0].plot(v, paper.norm.mean("seed"), "s-", color=COLOURS["random"], ms=4, label="root mean square")
    all_axes[0].plot(v, asked.mean("seed"), "--", color=COLOURS["theory"], label=r"lemma, $v\delta/3k\ell$")
    all_axes[0].set(
        xscale="log", yscale="log", xlabel=r"largest error $v$", ylabel=r"$|\tilde\partial L/\partial w_r|$"
    )
    delta = pairs.distance.values
    kinds = (
        ("one entry", "one error", COLOURS["random"], "s-"),
        ("opposite", "opposite errors", COLOURS["true"], "o-"),
        ("worst", "worst found", COLOURS["worst"], "^-"),
    )
    for kind, label, colour, form in kinds:
        reached = pairs.reach.sel(kind=kind).mean("seed") * delta / 6
        all_axes[1].plot(delta, reached, form, color=colour, ms=4, label=label)
    all_axes[1].plot(delta, delta / 6, "--", color=COLOURS["theory"], label=r"lemma, $\delta/6$")
    all_axes[1].set(
        xscale="log", yscale="log", xlabel=r"distance $\delta$ of two points", ylabel=r"reached, $v=1$, $k\ell=2$"
    )
    for axes in all_axes:
        axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2, columnspacing=1.0)
    return stamp(figure, record, "pairs", "paper", seeds=paper.sizes["seed"], data=["mixtures"])
