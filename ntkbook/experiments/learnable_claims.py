"""Checks of the claims that the experiment `learnable_functions` decides: A17 to A19, A21, A22, A24."""

import numpy as np
import xarray as xr

from ntkbook.claims import Claim, Judgement, Verdict
from ntkbook.experiments.sweep import log_slope

COVERED = ("power 1", "power 2", "power 4", "power 6", "power 8")
ODD = ("power 3", "power 5")
LEARNABLE = ("linear", "quadratic", "cosine")


def doubling(values: xr.DataArray) -> xr.DataArray:
    """Growth of the norm over the last doubling of the sample size, mean over seeds.

    Parameters
    ----------
    values : xarray.DataArray (..., size, ..., seed)
        Norms; the last two sizes differ by a factor of two.

    Returns
    -------
    xarray.DataArray
        Without the dimensions size and seed.
    """
    mean = values.mean("seed")
    return mean.isel(size=-1) / mean.isel(size=-2)


def _verdict(ok: bool) -> Verdict:
    return Verdict.REPRODUCED if ok else Verdict.NOT_REPRODUCED


def _plateau_by_1000(record: xr.Dataset) -> float:
    """Largest growth from half of n = 1000 (or the last size below) to it, over the covered powers, d = 3."""
    sizes = [int(n) for n in record["size"].values if n <= 1000][-2:]
    norms = record.norm.sel(dim=3, function=list(COVERED), size=sizes).mean("seed")
    return float((norms.isel(size=1) / norms.isel(size=0)).max())


def _check_a17(record: xr.Dataset) -> Judgement:
    norms = record.norm.sel(function=list(COVERED))
    in_bound = float((norms / record.bound).max(skipna=False))
    in_proof = float((norms / record.bound_in_proof).max(skipna=False))
    in_limit = float((norms / record.limit).max(skipna=False))
    plateau = _plateau_by_1000(record)
    ok = np.max([in_bound, in_proof, in_limit]) <= 1 + 1e-9 and plateau < 1.02
    return Judgement(
        _verdict(bool(ok)),
        f"largest norm / 3p {in_bound:.3f}, / the proof's constant {in_proof:.4f}, "
        f"/ the exact RKHS norm {in_limit:.4f}; "
        f"growth per doubling at d = 3, n <= 1000: {plateau:.4f}",
    )


def _check_a18(record: xr.Dataset) -> Judgement:
    smooth = [name for name in record.function.values if not str(name).startswith("power")]
    ridge = float((record.norm / record.bound).sel(function=smooth).max(skipna=False))
    quadratic = float(record.quadratic_norm.max(skipna=False)) / 6
    total = float((record.sum_norm / record.sum_bound).max(skipna=False))
    square = float(((record.quadratic_norm_times_10 / record.quadratic_norm) ** 2).mean())
    return Judgement(
        _verdict(bool(np.max([ridge, quadratic, total]) <= 1)),
        f"largest norm / bound: cosine and arctan {ridge:.3f}, quadratic forms {quadratic:.3f}, "
        f"random sums {total:.3f}; "
        f"ten times A makes y'H^-1 y {square:.0f} times larger",
    )


def _check_a19(record: xr.Dataset) -> Judgement:
    norms = record.norm.sel(dim=3, function=list(ODD))
    growth = doubling(norms)
    mean = norms.mean("seed")
    slopes = [log_slope(mean["size"].values, mean.sel(function=name).values) for name in ODD]
    first, last = float(mean[0, 0]), float(mean[-1, 0])
    ok = bool((growth >= 1.2).all()) and bool(np.isinf(record.limit.sel(function=list(ODD))).all())
    return Judgement(
        _verdict(ok),
        f"d = 3: norm of the cube {first:.1f} at n = {int(mean['size'][0])}, "
        f"{last:.0f} at n = {int(mean['size'][-1])}; "
        f"slopes {slopes[0]:.2f} (p = 3), {slopes[1]:.2f} (p = 5); RKHS norm infinite",
    )


