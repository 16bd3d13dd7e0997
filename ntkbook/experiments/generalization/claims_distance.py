"""Claims on how far gradient descent goes and on what lies within that distance: A11 to A13 and A23."""

import xarray as xr

from ntkbook.claims import Claim, Judgement
from ntkbook.experiments.experiment import settings
from ntkbook.experiments.judging import at_most, below, decide, slope
from ntkbook.records import part


def movement_ratio(record: xr.DataTree, *, low: bool = False) -> xr.DataArray:
    """|W(k) - W(0)|_F over the distance that frozen gates reach at the same loss: at most 1 + o(1) by Lemma 5.3.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `generalization`.
    low : bool
        At the low loss, where frozen gates have come nearly as far as they ever do, sqrt(y'H^-1 y).

    Returns
    -------
    xarray.DataArray (init_scale, width, labels, seed)
    """
    balls, prefix = part(record, "balls"), "low_" if low else ""
    return balls[f"{prefix}movement"] / balls[f"{prefix}linear_movement"]


def neuron_slopes(record: xr.DataTree) -> dict[str, xr.DataArray]:
    """Slopes in m of a neuron's movement when training ends: of the root mean square over neurons, and of the largest.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `generalization`.

    Returns
    -------
    dict of str to xarray.DataArray (init_scale, labels)
        "r.m.s." and "largest".
    """
    balls = part(record, "balls")
    return {"r.m.s.": slope(balls.movement / balls.width**0.5), "largest": slope(balls.neuron_movement)}


def check_a11(record: xr.DataTree) -> Judgement:
    """Lemma 5.3: distance from the start."""
    balls, slopes, used = part(record, "balls"), neuron_slopes(record), settings(record)
    losses = {False: used["descent"]["stop_loss"], True: used["balls"]["low_loss"]}
    shrinks = float(balls.width[0] / balls.width[-1]) ** 0.25  # the lemma's last term falls as m^-1/4
    conditions = [
        at_most("r.m.s. neuron, |slope + 1/2|, kappa = 1", abs(slopes["r.m.s."].sel(init_scale=1.0) + 0.5), 0.1),
        at_most("farthest neuron, slope, kappa = 1", slopes["largest"].sel(init_scale=1.0), -0.25),
        at_most("Phi/n at the low loss", balls.low_loss, losses[True] * (1 + 1e-4), exact=True),  # counted in float32
    ]
    told, near = [_slopes_of_neurons(slopes)], []
    for low, loss in losses.items():
        total = movement_ratio(record, low=low).mean("seed")
        excess = (total - 1).sel(init_scale=1.0).max("labels")
        left = excess.isel(width=-1) - shrinks * excess.isel(width=0)
        conditions.append(at_most(f"excess left over, kappa = 1, Phi/n = {loss:g}", left, 0))
        near.append(at_most(f"total / frozen gates at the largest m, Phi/n = {loss:g}", total.isel(width=-1), 1.1))
        told.append(f"total / frozen gates at Phi/n = {loss:g}: {_totals(total)}")
    return decide("; ".join(told), reproduced=[*conditions, *near], only_asymptotic=conditions)


def _slopes_of_neurons(slopes: dict[str, xr.DataArray]) -> str:
    found = slopes["r.m.s."]
    told = [
        f"kappa = {scale:g}: "
        + ", ".join(f"{_listed(values.sel(init_scale=scale))} ({name} neuron)" for name, values in slopes.items())
        for scale in found.init_scale.values
    ]
    return f"slopes in m, {'; '.join(told)}"


def _totals(total: xr.DataArray) -> str:
    """At the smallest and the largest width, by scale and labels."""
    ends = total.isel(width=[0, -1])
    return (
        ", ".join(
            f"{kind} at kappa = {scale:g} "
            + " to ".join(f"{float(value):.2f}" for value in ends.sel(init_scale=scale, labels=kind))
            for scale in total.init_scale.values
            for kind in total.labels.values
        )
        + f" from m = {int(total.width[0])} to {int(total.width[-1])}"
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
    movement, error = slope(balls.movement), slope(balls.ramp).sel(init_scale=1.0)
    theory, paper = movement.sel(init_scale=1.0), movement.sel(init_scale=0.01)
    return decide(
        f"slopes in m at kappa = 1: movement {_listed(theory, '.3f')}; ramp test loss {_listed(error, '.3f')}; "
        f"at kappa = 0.01: movement {_listed(paper, '.3f')}",
        reproduced=[
            at_most("slope of the movement, kappa = 1", theory, 0.05),
            at_most("slope of the ramp test loss, kappa = 1, true labels", error.sel(labels="true"), 0.05),
        ],
    )


def _listed(values: xr.DataArray, digits: str = ".2f") -> str:
    return ", ".join(f"{float(v):{digits}} {name}" for v, name in zip(values, values.labels.values, strict=True))


CLAIMS = (
    Claim(
        "A11",
        check_a11,
        "per-neuron movement falls like m^-1/2; total movement exceeds that of frozen gates at the same loss, which is "
        "at most sqrt(y'H^-1 y), by what vanishes with m, as m^-1/4 or faster",
        "at kappa = 1 slope of the r.m.s. neuron within 0.1 of -1/2, of the farthest at most -0.25 (it is sought among "
        "ever more); at Phi/n <= 5e-3 and <= 5e-5 the excess, the larger of true and random labels, at the largest m "
        "at most (m_1/m)^(1/4) of that at the smallest, and total at most 1.1 times frozen gates for both kappa and "
        "labels; only asymptotic without the last",
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
        "at kappa = 1: slopes in m of the movement and, for true labels, of the ramp test loss at most 0.05",
    ),
)
