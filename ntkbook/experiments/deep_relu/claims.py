"""Claims that the experiment `deep_relu` decides: C01, C02, C05 to C10 and C15."""

import numpy as np
import xarray as xr

from ntkbook import adversarial
from ntkbook.claims import Claim, Condition, Judgement
from ntkbook.experiments.deep_relu.quantities import (
    NORMS,
    SMALL,
    local_slopes,
    reached_by_all,
    slopes_in_tau,
    slopes_in_width,
    time_to_second_level,
    widest,
)
from ntkbook.experiments.experiment import settings
from ntkbook.experiments.judging import at_least, at_most, decide, slope
from ntkbook.records import part

DELTA = 0.1
"""Failure probability in Lemma 5.3."""


def _within(what: str, values: dict[int, float] | xr.DataArray, target: float, tolerance: float) -> Condition:
    array = np.array(list(values.values())) if isinstance(values, dict) else values.values
    return at_most(f"|{what} - {target:.3g}|", float(np.max(np.abs(array - target))), tolerance)


def _told(values: dict[int, float]) -> str:
    return ", ".join(f"{value:.2f} (L = {depth})" for depth, value in values.items())


def check_c01(record: xr.DataTree) -> Judgement:
    """Algorithm 1 and the matrix-product form."""
    nets = part(record, "formulas")
    worst = {name: float(nets[name].max(skipna=False)) for name in ("output", "gradient", "training", "spread")}
    return decide(
        f"largest relative difference from autograd: outputs {worst['output']:.0e}, gradients {worst['gradient']:.0e}, "
        f"weights after training {worst['training']:.0e}; "
        f"mean square of m_l W_l / 2 off by at most {worst['spread']:.1f} standard errors",
        reproduced=[
            at_most("outputs", worst["output"], 1e-12),
            at_most("gradients", worst["gradient"], 1e-12),
            at_most("weights after training", worst["training"], 1e-10),
            at_most("standard errors of m_l W_l^2 / 2 from 1", worst["spread"], 5),
        ],
    )


def check_c02(record: xr.DataTree) -> Judgement:
    """Definition 4.4 and the chain 0-1 <= ramp <= 2 E_S <= 2 L_S, an identity."""
    runs = [part(record, "widths"), part(record, "long")]
    links = {
        "errors - ramp": max(float((run.error - run.ramp).max()) for run in runs),
        "ramp - 2 E_S": max(float((run.ramp - 2 * run.surrogate).max()) for run in runs),
        "E_S - L_S": max(float((run.surrogate - run.loss).max()) for run in runs),
    }
    last = runs[1].isel(step=-1).mean(["seed", "width"])
    means = {task: last.sel(task=task).mean() for task in last.task.values}
    told = ", ".join(f"{float(m.error):.3f} <= {2 * float(m.surrogate):.3f} ({task})" for task, m in means.items())
    return decide(
        f"identity, at every recorded step; errors <= 2 E_S at the end, mean over depths: {told}",
        reproduced=[at_most(name, value, 1e-6, exact=True) for name, value in links.items()],
    )


def check_c05(record: xr.DataTree) -> Judgement:
    """Theorem 4.7 (i): the radius."""
    runs, long = part(record, "widths"), part(record, "long")
    fixed_time = slope(runs.movement.isel(step=-1))
    true = runs.sel(task="true")
    level = {int(depth): reached_by_all(true.sel(depth=depth)) for depth in true.depth.values}
    fixed_error = {L: float(slope(true.movement_at.sel(depth=L, epsilon=eps))) for L, eps in level.items()}
    learnable = long.sel(task=["true", "margin"])
    growth = float(local_slopes(learnable.movement_at).max())
    slowest = time_to_second_level(learnable) / (settings(record)["long"]["rate"] * int(long.step[-1]))
    told = ", ".join(f"{value:.2f} (L = {L}, E_S = {level[L]:g})" for L, value in fixed_error.items())
    return decide(
        f"slope in m of sqrt(m) max_l |W_l - W_l(0)|_F at fixed time {float(fixed_time.min()):.2f} to "
        f"{float(fixed_time.max()):.2f}; at fixed E_S, true labels: {told}; "
        f"in 1/epsilon on epsilon <= {SMALL:g}, at most {growth:.2f}",
        reproduced=[
            _within("slope in m at fixed time", fixed_time, 0, 0.1),
            _within("slope in m at fixed E_S", fixed_error, 0, 0.1),
            at_most("slope in 1/epsilon", growth, 1),
            at_most(f"time to the second level <= {SMALL:g} / time run, slowest run", slowest, 1),
        ],
    )


