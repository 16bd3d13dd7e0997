"""Claims on the measure and on nets trained under label noise: A08 to A10."""

import numpy as np
import xarray as xr
from scipy.stats import rankdata

from ntkbook.claims import Claim, Judgement
from ntkbook.experiments.experiment import settings
from ntkbook.experiments.judging import above, at_least, at_most, below, decide
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
    return {str(name): _correlation(*pair) for name, pair in ranks.items()}


def inversions(record: xr.DataTree, error: str) -> list[tuple[str, str]]:
    """Pairs of means over draws, of two data sets, in which the smaller measure of eq. (10) has the larger test error.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `generalization`.
    error : str
        Variable of the nets, such as "l1".

    Returns
    -------
    list of (str, str)
        Such as ("mnist 0.4", "cifar10 0"): data set and portion, the smaller measure first.
    """
    means = part(record, "nets")[["measure", error]].mean("draw")
    places = [(name, p) for name in means["data"].values for p in means.portion.values]
    at = {place: means.sel(data=place[0], portion=place[1]) for place in places}
    return [
        (f"{one[0]} {one[1]:g}", f"{other[0]} {other[1]:g}")
        for one in places
        for other in places
        if one[0] != other[0]
        and float(at[one].measure) < float(at[other].measure)
        and float(at[one][error]) > float(at[other][error])
    ]


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
    return _correlation(*(rankdata(nets[name].mean("draw")) for name in ("measure", error)))


def _correlation(one: np.ndarray, other: np.ndarray) -> float:
    """Correlation, without its last digits: five ranks of which two neighbours are swapped have 0.9, not less."""
    return float(np.corrcoef(one, other)[0, 1].round(12))


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
    inverted = inversions(record, "l1")
    across = "; ".join(
        f"{one} below {', '.join(other for smaller, other in inverted if smaller == one)}"
        for one in dict.fromkeys(smaller for smaller, _ in inverted)
    )
    told += [
        f"{part(record, 'nets').sizes['portion']} portions",
        f"over all data sets together {pooled_correlation(record, 'l1'):.2f} with l1"
        + (f", {len(inverted)} pairs out of order, the smaller measure first: {across}" if across else ""),
        "l1 >= classification error in every run (an identity)" if identity.holds else "l1 below classification error",
        f"largest Phi/n at the end {float(nets.loss.max()):.1e}",
    ]
    return decide(
        "; ".join(told),
        reproduced=[
            identity,
            at_least("portions", part(record, "nets").sizes["portion"], 5, exact=True),
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
    informative = [
        f"{name} {p:g} (draw {draw})" for (name, p, draw), b in zip(nets.net.values, nets.bound, strict=True) if b < 1
    ]
    return decide(
        f"{told}; bound below 1 in {len(informative)} of {nets.bound.size} nets"
        + (f", by data set and portion: {', '.join(informative)}" if informative else ""),
        reproduced=[*holds, below("largest bound, true labels", nets.bound[nets.portion.values == 0], 1)],
        vacuous=holds,
    )


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
        "rank correlation over 5 portions or more at least 0.9 for l1 and for errors, on each data set by itself (a "
        "test of monotonicity, no more); Phi/n <= 5e-3; what is out of order across data sets is named, not judged",
    ),
    Claim(
        "A10",
        check_a10,
        "0-1 loss <= ramp loss (an identity) <= sqrt(2 y'H^-1 y / n) + remainder, constants explicit, delta = 0.1",
        "no net above the bound; reproduced if it is below 1 for true labels on every data set; vacuous if it is 1 or "
        "more there, even where it is below for some nets, which are named (from a portion of 0.14 on it is above 1 at "
        "every n)",
    ),
)
