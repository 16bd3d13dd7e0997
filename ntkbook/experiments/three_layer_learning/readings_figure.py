"""What the chapter on three layers quotes of learners and targets: its numbers, and its tables."""

import numpy as np
import xarray as xr

from ntkbook.data import figure_1_target
from ntkbook.experiments.experiment import Number, settings
from ntkbook.experiments.judging import log_slope
from ntkbook.experiments.three_layer_learning.claims_figure import (
    COMPOSED,
    RAW_LINEAR,
    THREE,
    TWO,
    TWO_LAYERS,
    fresh_ratio,
    mean,
    rivals,
    sample_size,
)
from ntkbook.figures.tables import Table
from ntkbook.records import part

VARIANCE = figure_1_target().sphere_variance()
"""Of F, by which errors of the record are divided."""
PARITY = {
    THREE: "three",
    TWO: "two",
    "2 layers, no biases": "raw",
    "2 layers, constant coordinate": "constant",
}
"""Trained learners, and how the keys of their numbers begin."""


def readings(record: xr.DataTree) -> dict[str, Number]:
    """Every number of the figure that the chapter quotes, by the key under which it does; errors in % of the variance.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `three_layer_learning`.

    Returns
    -------
    dict of str to number
    """
    asked, n = settings(record)["figure"], sample_size(record)
    widths, sizes, linear = mean(record, "widths"), mean(record, "sizes"), mean(record, "linear_widths")
    limits, tried = mean(record, "kernels").sel(n=n), part(record, "tuning")
    long = part(record, "longer").isel(width=-1)
    widest, others = widths.isel(width=-1), rivals(record, "widths").min("learner")
    ratio = (widths.sel(learner=THREE) / others).where(widths.width >= 100, drop=True)
    three = sizes.sel(learner=THREE)
    late = three.where(three.n >= n / 2, drop=True)
    wide = mean(record, "wide_sizes").where(lambda errors: errors.n >= n / 2, drop=True)
    over_ntk = three / mean(record, "kernels").sel(learner="3 layers (NTK)")
    gap = part(record, "starvation").mean("seed")
    odd = mean(record, "widths", "odd_error").isel(width=-1)
    return {
        "fig-n": n,
        "fig-m-min": int(widths.width[0]),
        "fig-m-max": int(widths.width[-1]),
        "fig-steps": int(asked["nets"]["n_steps"]),
        "fig-trials": int(tried.step.size * tried.decay.size * tried.rise.size),
        "fig-tuned": int(tried.width[-1]),
        "fig-long": int(long.width),
        "fig-three-min": 100 * float(widths.sel(learner=THREE)[0]),
        "fig-three-max": 100 * float(widest.sel(learner=THREE)),
        "fig-three-paper": VARIANCE * float(widest.sel(learner=THREE)),
        **{f"fig-{key}": 100 * float(widest.sel(learner=name)) for name, key in PARITY.items() if key != "three"},
        **{f"fig-{key}-odd": 100 * float(odd.sel(learner=name)) for name, key in PARITY.items()},
        "fig-ratio-min": float(ratio.min()),
        "fig-ratio-max": float(ratio.max()),
        "fig-two-long": 100 * float(long.validation_error_longer.sel(learner=TWO)),
        "fig-two-short": 100 * float(long.validation_error.sel(learner=TWO)),
        **{f"lin-{key}": 100 * float(linear.isel(width=-1).sel(learner=name)) for name, key in LINEAR.items()},
        **{f"limit-{key}": 100 * float(limits.sel(learner=name)) for name, key in LINEAR.items()},
        "limit-raw": 100 * float(limits.sel(learner="2 layers, no biases (NTK)")),
        "limit-gaussian": 100 * float(limits.sel(learner="Gaussian")),
        "size-m": int(asked["size_width"]),
        "size-n-max": int(three.n[-1]),
        "size-slope": log_slope(late.n, late),
        "size-three-last": 100 * float(three[-1]),
        "size-three-paper": VARIANCE * float(three[-1]),
        "wide-m": int(asked["wide"]),
        "wide-n-max": int(wide.n[-1]),
        "wide-slope": log_slope(wide.n, wide.sel(learner=THREE)),
        "wide-three-last": 100 * float(wide.sel(learner=THREE)[-1]),
        "wide-two-last": 100 * float(wide.sel(learner=TWO)[-1]),
        "wide-three-paper": VARIANCE * float(wide.sel(learner=THREE)[-1]),
        "size-n-min": int(three.n[0]),
        "size-three-first": 100 * float(three[0]),
        **{
            f"size-{key}-first": 100 * float(mean(record, "kernels").sel(learner=name, n=three.n[0]))
            for key, name in (("gaussian", "Gaussian"), ("last", "3 layers (last)"), ("ntk", "3 layers (NTK)"))
        },
        "size-linear-n": int(mean(record, "kernels").n[-1]),
        "size-three-there": 100 * float(three.sel(n=mean(record, "kernels").n[-1])),
        "size-ntk-there": 100 * float(mean(record, "kernels").sel(learner="3 layers (NTK)")[-1]),
        "size-last-there": 100 * float(mean(record, "kernels").sel(learner="3 layers (last)")[-1]),
        "size-over-ntk-start": float(over_ntk.sel(n=n)),
        "size-over-ntk-end": float(over_ntk[-1]),
        "starve-m": int(asked["starvation"]["width"]),
        "starve-epochs": int(gap.epochs[-1]),
        **{
            f"starve-{key}": 100 * float(gap.sgd_error.sel(learner=name).isel(epochs=-1).min("step"))
            for name, key in LINEAR.items()
        },
        **{f"ridge-{key}": 100 * float(gap.ridge_error.sel(learner=name)) for name, key in LINEAR.items()},
        **{
            f"gap-{key}": float(gap.gap.sel(learner=f"3 layers ({view})").isel(epochs=-1).min("step"))
            for key, view in (("ntk", "NTK"), ("last", "last"))
        },
        **{f"target-{name}": float(fresh_ratio(record, name, TWO_LAYERS)) for name in (*COMPOSED, "additive")},
        **_harmonic(record),
    }


