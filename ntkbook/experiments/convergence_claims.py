"""Checks of the claims that the experiment `convergence` decides: A03 to A07, A14 to A16."""

import numpy as np
import xarray as xr

from ntkbook.claims import Claim, Judgement, Verdict
from ntkbook.experiments.sweep import log_slope


def gap(record: xr.Dataset, prediction: str = "width_frozen") -> xr.DataArray:
    """Largest distance over the run between measured and predicted |y - u(k)| / |y|: Theorem 4.1's epsilon / |y|.

    Parameters
    ----------
    record : xarray.Dataset
        Of the experiment `convergence`.
    prediction : str
        "width_frozen", from y - u(0), eq. (27), or "width_label_only", from y, eq. (8).

    Returns
    -------
    xarray.DataArray (init_scale, width, label, seed)
    """
    return np.abs(record.width_residual - record[prediction]).max("width_step")


def slopes(values: xr.DataArray) -> xr.DataArray:
    """Slope in the width, on log-log axes, of the mean over seeds.

    Parameters
    ----------
    values : xarray.DataArray (..., width, ..., seed)
        Positive numbers.

    Returns
    -------
    xarray.DataArray
        Without the dimensions width and seed.
    """
    mean = values.mean("seed")
    return xr.apply_ufunc(lambda y: log_slope(mean.width.values, y), mean, input_core_dims=[["width"]], vectorize=True)


def _listed(values: xr.DataArray, digits: str = ".2f") -> str:
    return ", ".join(f"{float(value):{digits}} {name}" for value, name in zip(values, values.label.values, strict=True))


def _theory(record: xr.Dataset) -> xr.Dataset:
    """The arm in which the initialisation has the theory's scale, kappa = 1."""
    return record.sel(init_scale=1.0)


def _check_a03(record: xr.Dataset) -> Judgement:
    share = record.width_rate_violations.mean("seed")
    theory, paper = share.sel(init_scale=1.0), share.sel(init_scale=0.01)
    widest = theory.isel(width=-1)
    if bool((widest <= 0).all() and (paper.isel(width=-1) <= 0).all()):
        verdict = Verdict.REPRODUCED
    elif (theory.diff("width") <= 0).all():
        verdict = Verdict.ONLY_ASYMPTOTIC
    else:
        verdict = Verdict.NOT_REPRODUCED
    return Judgement(
        verdict,
        f"share of recorded steps above the bound at m = {int(record.width[-1])}: kappa = 1: {_listed(widest)}; "
        f"kappa = 0.01: {_listed(paper.isel(width=-1))}; "
        f"at m = {int(record.width[0])}: kappa = 1: {_listed(theory.isel(width=0))}",
    )


def _check_a04(record: xr.Dataset) -> Judgement:
    size, slope = gap(record).mean("seed"), slopes(gap(record))
    common = ["true", "random"]
    falls = bool((slope.sel(init_scale=1.0, label=common) <= -0.25).all())
    close = bool((size.isel(width=-1) <= 0.05).all())
    verdict = Verdict.NOT_REPRODUCED if not falls else Verdict.REPRODUCED if close else Verdict.ONLY_ASYMPTOTIC
    text = [
        f"kappa = {scale:g}: slopes {_listed(slope.sel(init_scale=scale))}, "
        f"gap at m = {int(record.width[-1])} {_listed(size.isel(width=-1).sel(init_scale=scale), '.3f')}"
        for scale in record.init_scale.values
    ]
    return Judgement(verdict, "; ".join(text))


def _check_a05(record: xr.Dataset) -> Judgement:
    ordered, final = True, []
    for name in record.data.values:
        loss = record.curve_loss.sel(data=name)
        done = (loss <= 1e-6).any("label")
        last = max(2, int(done.argmax("step"))) if bool(done.any()) else loss.sizes["step"]
        run = loss.isel(step=slice(1, last))
        true, random, worst = (run.sel(label=label) for label in ("true", "random", "worst"))
        ordered &= bool(((true < random) & (random < worst)).all())
        final.append(f"{name} at k = {int(run.step[-1])}: {_listed(run.isel(step=-1), '.1e')}")
    return Judgement(Verdict.REPRODUCED if ordered else Verdict.NOT_REPRODUCED, "Phi/n " + "; ".join(final))


