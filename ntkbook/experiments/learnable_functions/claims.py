"""Claims that the experiment `learnable_functions` decides: A17 to A19, A21, A22 and A24."""

import numpy as np
import xarray as xr

from ntkbook.claims import Claim, Judgement
from ntkbook.experiments.experiment import settings
from ntkbook.experiments.judging import above, at_least, at_most, below, decide, log_slope
from ntkbook.records import part

COVERED = ("power 1", "power 2", "power 4", "power 6", "power 8")
ODD = ("power 3", "power 5")
LEARNABLE = ("linear", "quadratic", "cosine")


def doubling(values: xr.DataArray) -> xr.DataArray:
    """Growth over the last doubling of the sample size, mean over seeds.

    Parameters
    ----------
    values : xarray.DataArray (..., n, ..., seed)
        Norms; the last two sizes differ by a factor of two.

    Returns
    -------
    xarray.DataArray
        Without the dimensions n and seed.
    """
    mean = values.mean("seed")
    return mean.isel(n=-1) / mean.isel(n=-2)


def relative_square(record: xr.DataTree, of: str = "test") -> xr.DataArray:
    """Mean square on the test points over that of predicting zero, of means over seeds.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment.
    of : str
        "test" for the nets, "kernel" for kernel regression.

    Returns
    -------
    xarray.DataArray (target, n)
    """
    nets = part(record, "nets")
    return nets[f"{of}_square"].mean("seed") / nets.zero_square.mean("seed")


def _plateau_by_1000(norms: xr.Dataset) -> float:
    """Largest growth from half of n = 1000 (or the last size below) to it, over the covered powers, d = 3."""
    sizes = [int(n) for n in norms.n.values if n <= 1000][-2:]
    mean = norms.norm.sel(dim=3, function=list(COVERED), n=sizes).mean("seed")
    return float((mean.isel(n=1) / mean.isel(n=0)).max(skipna=False))


def check_a17(record: xr.DataTree) -> Judgement:
    """Theorem 6.1: powers are cheap."""
    norms = part(record, "norms")
    covered = norms.norm.sel(function=list(COVERED))
    in_bound, in_proof, in_limit = (
        float((covered / norms[name]).max(skipna=False)) for name in ("bound", "bound_in_proof", "limit")
    )
    plateau = _plateau_by_1000(norms)
    return decide(
        f"largest norm / 3p {in_bound:.3f}, / the proof's constant {in_proof:.4f}, "
        f"/ the exact RKHS norm {in_limit:.4f}; "
        f"growth per doubling at d = 3, n <= 1000: {plateau:.4f}",
        reproduced=[
            at_most("norm / 3p", in_bound, 1 + 1e-9),
            at_most("norm / the proof's constant", in_proof, 1 + 1e-9),
            at_most("norm / RKHS norm", in_limit, 1 + 1e-9),
            below("growth per doubling at d = 3", plateau, 1.02),
        ],
    )


def check_a18(record: xr.DataTree) -> Judgement:
    """Corollary 6.2 and its examples."""
    norms = part(record, "norms")
    smooth = [name for name in norms.function.values if not str(name).startswith("power")]
    ridge = float((norms.norm / norms.bound).sel(function=smooth).max(skipna=False))
    quadratic = float(norms.quadratic_norm.max(skipna=False)) / 6
    total = float((norms.sum_norm / norms.sum_bound).max(skipna=False))
    square = float(((norms.quadratic_norm_times_10 / norms.quadratic_norm) ** 2).mean(skipna=False))
    return decide(
        f"largest norm / bound: cosine and arctan {ridge:.3f}, quadratic forms {quadratic:.3f}, "
        f"random sums {total:.3f}; "
        f"ten times A makes y'H^-1 y {square:.0f} times larger",
        reproduced=[
            at_most("cosine and arctan, norm / bound", ridge, 1),
            at_most("quadratic forms, norm / bound", quadratic, 1),
            at_most("random sums, norm / bound", total, 1),
        ],
    )


def check_a19(record: xr.DataTree) -> Judgement:
    """Section 6: what the list leaves out."""
    norms = part(record, "norms")
    odd = norms.norm.sel(dim=3, function=list(ODD))
    mean = odd.mean("seed")
    slopes = [log_slope(mean.n, mean.sel(function=name)) for name in ODD]
    first, last = float(mean[0, 0]), float(mean[-1, 0])
    return decide(
        f"d = 3: norm of the cube {first:.1f} at n = {int(mean.n[0])}, "
        f"{last:.0f} at n = {int(mean.n[-1])}; "
        f"slopes {slopes[0]:.2f} (p = 3), {slopes[1]:.2f} (p = 5); RKHS norm infinite",
        reproduced=[
            at_least("growth over the last doubling", doubling(odd), 1.2),
            at_least("RKHS norm", norms.limit.sel(function=list(ODD)), np.inf, exact=True),
        ],
    )


