"""Figures of the chapter on clustered data."""

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Circle
from matplotlib.ticker import NullFormatter, NullLocator

from ntkbook.experiments.clustered_checks import steps_to
from ntkbook.experiments.clustered_runs import XORS
from ntkbook.figures.style import COLOURS, MARKERS, NAMES, panels, slope_guide, stamp

_WIDTHS = ("#9CCBEB", "#4C9FD6", "#0072B2", "#D98200", "#A64D8F")
_FORMS = ("o", "s", "^", "D", "v")
_CLASSES = ("#0072B2", "#D98200")
_ROUNDING = 1e-16


def four_panels(record: xr.Dataset, prefix: str) -> Figure:
    """Figure 1 or 2 of Li and Liang (2018): accuracy, flipped patterns, distance, singular values of the update.

    Parameters
    ----------
    record : xarray.Dataset
        Of the experiment `clustered_data`.
    prefix : str
        "synthetic", or "printed" or "gentle" for MNIST at one of the two step sizes.

    Returns
    -------
    Figure
        Mean over seeds, band of one standard deviation.
    """
    figure, all_axes = panels(4, 2.3)
    width, step, index = _width(prefix), f"{prefix}_step", f"{prefix}_index"
    labels = ("test accuracy", "flipped patterns", "relative distance", "singular value")
    for axes, name, label in zip(all_axes, ("accuracy", "flipped", "distance"), labels, strict=False):
        along = record[f"{prefix}_{name}"].isel({step: slice(1, None)})
        for i, m in enumerate(record[width].values):
            _band(axes, along[step].values, along.sel({width: m}), i, f"$m={m:,}$".replace(",", "{,}"))
        axes.set(xscale="log", xlabel="step $t$", ylabel=label)
    all_axes[0].set_ylim(0, 1.03)
    for axes in all_axes[1:3]:
        axes.set_ylim(bottom=0)
    for i, m in enumerate(record[width].values):
        for name, line in (("update", "-"), ("weights", "--")):
            mean = record[f"{prefix}_spectrum_{name}"].sel({width: m}).mean("seed")
            shown = mean.where(mean > 0)
            all_axes[3].plot(record[index], shown, line, color=_WIDTHS[i], lw=1.4)
    all_axes[3].axvline(int(record.components) + 0.5, color=COLOURS["bound"], lw=0.8, ls=":")
    all_axes[3].set(yscale="log", xlabel="index $j$", ylabel=labels[3])
    all_axes[3].yaxis.set_minor_formatter(NullFormatter())
    handles, names = all_axes[0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside upper center", ncols=3, columnspacing=1.0, handlelength=1.5)
    sources = ["mixtures"] if prefix == "synthetic" else ["images"]
    return stamp(figure, record, seeds=record.sizes["seed"], data=sources)


def steps_against_width_and_dimension(record: xr.Dataset) -> Figure:
    """Steps to 95 % and 99 % accuracy against the width, and against the dimension of the data.

    Parameters
    ----------
    record : xarray.Dataset
        Of the experiment `clustered_data`.

    Returns
    -------
    Figure
    """
    figure, all_axes = panels(2, 2.7)
    cases = (
        (all_axes[0], "neurons $m$", (("synthetic_accuracy", "synthetic", "width"),)),
        (
            all_axes[1],
            "dimension $d$",
            (("d_separated_accuracy", "separated", "d_separated"), ("d_accuracy", "Gaussian", "d")),
        ),
    )
    for axes, label, variables in cases:
        for (name, kind, dim), colour in zip(variables, (COLOURS["true"], COLOURS["random"]), strict=False):
            for level, line, form in ((0.95, "--", "s"), (0.99, "-", "o")):
                steps = steps_to(record[name], level)
                steps = steps.where(np.isfinite(steps))
                axes.errorbar(
                    record[dim], steps.mean("seed"), steps.std("seed"), color=colour, ls=line, marker=form, capsize=2,
                    label=f"{kind}, {100 * level:.0f} %",
                )  # fmt: skip
        axes.set(xscale="log", xlabel=label, ylabel="steps")
        axes.set_ylim(0, 1.5 * axes.get_ylim()[1])  # room for the legend
        _plain(axes, record[variables[-1][2]].values)
        axes.legend(ncols=2, fontsize=9, loc="upper center")
    return stamp(figure, record, seeds=record.sizes["seed"], data=["mixtures"])


def falls_with_width(record: xr.Dataset) -> Figure:
    """Distance, flips and the gap between f and g at the end against the width.

    Parameters
    ----------
    record : xarray.Dataset
        Of the experiment `clustered_data`.

    Returns
    -------
    Figure
    """
    figure, all_axes = panels(3, 2.5)
    arms = (
        ("synthetic", "synthetic", COLOURS["true"], "o"),
        ("gentle", "MNIST, gentle rate", COLOURS["random"], "s"),
        ("printed", "MNIST, printed rate", COLOURS["worst"], "^"),
    )
    for prefix, label, colour, form in arms:
        x = record[_width(prefix)].values
        output = record[f"{prefix}_end_output"]
        gap = record[f"{prefix}_end_pseudo_gap"] / output.where(output > 0)  # a net may die
        shown = (record[f"{prefix}_end_distance"], record[f"{prefix}_end_flipped"], gap)
        for axes, values in zip(all_axes, shown, strict=True):
            axes.errorbar(x, values.mean("seed"), values.std("seed"), color=colour, marker=form, capsize=2, label=label)
    first = record.width.values[[0, -1]].astype(float)
    names = ("relative distance", "flipped patterns", r"$\max|f-g|\,/\max|f|$")
    for axes, name in zip(all_axes, names, strict=True):
        low = np.asarray(axes.get_lines()[0].get_ydata())[0]
        slope_guide(axes, (first[0], first[1]), float(low) * 0.7, -0.5, "slope $-1/2$")
        axes.set(xscale="log", yscale="log", xlabel="neurons $m$", ylabel=name)
        _plain(axes, record.width.values)
        axes.yaxis.set_minor_formatter(NullFormatter())
    handles, labels = all_axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=2, columnspacing=1.0)
    return stamp(figure, record, seeds=record.sizes["seed"])


