"""Claims on learners and targets that the experiment `three_layer_learning` decides: Z05, Z06, Z08, Z12 and Z14."""

import numpy as np
import xarray as xr

from ntkbook.claims import Claim, Judgement
from ntkbook.experiments.experiment import settings
from ntkbook.experiments.judging import at_most, below, decide, log_slope
from ntkbook.records import part

WIDE = 100
"""Least width at which learners are ranked."""
THREE, TWO = "3 layers", "2 layers"
RAW_LINEAR = ("3 layers (last)", "2 layers (last)", "3 layers (NTK)", "2 layers (NTK)")
"""Linear learners on the inputs of figure 1; the fourth is not in the figure."""
TWO_LAYERS = (TWO, "2 layers, no biases", "2 layers, constant coordinate")
COMPOSED = ("composed", "even", "odd")
LEARNT = 0.5
"""Relative error below which three layers count as having learnt; above, ratios of errors say little."""


def mean(record: xr.DataTree, name: str, variable: str = "test_error") -> xr.DataArray:
    """A variable of a part, mean over seeds.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment.
    name : str
        The part.
    variable : str
        An error, as a fraction of the target's variance.

    Returns
    -------
    xarray.DataArray
        Without the dimension seed.
    """
    return part(record, name)[variable].mean("seed", skipna=False)


def sample_size(record: xr.DataTree) -> int:
    """N of figure 1(a), and the least sample size at which learners are ranked."""
    return int(settings(record)["figure"]["n_train"])


def rivals(record: xr.DataTree, against: str) -> xr.DataArray:
    """Test errors of the learners with which figure 1 compares three layers, linear ones by ridge.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment.
    against : str
        "widths" or "sizes".

    Returns
    -------
    xarray.DataArray (learner, width or n)
        Mean over seeds.
    """
    linear = mean(record, f"linear_{against}").sel(learner=list(RAW_LINEAR))
    trained = mean(record, against).sel(learner=[TWO])
    return xr.concat([trained, linear], "learner", join="inner")


def fresh_ratio(record: xr.DataTree, target: str, learners: tuple[str, ...]) -> xr.DataArray:
    """Test error of three layers over the least of some trained learners, on one target, of means over seeds."""
    errors = mean(record, "targets").sel(target=target)
    return errors.sel(learner=THREE, drop=True) / errors.sel(learner=list(learners)).min("learner", skipna=False)


def check_z05(record: xr.DataTree) -> Judgement:
    """Figure 1(a): error against width."""
    ours, others = mean(record, "widths").sel(learner=THREE, drop=True), rivals(record, "widths")
    wide = ours.width >= WIDE
    ratio = (ours / others.min("learner", skipna=False)).where(wide, drop=True)
    train = mean(record, "widths", "train_error").sel(learner=THREE).where(wide, drop=True)
    longer = part(record, "longer")
    after = longer.validation_error.sel(learner=THREE) / longer.validation_error_longer.sel(learner=TWO)
    fall = float(ours[-1] / ours[0])
    best = others.isel(width=-1).idxmin("learner").item()
    return decide(
        f"three layers over the best of five others: {float(ratio.min()):.2f} to {float(ratio.max()):.2f}; error at "
        f"m = {int(ours.width[-1])} over m = {int(ours.width[0])}: {fall:.2f}; next best at "
        f"m = {int(ours.width[-1])}: {best}; over two layers trained four times as long {float(after.max()):.2f}",
        reproduced=[
            below("three layers / the best of the others, m >= 100", ratio, 1),
            below("three layers / two layers trained four times as long", after, 1),
            at_most("error at the largest width / at the smallest", fall, 0.5),
            at_most("train error of three layers / variance, m >= 100", train, 0.01),
        ],
    )