LINEAR = dict(zip(RAW_LINEAR, ("three-last", "two-last", "three-ntk", "two-ntk"), strict=True))
"""Linear learners, and how the keys of their numbers end."""


def frequencies(record: xr.DataTree) -> dict[float, str]:
    """Frequencies c of the harmonic targets of a record, each with the target's name."""
    names = (str(name) for name in part(record, "targets").target.values)
    return {float(name.partition(" ")[2]): name for name in names if name.startswith("harmonic")}


def _harmonic(record: xr.DataTree) -> dict[str, Number]:
    named, errors, limits = frequencies(record), mean(record, "targets"), mean(record, "target_limits")
    before, last = sorted(named)[-2:]
    first = min(named)
    return {
        "wave-last": last,
        "wave-next": before,
        **{
            f"wave-ratio-{key}": float(fresh_ratio(record, named[c], TWO_LAYERS))
            for key, c in (("first", first), ("last", last))
        },
        **{
            f"wave-three-{key}": 100 * float(errors.sel(target=named[c], learner=THREE))
            for key, c in (("first", first), ("next", before), ("last", last))
        },
        **{
            f"wave-gaussian-{key}": 100 * float(limits.sel(target=named[c], learner="Gaussian"))
            for key, c in (("next", before), ("last", last))
        },
        "wave-ntk-next": 100 * float(limits.sel(target=named[before], learner="3 layers (NTK)")),
        "wave-last-layer-next": 100 * float(limits.sel(target=named[before], learner="3 layers (last)")),
    }


def winners(record: xr.DataTree) -> Table:
    """What validation chose on F, and its neighbours: the grid and its winners.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `three_layer_learning`.

    Returns
    -------
    Table
    """
    tried = part(record, "tuning")
    rows = []
    for name in tried.learner.values:
        for width in tried.width.values:
            errors = tried.validation_error.sel(learner=name, width=width)
            won = errors.argmin(["step", "decay", "rise"])
            at = errors.isel(won)
            near = [
                float(errors.isel({**won, axis: int(won[axis]) + shift}))
                for axis in ("step", "decay", "rise")
                for shift in (-1, 1)
                if 0 <= int(won[axis]) + shift < errors.sizes[axis]
            ]
            train = tried.train_error.sel(learner=name, width=width).isel(won)
            rows.append(
                (
                    str(name),
                    str(int(width)),
                    *(f"{float(at[axis]):.2g}" for axis in ("step", "decay", "rise")),
                    f"{100 * float(train):.2g}",
                    f"{100 * float(at):.2g}",
                    f"{100 * min(near):.2g}",
                )
            )
    header = ("learner", "m", "step", "decay", "rise", "train error, %", "validation error, %", "best neighbour, %")
    return Table(header, rows)


def errors_at_the_widest(record: xr.DataTree) -> Table:
    """Every learner of figure 1 at the largest width and in the limit: errors in % of the variance.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `three_layer_learning`.

    Returns
    -------
    Table
    """
    widths, linear = part(record, "widths").isel(width=-1), part(record, "linear_widths").isel(width=-1)
    limits = part(record, "kernels").sel(n=sample_size(record))
    rows = []
    for name in widths.learner.values:
        net = widths.sel(learner=name)
        state = "no" if bool((net.starved > 0).any()) else "yes"
        kernel = f"{name} (NTK)"
        own = _percent(linear.test_error.sel(learner=kernel))
        rows.append((str(name), _percent(net.test_error), state, own, _percent(limits.test_error.sel(learner=kernel))))
    for name in ("3 layers (last)", "2 layers (last)"):
        found = (_percent(part_.test_error.sel(learner=name)) for part_ in (linear, limits))
        rows.append((name, "", "", *found))
    rows.append(("Gaussian kernel", "", "", "", _percent(limits.test_error.sel(learner="Gaussian"))))
    header = ("learner", "trained by SGD", "converged", "ridge, its own width", "ridge, infinite width")
    return Table(header, rows)


def by_target(record: xr.DataTree) -> Table:
    """Errors on each target, in % of its variance.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `three_layer_learning`.

    Returns
    -------
    Table
    """
    nets, finite, limits = mean(record, "targets"), mean(record, "target_kernels"), mean(record, "target_limits")
    columns = [
        *((name, nets.sel(learner=name)) for name in PARITY),
        ("best finite linear", finite.sel(learner=list(RAW_LINEAR)).min("learner")),
        ("3 layers (NTK), infinite", limits.sel(learner="3 layers (NTK)")),
        ("Gaussian", limits.sel(learner="Gaussian")),
    ]
    rows = [
        (str(name), *(f"{100 * float(errors.sel(target=name)):.2g}" for _, errors in columns))
        for name in nets.target.values
    ]
    return Table(("target", *(name for name, _ in columns)), rows)


def _percent(errors: xr.DataArray) -> str:
    """Mean over seeds, and the range."""
    values = 100 * np.asarray(errors)
    return f"{values.mean():.2g} ({values.min():.2g} to {values.max():.2g})"
