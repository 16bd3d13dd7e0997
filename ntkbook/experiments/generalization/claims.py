"""Claims that the experiment `generalization` decides: A08 to A13 and A23."""

import numpy as np
import xarray as xr
from scipy.stats import rankdata

from ntkbook.claims import Claim, Judgement
from ntkbook.experiments.experiment import settings
from ntkbook.experiments.judging import above, at_least, at_most, below, decide, slope
from ntkbook.records import part


def rank_correlation(record: xr.DataTree, error: str) -> dict[str, float]:
    """Spearman's rank correlation over the portions between eq. (10) and a test error, means over draws.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `generalization`.
    error : str
        Variable of the nets, such as "l1".

    Returns
    -------
    dict of str to float
        By data set.
    """
    nets = part(record, "nets")
    means = [nets[name].mean("draw") for name in ("measure", error)]
    ranks = {name: [rankdata(mean.sel(data=name)) for mean in means] for name in nets["data"].values}
    return {str(name): float(np.corrcoef(pair)[0, 1]) for name, pair in ranks.items()}


def pooled_correlation(record: xr.DataTree, error: str) -> float:
    """Rank correlation between eq. (10) and a test error over all data sets and portions together.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `generalization`.
    error : str
        Variable of the nets, such as "l1".

    Returns
    -------
    float
    """
    nets = part(record, "nets")
    return float(np.corrcoef([rankdata(nets[name].mean("draw")) for name in ("measure", error)])[0, 1])


def movement_ratio(record: xr.DataTree, to: str = "norm") -> xr.DataArray:
    """|W(k) - W(0)|_F / sqrt(y'H^-1 y) at the largest width, mean over seeds: at most 1 + o(1) by Lemma 5.3.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `generalization`.
    to : str
        "norm", or "linear_movement" for the distance that frozen gates would reach at the same loss.

    Returns
    -------
    xarray.DataArray (init_scale, labels)
    """
    balls = part(record, "balls")
    return (balls.movement / balls[to]).isel(width=-1).mean("seed")


def theorem_bound(record: xr.DataTree) -> xr.DataArray:
    """Right-hand side of eq. (9) with explicit constants, for each net with noisy labels.

    The remainder holds 1 / sqrt(n) for the training loss, as for Phi <= 1/2: Arora et al. (2019), app. D.3. The nets
    stop earlier, so sqrt(2 Phi / n) stands in its place.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `generalization`.

    Returns
    -------
    xarray.DataArray (data, portion, draw)
    """
    nets, n = part(record, "nets"), settings(record)["n_train"]
    return nets.measure + nets.remainder - n**-0.5 + (2 * nets.loss) ** 0.5


def runs(record: xr.DataTree) -> xr.Dataset:
    """Nets with noisy labels, and their bounds, along one dimension without the draws that a data set does not have.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `generalization`.

    Returns
    -------
    xarray.Dataset (net)
    """
    nets = part(record, "nets").assign(bound=theorem_bound(record)).stack(net=("data", "portion", "draw"))
    return nets.isel(net=nets.measured.values) if "measured" in nets else nets


def check_a08(record: xr.DataTree) -> Judgement:
    """Section 5: the measure tells true labels from random ones."""
    measures = part(record, "measures")
    conditions, told = [], []
    for name in measures["data"].values:
        row = measures.sel(data=name)
        mean, true, random = row.measure.mean("seed"), row.measure.isel(portion=0), row.measure.isel(portion=-1)
        off = abs(mean / row.expected - 1)
        conditions += [
            at_most(f"mean over draws / closed form, off 1, {name}", off, 0.1),
            above(f"least of random labels / largest of true ones, {name}", random / true.max(skipna=False), 1),
        ]
        told.append(
            f"{name}: {float(mean[0]):.3f} true, {float(mean[-1]):.2f} random, "
            f"at most {float(off.max()):.1%} off the closed form"
        )
    return decide(f"{'; '.join(told)} ({measures.sizes['seed']} draws)", reproduced=conditions)