def check_z06(record: xr.DataTree) -> Judgement:
    """Figure 1(b): error against sample size."""
    ours, others = mean(record, "sizes").sel(learner=THREE, drop=True), rivals(record, "sizes")
    ratio, least = ours.sel(n=others.n) / others.min("learner", skipna=False), sample_size(record)
    ratio = ratio.where(ratio.n >= least, drop=True)
    over_two = (ours / mean(record, "sizes").sel(learner=TWO)).where(ours.n >= least, drop=True)
    wide = mean(record, "wide_sizes").where(lambda errors: errors.n >= least / 2, drop=True)
    over_wide = (wide.sel(learner=THREE) / wide.sel(learner=TWO)).where(wide.n >= least, drop=True)
    late = ours.where(ours.n >= least / 2, drop=True)
    rate, wide_rate = (log_slope(errors.n, errors) for errors in (late, wide.sel(learner=THREE)))
    falls = [
        below("slope of the error of three layers in N", rate, -0.5),
        below("the same of wider nets", wide_rate, -0.5),
    ]
    return decide(
        f"three layers over the best of five others: {float(ratio.min()):.2f} to {float(ratio.max()):.2f} for "
        f"N = {int(ratio.n[0])} to {int(ratio.n[-1])}, over two layers {float(over_two.min()):.2f} to "
        f"{float(over_two.max()):.2f} to N = {int(ours.n[-1])}; slope in N {rate:.2f}; relative error "
        f"{float(ours[-1]):.1e} at N = {int(ours.n[-1])}; wider nets: over two layers {float(over_wide.min()):.2f} to "
        f"{float(over_wide.max()):.2f}, slope {wide_rate:.2f}, relative error {float(wide.sel(learner=THREE)[-1]):.1e}",
        reproduced=[
            below("three layers / the best of the others, N >= 1000, as far as all were run", ratio, 1),
            below("three layers / two layers, every N >= 1000", over_two, 1),
            below("three layers / two layers, wider nets, N >= 1000", over_wide, 1),
            *falls,
        ],
        only_asymptotic=[
            below("three layers / the best of the others at the largest N of all", ratio[-1], 1),
            below("three layers / two layers at the largest N", over_two[-1], 1),
            below("three layers / two layers at the largest N, wider nets", over_wide[-1], 1),
            *falls,
        ],
    )


def check_z08(record: xr.DataTree) -> Judgement:
    """Composite targets and a sum as their control."""
    linear = mean(record, "target_kernels").sel(learner=list(RAW_LINEAR)).min("learner", skipna=False)
    ours = mean(record, "targets").sel(learner=THREE, drop=True)
    over_two = {name: float(fresh_ratio(record, name, TWO_LAYERS)) for name in (*COMPOSED, "additive")}
    over_linear = {name: float((ours / linear).sel(target=name)) for name in over_two}
    told = "; ".join(f"{name} {over_two[name]:.2f}, {over_linear[name]:.2f}" for name in over_two)
    worst = max(over_two[name] for name in COMPOSED)
    return decide(
        f"three layers over the best trained two-layer net, and over the best finite linear learner: {told}",
        reproduced=[
            below("three layers / two layers on composed targets", worst, 1),
            below("three layers / linear learners on composed targets", max(over_linear[name] for name in COMPOSED), 1),
            below("the largest ratio to two layers on them / that on the sum", worst / over_two["additive"], 1),
        ],
    )


def over_linearised(record: xr.DataTree, name: str) -> dict[str, xr.DataArray]:
    """Test error of a trained net over that of its own linearisation, of means over seeds.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment.
    name : str
        The learner, "3 layers" or "2 layers".

    Returns
    -------
    dict of str to xarray.DataArray
        "m >= 100" (width,), "N >= 1000" (n,), of the sizes at which the linearisation was solved, and "by target"
        (target,), of F, its parts and the sum.
    """

    def ratio(nets: str, linear: str) -> xr.DataArray:
        over = mean(record, linear).sel(learner=f"{name} (NTK)", drop=True)
        return mean(record, nets).sel(learner=name, drop=True) / over  # where both are known

    widths, sizes = ratio("widths", "linear_widths"), ratio("sizes", "linear_sizes")
    return {
        "m >= 100": widths.where(widths.width >= WIDE, drop=True),
        "N >= 1000": sizes.where(sizes.n >= sample_size(record), drop=True),
        "by target": ratio("targets", "target_kernels").sel(target=[*COMPOSED, "additive"]),
    }