def _check_a06(record: xr.Dataset) -> Judgement:
    ok, text = True, []
    for name in record.data.values:
        row = record.sel(data=name)
        values = row.eigenvalue.dropna("index")
        n, decay = values.size, float(values[0] / values[-1])
        ok &= decay >= 100
        text.append(f"{name}: lambda_1 / lambda_n = {decay:.0e}")
        for fraction in (0.01, 0.1):
            true = float(row.true_share.sel(fraction=fraction))
            random = row.random_share.sel(fraction=fraction)
            noise = np.sqrt(2 * fraction * (1 - fraction) / n / random.sizes["seed"])
            ok &= true >= 5 * fraction and abs(float(random.mean()) - fraction) <= 4 * noise
            text.append(f"top {fraction:.0%}: {true:.0%} of true, {float(random.mean()):.1%} of random labels")
    return Judgement(Verdict.REPRODUCED if ok else Verdict.NOT_REPRODUCED, "; ".join(text))


def _check_a07(record: xr.Dataset) -> Judgement:
    error = float(record.identity_error.max())
    verdict = Verdict.REPRODUCED if error <= 1e-10 else Verdict.NOT_REPRODUCED
    return Judgement(verdict, f"identity: largest difference {error:.0e} over {record.sizes['label']} label vectors")


def _check_a14(record: xr.Dataset) -> Judgement:
    ratio = record.width_movement_ratio
    worst = ratio.max(["width", "seed", "init_scale"])
    return Judgement(
        Verdict.REPRODUCED if bool((ratio <= 1).all()) else Verdict.NOT_REPRODUCED,
        f"largest movement / bound: {_listed(worst, '.4f')}",
    )


def _check_a15(record: xr.Dataset) -> Judgement:
    arm = _theory(record)
    gram, feature = slopes(arm.width_gram_drift), slopes(arm.width_feature_drift)
    fast = bool((gram <= -0.45).all() and (feature <= -0.2).all())
    falls = bool((gram < 0).all() and (feature < 0).all())
    verdict = Verdict.REPRODUCED if fast else Verdict.ONLY_ASYMPTOTIC if falls else Verdict.NOT_REPRODUCED
    flipped = arm.width_flipped.isel(width_step=-1).mean("seed").isel(width=-1)
    return Judgement(
        verdict,
        f"slopes of H: {_listed(gram)}; of Z: {_listed(feature)}; "
        f"flipped gates at m = {int(record.width[-1])}: {_listed(100 * flipped, '.1f')} %",
    )


def _check_a16(record: xr.Dataset) -> Judgement:
    error = _theory(record).width_linearisation_error
    slope, widest = slopes(error), error.mean("seed").isel(width=-1)
    return Judgement(
        Verdict.REPRODUCED if bool((slope < -0.25).all()) else Verdict.NOT_REPRODUCED,
        f"slopes {_listed(slope)}; median |eps| / |eta H(k)(u - y)| "
        f"at m = {int(record.width[-1])}: {_listed(widest, '.4f')}",
    )


CLAIMS = (
    Claim(
        "A03",
        _check_a03,
        "every step shrinks the loss by 1 - eta lambda_0 / 2 or more",
        "no recorded step above it at the largest width, for any labels, at either kappa; "
        "only asymptotic if the share of such steps never grows with m at kappa = 1",
    ),
    Claim(
        "A04",
        _check_a04,
        "max over k of the gap / |y| falls with m, slope near -0.5",
        "slope <= -0.25 for true and random labels at kappa = 1; gap <= 0.05 at the largest width for all labels "
        "at both kappa, else only asymptotic",
    ),
    Claim(
        "A05",
        _check_a05,
        "loss(true) < loss(random) < loss(worst case) at every recorded step from 1 until one reaches 1e-6",
        "strict order",
    ),
    Claim(
        "A06",
        _check_a06,
        "true labels: most of |y|^2 on the top eigenvectors; random labels: the same share as eigenvectors",
        "true at least 5 times the flat share; random within 4 standard errors of it; lambda_1 >= 100 lambda_n",
    ),
    Claim("A07", _check_a07, "iteration (7) and sum (8) agree: a pointwise identity", "1e-10 in float64"),
    Claim("A14", _check_a14, "ratio at most 1", "none; every run counts"),
    Claim(
        "A15",
        _check_a15,
        "at kappa = 1 H moves as m^-1/2 or less and Z as m^-1/4 or less",
        "slopes <= -0.45 and <= -0.2 for all labels; only asymptotic if both fall for all labels, but more slowly",
    ),
    Claim("A16", _check_a16, "median ratio falls with m at kappa = 1", "slope < -0.25 for all labels"),
)
