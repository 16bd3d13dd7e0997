"""Checks of the claims that the experiment `generalization` decides: A08 to A13 and A23."""

import json

import numpy as np
import xarray as xr
from scipy.stats import rankdata

from ntkbook.claims import Claim, Judgement, Verdict
from ntkbook.experiments.sweep import log_slope


def rank_correlation(record: xr.Dataset, error: str) -> dict[str, float]:
    """Spearman's rank correlation over the portions between eq. (10) and a test error, means over draws.

    Parameters
    ----------
    record : xarray.Dataset
        Of the experiment `generalization`.
    error : str
        Such as "noisy_l1".

    Returns
    -------
    dict of str to float
        By data set.
    """
    means = record[["noisy_measure", error]].mean("draw").data_vars.values()
    ranks = {name: [rankdata(mean.sel(trained=name)) for mean in means] for name in record.trained.values}
    return {str(name): float(np.corrcoef(pair)[0, 1]) for name, pair in ranks.items()}


def pooled_correlation(record: xr.Dataset, error: str) -> float:
    """Rank correlation between eq. (10) and a test error over all data sets and portions together.

    Parameters
    ----------
    record : xarray.Dataset
        Of the experiment `generalization`.
    error : str
        Such as "noisy_l1".

    Returns
    -------
    float
    """
    means = record[["noisy_measure", error]].mean("draw").data_vars.values()
    pair = [rankdata(mean) for mean in means]
    return float(np.corrcoef(pair)[0, 1])


def width_slope(record: xr.Dataset, variable: str) -> xr.DataArray:
    """Slope in the width, on log-log axes, of the mean over seeds.

    Parameters
    ----------
    record : xarray.Dataset
        Of the experiment `generalization`.
    variable : str
        Such as "ball_movement".

    Returns
    -------
    xarray.DataArray (init_scale, labels)
    """
    mean = record[variable].mean("seed")
    return xr.apply_ufunc(lambda y: log_slope(mean.width.values, y), mean, input_core_dims=[["width"]], vectorize=True)


def movement_ratio(record: xr.Dataset, to: str = "ball_norm") -> xr.DataArray:
    """|W(k) - W(0)|_F / sqrt(y'H^-1 y) at the largest width, mean over seeds: at most 1 + o(1) by Lemma 5.3.

    Parameters
    ----------
    record : xarray.Dataset
        Of the experiment `generalization`.
    to : str
        "ball_norm", or "ball_linear_movement" for the distance that frozen gates would reach at the same loss.

    Returns
    -------
    xarray.DataArray (init_scale, labels)
    """
    return (record.ball_movement / record[to]).isel(width=-1).mean("seed")


def theorem_bound(record: xr.Dataset) -> xr.DataArray:
    """Right-hand side of eq. (9) with explicit constants, for each net with noisy labels.

    The remainder holds 1 / sqrt(n) for the training loss, as for Phi <= 1/2: Arora et al. (2019), app. D.3. The nets
    stop earlier, so sqrt(2 Phi / n) stands in its place.

    Parameters
    ----------
    record : xarray.Dataset
        Of the experiment `generalization`.

    Returns
    -------
    xarray.DataArray
        With the dimensions of the nets in the record.
    """
    n = json.loads(record.attrs["config"])["n_train"]
    return record.noisy_measure + record.noisy_remainder - n**-0.5 + (2 * record.noisy_loss) ** 0.5


def _nets(record: xr.Dataset) -> xr.Dataset:
    """The nets with noisy labels along one dimension, without the draws that a data set does not have."""
    return record.stack(net=("trained", "portion", "draw")).dropna("net", subset=["noisy_steps"])


def _listed(values: xr.DataArray, digits: str = ".2f") -> str:
    return ", ".join(f"{float(v):{digits}} {name}" for v, name in zip(values, values.labels.values, strict=True))