def coupling(record: xr.Dataset) -> Figure:
    """Lemma 5.1: share of neurons that left the pseudo-gradient, with its bound, and by how much they left it.

    Parameters
    ----------
    record : xarray.Dataset
        Of the experiment `clustered_data`.

    Returns
    -------
    Figure
    """
    figure, all_axes = panels(2, 3.0)
    paces = (("slow", r"$\eta=0.01/m$", COLOURS["true"], "o"), ("paper", r"$\eta=10/m$", COLOURS["random"], "s"))
    for pace, label, colour, form in paces:
        part = record.isel({f"{pace}_step": slice(1, None)})
        x = part[f"{pace}_step"].values
        left = 1 - part[f"{pace}_coupled"].mean("seed")
        all_axes[0].plot(x, left.where(left > 0), color=colour, marker=form, ms=4, label=label)
        all_axes[0].plot(x, 1 - part[f"{pace}_bound"].mean("seed"), "--", color=colour, lw=1.2)
        difference = record[f"{pace}_difference"].mean("seed")
        all_axes[1].plot(100 * record["quantile"], np.maximum(difference, _ROUNDING), color=colour, label=label)
    all_axes[0].axhline(1, color=COLOURS["bound"], lw=0.8)
    all_axes[0].set(xscale="log", yscale="log", xlabel="step $t$", ylabel="share not coupled")
    all_axes[0].legend()
    all_axes[1].set(yscale="log", ylim=(_ROUNDING / 2, 1e2), xlabel="neurons, sorted (%)", ylabel="relative difference")
    return stamp(figure, record, seeds=record.sizes["seed"], data=["mixtures"])


def pseudo_gradient(record: xr.Dataset) -> Figure:
    """Lemma 5.2: norm that enough neurons reach, against the largest error v and against the separation delta.

    Parameters
    ----------
    record : xarray.Dataset
        Of the experiment `clustered_data`.

    Returns
    -------
    Figure
    """
    figure, all_axes = panels(2, 2.9)
    count = int(record.components)
    v = record.paper_v.mean("seed").values
    threshold = v * float(record.paper_delta.mean()) / count
    reached = (record.paper_reach * record.paper_v * record.paper_delta / count).mean("seed")
    all_axes[0].plot(v, reached, "o-", color=COLOURS["true"], ms=4, label=r"norm that a share $\delta/2kl$ reaches")
    all_axes[0].plot(v, record.paper_norm.mean("seed"), "s-", color=COLOURS["random"], ms=4, label="root mean square")
    all_axes[0].plot(v, threshold, "--", color=COLOURS["theory"], label=r"$v\delta/kl$")
    all_axes[0].set(
        xscale="log", yscale="log", xlabel=r"largest error $v$", ylabel=r"$|\tilde\partial L/\partial w_r|$"
    )
    delta = record["pair"].values
    reached = record.pair_reach.mean("seed") * delta / 2
    all_axes[1].plot(delta, reached, "o-", color=COLOURS["true"], ms=4)
    all_axes[1].plot(delta, record.pair_norm.mean("seed"), "s-", color=COLOURS["random"], ms=4)
    all_axes[1].plot(delta, delta / 2, "--", color=COLOURS["theory"])
    all_axes[1].set(
        xscale="log", yscale="log", xlabel=r"distance $\delta$ of two points", ylabel=r"norm, $v=1$, $kl=2$"
    )
    handles, labels = all_axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=1)
    return stamp(figure, record, seeds=record.sizes["seed"], data=["mixtures"])


