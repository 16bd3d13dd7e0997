"""What the chapter on three layers quotes of the algorithm: its numbers, and its tables."""

import numpy as np
import xarray as xr

from ntkbook.experiments.experiment import Number, settings
from ntkbook.experiments.judging import slope
from ntkbook.experiments.three_layer_learning.claims_algorithm import (
    VARIANCE,
    cost_of_leaving_out,
    growth_in_m,
    noise_kept,
    rise_in_m,
    slope_in_n,
)
from ntkbook.figures.tables import Table
from ntkbook.records import part

_DISTANCE = 0.2  # where the gaps of both depths are compared; every net on F gets beyond it
_CALLED = {
    "full": "Algorithm 1 in full",
    "no signs": "without Sigma",
    "no decay": "without weight decay, lambda = 1",
    "no smoothing": "without smoothing",
    "no penalty": "without the penalty R",
    "no noise": "without gradient noise",
    "no choice": "without the choice of j*",
    "signs only": "SGD with Sigma and nothing else",
    "plain": "SGD and nothing else",
}


def readings(record: xr.DataTree) -> dict[str, Number]:
    """Every number of the algorithm that the chapter quotes, by the key under which it does.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `three_layer_learning`.

    Returns
    -------
    dict of str to number
    """
    return {**_algorithm(record), **_shrinking(record), **_frozen(record), **_risk(record), **_scaling(record)}


def gap_at_distance(record: xr.DataTree, depth: int) -> float:
    """Gap of the nets of one depth on F where they have moved by 0.2, interpolated; geometric mean over the nets.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment.
    depth : int
        2 or 3.

    Returns
    -------
    float
    """
    nets = part(record, "frozen").sel(depth=depth, task="F").stack(net=("width", "seed"))
    found = []
    for net in range(nets.sizes["net"]):
        distance, gap = np.log(nets.distance.isel(net=net)), np.log(nets.gap.isel(net=net))
        beyond = int((distance.values >= np.log(_DISTANCE)).argmax())  # the first time: it may come back
        until = slice(max(beyond - 1, 0), beyond + 1)
        found.append(np.interp(np.log(_DISTANCE), distance.values[until], gap.values[until]))
    return float(np.exp(np.mean(found)))


def variants(record: xr.DataTree) -> Table:
    """Errors of Algorithm 1 in full and without its ingredients, over the variance of F.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `three_layer_learning`.

    Returns
    -------
    Table
    """
    found = part(record, "algorithm").mean("seed")
    cost, rows = cost_of_leaving_out(record), []
    for name in map(str, found.variant.values):
        run = found.sel(variant=name)
        errors = (run.test_error, run.averaged_error, run.train_error)
        relative = (f"{float(error) / VARIANCE:.3f}" for error in errors)
        rows.append((_CALLED[name], *relative, f"{float(cost.sel(variant=name)):.2f}", f"{float(run.train_slope):.2f}"))
    header = (
        "variant",
        "test error, one Sigma-hat",
        "mean output of 20 Sigma",
        "train error",
        "test error over that in full",
        "slope of the train error in its last quarter",
    )
    return Table(header, rows)


def risks(record: xr.DataTree) -> Table:
    """Test error of Algorithm 1 over the variance of F by N and m, with Sigma and without.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `three_layer_learning`.

    Returns
    -------
    Table
    """
    risk = part(record, "risk")
    error = risk.test_error.sel(noise=0).mean("seed") / VARIANCE
    header = ("Sigma", "m", *(f"N = {int(n):,}" for n in risk.n))
    rows = [
        (sigma, str(int(m)), *(f"{float(error.sel(sigma=sigma, width=m, n=n)):.3f}" for n in risk.n))
        for sigma in ("with", "without")
        for m in risk.width
    ]
    return Table(header, rows)


def noisy(record: xr.DataTree) -> Table:
    """Test error on clean labels by label noise, with Sigma and without, and what the noise adds over its variance.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `three_layer_learning`.

    Returns
    -------
    Table
    """
    risk = part(record, "risk").isel(n=-1, width=-1)
    error, train = risk.test_error.mean("seed"), risk.train_error.mean("seed")
    kept = {sigma: noise_kept(part(record, "risk"), sigma) for sigma in ("with", "without")}
    rows = []
    for sigma, added in kept.items():
        for s in risk.noise.values:
            errors = (f"{float(of.sel(sigma=sigma, noise=s)):.2f}" for of in (error, train))
            rows.append((sigma, f"{s:g}", *errors, f"{float(added.sel(noise=s)):.2f}" if s > 0 else ""))
    return Table(("Sigma", "noise s", "test error, clean labels", "train error, noisy labels", "added / s^2"), rows)