def _check_a08(record: xr.Dataset) -> Judgement:
    ok, text = True, []
    for name in record.data.values:
        measure = record.measure.sel(data=name)
        mean, random = measure.mean("seed"), measure.isel(share=-1)
        off = float(np.abs(mean / record.measure_expected.sel(data=name) - 1).max(skipna=False))
        ok &= off <= 0.1 and float(random.min()) > float(measure.isel(share=0).max())
        text.append(
            f"{name}: {float(mean[0]):.3f} true, {float(mean[-1]):.2f} random, at most {off:.1%} off the closed form"
        )
    settings = f"{record.sizes['seed']} draws"
    return Judgement(Verdict.REPRODUCED if ok else Verdict.NOT_REPRODUCED, f"{'; '.join(text)} ({settings})")


def _check_a09(record: xr.Dataset) -> Judgement:
    l1, error = rank_correlation(record, "noisy_l1"), rank_correlation(record, "noisy_error")
    nets = _nets(record)
    identity = bool((nets.noisy_l1 >= nets.noisy_error).all())
    converged = bool((nets.noisy_loss <= 5e-3 * (1 + 1e-4)).all())  # the run counts in float32
    ok = identity and converged and min(*l1.values(), *error.values()) >= 0.9
    text = "; ".join(f"{name}: rank correlation {l1[name]:.2f} with l1, {error[name]:.2f} with errors" for name in l1)
    text += f"; over all data sets together {pooled_correlation(record, 'noisy_l1'):.2f} with l1"
    told = "l1 >= classification error in every run (an identity)" if identity else "l1 below classification error"
    return Judgement(
        Verdict.REPRODUCED if ok else Verdict.NOT_REPRODUCED,
        f"{text}; {told}; largest Phi/n at the end {float(nets.noisy_loss.max()):.1e}",
    )


def _check_a10(record: xr.Dataset) -> Judgement:
    nets = _nets(record)
    bound = theorem_bound(nets)
    identity = bool((nets.noisy_ramp >= nets.noisy_error).all())
    holds = bool((nets.noisy_ramp <= bound).all())
    informative = bound < 1
    if not (identity and holds):
        verdict = Verdict.NOT_REPRODUCED
    else:
        verdict = Verdict.REPRODUCED if bool(informative.any()) else Verdict.VACUOUS
    ramp, limit = record.noisy_ramp.mean("draw"), theorem_bound(record).mean("draw")
    text = "; ".join(
        f"{name}: true labels ramp {float(ramp.sel(trained=name)[0]):.3f} against bound "
        f"{float(limit.sel(trained=name)[0]):.2f}, random labels {float(ramp.sel(trained=name)[-1]):.2f} against "
        f"{float(limit.sel(trained=name)[-1]):.1f}"
        for name in record.trained.values
    )
    return Judgement(verdict, f"{text}; bound below 1 in {int(informative.sum())} of {informative.size} nets")


def _check_a11(record: xr.Dataset) -> Judgement:
    slopes, ratio = width_slope(record, "ball_neuron_movement"), movement_ratio(record)
    frozen = movement_ratio(record, "ball_linear_movement")
    theory = slopes.sel(init_scale=1.0)
    falls = bool((np.abs(theory + 0.5) <= 0.1).all())
    within = ratio <= 1.05
    if falls and bool(within.all()):
        verdict = Verdict.REPRODUCED
    elif falls and bool(within.sel(init_scale=1.0).all()):
        verdict = Verdict.ONLY_ASYMPTOTIC
    else:
        verdict = Verdict.NOT_REPRODUCED
    text = "; ".join(
        f"kappa = {scale:g}: slopes {_listed(slopes.sel(init_scale=scale))}, "
        f"total / sqrt(y'H^-1 y) {_listed(ratio.sel(init_scale=scale))}, "
        f"total / that of frozen gates at the same loss {_listed(frozen.sel(init_scale=scale))}"
        for scale in record.init_scale.values
    )
    return Judgement(verdict, f"per neuron and total at m = {int(record.width[-1])}; {text}")


