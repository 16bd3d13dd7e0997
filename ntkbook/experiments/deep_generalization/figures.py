"""Figures of the chapter on generalisation of deep nets, from a record alone."""

import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ntkbook.experiments.deep_generalization.claims import (
    EASY,
    HARD,
    MARGIN_DATA,
    PROJECTED,
    certificate_slopes,
    theorem_bound,
)
from ntkbook.figures.palette import AMBERS, GREEN, shades
from ntkbook.figures.style import COLOURS, panels, stamp
from ntkbook.records import part

_BLUES = shades(3)
_TASKS = {
    "0/1": (_BLUES[2], "o", "0/1"),
    "3/8": (_BLUES[1], "^", "3/8"),
    "4/9": (_BLUES[0], "v", "4/9"),
    "sphere, margin": (GREEN, "D", "sphere with a margin"),
    "3/8, random labels": (COLOURS["random"], "s", "3/8, random labels"),
    "sphere, odd": (COLOURS["worst"], "P", "sphere, odd labels"),
}
_DEPTHS = {1: (_BLUES[0], "o"), 2: (_BLUES[1], "s"), 3: (_BLUES[2], "^")}
_SLIDE = (*reversed(_BLUES), *shades(3, AMBERS))


def margins_by_depth(record: xr.DataTree) -> Figure:
    """Margins in the conjugate kernel against depth, scaled so that inputs have norm 1 at each depth.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `deep_generalization`.

    Returns
    -------
    Figure
    """
    margin = part(record, "margins").margin
    scaled = (2 ** (margin.layer / 2) * margin).mean("seed")
    figure, (axes,) = panels(1, 4.3)
    for task, (colour, marker, label) in _TASKS.items():
        values = scaled.sel(task=task)
        axes.plot(values.layer, values.where(values > 0), color=colour, marker=marker, label=label)
    axes.set(yscale="log", xlabel=r"hidden layers $l$ of the kernel", ylabel=r"$2^{l/2}\gamma$", xticks=scaled.layer)
    figure.legend(loc="outside upper center", ncols=2, columnspacing=1.2)
    return stamp(figure, record, "margins", seeds=margin.sizes["seed"])


def bracket_of_gamma(record: xr.DataTree) -> Figure:
    """Margin over N random features, and its bound from above on fresh ones, against N: assumption 4.10.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `deep_generalization`.

    Returns
    -------
    Figure
    """
    features = part(record, "features")
    mean = features.mean("seed")
    figure, all_axes = panels(2, 3.0)
    for axes, task in zip(all_axes, (EASY, "3/8, random labels"), strict=True):
        here, (colour, _, name) = mean.sel(task=task), _TASKS[task]
        axes.fill_between(features["count"], here.gamma, here.ceiling, color=colour, alpha=0.15, lw=0)
        axes.plot(features["count"], here.ceiling, color=colour, marker="v", label="dual weights on fresh features")
        axes.plot(features["count"], here.gamma, color=colour, marker="^", label=r"best $c$ on $N$ features")
        axes.axhline(float(here.kernel), color=COLOURS["theory"], ls="--", lw=1.2, label=r"$\gamma(\kappa^{(1)})$")
        linear = r"$\gamma_{\mathrm{lin}}/\sqrt{2\pi}$"
        axes.axhline(float(here.linear), color=COLOURS["bound"], ls=":", lw=1.5, label=linear)
        axes.set(xscale="log", xlabel="random features $N$", ylabel=rf"$\gamma$,  {name}", ylim=(0, None))
        _plain_ticks(axes, features["count"].values.tolist())
    figure.legend(*all_axes[0].get_legend_handles_labels(), loc="outside upper center", ncols=2, columnspacing=1.2)
    return stamp(figure, record, "features", seeds=features.sizes["seed"], data=("mnist", "digits"))


def lemma_b_3_on_one_class(record: xr.DataTree) -> Figure:
    """Left over right side of Lemma B.3 against the dimension, one class on the sphere, with one and two layers.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `deep_generalization`.

    Returns
    -------
    Figure
    """
    one_class = part(record, "one_class")
    figure, (axes,) = panels(1, 3.6)
    axes.axhspan(1e-2, 1, color=COLOURS["bound"], alpha=0.12, lw=0, label="the lemma is false")
    axes.plot(one_class.dim, one_class.expected, "--", color=COLOURS["theory"], lw=1.4, label="$L=1$, computed")
    for depth, label in ((1, "$L=1$, measured"), (2, "$L=2$, measured")):
        colour, marker = _DEPTHS[depth]
        mean = one_class.ratio.sel(depth=depth).mean("seed")
        axes.plot(one_class.dim, mean, marker, color=colour, label=label)
    axes.set(
        xscale="log", yscale="log", xlabel="input dimension $d$", ylabel="left side / right side", ylim=(0.05, 300)
    )
    _plain_ticks(axes, one_class.dim.values.tolist())
    figure.legend(loc="outside upper center", ncols=2, columnspacing=1.2)
    return stamp(figure, record, "one_class", seeds=one_class.sizes["seed"], data=("sphere",))