def check_a21(record: xr.DataTree) -> Judgement:
    """Theorem 5.1 with Theorem 6.1: nets learn at rate one over root n."""
    nets, relative = part(record, "nets"), relative_square(record)
    last, kernel = relative.isel(n=-1), relative_square(record, "kernel").isel(n=-1)
    slopes = [log_slope(nets.n, relative.sel(target=name)) for name in LEARNABLE]
    told = ", ".join(
        f"{name} {float(last.sel(target=name)):.1e} ({float(kernel.sel(target=name)):.1e})"
        for name in nets.target.values
    )
    bounded = (nets.test_error / nets.leading_term).sel(target=list(LEARNABLE))
    stop = settings(record)["nets"]["stop"]
    return decide(
        f"slopes of the mean square {', '.join(f'{s:.2f} {t}' for s, t in zip(slopes, LEARNABLE, strict=True))}; "
        f"over that of predicting 0 at n = {int(nets.n[-1])}, kernel regression in brackets: {told}; "
        f"mean of min(|u - y|, 1) at most {float(bounded.max(skipna=False)):.2f} of the leading term; "
        f"training loss at most {float(nets.train_loss.max(skipna=False)):.1e} of that of 0",
        reproduced=[
            at_most("training loss / that of predicting 0", nets.train_loss, stop * (1 + 1e-2), exact=True),  # float32
            at_most("test loss / leading term", bounded, 1),
            at_most("slope of the mean square in n", float(np.max(slopes)), -0.4),
            at_least("cubic, mean square / that of predicting 0", last.sel(target="cubic"), 1),
        ],
    )


def check_a22(record: xr.DataTree) -> Judgement:
    """A bias makes every polynomial cheap."""
    norms = part(record, "norms")
    plain, biased, limit = norms.norm.sel(function="power 3"), norms.cubic_norm_with_bias, norms.cubic_limit_with_bias
    told = "; ".join(
        f"d = {int(d)}: {float(biased.sel(dim=d).mean('seed')[-1]):.2f} with (limit {float(limit.sel(dim=d)):.2f}), "
        f"{float(plain.sel(dim=d).mean('seed')[-1]):.1f} without"
        for d in norms.dim.values
    )
    return decide(
        f"norm of the cube at n = {int(norms.n[-1])}, {told}",
        reproduced=[
            at_least("growth over the last doubling without a bias, d = 3", doubling(plain.sel(dim=3)), 1.2),
            at_most("growth over the last doubling with a bias, d = 3", doubling(biased.sel(dim=3)), 1.05),
            at_most("norm with a bias / its limit", biased / limit, 1 + 1e-9),
            below("limit with a bias", limit, np.inf, exact=True),
        ],
    )


def check_a24(record: xr.DataTree) -> Judgement:
    """Example 6.4: a smoother rival."""
    rival = part(record, "rival")
    ours, growing = float(rival.ours.sum(skipna=False)), rival.ratio > 1
    growth = (rival.theirs.isel(term=-1) / rival.theirs.isel(term=0)).where(growing, np.inf)
    told = ", ".join(
        f"C = {float(c):g}: {float(rival.theirs.sel(constant=c).sum(skipna=False)):.1e}" for c in rival.constant.values
    )
    return decide(
        f"our sum {ours:.3f}; the rival's first {rival.sizes['term']} terms at epsilon = 0.1 sum to {told}",
        reproduced=[
            above("last term / first where the rival's terms should grow", growth, 1, exact=True),
            above("constants at which they should", float(growing.sum()), 0, exact=True),
            below("our sum", ours, 4, exact=True),
        ],
    )


CLAIMS = (
    Claim(
        "A17",
        check_a17,
        "sqrt(y'H^-1 y) <= 3p, below the proof's 2 (p = 1) and sqrt(2 pi)(p-1), below the exact RKHS norm",
        "no norm above a bound; at d = 3 growth per doubling below 1.02 by n = 1000",
    ),
    Claim("A18", check_a18, "every norm below its bound", "none; every draw counts"),
    Claim(
        "A19",
        check_a19,
        "the norm keeps growing with n for p = 3 and 5",
        "at d = 3 growth over the last doubling at least 1.2; the RKHS norm infinite",
    ),
    Claim(
        "A21",
        check_a21,
        "test mean square falls like n^-1/2 or faster, the 1-Lipschitz loss min(|u - y|, 1) stays under "
        "sqrt(2 y'H^-1 y / n), without the remainder; a pure cubic is not learned",
        "every net trained to a millionth of the loss of predicting 0; slopes <= -0.4; no net above the leading term; "
        "mean square of the cubic at the largest n at least that of predicting 0",
    ),
    Claim(
        "A22",
        check_a22,
        "with a constant input coordinate the norm of a cubic has a finite limit; without, it grows",
        "at d = 3 growth over the last doubling <= 1.05 with, >= 1.2 without; no norm above its limit in any dimension",
    ),
    Claim(
        "A24",
        check_a24,
        "our sum finite; the rival's diverges as soon as C^2 log(1/epsilon) > 4",
        "last term above the first for every such C",
    ),
)
