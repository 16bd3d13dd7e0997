"""Claims that the experiment `convergence` decides: A03, A04, A06, A07 and A14 to A16."""

import numpy as np
import xarray as xr

from ntkbook.claims import Claim, Judgement
from ntkbook.experiments.judging import at_least, at_most, below, decide, slope
from ntkbook.records import part


def gap(record: xr.DataTree) -> xr.DataArray:
    """Largest distance over the run between measured and predicted |y - u(k)| / |y|: Theorem 4.1's epsilon / |y|.

    The prediction starts from y - u(0), eq. (27).

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment.

    Returns
    -------
    xarray.DataArray (init_scale, width, labels, seed)
    """
    runs = part(record, "short_runs")
    return np.abs(runs.residual - runs.frozen).max("step", skipna=False)


def eigenvalue_decay(record: xr.DataTree) -> dict[str, xr.DataArray]:
    """Eigenvalue of H-infinity at i = n/100, over what it would be if they fell as 1/i from lambda_1 or lambda_2 on.

    Pixels without any structure have a mean, hence a large lambda_1; after it their spectrum is flat.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment.

    Returns
    -------
    dict of str to xarray.DataArray (data,)
        i lambda_i / lambda_1 as "lambda_1", i lambda_i / (2 lambda_2) as "lambda_2".
    """
    eigenvalue = part(record, "spectra").eigenvalue
    i = max(1, eigenvalue.sizes["index"] // 100)
    return {f"lambda_{j}": i * eigenvalue.sel(index=i) / (j * eigenvalue.sel(index=j)) for j in (1, 2)}


def _listed(values: xr.DataArray, digits: str = ".2f") -> str:
    return ", ".join(f"{float(values.sel(labels=kind)):{digits}} {kind}" for kind in values.labels.values)


def _theory(record: xr.DataTree) -> xr.Dataset:
    """The short runs in which the initialisation has the theory's scale, kappa = 1."""
    return part(record, "short_runs").sel(init_scale=1.0)


def check_a03(record: xr.DataTree) -> Judgement:
    """Theorem 3.1: the guaranteed rate."""
    share = part(record, "short_runs").rate_violations.mean("seed")
    theory, paper = share.sel(init_scale=1.0), share.sel(init_scale=0.01)
    first, last = int(share.width[0]), int(share.width[-1])
    return decide(
        f"share of recorded steps above the bound at m = {last}: kappa = 1: {_listed(theory.isel(width=-1))}; "
        f"kappa = 0.01: {_listed(paper.isel(width=-1))}; "
        f"at m = {first}: kappa = 1: {_listed(theory.isel(width=0))}",
        reproduced=[
            at_most("share of steps above the bound at the largest m, kappa = 1", theory.isel(width=-1), 0),
            at_most("share of steps above the bound at the largest m, kappa = 0.01", paper.isel(width=-1), 0),
        ],
        only_asymptotic=[at_most("growth of that share from one m to the next, kappa = 1", theory.diff("width"), 0)],
    )


def check_a04(record: xr.DataTree) -> Judgement:
    """Theorem 4.1: the residual follows the frozen kernel."""
    size, trend = gap(record).mean("seed"), slope(gap(record))
    widest = size.isel(width=-1)
    falls = at_most(
        "slope of the gap in m, true and random labels, kappa = 1",
        trend.sel(init_scale=1.0, labels=["true", "random"]),
        -0.25,
    )
    told = [
        f"kappa = {scale:g}: slopes {_listed(trend.sel(init_scale=scale))}, "
        f"gap at m = {int(size.width[-1])} {_listed(widest.sel(init_scale=scale), '.3f')}"
        for scale in size.init_scale.values
    ]
    return decide(
        "; ".join(told),
        reproduced=[falls, at_most("gap / |y| at the largest m", widest, 0.05)],
        only_asymptotic=[falls],
    )


def check_a06(record: xr.DataTree) -> Judgement:
    """Figures 1(b) and 1(d): true labels align with the top eigenvectors."""
    spectra = part(record, "spectra").sel(fraction=[0.01, 0.1])
    flat, n, draws = spectra.fraction, spectra.sizes["index"], spectra.sizes["seed"]
    decay = eigenvalue_decay(record)
    random, noise = spectra.random_share.mean("seed"), np.sqrt(2 * flat * (1 - flat) / n / draws)
    told = []
    for name in spectra.data.values:
        first, second = (float(ratio.sel(data=name)) for ratio in decay.values())
        told.append(f"{name}: lambda_(n/100) is {first:.2f} of 1/i from lambda_1, {second:.2f} of 1/i from lambda_2")
        for fraction in flat.values:
            true, chance = (float(x.sel(data=name, fraction=fraction)) for x in (spectra.true_share, random))
            told.append(f"top {fraction:.0%}: {true:.0%} of true, {chance:.1%} of random labels")
    return decide(
        "; ".join(told),
        reproduced=[
            *(at_most(f"lambda_(n/100) / that of 1/i from {name} on", ratio, 1) for name, ratio in decay.items()),
            at_least("share of true labels / flat share", spectra.true_share / flat, 5),
            at_most("distance of random labels from the flat share / standard error", np.abs(random - flat) / noise, 4),
        ],
    )


def check_a07(record: xr.DataTree) -> Judgement:
    """Section 4.1: iteration and sum on the frozen kernel."""
    error = part(record, "identity").error
    return decide(
        f"identity: largest difference {float(error.max()):.0e} over {error.sizes['labels']} label vectors",
        reproduced=[at_most("iteration - sum", error, 1e-10, exact=True)],
    )


def check_a14(record: xr.DataTree) -> Judgement:
    """Lemma C.1: neurons move little."""
    ratio = part(record, "short_runs").movement_ratio
    return decide(
        f"largest movement / bound: {_listed(ratio.max(['width', 'seed', 'init_scale']), '.4f')}",
        reproduced=[at_most("movement / bound", ratio, 1)],
    )


def check_a15(record: xr.DataTree) -> Judgement:
    """Lemma C.2: the kernel and its features move little."""
    arm = _theory(record)
    gram, feature = slope(arm.gram_drift), slope(arm.feature_drift)
    flipped = arm.flipped.isel(step=-1).mean("seed").isel(width=-1)
    return decide(
        f"slopes of H: {_listed(gram)}; of Z: {_listed(feature)}; "
        f"flipped gates at m = {int(arm.width[-1])}: {_listed(100 * flipped, '.1f')} %",
        reproduced=[
            at_most("slope of the drift of H in m", gram, -0.45),
            at_most("slope of the drift of Z in m", feature, -0.2),
        ],
        only_asymptotic=[
            below("slope of the drift of H in m", gram, 0),
            below("slope of the drift of Z in m", feature, 0),
        ],
    )


def check_a16(record: xr.DataTree) -> Judgement:
    """Equation (24): one step in prediction space."""
    arm = _theory(record)
    trend, widest = slope(arm.step_error), arm.step_error.mean("seed").isel(width=-1)
    what = "slope in m of the largest |eps| / (eta |u - y|)"
    return decide(
        f"largest |eps| / (eta |u - y|) over recorded steps: slopes {_listed(trend)}, "
        f"at m = {int(arm.width[-1])}: {_listed(widest, '.3f')}; "
        f"|eps| / |eta H(k)(u - y)|: slopes of its median {_listed(slope(arm.linearisation_error))}, "
        f"of its largest {_listed(slope(arm.linearisation_error_max))}",
        reproduced=[at_most(what, trend, -0.45)],
        only_asymptotic=[below(what, trend, 0)],
    )


CLAIMS = (
    Claim(
        "A03",
        check_a03,
        "every step shrinks the loss by 1 - eta lambda_0 / 2 or more",
        "no recorded step above it at the largest width, for any labels, at either kappa; "
        "only asymptotic if the share of such steps never grows with m at kappa = 1",
    ),
    Claim(
        "A04",
        check_a04,
        "max over k of the gap / |y| falls with m, slope near -0.5",
        "slope <= -0.25 for true and random labels at kappa = 1; gap <= 0.05 at the largest width for all labels "
        "at both kappa, else only asymptotic",
    ),
    Claim(
        "A06",
        check_a06,
        "true labels: most of |y|^2 on the top eigenvectors; random labels: the same share as eigenvectors",
        "true at least 5 times the flat share; random within 4 standard errors of it; at i = n/100 lambda_i at most "
        "lambda_1/i, which non-negative pixels alone bring about, and at most 2 lambda_2/i, which they do not",
    ),
    Claim("A07", check_a07, "iteration (7) and sum (8) agree: a pointwise identity", "1e-10 in float64"),
    Claim("A14", check_a14, "ratio at most 1", "none; every run counts"),
    Claim(
        "A15",
        check_a15,
        "at kappa = 1 H moves as m^-1/2 or less and Z as m^-1/4 or less",
        "slopes <= -0.45 and <= -0.2 for all labels; only asymptotic if both fall for all labels, but more slowly",
    ),
    Claim(
        "A16",
        check_a16,
        "at kappa = 1 the largest |eps(k)| / (eta |u(k) - y|) falls as m^-1/2 or faster",
        "slope <= -0.45 for all labels, over the recorded steps; only asymptotic if it falls for all, but more slowly",
    ),
)