def slide_into_noise(record: xr.DataTree) -> Figure:
    """Worst-case B against n as labels are replaced by coin flips, and its slope against the portion replaced.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `deep_generalization`.

    Returns
    -------
    Figure
    """
    certificates, slopes = part(record, "certificates"), certificate_slopes(record)
    mean, sizes = certificates.certificate.mean("seed").sel(depth=1), certificates.n.values
    figure, (top, middle, bottom) = panels(3, 2.9)
    for axes, task, name in ((top, "3/8", "3/8"), (middle, MARGIN_DATA, "sphere with a margin")):
        for portion, colour in zip(certificates.portion.values, _SLIDE[-certificates.sizes["portion"] :], strict=True):
            values = mean.sel(task=task, portion=portion)
            axes.plot(sizes, values, color=colour, marker="o", ms=4, label=f"{100 * portion:.0f} % random")
        guide = mean.sel(task=task, portion=1)[0].item() * (sizes / sizes[0]) ** -0.5
        axes.plot(sizes, guide, ":", color=COLOURS["bound"], label=r"$n^{-1/2}$")
        axes.set(xscale="log", yscale="log", xlabel="samples $n$", ylabel=f"$B$,  {name}")
        _plain_ticks(axes, sizes.tolist(), (0.01, 0.02, 0.05, 0.1, 0.2))
    middle.axhline(certificates.least_coordinate.item() / 2, color=COLOURS["theory"], ls="--", lw=1.2)
    for task, style in (("3/8", "-"), (MARGIN_DATA, "--")):
        for depth in slopes.depth.values:
            colour, marker = _DEPTHS[int(depth)]
            label = f"$L={depth}$, {'images' if task == '3/8' else 'sphere'}"
            bottom.plot(
                slopes.portion, slopes.sel(task=task, depth=depth), style, color=colour, marker=marker, label=label
            )
    bottom.axhline(-0.5, color=COLOURS["bound"], ls=":")
    bottom.set_xscale("symlog", linthresh=0.02, linscale=0.5)
    bottom.set(xlabel="random labels (%)", ylabel="slope of $B$ in $n$")
    bottom.set_xticks(slopes.portion, [f"{100 * portion:.0f}" for portion in slopes.portion.values])
    bottom.minorticks_off()
    bottom.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2, handlelength=2.5)
    figure.legend(*top.get_legend_handles_labels(), loc="outside upper center", ncols=3, columnspacing=1.0)
    return stamp(figure, record, "certificates", seeds=certificates.sizes["seed"])


def close_pairs(record: xr.DataTree) -> Figure:
    """Worst-case B of two inputs with unlike labels against their distance, for several widths.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `deep_generalization`.

    Returns
    -------
    Figure
    """
    pairs = part(record, "close_pair")
    figure, (axes,) = panels(1, 3.8)
    median = pairs.certificate.median("seed")
    for i, (m, (colour, marker)) in enumerate(zip(pairs.width.values, _DEPTHS.values(), strict=False)):
        size, fill = (8, "none") if i == 0 else (5, colour)  # where widths agree, the narrowest shows around the others
        values, label = median.sel(width=m), f"$m={m:,}$, median"
        axes.plot(pairs.angle, values, marker, color=colour, ms=size, mfc=fill, label=label)
    axes.plot(pairs.angle, pairs.expected, color=COLOURS["theory"], lw=1.2, label="r.m.s., any $m$")
    axes.plot(pairs.angle, pairs.angle / 8**0.5, ":", color=COLOURS["bound"], label=r"no gate between: $\phi/\sqrt{8}$")
    axes.set(xscale="log", yscale="log", xlabel=r"distance $\phi$ of the two inputs", ylabel="$B$")
    figure.legend(loc="outside upper center", ncols=2, columnspacing=1.2)
    return stamp(figure, record, "close_pair", seeds=pairs.sizes["seed"], data=("sphere",))


