"""Figures of the chapter on the rate of convergence, from a record alone."""

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import NullFormatter

from ntkbook.experiments.convergence import steps
from ntkbook.experiments.convergence.claims import gap
from ntkbook.experiments.problem import LABELS
from ntkbook.figures.style import COLOURS, MARKERS, NAMES, panels, slope_guide, stamp
from ntkbook.records import part


def labels_in_eigenbasis(record: xr.DataTree, name: str) -> Figure:
    """Eigenvalues and projections of the labels, on the axes of Figure 1(b) and 1(d); running share of |y|^2.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `convergence`.
    name : str
        Data set.

    Returns
    -------
    Figure
    """
    row = part(record, "spectra").sel(data=name)
    figure, (top, bottom) = panels(2, 3.1)
    for kind in ("random", "true"):
        projection = row[f"{kind}_projection"]
        top.plot(
            row.index,
            projection,
            ".",
            ms=3,
            color=COLOURS[kind],
            label=NAMES[kind],
            rasterized=row.sizes["index"] > 2000,
        )
        bottom.plot(row.index, (projection**2).cumsum() / (projection**2).sum(), color=COLOURS[kind], label=NAMES[kind])
    top.set(ylim=(0, 10), xlabel="index $i$", ylabel=r"projection $|v_i^\top y|$")
    twin = top.twinx()
    twin.plot(row.index, row.eigenvalue, color=COLOURS["theory"], lw=1.4)
    twin.set(ylim=(0, 1), ylabel=r"eigenvalue $\lambda_i$ (line)")
    twin.spines["right"].set_visible(True)
    top.legend(loc="upper right", markerscale=4)
    top.set_zorder(twin.get_zorder() + 1)
    top.patch.set_visible(False)
    bottom.plot(row.index, row.index / row.sizes["index"], ":", color=COLOURS["bound"], label="flat")
    bottom.set(xscale="log", ylim=(0, 1.02), xlabel="index $i$", ylabel=r"share of $|y|^2$ up to $i$")
    bottom.legend()
    return stamp(figure, record, "spectra", seeds=1, data=[name])


def loss_curves(record: xr.DataTree, name: str) -> Figure:
    """Loss against steps for the three kinds of labels, measured and predicted: Figure 1(a) and 1(c).

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `convergence`.
    name : str
        Data set.

    Returns
    -------
    Figure
    """
    row = part(record, "curves").sel(data=name)
    figure, (top, bottom) = panels(2, 3.1)
    for axes in (top, bottom):
        for kind in LABELS:
            curve = row.sel(labels=kind)
            axes.plot(row.step, curve.loss, color=COLOURS[kind], marker=MARKERS[kind], ms=3.5)
            axes.plot(row.horizon, curve.horizon_loss, "--", color=COLOURS[kind], lw=1.4)
    top.set(xscale="symlog", ylim=(0, 0.52), ylabel=r"loss $\Phi(k)/n$", xlabel="step $k$")
    bottom.set(xscale="symlog", yscale="log", ylim=(1e-7, 1), xlabel="step $k$", ylabel=r"loss $\Phi(k)/n$")
    for axes in (top, bottom):
        axes.set_xlim(0, float(row.horizon[-1]))
        axes.set_xticks([0, 1, 10, 1e2, 1e3, 1e4, 1e5, 1e6][: 2 + int(np.log10(float(row.horizon[-1])))])
    _legend(figure, {"--": "predicted, frozen kernel"})
    return stamp(figure, record, "curves", seeds=1, data=[name])


def gap_against_width(record: xr.DataTree) -> Figure:
    """Distance between measured and predicted residual against the width, at two scales of initialisation: Theorem 4.1.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `convergence`.

    Returns
    -------
    Figure
    """
    gaps = gap(record)
    figure, all_axes = panels(gaps.sizes["init_scale"], 3.0)
    ends = float(gaps.width[0]), float(gaps.width[-1])
    for axes, scale in zip(all_axes, gaps.init_scale.values, strict=True):
        arm = gaps.sel(init_scale=scale)
        _against_width(axes, arm)
        slope_guide(axes, ends, float(arm.sel(labels="true").mean("seed")[0]) * 0.6, -0.5, r"slope $-1/2$")
        axes.set(ylabel=rf"gap / $|y|$,  $\kappa={scale:g}$", ylim=(None, 1.2))
    _legend(figure, {":": r"slope $-1/2$"})
    return stamp(figure, record, "short_runs", seeds=gaps.sizes["seed"], data=_first(record))


def kernel_drift(record: xr.DataTree) -> Figure:
    """Movement of H and Z, and error of the one-step linearisation, against the width: Lemma C.2, eq. (24).

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `convergence`.

    Returns
    -------
    Figure
    """
    arm = part(record, "short_runs").sel(init_scale=1.0)
    shown = (
        (arm.gram_drift, r"$\|H(k)-H(0)\|_F$", -0.5, r"slope $-1/2$"),
        (arm.feature_drift, r"$\|Z(k)-Z(0)\|_F$", -0.25, r"slope $-1/4$"),
        (arm.step_error, r"$\max_k\,|\epsilon(k)|\,/\,\eta|u(k)-y|$", -0.5, r"slope $-1/2$"),
    )
    figure, all_axes = panels(len(shown), 2.6)
    ends = float(arm.width[0]), float(arm.width[-1])
    for axes, (values, label, slope, text) in zip(all_axes, shown, strict=True):
        _against_width(axes, values)
        slope_guide(axes, ends, float(values.mean("seed").max()) * 1.3, slope, text)
        axes.text(ends[1], float(values.mean("seed").max()), text, color=COLOURS["bound"], ha="right", fontsize=11)
        axes.set_ylabel(label)
    _legend(figure, {})
    return stamp(figure, record, "short_runs", seeds=arm.sizes["seed"], data=_first(record))