def check_c06(record: xr.DataTree) -> Judgement:
    """Theorem 4.7 (ii): the number of steps."""
    runs, long = part(record, "widths").sel(task="true"), part(record, "long").sel(task=["true", "margin"])
    steepest = float(local_slopes(long.time_to).max())
    slowest = time_to_second_level(long) / (settings(record)["long"]["rate"] * int(long.step[-1]))
    in_width = {}
    for depth in runs.depth.values:
        of_depth = runs.sel(depth=depth)
        in_width[int(depth)] = float(slope(of_depth.time_to.sel(epsilon=reached_by_all(of_depth))))
    large = part(record, "large_steps")
    share = (large.best_step / large.step[-1]).mean("seed")
    told = ", ".join(f"{float(share.sel(rate=rate)):.2f} of K at eta = {float(rate):g}/m" for rate in share.rate.values)
    return decide(
        f"steps to E_S <= epsilon grow as epsilon^-{steepest:.2f} at most on epsilon <= {SMALL:g}; "
        f"slope in m at eta ~ 1/m: {_told(in_width)}; k* is {told} (L = 3)",
        reproduced=[
            at_most("local slope in 1/epsilon", steepest, 2),
            at_most(f"time to the second level <= {SMALL:g} / time run, slowest run", slowest, 1),
            _within("slope in m", in_width, 0, 0.15),
        ],
    )


def check_c07(record: xr.DataTree) -> Judgement:
    """Equation (4.1): the gradient is large while the surrogate error is."""
    runs, long, sizes, certificates = (part(record, name) for name in ("widths", "long", "sizes", "certificates"))
    proof = float((certificates.certificate / certificates.proof).min())
    least = runs.constant.min("step")
    kept = (least / runs.certificate).isel(width=-1)
    until = settings(record)["short"]["rate"] * int(runs.step[-1])
    later = long.constant.min("step") / long.certificate
    along = slope(sizes.constant.min("step"), "n").mean("depth")
    in_width = slope(runs.certificate)
    in_n = {task: slope(certificates.certificate.sel(task=task), "n") for task in certificates.task.values}
    last = slope(certificates.certificate.sel(task="margin").isel(n=[-2, -1]), "n")
    told = ", ".join(f"{task} {float(found.min()):.2f} to {float(found.max()):.2f}" for task, found in in_n.items())
    of_runs = ", ".join(f"{task} {float(along.sel(task=task)):.2f}" for task in along.task.values)
    return decide(
        f"least B along training / margin at W(0), m = {int(runs.width[-1])}, to time {until:g}: "
        f"{float(kept.min()):.2f} to {float(kept.max()):.2f}; in the long runs, m = {int(long.width[0])}, to time "
        f"{settings(record)['long']['rate'] * int(long.step[-1]):g}: {float(later.min()):.2f} to "
        f"{float(later.max()):.2f}; slopes in m of the margin {float(in_width.min()):.2f} or more, of the least B "
        f"{float(slope(least).min()):.2f} or more; "
        f"slopes in n of the least B, n = {int(sizes.n[0])} to {int(sizes.n[-1])}: {of_runs}; "
        f"slope of the margin in n: {told}, over the last doubling on margin data {float(last.min()):.2f} or more; "
        f"margin / the proof's B at least {proof:.1f}",
        reproduced=[
            at_least("margin at W(0) / the proof's B", proof, 1),
            at_least("least B / margin at W(0), widest nets", kept, 0.9),
            at_least("slope of the margin at W(0) in m", in_width, -0.1),
            at_least("slope of the margin in n, margin data, last doubling", last, -0.25),
            at_most("slope of the margin in n, random labels", in_n["random"], -0.5),
        ],
    )


