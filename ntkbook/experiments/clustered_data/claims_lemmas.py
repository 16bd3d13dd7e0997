"""Claims about coupled gradients, and what follows for function and update: S05 to S08."""

import numpy as np
import xarray as xr

from ntkbook.claims import Claim, Judgement
from ntkbook.experiments.clustered_data.claims_distance import components, update_ratios
from ntkbook.experiments.clustered_data.measures import (
    gap_at_components,
    listed,
    neighbour_ratios,
    numbered,
)
from ntkbook.experiments.judging import above, at_least, at_most, decide, slope
from ntkbook.records import part

_GROUPS = {"k": "classes", "l": "components"}


def check_s05(record: xr.DataTree) -> Judgement:
    """Lemma 5.1: coupled neurons."""
    slow, paper = part(record, "slow"), part(record, "paper")
    over, left, allowed = slow.coupled - slow.bound, 1 - slow.coupled, 1 - slow.bound
    first, later = paper.isel(step=1), slice(1, None)
    holds = [
        at_least("coupled - bound before the first step", over.isel(step=0), 0, exact=True),
        at_most("share that left / share that may, every step and seed", (left / allowed).isel(step=later), 1),
    ]
    return decide(
        f"slow steps, at the last: coupled {float(slow.coupled.isel(step=-1).min()):.3f} or more, bound "
        f"{float(slow.bound.isel(step=-1).mean()):.3f}; least margin over all steps "
        f"{float(over.isel(step=later).min()):.4f}; "
        f"at the paper's step size after step 1: coupled {float(first.coupled.mean()):.3f}, "
        f"bound {float(first.bound.mean()):.2f}",
        reproduced=[
            *holds,
            above("bound at slow steps", slow.bound, 0, exact=True),
            at_most("bound at the paper's step size, from step 1 on", paper.bound.isel(step=later), 0, exact=True),
        ],
        vacuous=holds,
    )


def check_s06(record: xr.DataTree) -> Judgement:
    """Lemma 5.2: large pseudo-gradients."""
    parts = {"slow run": "slow", "paper's step size": "paper", "arrays": "arrays", "pairs": "pairs"}
    reach = {name: part(record, group).reach for name, group in parts.items()}
    told = ", ".join(f"{name} {float(values.min(skipna=False)):.1f}" for name, values in reach.items())
    return decide(
        f"least c such that the share delta / (2 k l) reaches c v delta / (k l): {told}",
        reproduced=[at_least(f"least c, {name}", values, 1) for name, values in reach.items()],
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
    """Section 6: rank of the update."""
    nets, count, ratios = part(record, "synthetic"), components(record), update_ratios(record)
    places = [int(np.argmax(ratio)) + 1 for ratio in ratios]
    elsewhere = [np.delete(ratio, count - 1).max() for ratio in ratios]
    widest = [ratio.max() for ratio in ratios]
    final = float(neighbour_ratios(nets.spectrum_weights.isel(width=-1), count).max())
    at_count = {name: gap_at_components(part(record, group)) for name, group in _GROUPS.items()}
    rank = [
        above(
            "ratio after singular value k l / the next largest ratio",
            float(np.min([ratio[count - 1] / other for ratio, other in zip(ratios, elsewhere, strict=True)])),
            1,
        ),
        at_least("ratio at the widest gap", float(np.min(widest)), 2),
        at_most("largest ratio of the final weights", final, 1.1),
    ]
    return decide(
        f"widest gap of the update after singular value {', '.join(map(str, places))} at m = {numbered(nets.width)}, "
        f"of ratio {', '.join(f'{ratio:.1f}' for ratio in widest)}; of the final weights {final:.3f} at most; "
        f"gap at k l in {100 * at_count['k']:.0f} % of the nets where k varies, "
        f"{100 * at_count['l']:.0f} % where l does",
        reproduced=[
            *rank,
            *(at_least(f"share of nets with the gap at k l, {name} varied", at, 1) for name, at in at_count.items()),
        ],
        only_asymptotic=rank,
    )


CLAIMS = (
    Claim(
        "S05",
        check_s05,
        "share of coupled neurons at least 1 - e tau k l / sigma with tau = eta t; vacuous from step 1 at eta = 10 / m",
        "no recorded step and seed below the bound at eta = 0.01 / m, t <= 100, where it must be positive",
    ),
    Claim(
        "S06",
        check_s06,
        "a share delta / (2 k l) of the neurons has a pseudo-gradient of norm v delta / (k l) or more",
        "none: every recorded step, every error array, every pair of points",
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
        "the update has a gap after singular value k l, the final weights have none",
        "widest gap among the first 2 k l at k l for every width, ratio >= 2; of the final weights <= 1.1 at the "
        "largest width; at k l in every net where k or l varies, else only asymptotic",
    ),
)