def _check_a21(record: xr.Dataset) -> Judgement:
    error = record.test_error.mean("seed")
    sizes = record.train_size.values
    slopes = [log_slope(sizes, error.sel(learned=name).values) for name in LEARNABLE]
    below = bool((record.test_error <= record.leading_term).sel(learned=list(LEARNABLE)).all())
    relative = (error / record.zero_error.mean("seed")).isel(train_size=-1)
    ok = below and max(slopes) <= -0.4 and float(relative.sel(learned="cubic")) >= 0.5
    told = ", ".join(f"{name} {float(relative.sel(learned=name)):.2f}" for name in record.learned.values)
    return Judgement(
        _verdict(ok),
        f"slopes {', '.join(f'{slope:.2f} {name}' for slope, name in zip(slopes, LEARNABLE, strict=True))}; "
        f"error / error of predicting 0 at n = {int(sizes[-1])}: {told}",
    )


def _check_a22(record: xr.Dataset) -> Judgement:
    plain, biased = record.norm.sel(function="power 3"), record.cubic_norm_with_bias
    growth, growth_biased = float(doubling(plain.sel(dim=3))), float(doubling(biased.sel(dim=3)))
    limit = record.cubic_limit_with_bias
    ok = (
        growth >= 1.2
        and growth_biased <= 1.05
        and bool((biased <= limit * (1 + 1e-9)).all())
        and np.isfinite(limit).all()
    )
    told = "; ".join(
        f"d = {int(d)}: {float(biased.sel(dim=d).mean('seed')[-1]):.2f} with (limit {float(limit.sel(dim=d)):.2f}), "
        f"{float(plain.sel(dim=d).mean('seed')[-1]):.1f} without"
        for d in record.dim.values
    )
    return Judgement(_verdict(ok), f"norm of the cube at n = {int(record['size'][-1])}, {told}")


def _check_a24(record: xr.Dataset) -> Judgement:
    ours = float(record.our_terms.sum(skipna=False))
    growing = record.rival_ratio > 1
    terms = record.rival_terms
    diverges = bool((terms.isel(term=-1) > terms.isel(term=0)).where(growing, True).all())
    told = ", ".join(f"C = {float(c):g}: {float(terms.sel(constant=c).sum()):.1e}" for c in record.constant.values)
    return Judgement(
        _verdict(diverges and bool(growing.any()) and ours < 4),
        f"our sum {ours:.3f}; the rival's first {record.sizes['term']} terms at epsilon = 0.1 sum to {told}",
    )


CLAIMS = (
    Claim(
        "A17",
        _check_a17,
        "sqrt(y'H^-1 y) <= 3p, below the proof's 2 (p = 1) and sqrt(2 pi)(p-1), below the exact RKHS norm",
        "no norm above a bound; at d = 3 growth per doubling below 1.02 by n = 1000",
    ),
    Claim("A18", _check_a18, "every norm below its bound", "none; every draw counts"),
    Claim(
        "A19",
        _check_a19,
        "the norm keeps growing with n for p = 3 and 5",
        "at d = 3 growth over the last doubling at least 1.2; the RKHS norm infinite",
    ),
    Claim(
        "A21",
        _check_a21,
        "test error falls like n^-1/2 or faster and stays under sqrt(2 y'H^-1 y / n); a pure cubic is not learned",
        "slopes <= -0.4; no net above the leading term; cubic error at least half that of predicting 0",
    ),
    Claim(
        "A22",
        _check_a22,
        "with a constant input coordinate the norm of a cubic has a finite limit; without, it grows",
        "at d = 3 growth over the last doubling <= 1.05 with, >= 1.2 without; no norm above its limit in any dimension",
    ),
    Claim(
        "A24",
        _check_a24,
        "our sum finite; the rival's diverges as soon as C^2 log(1/epsilon) > 4",
        "last term above the first for every such C",
    ),
)