def check_c08(record: xr.DataTree) -> Judgement:
    """Lemma 5.1: the gradient is at most of the order of the surrogate error."""
    runs, long = part(record, "widths"), part(record, "long")
    largest = max(float(run.largest.max()) for run in (runs, long))
    start = max(float(run.gradient_start.max()) for run in (runs, long))
    in_width, of_start = slope(runs.largest.max("step")), slope(runs.gradient_start)
    return decide(
        f"|grad_l L_S| <= {largest:.2f} sqrt(m) E_S at every recorded step and layer, L up to {int(long.depth.max())}; "
        f"|grad_l f(x_i)| <= {start:.2f} sqrt(m) at the start; "
        f"slopes in m at most {float(in_width.max()):.2f} and {float(of_start.max()):.2f}",
        reproduced=[
            at_most("C along training", largest, 2),
            at_most("C at the start, for each input", start, 2),
            at_most("slope in m along training", in_width, 0.1),
            at_most("slope in m at the start", of_start, 0.1),
        ],
    )


def check_c09(record: xr.DataTree) -> Judgement:
    """Lemma 5.2, as its proof has it: the net is almost linear."""
    nets = part(record, "linearity")
    along, printed = slopes_in_tau(nets, "gap"), slopes_in_tau(nets, "gap_printed")
    against, in_width = slopes_in_tau(nets, "adversarial_gap"), slopes_in_width(nets, "adversarial_gap")
    constant, needed, excess, of_bound = {}, 0.0, -np.inf, 0.0
    for depth, wide in widest(nets):
        constant[depth] = float((wide.adversarial_gap / wide.adversarial_scale).mean())
        needed = max(needed, float(wide.constant_needed.max()))
        excess = max(excess, float(wide.excess.max()))
        of_bound = max(of_bound, float((wide.gap_largest / wide.bound).max()))
        of_bound = max(of_bound, float((wide.adversarial_gap / wide.adversarial_bound).max()))
    return decide(
        f"gap against tau: slope {_told(along)} along the gradient, {_told(against)} adversarially, with constant "
        f"{_told(constant)}; at most {of_bound:.2f} of the bound with C = 1; linearised as printed: {_told(printed)}; "
        f"the loss inequality needs C = {needed:.4f}, the sharp one is a theorem without constants",
        reproduced=[
            _within("slope along the gradient", along, 2, 0.2),
            _within("slope adversarially", against, 4 / 3, 0.1),
            _within("adversarial gap / sqrt(m) tau^(4/3)", constant, adversarial.GAP, 0.1 * adversarial.GAP),
            _within("slope in m adversarially", in_width, 0.5, 0.1),
            at_most("gap / bound with C = 1", of_bound, 1),
            at_most("loss above the sharp inequality", excess, 1e-9, exact=True),
        ],
    )


def check_c10(record: xr.DataTree) -> Judgement:
    """Lemma B.1: norms and flips near the start."""
    nets = part(record, "linearity")
    along, against = slopes_in_tau(nets, "flips"), slopes_in_tau(nets, "adversarial_flips")
    share, most, norms = {}, {}, dict.fromkeys(NORMS, 0.0)
    for depth, wide in widest(nets):
        neurons = wide.width * wide.tau ** (2 / 3)
        share[depth] = float((wide.adversarial_flips / neurons).mean())
        most[depth] = float((wide.most_flips * depth ** (4 / 3)).mean())
        norms = {name: max(norms[name], float(wide[name].max())) for name in NORMS}
    steepest = max(max(slopes_in_width(nets, name).values()) for name in NORMS)
    told = ", ".join(f"{NORMS[name]} {value:.2f}" for name, value in norms.items())
    return decide(
        f"largest values: {told}; their slopes in m at most {steepest:.2f}; flips against tau: slope "
        f"{_told(along)} along the gradient, {_told(against)} adversarially; "
        f"flips / m tau^(2/3): {_told(share)} there, at most {_told(most)}",
        reproduced=[
            at_most("largest constant of (i) to (vi)", max(norms.values()), 3),
            at_most("slope in m of (i) to (vi)", steepest, 0.1),
            _within("slope of flips along the gradient", along, 1, 0.15),
            _within("slope of flips adversarially", against, 2 / 3, 0.1),
            _within("adversarial flips / m tau^(2/3)", share, adversarial.FLIPS, 0.1 * adversarial.FLIPS),
            _within("most flips / m tau^(2/3)", most, adversarial.MOST_FLIPS, 0.05 * adversarial.MOST_FLIPS),
        ],
    )


