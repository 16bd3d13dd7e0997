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
    return stamp(figure, record, seeds=part(record, "slow").sizes["seed"], data=["mixtures"])


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
    threshold = v * float(paper.delta.mean()) / count
    reached = (paper.reach * paper.v * paper.delta / count).mean("seed")
    all_axes[0].plot(v, reached, "o-", color=COLOURS["true"], ms=4, label=r"norm that a share $\delta/2kl$ reaches")
    all_axes[0].plot(v, paper.norm.mean("seed"), "s-", color=COLOURS["random"], ms=4, label="root mean square")
    all_axes[0].plot(v, threshold, "--", color=COLOURS["theory"], label=r"$v\delta/kl$")
    all_axes[0].set(
        xscale="log", yscale="log", xlabel=r"largest error $v$", ylabel=r"$|\tilde\partial L/\partial w_r|$"
    )
    delta = pairs.distance.values
    all_axes[1].plot(delta, pairs.reach.mean("seed") * delta / 2, "o-", color=COLOURS["true"], ms=4)
    all_axes[1].plot(delta, pairs.norm.mean("seed"), "s-", color=COLOURS["random"], ms=4)
    all_axes[1].plot(delta, delta / 2, "--", color=COLOURS["theory"])
    all_axes[1].set(
        xscale="log", yscale="log", xlabel=r"distance $\delta$ of two points", ylabel=r"norm, $v=1$, $kl=2$"
    )
    handles, labels = all_axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=1)
    return stamp(figure, record, seeds=paper.sizes["seed"], data=["mixtures"])
