"""Figures of the chapter on clustered data, from a record alone: nets in training, and what their data do to them."""

from collections.abc import Sequence

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle
from matplotlib.ticker import NullFormatter, NullLocator

from ntkbook.experiments.clustered_data.claims_distance import components
from ntkbook.experiments.clustered_data.measures import steps_to
from ntkbook.experiments.clustered_data.structure import VARIED
from ntkbook.experiments.clustered_data.xor import DISCS
from ntkbook.figures.palette import shades
from ntkbook.figures.style import COLOURS, MARKERS, NAMES, panels, slope_guide, stamp
from ntkbook.records import part
from ntkbook.training import log_grid

_WIDTHS = (*shades(3), COLOURS["random"], COLOURS["worst"])
_FORMS = ("o", "s", "^", "D", "v")
_CLASSES = (COLOURS["true"], COLOURS["random"])


def synthetic(record: xr.DataTree) -> Figure:
    """Figure 1 of Li and Liang (2018): accuracy, flipped patterns, distance, singular values on the synthetic data.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `clustered_data`.

    Returns
    -------
    Figure
        Mean over seeds, band of one standard deviation.
    """
    figure, all_axes = panels(4, 2.3)
    nets = part(record, "synthetic")
    four_panels(all_axes, nets, components(record))
    handles, names = all_axes[0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside upper center", ncols=3, columnspacing=1.0, handlelength=1.5)
    return stamp(figure, record, "synthetic", seeds=nets.sizes["seed"], data=["mixtures"])


def steps_against_width_and_dimension(record: xr.DataTree) -> Figure:
    """Steps to 95 % and 99 % accuracy against the width, and against the dimension of the data.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `clustered_data`.

    Returns
    -------
    Figure
    """
    figure, all_axes = panels(2, 2.7)
    nets, dimension = part(record, "synthetic"), part(record, "dimension")
    by_dimension = {name: dimension.sel(mixture=name) for name in ("separated", "Gaussian")}
    cases = (
        (all_axes[0], "neurons $m$", nets.width.values, {"separated": part(record, "separated"), "Gaussian": nets}),
        (all_axes[1], "dimension $d$", dimension.dim.values, by_dimension),
    )
    for axes, label, x, kinds in cases:
        for (kind, measured), colour in zip(kinds.items(), (COLOURS["true"], COLOURS["random"]), strict=False):
            for level, line, form in ((0.95, "--", "s"), (0.99, "-", "o")):
                steps = steps_to(measured.accuracy, level)
                steps = steps.where(np.isfinite(steps))
                axes.errorbar(
                    x, steps.mean("seed"), steps.std("seed"), color=colour, ls=line, marker=form, capsize=2,
                    label=f"{kind}, {100 * level:.0f} %",
                )  # fmt: skip
        axes.set(xscale="log", xlabel=label, ylabel="steps")
        axes.set_ylim(0, 1.5 * axes.get_ylim()[1])  # room for the legend
        _plain(axes, x)
        axes.legend(ncols=2, loc="upper center")
    return stamp(figure, record, "dimension", "separated", "synthetic", seeds=nets.sizes["seed"], data=["mixtures"])


def falls_with_width(record: xr.DataTree) -> Figure:
    """Distance, flips and the gap between f and g at the end against the width.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `clustered_data`.

    Returns
    -------
    Figure
    """
    figure, all_axes = panels(3, 2.5)
    images = part(record, "images").sel(inputs="pixels")
    arms = (
        (part(record, "synthetic"), "synthetic", COLOURS["true"], "o"),
        (images.sel(start="section 7"), "MNIST, section 7's start", COLOURS["random"], "s"),
        (images.sel(start="(A3)"), "MNIST, (A3)'s start", COLOURS["worst"], "^"),
    )
    for nets, label, colour, form in arms:
        x = nets.width.values
        gap = nets.end_pseudo_gap / nets.end_output.where(nets.end_output > 0)  # a net may die
        for axes, values in zip(all_axes, (nets.end_distance, nets.end_flipped, gap), strict=True):
            axes.errorbar(x, values.mean("seed"), values.std("seed"), color=colour, marker=form, capsize=2, label=label)
    widths = part(record, "synthetic").width.values
    ends = float(widths[0]), float(widths[-1])
    names = ("relative distance", "flipped patterns", r"$\max|f-g|\,/\max|f|$")
    for axes, name in zip(all_axes, names, strict=True):
        low = np.asarray(axes.get_lines()[0].get_ydata())[0]
        slope_guide(axes, ends, float(low) * 0.7, -0.5, "slope $-1/2$")
        axes.set(xscale="log", yscale="log", xlabel="neurons $m$", ylabel=name)
        _plain(axes, widths)
        axes.yaxis.set_minor_formatter(NullFormatter())
    handles, labels = all_axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=2, columnspacing=1.0)
    return stamp(figure, record, "images", "synthetic", seeds=part(record, "synthetic").sizes["seed"])