def check_a09(record: xr.DataTree) -> Judgement:
    """Figure 2: the measure follows the test error."""
    l1, error, nets = rank_correlation(record, "l1"), rank_correlation(record, "error"), runs(record)
    identity = at_least("l1 loss - classification error", nets.l1 - nets.error, 0, exact=True)
    told = [f"{name}: rank correlation {l1[name]:.2f} with l1, {error[name]:.2f} with errors" for name in l1]
    told += [
        f"over all data sets together {pooled_correlation(record, 'l1'):.2f} with l1",
        "l1 >= classification error in every run (an identity)" if identity.holds else "l1 below classification error",
        f"largest Phi/n at the end {float(nets.loss.max()):.1e}",
    ]
    return decide(
        "; ".join(told),
        reproduced=[
            identity,
            # the stopping rule brings it there, whatever the seed; the run counts in float32
            at_most("Phi/n at the end", nets.loss, 5e-3 * (1 + 1e-4), exact=True),
            *(at_least(f"rank correlation with l1, {name}", l1[name], 0.9) for name in l1),
            *(at_least(f"rank correlation with errors, {name}", error[name], 0.9) for name in error),
        ],
    )


def check_a10(record: xr.DataTree) -> Judgement:
    """Corollary 5.2: classification."""
    nets, bound = runs(record), theorem_bound(record).mean("draw")
    ramp = part(record, "nets").ramp.mean("draw")
    holds = [
        at_least("ramp loss - classification error", nets.ramp - nets.error, 0, exact=True),
        at_most("ramp loss / bound", nets.ramp / nets.bound, 1),
    ]
    told = "; ".join(
        f"{name}: true labels ramp {float(ramp.sel(data=name)[0]):.3f} against bound "
        f"{float(bound.sel(data=name)[0]):.2f}, random labels {float(ramp.sel(data=name)[-1]):.2f} against "
        f"{float(bound.sel(data=name)[-1]):.1f}"
        for name in ramp["data"].values
    )
    return decide(
        f"{told}; bound below 1 in {int((nets.bound < 1).sum())} of {nets.bound.size} nets",
        reproduced=[*holds, below("least bound", nets.bound.min(skipna=False), 1)],
        vacuous=holds,
    )


def check_a11(record: xr.DataTree) -> Judgement:
    """Lemma 5.3: distance from the start."""
    balls = part(record, "balls")
    slopes, ratio = slope(balls.neuron_movement), movement_ratio(record)
    frozen = movement_ratio(record, "linear_movement")
    falls = at_most("farthest neuron, |slope + 1/2|, kappa = 1", abs(slopes.sel(init_scale=1.0) + 0.5), 0.1)
    told = "; ".join(
        f"kappa = {scale:g}: slopes {_listed(slopes.sel(init_scale=scale))}, "
        f"total / sqrt(y'H^-1 y) {_listed(ratio.sel(init_scale=scale))}, "
        f"total / that of frozen gates at the same loss {_listed(frozen.sel(init_scale=scale))}"
        for scale in balls.init_scale.values
    )
    return decide(
        f"per neuron and total at m = {int(balls.width[-1])}; {told}",
        reproduced=[falls, at_most("total / sqrt(y'H^-1 y)", ratio, 1.05)],
        only_asymptotic=[falls, at_most("total / sqrt(y'H^-1 y), kappa = 1", ratio.sel(init_scale=1.0), 1.05)],
    )


def check_a12(record: xr.DataTree) -> Judgement:
    """Lemma 5.4: complexity of a ball around the start."""
    balls = part(record, "balls")
    holds = [
        at_most("(Monte Carlo - Jensen bound) / standard error", (balls.linear - balls.jensen) / balls.linear_error, 3),
        at_most("Jensen bound / first term", balls.jensen / balls.linear_term, 1),
        at_most("gates in reach / bound", balls.in_reach / balls.in_reach_bound, 1),
        at_most("best net found - cap by Cauchy-Schwarz", balls.ascended - (balls.jensen + balls.flips_capped), 0),
        at_most("best net found / bound", balls.ascended / balls.bound, 1),
    ]
    widest = balls.isel(width=-1).mean("seed")
    told = "; ".join(
        f"kappa = {scale:g}, {labels} labels: at least {float(row.ascended):.3f}, gates frozen "
        f"{float(row.linear):.3f}, bound {float(row.bound):.2f}"
        for scale in balls.init_scale.values
        for labels in balls.labels.values
        for row in [widest.sel(init_scale=scale, labels=labels)]
    )
    return decide(
        f"m = {int(balls.width[-1])}: {told}; bound below 1/2 in {int((balls.bound < 0.5).sum())} of "
        f"{balls.bound.size} balls, bound on the gates in reach below 1 in {int((balls.in_reach_bound < 1).sum())}",
        reproduced=[*holds, below("least bound", balls.bound.min(skipna=False), 0.5)],
        vacuous=holds,
    )


