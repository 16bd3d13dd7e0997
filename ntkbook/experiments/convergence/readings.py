"""What the chapter on the rate of convergence quotes from a record: its numbers, and its table."""

import numpy as np
import xarray as xr

from ntkbook.bounds import arora2019 as bounds
from ntkbook.experiments.convergence.claims import check_a04, check_a15, check_a16, eigenvalue_decay, gap
from ntkbook.experiments.experiment import Number, settings
from ntkbook.experiments.judging import slope
from ntkbook.experiments.problem import LABELS
from ntkbook.figures.tables import Table
from ntkbook.records import part


def readings(record: xr.DataTree) -> dict[str, Number]:
    """Every number that the chapter quotes, by the key under which it does.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `convergence`. Keys that name no data set are of its first one.

    Returns
    -------
    dict of str to number
        "not found" in place of the numbers of CIFAR-10 if the record has none.
    """
    used = settings(record)
    return {
        "n-spectra": used["n_spectra"],
        "n-curves": used["n_curves"],
        "width-curves": used["curves"]["width"],
        "n-short-runs": used["n_short_runs"],
        "width-min": used["widths"][0],
        "width-max": used["widths"][-1],
        "seeds": used["n_seeds"],
        "steps": used["short_runs"]["n_steps"],
        **_of_spectra(part(record, "spectra").isel(data=0)),
        **{f"decay-{name[-1]}": 100 * float(ratio[0]) for name, ratio in eigenvalue_decay(record).items()},
        **_of_curves(part(record, "curves").isel(data=0)),
        **_of_cifar10(record),
        **_of_gaps(record),
        **_of_drifts(part(record, "short_runs")),
        **_of_steps(part(record, "short_runs").sel(init_scale=1.0)),
        **_of_gates(part(record, "short_runs").sel(init_scale=0.01).isel(width=-1)),
        **_of_rates(part(record, "short_runs").rate_violations),
        "verdict-a04": str(check_a04(record).verdict),
        "verdict-a15": str(check_a15(record).verdict),
        "verdict-a16": str(check_a16(record).verdict),
    }


def requirements(record: xr.DataTree) -> Table:
    """What the theorems ask for in the long runs on the first data set, with all constants 1, beside what was run.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `convergence`.

    Returns
    -------
    Table
    """
    curves, used = part(record, "curves").isel(data=0).sel(labels="true"), settings(record)
    n, scale, width = used["n_curves"], used["curves"]["init_scale"], str(used["curves"]["width"])
    least, delta, epsilon = float(curves.lambda_min), 0.1, 0.1 * n**0.5
    return Table(
        ("quantity", "asked for", "run"),
        [
            ("width m, Theorem 3.1", f"{bounds.theorem_3_1_width(n, least, scale, delta):.0e}", width),
            ("width m, Theorem 4.1", f"{bounds.theorem_4_1_width(n, least, scale, delta, epsilon):.0e}", width),
            ("step size, both", f"{least / n**2:.0e}", f"{float(curves.step_size):.0e}"),
            ("initial scale, Theorem 4.1", f"{epsilon * delta / n**0.5:.0e}", f"{scale:g}"),
        ],
    )


def _of_spectra(spectra: xr.Dataset) -> dict[str, Number]:
    """Shares of |y|^2, in per cent: on the top 1 % of the eigenvectors, and on the second alone."""
    top = spectra.sel(fraction=0.01)
    return {
        "true-share": 100 * float(top.true_share),
        "random-share": 100 * float(top.random_share.mean()),
        "second-share": 100 * float(spectra.true_projection[1] ** 2 / spectra.sizes["index"]),
    }


def _of_curves(curves: xr.Dataset) -> dict[str, Number]:
    """Eigenvalues and step size of the long runs, and how far they stray from the prediction, in per cent of |y|."""
    of_all = curves.sel(labels="true")
    strayed = np.abs(curves.residual - curves.predicted).max("step")
    return {
        "lambda-max": float(of_all.lambda_max),
        "lambda-min": float(of_all.lambda_min),
        "sharpness": float(of_all.step_size * of_all.lambda_max),
        "init-length": float(of_all.init_norm),
        "efold": float(1 / (of_all.step_size * of_all.lambda_min)),
        **{f"curve-gap-{kind}": 100 * float(strayed.sel(labels=kind)) for kind in LABELS},
    }


