"""Claims about coupled gradients, and what follows for function and update: S05 to S08."""

import numpy as np
import xarray as xr

from ntkbook.claims import Claim, Judgement
from ntkbook.experiments.clustered_data.claims_distance import components, update_ratios
from ntkbook.experiments.clustered_data.measures import edge_score, listed, numbered, places_off
from ntkbook.experiments.experiment import settings
from ntkbook.experiments.judging import above, at_least, at_most, decide, slope
from ntkbook.records import part

LEARNED = 0.95
"""Share of the points that must be right for something to be learned in setting (S)."""
NEAR = 0.1
"""What "rank about k l" allows."""
_GROUPS = {"k": "classes", "l": "components"}


def check_s05(record: xr.DataTree) -> Judgement:
    """Lemma 5.1: coupled neurons, and whether anything is learned while the bound says something."""
    paces = {"slow steps": part(record, "slow"), "the paper's steps": part(record, "paper")}
    later = slice(1, None)
    holds = [
        condition
        for name, run in paces.items()
        for condition in (
            at_least(
                f"coupled - bound before the first step, {name}", (run.coupled - run.bound)[{"step": 0}], 0, exact=True
            ),
            at_most(
                f"share that left / share that may, every step and seed, {name}",
                ((1 - run.coupled) / (1 - run.bound)).isel(step=later),
                1,
            ),
        )
    ]
    told = "; ".join(
        f"{name}: after step {int(run.step[-1])} coupled {float(run.coupled.isel(step=-1).min()):.3f} or more, "
        f"bound {float(run.bound.isel(step=-1).mean()):.3g}, accuracy {float(run.accuracy.isel(step=0).mean()):.2f} "
        f"before and {float(run.accuracy.isel(step=-1).mean()):.2f} after"
        for name, run in paces.items()
    )
    at_learned = {name: bound_when_learned(run) for name, run in paces.items()}
    best = float(np.nanmax([-np.inf, *at_learned.values()]))
    return decide(
        f"{told}; largest bound at a step with {100 * LEARNED:.0f} % of the points right: {best:.3g}",
        reproduced=[*holds, above("bound at a step where the points are learned", best, 0)],
        vacuous=holds,
    )


def bound_when_learned(run: xr.Dataset) -> float:
    """Largest bound of Lemma 5.1 at a step by which the points are learned; NaN if they never are.

    Parameters
    ----------
    run : xarray.Dataset
        "slow" or "paper" of the record.

    Returns
    -------
    float
    """
    return float(run.bound.where(run.accuracy >= LEARNED).max())


def check_s06(record: xr.DataTree) -> Judgement:
    """Lemma 5.2: large pseudo-gradients."""
    runs = {"slow run": part(record, "slow").reach, "paper's step size": part(record, "paper").reach}
    made_up = {
        f"{what}, {kind}": part(record, group).reach.sel(kind=kind)
        for what, group in (("arrays", "arrays"), ("pairs", "pairs"))
        for kind in map(str, part(record, group).kind.values)
    }
    reach = runs | made_up
    told = ", ".join(f"{name} {float(values.min(skipna=False)):.2f}" for name, values in reach.items())
    return decide(
        f"least multiple of v delta / (3 k l) that the share delta / (16 k l) reaches: {told}",
        reproduced=[at_least(f"least multiple, {name}", values, 1) for name, values in reach.items()],
    )


def check_s07(record: xr.DataTree) -> Judgement:
    """Section 5.1: f and the pseudo-network."""
    nets = part(record, "synthetic")
    gap, found = nets.end_pseudo_gap, float(slope(nets.end_pseudo_gap))
    relative = (gap / nets.end_output).mean("seed")
    falls = [at_most("slope of the largest gap", found, -0.25)]
    return decide(
        f"largest gap {listed(gap, '.2f')} at m = {numbered(nets.width)}, slope {found:.2f}; "
        f"over the largest output {', '.join(f'{float(value):.3f}' for value in relative)}",
        reproduced=[*falls, at_most("gap / largest output at the largest width", relative[-1], 0.1)],
        only_asymptotic=falls,
    )