def structure(record: xr.Dataset) -> Figure:
    """Distance and flips at the end against the noise, the number of classes and that of components.

    Parameters
    ----------
    record : xarray.Dataset
        Of the experiment `clustered_data`.

    Returns
    -------
    Figure
    """
    figure, all_axes = panels(3, 2.2)
    symbols = {"sigma": r"noise $\sigma$", "k": "classes $k$", "l": r"components of a class $\ell$"}
    for axes, (name, label) in zip(all_axes, symbols.items(), strict=True):
        x = record[name].values
        for what, said, colour, form in (
            ("distance", "relative distance", COLOURS["true"], "o"),
            ("flipped", "flipped patterns", COLOURS["random"], "s"),
        ):
            values = record[f"{name}_{what}"]
            axes.errorbar(x, values.mean("seed"), values.std("seed"), color=colour, marker=form, capsize=2, label=said)
        axes.set(xscale="log", ylim=(0, None), xlabel=label, ylabel="at the end")
        _plain(axes, x)
    handles, labels = all_axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=2)
    return stamp(figure, record, seeds=record.sizes["seed"], data=["mixtures"])


def labels(record: xr.Dataset) -> Figure:
    """True and random labels of the same points: share that is fitted, distance and flips along the run.

    Parameters
    ----------
    record : xarray.Dataset
        Of the experiment `clustered_data`.

    Returns
    -------
    Figure
    """
    figure, all_axes = panels(3, 2.2)
    shown = ("fitted", "moved", "flips")
    names = ("fitted", "relative distance", "flipped patterns")
    for axes, name, label in zip(all_axes, shown, names, strict=True):
        along = record[f"labels_{name}"].isel(labels_step=slice(1, None))
        for kind in ("true", "random"):
            values = along.sel(labels=kind)
            mean, spread, x = values.mean("seed"), values.std("seed"), along.labels_step.values
            axes.plot(x, mean, color=COLOURS[kind], marker=MARKERS[kind], ms=4, label=NAMES[kind])
            axes.fill_between(x, mean - spread, mean + spread, color=COLOURS[kind], alpha=0.2, lw=0)
        axes.set(xscale="log", ylim=(0, None), xlabel="step $t$", ylabel=label)
    handles, said = all_axes[0].get_legend_handles_labels()
    figure.legend(handles, said, loc="outside upper center", ncols=2)
    return stamp(figure, record, seeds=record.sizes["seed"], data=["mixtures"])


def xor_regions(record: xr.Dataset) -> Figure:
    """Regions that the first net learned, on the plane, for planar discs and for lifted ones.

    Parameters
    ----------
    record : xarray.Dataset
        Of the experiment `clustered_data`.

    Returns
    -------
    Figure
    """
    figure, all_axes = panels(2, 4.4)
    colours = ListedColormap(_CLASSES)
    for axes, name in zip(all_axes, ("planar", "lifted, 0.02"), strict=True):
        region = record.xor_region.sel(xor=name).isel(seed=0)
        axes.pcolormesh(
            record.xor_x, record.xor_y, region, cmap=colours, vmin=0, vmax=1, alpha=0.35, rasterized=True, lw=0
        )
        for i, centre in enumerate(((0, 0), (2, 2), (0, 2), (2, 0))):
            label = f"class {i // 2 + 1}" if i % 2 == 0 else None
            axes.add_patch(
                Circle(centre, XORS[name][0], facecolor="none", edgecolor=_CLASSES[i // 2], lw=2, label=label)
            )
        axes.set(
            aspect="equal", xlabel="$x_1$", ylabel=f"$x_2$,  {name.split(',')[0]}", xlim=(-0.5, 2.5), ylim=(-0.5, 2.5)
        )
    handles, said = all_axes[0].get_legend_handles_labels()
    figure.legend(handles, said, loc="outside upper center", ncols=2)
    return stamp(figure, record, seeds=1, data=["mixtures"])


def _width(prefix: str) -> str:
    return "width" if prefix == "synthetic" else "width_images"


def _plain(axes: Axes, values: np.ndarray) -> None:
    """Label the values on the x axis with plain numbers."""
    axes.set_xticks(values, [f"{value:,g}" for value in values])
    axes.xaxis.set_minor_locator(NullLocator())


def _band(axes: Axes, x: np.ndarray, values: xr.DataArray, i: int, label: str) -> None:
    """Mean over seeds with a band of one standard deviation."""
    mean, spread = values.mean("seed"), values.std("seed")
    axes.plot(x, mean, color=_WIDTHS[i], marker=_FORMS[i], ms=4, label=label)
    axes.fill_between(x, mean - spread, mean + spread, color=_WIDTHS[i], alpha=0.2, lw=0)