def _of_cifar10(record: xr.DataTree) -> dict[str, Number]:
    keys = ("true-share", "random-share", "sharpness")
    if "cifar10" not in part(record, "spectra").data.values:
        return {f"cifar10-{key}": "not found" for key in keys}
    spectra, curves = (part(record, name).sel(data="cifar10") for name in ("spectra", "curves"))
    found = _of_spectra(spectra) | _of_curves(curves)
    return {f"cifar10-{key}": found[key] for key in keys}


def _of_gaps(record: xr.DataTree) -> dict[str, Number]:
    """Gaps at the largest width, in per cent of |y|, and their slopes in the width; at kappa = 1 and the paper's."""
    found = gap(record)
    theory, paper = found.sel(init_scale=1.0), found.sel(init_scale=0.01, labels="random")
    size, trend = theory.isel(width=-1).mean("seed"), slope(theory)
    return {
        **{f"theory-gap-{kind}": 100 * float(size.sel(labels=kind)) for kind in LABELS},
        **{f"theory-slope-{kind}": float(trend.sel(labels=kind)) for kind in LABELS},
        "paper-gap-random": 100 * float(paper.isel(width=-1).mean("seed")),
        "paper-slope-random": float(slope(paper)),
    }


def _of_drifts(runs: xr.Dataset) -> dict[str, Number]:
    """At kappa = 1 slopes of the drifts in m, and at the largest m the drift and v_n' (H(k) - H(0)) v_n / lambda_0.

    Beside them flipped gates in per cent, and how far below its bound A14 is.
    """
    arm, flipped = runs.sel(init_scale=1.0), runs.flipped.isel(width=-1, step=-1).sel(labels="random").mean("seed")
    gram, feature = slope(arm.gram_drift), slope(arm.feature_drift)
    widest = arm[["gram_drift", "slowest_form"]].isel(width=-1).mean("seed")
    change = widest.slowest_form - widest.slowest_form.isel(step=0)
    of_slowest = change.isel(step=np.abs(change).argmax("step"))
    return {
        **{f"drift-{kind}": float(widest.gram_drift.sel(labels=kind)) for kind in LABELS[1:]},
        **{f"form-{kind}": 100 * float(of_slowest.sel(labels=kind)) for kind in LABELS[1:]},
        **{f"gram-drift-{kind}": float(gram.sel(labels=kind)) for kind in LABELS},
        **{f"feature-drift-{kind}": float(feature.sel(labels=kind)) for kind in LABELS},
        "theory-flips-random": 100 * float(flipped.sel(init_scale=1.0)),
        "paper-flips-random": 100 * float(flipped.sel(init_scale=0.01)),
        "bound-over-movement": float(1 / runs.movement_ratio.max()),
    }


def _of_steps(arm: xr.Dataset) -> dict[str, Number]:
    """Slopes in the width of what the linear step misses at kappa = 1."""
    trend = slope(arm.step_error)
    return {
        **{f"step-slope-{kind}": float(trend.sel(labels=kind)) for kind in LABELS},
        "step-median-slope-worst": float(slope(arm.linearisation_error).sel(labels="worst")),
        "step-largest-slope-worst": float(slope(arm.linearisation_error_max).sel(labels="worst")),
    }


def _of_gates(widest: xr.Dataset) -> dict[str, Number]:
    """How far neurons of the widest nets go on random labels at the paper's kappa."""
    random = widest.sel(labels="random").mean("seed")
    return {"paper-farthest": float(random.neuron_movement), "paper-rms": float(random.neuron_rms)}


def _of_rates(violations: xr.DataArray) -> dict[str, Number]:
    """Recorded steps that break the bound of Theorem 3.1, in per cent."""
    mean = 100 * violations.mean("seed")
    theory, paper = mean.sel(init_scale=1.0), mean.sel(init_scale=0.01).isel(width=-1)
    return {
        "theory-above": float(theory.isel(width=-1).mean()),
        "theory-above-narrow-worst": float(theory.isel(width=0).sel(labels="worst")),
        "paper-above-worst": float(paper.sel(labels="worst")),
        "paper-above-random": float(paper.sel(labels="random")),
    }
