"""Figures of the chapter on the ReLU kernel, from a record alone."""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from ntkbook.figures.style import COLOURS, MARKERS, NAMES, panels, stamp
from ntkbook.records import part


def angle_profile(record: xr.DataTree) -> Figure:
    """The kernel of a pair of unit inputs against their angle: closed form, power series, nets of finite width.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `kernel`.

    Returns
    -------
    Figure
    """
    profile = part(record, "profile")
    figure, (axes,) = panels(1, 3.6)
    degrees = np.degrees(profile.angle)
    axes.plot(degrees, profile.closed_form, color=COLOURS["theory"], label=r"closed form, $m=\infty$")
    for style, terms in zip(("-.", "--"), profile.terms.values, strict=True):
        label = r"$\cos\theta/4$ alone" if terms == 0 else f"series, {terms} even terms"
        axes.plot(degrees, profile.series.sel(terms=terms), style, color=COLOURS["bound"], label=label)
    for width, colour in zip(profile.width.values, (COLOURS["random"], COLOURS["true"]), strict=True):
        axes.plot(degrees, profile.net.sel(width=width), "o", ms=4, color=colour, label=f"one net, $m={width}$")
    axes.set(xlabel="angle between the inputs (degrees)", ylabel=r"$H(\theta)$", xticks=range(0, 181, 30))
    axes.legend()
    return stamp(figure, record, "profile", seeds=1, data=())


def width_limit(record: xr.DataTree) -> Figure:
    """Distance of H(0) from its limit against the width: Lemma C.3.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `kernel`.

    Returns
    -------
    Figure
    """
    deviations = part(record, "deviations")
    figure, (axes,) = panels(1, 3.8)
    for name in deviations.data.values:
        seeds = deviations.frobenius.sel(data=name)
        axes.plot(deviations.width, seeds, MARKERS[name], ms=4, mfc="none", color=COLOURS[name])
        axes.plot([], [], MARKERS[name], ms=4, mfc="none", color=COLOURS[name], label=f"{NAMES[name]}, single nets")
        expected = deviations.expected.sel(data=name)
        axes.plot(deviations.width, expected, "--", color=COLOURS[name], lw=1.4, label=f"{NAMES[name]}, exact r.m.s.")
    axes.plot(deviations.width, deviations.bound, color=COLOURS["bound"], label="bound of the theorem")
    axes.set(xscale="log", yscale="log", xlabel="width $m$", ylabel=r"$\|H(0)-H^\infty\|_F$")
    figure.legend(loc="outside upper center", ncols=2, columnspacing=1.2)
    return stamp(figure, record, "deviations", seeds=deviations.sizes["seed"])


def parallel_inputs(record: xr.DataTree) -> Figure:
    """Least eigenvalue of two inputs against the angle between them: Remark 5.1.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `kernel`.

    Returns
    -------
    Figure
    """
    parallel = part(record, "parallel")
    figure, (axes,) = panels(1, 3.4)
    axes.plot(parallel.angle, parallel.angle / (2 * np.pi), "--", color=COLOURS["theory"], label=r"$\theta/2\pi$")
    axes.plot(parallel.angle, parallel.pair, "o", color=COLOURS["true"], label=r"$\lambda_0$ of a pair, our code")
    naive = parallel.pair_naive
    axes.plot(
        parallel.angle, naive.where(naive > 0), "x", color=COLOURS["random"], label=r"$\arccos$, inputs in float32"
    )
    axes.set(
        xscale="log", yscale="log", xlabel=r"angle $\theta$ between the two inputs (radians)", ylabel=r"$\lambda_0$"
    )
    axes.legend()
    return stamp(figure, record, "parallel", seeds=1, data=())