def slowest_direction(record: xr.DataTree) -> Figure:
    """The kernel along v_n while a net is trained, at kappa = 1, for random and worst-case labels and at each width.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `convergence`.

    Returns
    -------
    Figure
    """
    form = part(record, "short_runs").slowest_form.sel(init_scale=1.0)
    figure, (axes,) = panels(1, 3.2)
    for kind in ("random", "worst"):
        for thickness, width in enumerate(form.width.values, start=1):
            mean = form.sel(labels=kind, width=width).mean("seed")
            axes.plot(form.step, mean, color=COLOURS[kind], lw=0.6 * thickness)
    axes.axhline(1, color=COLOURS["theory"], ls="--", lw=1.4)
    axes.set(xscale="symlog", xlim=(0, float(form.step[-1])), ylim=(0, 1.3), xlabel="step $k$")
    axes.set(ylabel=r"$v_n^\top H(k)\,v_n\,/\,\lambda_0$")
    axes.set_xticks([tick for tick in (0, 1, 10, 100, 1000) if tick <= form.step[-1]])
    kinds = [Line2D([], [], color=COLOURS[kind], lw=1.8, label=NAMES[kind]) for kind in ("random", "worst")]
    frozen = Line2D([], [], color=COLOURS["theory"], ls="--", lw=1.4, label="frozen kernel")
    widths = f"$m={int(form.width[0]):,}$ (thin) to ${int(form.width[-1]):,}$".replace(",", "{,}")
    figure.legend(handles=[*kinds, frozen, Line2D([], [], ls="", label=widths)], loc="outside upper center", ncols=2)
    return stamp(figure, record, "short_runs", seeds=form.sizes["seed"], data=_first(record))


def rate_per_step(record: xr.DataTree) -> Figure:
    """Share of the loss that each recorded step removes, against the bound of Theorem 3.1, at the largest width.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `convergence`.

    Returns
    -------
    Figure
    """
    runs = part(record, "short_runs").isel(width=-1, seed=0)
    figure, all_axes = panels(runs.sizes["init_scale"], 3.0)
    first = steps.followed(runs.step.values)
    bound = 1 - float(runs.rate_bound.max())
    for axes, scale in zip(all_axes, runs.init_scale.values, strict=True):
        for kind in LABELS:
            loss = runs.residual.sel(init_scale=scale, labels=kind).values ** 2
            removed = 1 - loss[first + 1] / loss[first]
            axes.plot(runs.step[first] + 1, removed, color=COLOURS[kind], marker=MARKERS[kind], ms=4)
        axes.axhline(bound, color=COLOURS["theory"], ls="--", lw=1.4)
        axes.set_yscale("symlog", linthresh=bound, linscale=0.5)
        axes.set(ylim=(-2 * bound, 1.2), yticks=[0, 1e-2, 1e-1, 1], yticklabels=["0", "0.01", "0.1", "1"])
        axes.minorticks_off()
        axes.axhline(0, color=COLOURS["bound"], lw=0.8)
        axes.set(xscale="log", xlabel="step $k+1$", ylabel=rf"$1-\Phi(k+1)/\Phi(k)$,  $\kappa={scale:g}$")
    _legend(figure, {"--": r"bound $\eta\lambda_0/2$"})
    return stamp(figure, record, "short_runs", seeds=1, data=_first(record))


def _first(record: xr.DataTree) -> list[str]:
    """Name of the data set that serves the short runs."""
    return record.attrs["data_names"].split("; ")[:1]


def _against_width(axes: Axes, values: xr.DataArray) -> None:
    """Mean over seeds as a line, each seed as an open marker."""
    for kind in LABELS:
        seeds = values.sel(labels=kind).transpose("width", "seed")
        axes.plot(values.width, seeds, MARKERS[kind], ms=4, mfc="none", color=COLOURS[kind])
        axes.plot(values.width, seeds.mean("seed"), color=COLOURS[kind])
    axes.set(xscale="log", yscale="log", xlabel="width $m$")
    axes.set_xticks(values.width.values, [f"{int(width):,}" for width in values.width])
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.yaxis.set_minor_formatter(NullFormatter())


def _legend(figure: Figure, lines: dict[str, str]) -> None:
    """Legend above the panels, by concept: one entry for each kind of labels, one for each extra line style."""
    kinds = [Line2D([], [], color=COLOURS[kind], marker=MARKERS[kind], ms=4, label=NAMES[kind]) for kind in LABELS]
    extra = [Line2D([], [], color=COLOURS["theory"], ls=style, lw=1.4, label=text) for style, text in lines.items()]
    figure.legend(handles=[*kinds, *extra], loc="outside upper center", ncols=2, columnspacing=1.2)