def check_s08(record: xr.DataTree) -> Judgement:
    """Section 6: rank of the update, and what is seen of it in the final weights."""
    nets, count, ratios = part(record, "synthetic"), components(record), update_ratios(record)
    places = np.array([int(np.argmax(ratio)) + 1 for ratio in ratios])
    widest = [ratio.max() for ratio in ratios]
    off = {name: places_off(part(record, group)) for name, group in _GROUPS.items()}
    scores = edge_scores(record)
    rank = [
        at_most("distance of the widest gap from k l / (k l)", float(np.max(abs(places / count - 1))), NEAR),
        at_least("ratio at the widest gap", float(np.min(widest)), 2),
        at_most("largest singular value of the final weights, largest width", abs(scores[-1]), 2),
    ]
    return decide(
        f"widest gap of the update after singular value {', '.join(map(str, places))} at m = {numbered(nets.width)}, "
        f"of ratio {', '.join(f'{ratio:.1f}' for ratio in widest)}; largest singular value of the final weights "
        f"{', '.join(f'{float(score):.1f}' for score in scores)} standard deviations from that of a random matrix; "
        f"within 10 % of k l {100 * float((off['k'] <= NEAR).mean()):.0f} % of the nets where k varies, "
        f"{100 * float((off['l'] <= NEAR).mean()):.0f} % where l does",
        reproduced=[
            *rank,
            at_most("largest singular value of the final weights, every width", abs(scores), 2),
            *(
                at_most(f"distance of the widest gap from k l / (k l), every net, {name} varied", found, NEAR)
                for name, found in off.items()
            ),
        ],
        only_asymptotic=rank,
    )


def edge_scores(record: xr.DataTree) -> xr.DataArray:
    """Largest singular value of the final weights, in standard deviations from that of a random matrix of their size.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment.

    Returns
    -------
    xarray.DataArray (width,)
        Of the mean over seeds; the standard deviation is that of one matrix.
    """
    nets, dim = part(record, "synthetic"), settings(record)["synthetic"]["clusters"]["dim"]
    largest = nets.spectrum_weights.sel(index=1).mean("seed")
    scores = [edge_score(float(s), dim, int(m), float(m) ** -0.5) for m, s in zip(nets.width, largest, strict=True)]
    return xr.DataArray(scores, dims="width", coords={"width": nets.width})


CLAIMS = (
    Claim(
        "S05",
        check_s05,
        "share of coupled neurons at least 1 - e tau k l / sigma with tau = eta t, a bound above 0 until the points "
        "are learned",
        "no recorded step and seed below the bound, at eta = 0.01 / m and at eta = 10 / m; vacuous if the bound is 0 "
        "or less wherever 95 % of the points are right",
    ),
    Claim(
        "S06",
        check_s06,
        "a share delta / (16 k l) of the neurons has a pseudo-gradient of norm v delta / (3 k l) or more: constants "
        "that can be proved, see bounds.li2018.lemma_5_2_share",
        "none: every recorded step, every error array (one entry, random, rank one, worst found by descent), every "
        "pair of points at distances from 0.03 to 2",
    ),
    Claim(
        "S07",
        check_s07,
        "largest gap between f and g falls with m",
        "slope <= -0.25; gap at most a tenth of the largest output at the largest width, else only asymptotic",
    ),
    Claim(
        "S08",
        check_s08,
        "the update has a gap after about k l singular values; the largest one of the final weights is that of a "
        "random matrix",
        "widest gap within 10 % of k l for every width, ratio >= 2, and in every net where k or l varies; largest "
        "singular value of the final weights, mean over seeds, within 2 standard deviations (Tracy-Widom) of a random "
        "matrix of their size at every width; else only asymptotic: without the sweeps, and at the largest width",
    ),
)