def _check_a12(record: xr.Dataset) -> Judgement:
    linear = bool((record.ball_linear <= record.ball_jensen + 3 * record.ball_linear_error).all())
    terms = bool((record.ball_jensen <= record.ball_linear_term).all())
    events = bool((record.ball_share <= record.ball_share_bound).all())
    capped = bool((record.ball_ascended <= record.ball_jensen + record.ball_flips_capped).all())
    below = bool((record.ball_ascended <= record.ball_bound).all())
    informative, speaks = record.ball_bound < 0.5, record.ball_share_bound < 1
    if not (linear and terms and events and capped and below):
        verdict = Verdict.NOT_REPRODUCED
    else:
        verdict = Verdict.REPRODUCED if bool(informative.any()) else Verdict.VACUOUS
    widest = record.isel(width=-1).mean("seed")
    text = "; ".join(
        f"kappa = {scale:g}, {labels} labels: at least {float(row.ball_ascended):.3f}, gates frozen "
        f"{float(row.ball_linear):.3f}, bound {float(row.ball_bound):.2f}"
        for scale in record.init_scale.values
        for labels in record.labels.values
        for row in [widest.sel(init_scale=scale, labels=labels)]
    )
    return Judgement(
        verdict,
        f"m = {int(record.width[-1])}: {text}; bound below 1/2 in {int(informative.sum())} of "
        f"{informative.size} balls, bound on the gates in reach below 1 in {int(speaks.sum())}",
    )


def _check_a13(record: xr.Dataset) -> Judgement:
    error = np.abs(record.auxiliary_norm / record.auxiliary_expected - 1)
    ok = bool((error <= 1e-6).all())
    return Judgement(
        Verdict.REPRODUCED if ok else Verdict.NOT_REPRODUCED,
        f"relative error {_listed(error, '.0e')} after {int(record.auxiliary_steps.max())} steps",
    )


def _check_a23(record: xr.Dataset) -> Judgement:
    movement = width_slope(record, "ball_movement").sel(init_scale=1.0)
    error = width_slope(record, "ball_l1").sel(init_scale=1.0)
    ok = bool((movement <= 0.05).all() and error.sel(labels="true") <= 0.05)
    paper = width_slope(record, "ball_movement").sel(init_scale=0.01)
    return Judgement(
        Verdict.REPRODUCED if ok else Verdict.NOT_REPRODUCED,
        f"slopes in m at kappa = 1: movement {_listed(movement, '.3f')}; l1 test loss {_listed(error, '.3f')}; "
        f"at kappa = 0.01: movement {_listed(paper, '.3f')}",
    )


CLAIMS = (
    Claim(
        "A08",
        _check_a08,
        "the measure is larger for random labels than for true ones and grows with their share p, "
        "its square like (1-p)^2 y'H^-1 y + (1-(1-p)^2) tr H^-1",
        "every draw of random labels above the true ones; mean over draws within 10 % of the root at each tenth",
    ),
    Claim(
        "A09",
        _check_a09,
        "measure and test error rise together with the portion of random labels",
        "rank correlation over the portions at least 0.9 for l1 and for errors, on each data set by itself (a test of "
        "monotonicity, no more); Phi/n <= 5e-3",
    ),
    Claim(
        "A10",
        _check_a10,
        "0-1 loss <= ramp loss (an identity) <= sqrt(2 y'H^-1 y / n) + remainder, constants explicit, delta = 0.1",
        "no net above the bound; vacuous if the bound is 1 or more for every net",
    ),
    Claim(
        "A11",
        _check_a11,
        "per-neuron movement falls like m^-1/2; total movement at most sqrt(y'H^-1 y) plus what vanishes with m",
        "slopes at kappa = 1 within 0.1 of -1/2; total at most 1.05 sqrt(y'H^-1 y) at the largest width, "
        "for both kappa; only asymptotic if so at kappa = 1 alone",
    ),
    Claim(
        "A12",
        _check_a12,
        "every step of the proof holds: Monte Carlo <= its Jensen bound <= first term; flippable gates; "
        "best net found <= bound",
        "no ball above a bound, Monte Carlo within 3 standard errors; vacuous if the bound is 1/2 or more in every "
        "ball",
    ),
    Claim("A13", _check_a13, "|W~| tends to sqrt(y'H(0)^-1 y)", "relative error 1e-6"),
    Claim(
        "A23",
        _check_a23,
        "movement and test loss do not grow with the width",
        "at kappa = 1: slopes in m of the movement and, for true labels, of the l1 test loss at most 0.05",
    ),
)