def check_z12(record: xr.DataTree) -> Judgement:
    """The linearised net is weaker than the trained one."""
    finite = {name: over_linearised(record, name) for name in (THREE, TWO)}
    limits, widest = mean(record, "kernels"), mean(record, "widths").isel(width=-1)
    infinite = {
        name: float(widest.sel(learner=name) / limits.sel(learner=f"{name} (NTK)", n=sample_size(record)))
        for name in (THREE, TWO)
    }
    gaussian = float(widest.sel(learner=THREE) / limits.sel(learner="Gaussian", n=sample_size(record)))
    most = {
        name: float(mean(record, "sizes").sel(learner=name, n=limits.n[-1]) / limits.sel(learner=f"{name} (NTK)")[-1])
        for name in (THREE, TWO)
    }
    gap = part(record, "starvation").gap.sel(learner="3 layers (NTK)").isel(epochs=-1).mean("seed").min("step")
    spans = (
        f"{name}: {', '.join(f'{float(v.min()):.2f} to {float(v.max()):.2f} ({where})' for where, v in found.items())}"
        for name, found in finite.items()
    )
    return decide(
        f"trained net over its own linearisation at its width, {'; '.join(spans)}; over its infinite kernel at the "
        f"largest width {infinite[THREE]:.2f} and {infinite[TWO]:.2f}, at N = {int(limits.n[-1])} {most[THREE]:.2f} "
        f"and {most[TWO]:.2f}; three layers over the Gaussian kernel {gaussian:.2f}; SGD and ridge on the "
        f"linearisation part by {float(gap):.3f}",
        reproduced=[
            *(
                below(f"{name} / their linearisation, {where}", values, 1)
                for name, found in finite.items()
                for where, values in found.items()
            ),
            *(below(f"{name} at the largest width / their infinite kernel", infinite[name], 1) for name in infinite),
            at_most("gap of SGD and ridge on the linearisation, rms / sd", gap, 0.1),
        ],
    )


def check_z14(record: xr.DataTree) -> Judgement:
    """Harmonic targets of growing frequency."""
    names = [str(name) for name in part(record, "targets").target.values if str(name).startswith("harmonic")]
    c = {name: float(name.partition(" ")[2]) for name in names}
    ours = mean(record, "targets").sel(learner=THREE)
    ratio = {name: float(fresh_ratio(record, name, TWO_LAYERS)) for name in names}
    told = "; ".join(f"c = {c[name]:g}: {ratio[name]:.2f}, error {float(ours.sel(target=name)):.1e}" for name in names)
    learnt = [n for n in names if float(ours.sel(target=n)) < LEARNT]
    hard, easy = [ratio[n] for n in learnt if c[n] >= 3], [float(ours.sel(target=n)) for n in names if c[n] <= 5]
    last = ratio[learnt[-1]] if learnt else np.inf
    return decide(
        f"three layers over the best trained two-layer net: {told}",
        reproduced=[
            below("three layers / two layers, c >= 3 where three layers learn", max(hard, default=np.inf), 1),
            at_most("relative error of three layers, c <= 5", max(easy), 0.1),
        ],
        only_asymptotic=[
            below("three layers / two layers at the largest c that three layers learn", last, 1),
            below("the same ratio / that at the smallest c", last / ratio[names[0]], 1),
        ],
    )


CLAIMS = (
    Claim(
        "Z05",
        check_z05,
        "three layers have the least test error of the learners of figure 1(a), and it falls with the width",
        "at every m >= 100 below two layers and below the four linear learners with tuned ridge, also below two layers "
        "trained four times as long; error at the largest width at most half of that at the smallest; three layers "
        "fitted to a hundredth of the variance",
    ),
    Claim(
        "Z06",
        check_z06,
        "three layers have the least test error of the learners of figure 1(b), and it falls with the sample size",
        "below two layers at every N >= 1000, at both widths, and below the linear learners at every such N at which "
        "these were solved; slope in N below -0.5 from N = 500 on, at both widths",
    ),
    Claim(
        "Z08",
        check_z08,
        "products of two nonlinear functions suit three layers better than two",
        "on F, its even and its odd part below every trained two-layer net and every finite linear learner; the ratio "
        "to two layers smaller on each of them than on a sum of the same waves",
    ),
    Claim(
        "Z12",
        check_z12,
        "the linearised net is weaker than the trained one",
        "two and three layers below their own linearisation at every m >= 100, every N >= 1000 and on F, its parts and "
        "the sum, and at the largest width, N = 1000, below their infinite kernel; SGD and ridge on the linearisation "
        "within a tenth of a standard deviation",
    ),
    Claim(
        "Z14",
        check_z14,
        "three layers learn cos(c x_1) exp(c x_2), and two layers less well",
        "below every trained two-layer net for each c >= 3 at which three layers get below half of the variance; "
        "relative error at most 0.1 for c <= 5",
    ),
)
