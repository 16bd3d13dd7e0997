"""Figures of the chapter on the ReLU kernel."""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from ntkbook.figures.style import COLOURS, MARKERS, NAMES, panels, stamp


def angle_profile(record: xr.Dataset) -> Figure:
    """The kernel of a pair of unit inputs against their angle: closed form, power series, nets of finite width.

    Parameters
    ----------
    record : xarray.Dataset
        Of the experiment `kernel`.

    Returns
    -------
    Figure
    """
    figure, (axes,) = panels(1, 3.6)
    degrees = np.degrees(record.pair_angle)
    axes.plot(degrees, record.profile_closed, color=COLOURS["theory"], label=r"closed form, $m=\infty$")
    for style, terms in zip(("-.", "--"), record.profile_terms.values, strict=True):
        label = r"$\cos\theta/4$ alone" if terms == 0 else f"series, {terms} even terms"
        axes.plot(degrees, record.profile_series.sel(profile_terms=terms), style, color=COLOURS["bound"], label=label)
    for width, colour in zip(record.profile_width.values, (COLOURS["random"], COLOURS["true"]), strict=True):
        axes.plot(
            degrees, record.profile_net.sel(profile_width=width), "o", ms=4, color=colour, label=f"one net, $m={width}$"
        )
    axes.set(xlabel="angle between the inputs (degrees)", ylabel=r"$H(\theta)$", xticks=range(0, 181, 30))
    axes.legend()
    return stamp(figure, record, seeds=1, data=())


def width_limit(record: xr.Dataset) -> Figure:
    """Distance of H(0) from its limit against the width: Lemma C.3.

    Parameters
    ----------
    record : xarray.Dataset
        Of the experiment `kernel`.

    Returns
    -------
    Figure
    """
    figure, (axes,) = panels(1, 3.8)
    for name in record.data.values:
        seeds = record.deviation.sel(data=name)
        axes.plot(record.width, seeds, MARKERS[name], ms=4, mfc="none", color=COLOURS[name])
        axes.plot([], [], MARKERS[name], ms=4, mfc="none", color=COLOURS[name], label=f"{NAMES[name]}, single nets")
        expected = record.deviation_expected.sel(data=name)
        axes.plot(record.width, expected, "--", color=COLOURS[name], lw=1.4, label=f"{NAMES[name]}, exact r.m.s.")
    axes.plot(record.width, record.lemma_c3, color=COLOURS["bound"], label="Lemma C.3")
    axes.set(xscale="log", yscale="log", xlabel="width $m$", ylabel=r"$\|H(0)-H^\infty\|_F$")
    figure.legend(loc="outside upper center", ncols=2, columnspacing=1.2)
    return stamp(figure, record, seeds=record.sizes["seed"])


def parallel_inputs(record: xr.Dataset) -> Figure:
    """Least eigenvalue of two inputs against the angle between them: Remark 5.1.

    Parameters
    ----------
    record : xarray.Dataset
        Of the experiment `kernel`.

    Returns
    -------
    Figure
    """
    figure, (axes,) = panels(1, 3.4)
    axes.plot(record.angle, record.angle / (2 * np.pi), "--", color=COLOURS["theory"], label=r"$\theta/2\pi$")
    axes.plot(
        record.angle, record.pair_lambda_min, "o", color=COLOURS["true"], label=r"$\lambda_0$ of a pair, our code"
    )
    naive = record.pair_lambda_min_naive
    axes.plot(record.angle, naive.where(naive > 0), "x", color=COLOURS["random"], label=r"$\arccos$, inputs in float32")
    axes.set(
        xscale="log", yscale="log", xlabel=r"angle $\theta$ between the two inputs (radians)", ylabel=r"$\lambda_0$"
    )
    axes.legend()
    return stamp(figure, record, seeds=1, data=())