def check_c15(record: xr.DataTree) -> Judgement:
    """Lemma 5.3: outputs at the start."""
    nets = part(record, "start")
    over_log = nets.largest / np.log(nets.n) ** 0.5
    constant = float((nets.largest / np.log(nets.n / DELTA) ** 0.5).max())
    in_n, in_width = slope(over_log, "n"), slope(over_log.isel(n=-1))
    square = nets.mean_square.mean(["seed", "width"]) / (1 - 1 / np.pi)
    rms = {int(depth): float(square.sel(depth=depth)) ** 0.5 for depth in nets.depth.values}
    return decide(
        f"max_i |f(x_i)| <= {constant:.2f} sqrt(log(n/{DELTA:g})) in all nets; over sqrt(log n), slopes in n "
        f"{float(in_n.min()):.2f} to {float(in_n.max()):.2f}, in m {float(in_width.min()):.2f} to "
        f"{float(in_width.max()):.2f}; r.m.s. / sqrt(1 - 1/pi): {_told(rms)}",
        reproduced=[
            at_most("C in all nets", constant, 2),
            _within("slope in n of max / sqrt(log n)", in_n, 0, 0.1),
            _within("slope in m of max / sqrt(log n)", in_width, 0, 0.1),
            _within("r.m.s. / sqrt(1 - 1/pi)", rms, 1, 0.1),
        ],
    )


CLAIMS = (
    Claim(
        "C01",
        check_c01,
        "forward, gradients and training by the formulas of appendix A equal autograd, with unequal widths; "
        "m_l W_l^2 / 2 has mean 1",
        "1e-12 (float64) for outputs and gradients, 1e-10 after ten steps; 5 standard errors",
    ),
    Claim("C02", check_c02, "errors <= ramp <= 2 E_S <= 2 L_S, an identity", "1e-6 for rounding in float32"),
    Claim(
        "C05",
        check_c05,
        "sqrt(m) max_l |W_l - W_l(0)|_F is free of m at fixed time or at fixed E_S, and grows slower than 1/eps",
        "|slope in m| <= 0.1 for true and random labels, L <= 3; local slope in 1/eps <= 1 on eps <= 0.1, at "
        "least two such levels reached by all",
    ),
    Claim(
        "C06",
        check_c06,
        "E_S <= eps within O(eps^-2) steps, at eta ~ 1/m the same number at every width",
        "local slope in 1/eps <= 2 on eps <= 0.1, at least two such levels reached by all; |slope in m| <= 0.15",
    ),
    Claim(
        "C07",
        check_c07,
        "B along training stays, up to time 640, above the margin of W(0)'s last-layer tangent features over sqrt(m); "
        "free of m, and of n where the data have a margin; not for random labels",
        "B >= 0.9 of the margin in the widest nets up to time 640; slope of the margin in m >= -0.1, in n "
        ">= -0.25 over the last doubling on margin data, <= -0.5 for random labels; no margin below the proof's B",
    ),
    Claim(
        "C08",
        check_c08,
        "|grad_l L_S| <= C sqrt(m) E_S, |grad_l f(x_i)| <= C sqrt(m) at the start, near 2^-1/2 for one input",
        "C <= 2 in every layer, net and step, L up to 5; slopes in m <= 0.1",
    ),
    Claim(
        "C09",
        check_c09,
        "gap of order tau^2 along the gradient, 0.390 sqrt(m) tau^(4/3) adversarially; below the bound with C = 1; the "
        "loss never above its sharp inequality",
        "slopes in tau within 0.2 and 0.1, in m within 0.1; the constant within 10 %; where m tau^(2/3) >= 40",
    ),
    Claim(
        "C10",
        check_c10,
        "norms of order one; flips of order tau along the gradient, 0.271 m tau^(2/3) adversarially, at most "
        "0.985 m tau^(2/3) in any direction",
        "constants of (i) to (vi) <= 3, slopes in m <= 0.1; slopes in tau within 0.15 and 0.1; 0.271 within 10 %, "
        "0.985 within 5 %; where m tau^(2/3) >= 40",
    ),
    Claim(
        "C15",
        check_c15,
        "max_i |f(x_i)| of order sqrt(log n), at every width; r.m.s. sqrt(1 - 1/pi)",
        "C <= 2 at delta = 0.1; slopes of max / sqrt(log n) in n and m within 0.1; r.m.s. within 10 %",
    ),
)