def error_by_size_and_width(record: xr.DataTree) -> Figure:
    """Test error of trained nets against samples and against width: Theorem 1.1.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `deep_generalization`.

    Returns
    -------
    Figure
    """
    samples, widths = part(record, "samples"), part(record, "widths")
    figure, (top, bottom) = panels(2, 3.2)
    for task, style in zip(HARD, ("-", "--"), strict=True):
        for depth in samples.depth.values:
            colour, marker = _DEPTHS[int(depth)]
            error = 100 * samples.test_error.sel(task=task, depth=depth).mean("seed")
            top.plot(samples.n, error, style, color=colour, marker=marker, label=f"$L={depth}$, {task}")
    first = 100 * samples.test_error.sel(task=list(HARD)).mean("seed").isel(n=0).max().item()
    guide = first * (samples.n / samples.n[0]) ** -0.25
    top.plot(samples.n, guide, ":", color=COLOURS["bound"], label=r"$n^{-1/4}$")
    top.set(xscale="log", yscale="log", xlabel="samples $n$", ylabel="test error (%)")
    _plain_ticks(top, samples.n.values.tolist(), (1, 2, 3, 5, 7, 10, 20))
    for depth in widths.depth.values:
        colour, marker = _DEPTHS[int(depth)]
        error = 100 * widths.test_error.sel(task="3/8", depth=depth).mean("seed")
        bottom.plot(widths.width, error, color=colour, marker=marker, label=f"$L={depth}$")
    bottom.set(xscale="log", xlabel="width $m$", ylabel="test error (%), 3/8", ylim=(0, None))
    _plain_ticks(bottom, widths.width.values.tolist())
    figure.legend(*top.get_legend_handles_labels(), loc="outside upper center", ncols=3, columnspacing=1.0)
    return stamp(figure, record, "samples", "widths", seeds=samples.sizes["seed"], data=("mnist", "digits"))


def three_bounds(record: xr.DataTree) -> Figure:
    """Bounds of Bartlett, of Neyshabur and of Cao and Gu against the width, on the same nets: Remark 4.6.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `deep_generalization`.

    Returns
    -------
    Figure
    """
    nets = part(record, "widths").sel(task=PROJECTED, depth=2).mean("seed")
    figure, (axes,) = panels(1, 4.6)
    for name, colour, marker, label in (
        ("bartlett", COLOURS["random"], "s", "Bartlett et al."),
        ("neyshabur", COLOURS["worst"], "^", "Neyshabur et al."),
    ):
        axes.plot(
            nets.width, nets[f"{name}_uncentred"], "--", color=colour, marker=marker, mfc="w", label=f"{label}, $W$"
        )
        axes.plot(nets.width, nets[name], color=colour, marker=marker, label=rf"{label}, $W-W(0)$")
    whole, ours = theorem_bound(nets), COLOURS["true"]
    axes.plot(nets.width, whole, "--", color=ours, marker="o", mfc="w", label="Cao and Gu, whole")
    axes.plot(nets.width, nets.linear_term, color=ours, marker="o", label=r"Cao and Gu, $L\tau\sqrt{m/n}$")
    axes.plot(nets.width, nets.test_error, color=COLOURS["theory"], marker="D", label="test error")
    axes.axhline(1, color=COLOURS["bound"], lw=0.8)
    axes.set(xscale="log", yscale="log", xlabel="width $m$", ylabel="bound, or error (constants 1)")
    _plain_ticks(axes, nets.width.values.tolist())
    figure.legend(loc="outside upper center", ncols=2, columnspacing=1.0)
    return stamp(figure, record, "widths", seeds=part(record, "widths").sizes["seed"], data=("mnist", "digits"))


def linear_part(record: xr.DataTree) -> Figure:
    """The sharp bound on linearised nets against n, zeros and ones, and what curvature at one input would add to it.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `deep_generalization`.

    Returns
    -------
    Figure
    """
    nets = part(record, "samples").sel(task=EASY).mean("seed")
    figure, (axes,) = panels(1, 4.4)
    axes.axhspan(1, 100, color=COLOURS["bound"], alpha=0.12, lw=0)
    for depth in nets.depth.values:
        (colour, marker), net = _DEPTHS[int(depth)], nets.sel(depth=depth)
        axes.plot(
            nets.n, net.sharp_bound + net.adversarial_gap / 2, ":", color=colour, label=f"$L={depth}$, + curvature"
        )
        axes.plot(nets.n, net.sharp_bound, color=colour, marker=marker, label=f"$L={depth}$, linear part")
        error = net.linear_test_error
        axes.plot(
            nets.n, error.where(error > 0), "--", color=colour, marker=marker, mfc="w", label=f"$L={depth}$, test error"
        )
    axes.set(xscale="log", yscale="log", xlabel="samples $n$", ylabel="classification error", ylim=(0.002, 12))
    _plain_ticks(axes, nets.n.values.tolist(), (0.01, 0.1, 1, 10))
    columns = nets.sizes["depth"]  # a column holds what belongs to one depth
    figure.legend(loc="outside upper center", ncols=columns, columnspacing=0.6, handlelength=1.1, handletextpad=0.3)
    return stamp(figure, record, "samples", seeds=part(record, "samples").sizes["seed"], data=("mnist", "digits"))


def _plain_ticks(axes: Axes, places: list[int], heights: tuple[float, ...] = ()) -> None:
    """Label places, and those of the heights that are in view, with plain numbers."""
    axes.set_xticks(places, [f"{place:,}" for place in places])
    low, high = axes.get_ylim()
    if shown := [height for height in heights if low <= height <= high]:
        axes.set_yticks(shown, [f"{height:g}" for height in shown])
    axes.minorticks_off()