def structure(record: xr.DataTree) -> Figure:
    """Distance and flips at the end against the noise, the number of classes and that of components.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `clustered_data`.

    Returns
    -------
    Figure
    """
    figure, all_axes = panels(3, 2.2)
    symbols = {"noise": r"noise $\sigma$", "classes": "classes $k$", "components": r"components of a class $\ell$"}
    for axes, (name, label) in zip(all_axes, symbols.items(), strict=True):
        measured = part(record, name)
        x = measured[VARIED[name]].values
        for values, said, colour, form in (
            (measured.end_distance, "relative distance", COLOURS["true"], "o"),
            (measured.end_flipped, "flipped patterns", COLOURS["random"], "s"),
        ):
            axes.errorbar(x, values.mean("seed"), values.std("seed"), color=colour, marker=form, capsize=2, label=said)
        axes.set(xscale="log", ylim=(0, None), xlabel=label, ylabel=f"after step {int(measured.step[-1])}")
        _plain(axes, x)
    handles, labels = all_axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=2)
    return stamp(
        figure, record, "classes", "components", "noise", seeds=part(record, "noise").sizes["seed"], data=["mixtures"]
    )


def labels(record: xr.DataTree) -> Figure:
    """True and random labels of the same points: share that is fitted, distance and flips along the run.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `clustered_data`.

    Returns
    -------
    Figure
    """
    figure, all_axes = panels(3, 2.2)
    along = part(record, "labels").isel(step=slice(1, None))
    names = {"fitted": "fitted", "distance": "relative distance", "flipped": "flipped patterns"}
    for axes, (name, label) in zip(all_axes, names.items(), strict=True):
        for kind in ("true", "random"):
            values = along[name].sel(labels=kind)
            _band(axes, along.step, values, COLOURS[kind], MARKERS[kind], NAMES[kind])
        axes.set(xscale="log", ylim=(0, None), xlabel="step $t$", ylabel=label)
    handles, said = all_axes[0].get_legend_handles_labels()
    figure.legend(handles, said, loc="outside upper center", ncols=2)
    return stamp(figure, record, "labels", seeds=along.sizes["seed"], data=["mixtures"])


def xor_regions(record: xr.DataTree) -> Figure:
    """Regions that the first net learned, on the plane, for planar discs and for lifted ones.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `clustered_data`.

    Returns
    -------
    Figure
    """
    figure, all_axes = panels(2, 4.4)
    for axes, name in zip(all_axes, ("planar", "lifted, 0.02"), strict=True):
        region = part(record, "xor").region.sel(discs=name).isel(seed=0)
        axes.contourf(region.x, region.y, region, levels=(-0.5, 0.5, 1.5), colors=_CLASSES, alpha=0.25)
        for i, centre in enumerate(((0, 0), (2, 2), (0, 2), (2, 0))):
            label = f"class {i // 2 + 1}" if i % 2 == 0 else None
            axes.add_patch(
                Circle(centre, DISCS[name][0], facecolor="none", edgecolor=_CLASSES[i // 2], lw=2, label=label)
            )
        axes.set(
            aspect="equal", xlabel="$x_1$", ylabel=f"$x_2$,  {name.split(',')[0]}", xlim=(-0.5, 2.5), ylim=(-0.5, 2.5)
        )
    handles, said = all_axes[0].get_legend_handles_labels()
    figure.legend(handles, said, loc="outside upper center", ncols=2)
    return stamp(figure, record, "xor", seeds=1, data=["mixtures"])


def four_panels(all_axes: Sequence[Axes], nets: xr.Dataset, count: int) -> None:
    """Draw accuracy, flips and distance along the run, and singular values at its end, a colour for each width.

    Parameters
    ----------
    all_axes : sequence of Axes
        Four.
    nets : xarray.Dataset
        By width and seed.
    count : int
        Singular values after which a gap is expected.
    """
    along = nets.sel(step=log_grid(int(nets.step[-1]), 4)[1:])  # every early step would be a crowd
    said = {"accuracy": "test accuracy", "flipped": "flipped patterns", "distance": "relative distance"}
    for axes, (measured, label) in zip(all_axes, said.items(), strict=False):
        for m, colour, form in zip(nets.width.values, _WIDTHS, _FORMS, strict=False):
            values = along[measured].sel(width=m)
            _band(axes, along.step, values, colour, form, f"$m={m:,}$".replace(",", "{,}"))
        axes.set(xscale="log", xlabel="step $t$", ylabel=label)
    all_axes[0].set_ylim(0, 1.03)
    for axes in all_axes[1:3]:
        axes.set_ylim(bottom=0)
    for m, colour in zip(nets.width.values, _WIDTHS, strict=False):
        for spectrum, line in ((nets.spectrum_update, "-"), (nets.spectrum_weights, "--")):
            mean = spectrum.sel(width=m).mean("seed")
            all_axes[3].plot(nets.index, mean.where(mean > 0), line, color=colour, lw=1.4)
    all_axes[3].axvline(count + 0.5, color=COLOURS["bound"], lw=0.8, ls=":")
    all_axes[3].set(yscale="log", xlabel="index $j$", ylabel="singular value")
    all_axes[3].yaxis.set_minor_formatter(NullFormatter())


def _plain(axes: Axes, values: np.ndarray) -> None:
    """Label the values on the x axis with plain numbers."""
    axes.set_xticks(values, [f"{value:,g}" for value in values])
    axes.xaxis.set_minor_locator(NullLocator())


def _band(axes: Axes, x: xr.DataArray, values: xr.DataArray, colour: str, form: str, label: str) -> None:
    """Mean over seeds with a band of one standard deviation."""
    mean, spread = values.mean("seed"), values.std("seed")
    axes.plot(x, mean, color=colour, marker=form, ms=4, label=label)
    axes.fill_between(x, mean - spread, mean + spread, color=colour, alpha=0.2, lw=0)