def check_a13(record: xr.DataTree) -> Judgement:
    """Section 5.2: the auxiliary sequence."""
    auxiliary = part(record, "auxiliary")
    error = abs(auxiliary.norm / auxiliary.expected - 1)
    return decide(
        f"relative error {_listed(error, '.0e')} after {int(auxiliary.steps.max())} steps",
        reproduced=[at_most("relative error of the norm", error, 1e-6, exact=True)],
    )


def check_a23(record: xr.DataTree) -> Judgement:
    """Section 5, remark (ii): the width does not enter the bound."""
    balls = part(record, "balls")
    movement, error = slope(balls.movement), slope(balls.l1).sel(init_scale=1.0)
    theory, paper = movement.sel(init_scale=1.0), movement.sel(init_scale=0.01)
    return decide(
        f"slopes in m at kappa = 1: movement {_listed(theory, '.3f')}; l1 test loss {_listed(error, '.3f')}; "
        f"at kappa = 0.01: movement {_listed(paper, '.3f')}",
        reproduced=[
            at_most("slope of the movement, kappa = 1", theory, 0.05),
            at_most("slope of the l1 test loss, kappa = 1, true labels", error.sel(labels="true"), 0.05),
        ],
    )


def _listed(values: xr.DataArray, digits: str = ".2f") -> str:
    return ", ".join(f"{float(v):{digits}} {name}" for v, name in zip(values, values.labels.values, strict=True))


CLAIMS = (
    Claim(
        "A08",
        check_a08,
        "the measure is larger for random labels than for true ones and grows with their share p, "
        "its square like (1-p)^2 y'H^-1 y + (1-(1-p)^2) tr H^-1",
        "every draw of random labels above the true ones; mean over draws within 10 % of the root at each tenth",
    ),
    Claim(
        "A09",
        check_a09,
        "measure and test error rise together with the portion of random labels",
        "rank correlation over the portions at least 0.9 for l1 and for errors, on each data set by itself (a test of "
        "monotonicity, no more); Phi/n <= 5e-3",
    ),
    Claim(
        "A10",
        check_a10,
        "0-1 loss <= ramp loss (an identity) <= sqrt(2 y'H^-1 y / n) + remainder, constants explicit, delta = 0.1",
        "no net above the bound; vacuous if the bound is 1 or more for every net",
    ),
    Claim(
        "A11",
        check_a11,
        "per-neuron movement falls like m^-1/2; total movement at most sqrt(y'H^-1 y) plus what vanishes with m",
        "slopes at kappa = 1 within 0.1 of -1/2; total at most 1.05 sqrt(y'H^-1 y) at the largest width, "
        "for both kappa; only asymptotic if so at kappa = 1 alone",
    ),
    Claim(
        "A12",
        check_a12,
        "every step of the proof holds: Monte Carlo <= its Jensen bound <= first term; flippable gates; "
        "best net found <= bound",
        "no ball above a bound, Monte Carlo within 3 standard errors; vacuous if the bound is 1/2 or more in every "
        "ball",
    ),
    Claim("A13", check_a13, "|W~| tends to sqrt(y'H(0)^-1 y)", "relative error 1e-6"),
    Claim(
        "A23",
        check_a23,
        "movement and test loss do not grow with the width",
        "at kappa = 1: slopes in m of the movement and, for true labels, of the l1 test loss at most 0.05",
    ),
)