def _algorithm(record: xr.DataTree) -> dict[str, Number]:
    found, chosen = part(record, "algorithm"), settings(record)["algorithm"]["one"]
    error, averaged = (found[name].mean("seed") / VARIANCE for name in ("test_error", "averaged_error"))
    full = found.sel(variant="full").mean("seed")
    return {
        "alg-m": chosen["width"],
        "alg-n": chosen["n_train"],
        "alg-rounds": chosen["constants"]["n_rounds"],
        "alg-inner": chosen["constants"]["inner_steps"],
        "alg-full": 100 * float(error.sel(variant="full")),
        "alg-full-averaged": 100 * float(averaged.sel(variant="full")),
        "alg-signs-only": 100 * float(error.sel(variant="signs only")),
        "alg-no-signs": 100 * float(error.sel(variant="no signs")),
        "alg-plain": 100 * float(error.sel(variant="plain")),
        "alg-sign-noise": 100 * float(full.sign_noise) / VARIANCE,
        "alg-identity": float(found.identity_gap.max()),
    }


def _shrinking(record: xr.DataTree) -> dict[str, Number]:
    shrinking = part(record, "shrinking")
    error, least = 100 * shrinking.test_error.mean("seed") / VARIANCE, float(shrinking.scale.min())
    return {
        "lam-min": least,
        "lam-best": float(error.sel(sigma="without").idxmin("scale")),
        **{f"lam-{sigma}-one": float(error.sel(sigma=sigma, scale=1)) for sigma in ("with", "without")},
        **{f"lam-{sigma}-min": float(error.sel(sigma=sigma, scale=least)) for sigma in ("with", "without")},
    }


def _frozen(record: xr.DataTree) -> dict[str, Number]:
    frozen = part(record, "frozen").isel(step=-1)
    last, slopes = frozen.mean("seed").isel(width=-1), slope(frozen.gap)
    found: dict[str, Number] = {"frozen-m": int(frozen.width[-1]), "frozen-at": _DISTANCE}
    for depth in (2, 3):
        for task in ("lazy", "F"):
            net = last.sel(depth=depth, task=task)
            found[f"frozen-{depth}-{task}"] = float(net.gap)
            found[f"frozen-{depth}-{task}-distance"] = float(net.distance)
        found[f"frozen-{depth}-slope"] = float(slopes.sel(depth=depth, task="lazy"))
        found[f"frozen-{depth}-F-slope"] = float(slopes.sel(depth=depth, task="F"))
        found[f"frozen-{depth}-flipped"] = 100 * float(last.sel(depth=depth, task="F").flipped)
        found[f"frozen-{depth}-train"] = 100 * float(last.sel(depth=depth, task="F").train_error)
        found[f"frozen-{depth}-at"] = gap_at_distance(record, depth)
    return found


def _risk(record: xr.DataTree) -> dict[str, Number]:
    risk = part(record, "risk")
    sign_noise = risk.sign_noise.sel(sigma="with", noise=0).isel(n=-1)
    found: dict[str, Number] = {
        "risk-n": int(risk.n[-1]),
        "risk-m": int(risk.width[-1]),
        "risk-m-min": int(risk.width[0]),
        "risk-sign-slope": float(slope(sign_noise)),
        "risk-train-slope": float(risk.train_slope.sel(sigma="with", noise=0).isel(n=-1, width=-1).mean()),
    }
    for sigma in ("with", "without"):
        found[f"risk-slope-{sigma}"] = slope_in_n(risk, sigma)
        found[f"risk-growth-{sigma}"] = float(growth_in_m(risk, sigma))
        found[f"risk-rise-{sigma}"] = float(rise_in_m(risk, sigma))
        found[f"risk-kept-{sigma}"] = float(noise_kept(risk, sigma).max())
    return found


def _scaling(record: xr.DataTree) -> dict[str, Number]:
    scaling = part(record, "scaling")
    return {
        "scaling-half": 100 * float(scaling.biased_gap.sel(factor=0.5).mean("seed")),
        "scaling-exact": float(max(scaling.plain_gap.max(), scaling.restored_gap.max())),
    }
