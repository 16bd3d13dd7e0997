"""What the chapter on deep ReLU nets quotes from a record: its numbers, and its tables."""

from collections.abc import Iterator

import numpy as np
import xarray as xr

from ntkbook.bounds import cao2019 as bounds
from ntkbook.experiments.deep_relu.claims import DELTA
from ntkbook.experiments.deep_relu.quantities import (
    NORMS,
    SMALL,
    local_slopes,
    reached_by_all,
    slopes_in_tau,
    widest,
)
from ntkbook.experiments.experiment import Number, settings
from ntkbook.experiments.judging import slope
from ntkbook.figures.tables import Table
from ntkbook.records import part

STUCK = 0.45
"""Surrogate error above which a net has learnt next to nothing."""
EPSILON = 0.1
"""Surrogate error to be reached in the table of what Theorem 4.7 asks for."""
_SLOPES = (
    ("gap", "gap"),
    ("flips", "flips"),
    ("printed", "gap_printed"),
    ("adversarial", "adversarial_gap"),
    ("adversarial-flips", "adversarial_flips"),
)
"""What slopes in tau are quoted as, and their variables."""


def readings(record: xr.DataTree) -> dict[str, Number]:
    """Every number that the chapter quotes, by the key under which it does.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `deep_relu`.

    Returns
    -------
    dict of str to number
    """
    return dict([*_of_gradients(record), *_of_descent(record), *_of_linearity(record), *_of_pairs(record)])


def _of_gradients(record: xr.DataTree) -> Iterator[tuple[str, Number]]:
    """B along training, its margins, and its counterpart from above."""
    runs, long, margins = part(record, "widths"), part(record, "long"), part(record, "certificates")
    yield "n", settings(record)["long"]["n"]
    yield "m-long", settings(record)["long_width"]
    yield "m-max", int(runs.width[-1])
    mean = long.isel(width=0).mean("seed")
    shallow, deep = mean.sel(depth=1), mean.sel(depth=long.depth <= 3).isel(depth=-1)
    for task in map(str, long.task.values):
        of_task = shallow.sel(task=task)
        yield f"b-start-{task}", float(of_task.constant[0])
        yield f"b-end-{task}", float(of_task.constant[-1])
        yield f"margin-{task}", float(of_task.certificate)
        yield f"slope-n-{task}", float(slope(margins.certificate.sel(task=task, depth=1), "n"))
    of_true = deep.sel(task="true")
    yield "deep-margin-end", float(of_true.certificate_end / of_true.certificate)
    kept = runs.constant.min("step") / runs.certificate
    yield "kept-least", float(kept.isel(width=-1).min())
    yield "kept-long", float((long.constant.min("step") / long.certificate).min())
    yield "kept-narrow", float(kept.isel(width=0, depth=-1).sel(task="true").mean())
    yield "kept-wide", float(kept.isel(width=-1, depth=-1).sel(task="true").mean())
    over_proof = (margins.certificate / margins.proof).mean("seed")
    ratios = {str(task): over_proof.sel(depth=1, task=task) for task in over_proof.task.values}
    for name, ratio in (ratios | {"deep": over_proof.isel(depth=-1)}).items():
        yield f"proof-{name}-least", float(ratio.min())
        yield f"proof-{name}-most", float(ratio.max())
    true = margins.certificate.sel(task="true", depth=1)
    yield "slope-n-true-first", float(slope(true.isel(n=slice(2)), "n"))
    yield "slope-n-true-last", float(slope(true.isel(n=slice(-2, None)), "n"))
    least = part(record, "sizes").constant.min("step")
    for task in map(str, least.task.values):
        yield f"b-slope-n-{task}", float(slope(least.sel(task=task, depth=1), "n"))
    yield "c-largest", max(float(run.largest.max()) for run in (runs, long))
    yield "c-start", float(runs.gradient_start.isel(width=-1).mean())


def _of_descent(record: xr.DataTree) -> Iterator[tuple[str, Number]]:
    """Movement, time and k*."""
    runs, long, large = part(record, "widths"), part(record, "long"), part(record, "large_steps")
    yield "slope-m", float(np.abs(slope(runs.movement.isel(step=-1))).max())
    end = runs.sel(task="true").isel(step=-1).mean("seed")
    yield "radius-one", float(end.movement.sel(depth=1).isel(width=-1))
    yield "radius-over-gates", float(end.movement.sel(depth=1).isel(width=-1)) / (2 * int(runs.width[-1])) ** 0.5
    yield "radius-deep", float(end.movement.isel(depth=-1, width=-1))
    yield "flipped-narrow", 100 * float(end.flipped.isel(depth=-1, width=0))
    yield "flipped-wide", 100 * float(end.flipped.isel(depth=-1, width=-1))
    deep = runs.sel(task="true").isel(depth=-1)
    time = deep.time_to.sel(epsilon=reached_by_all(deep))
    yield "time-width-deep", float(slope(time))
    yield "time-width-last", float(slope(time.isel(width=slice(-2, None))))
    learnable = long.sel(task=["true", "margin"])
    powers = local_slopes(learnable.time_to)
    yield "steps-power", float(powers.max())
    yield "steps-power-deep", float(powers.sel(depth=powers.depth > 1).max())
    yield "steps-power-margin", float(powers.sel(task="margin").max())
    yield "movement-power", float(local_slopes(learnable.movement_at).max())
    run = long.isel(width=0, step=-1).sel(task="true", depth=1)
    least = long.isel(width=0).sel(task="true", depth=1).constant.min("step")
    descent = long.loss.isel(width=0, step=0).sel(task="true", depth=1) - run.loss
    last = long.isel(width=0, step=-1).sel(task="true", depth=1).mean("seed")
    yield "two-over-errors", float(2 * last.surrogate / last.error)
    first, late = (long.isel(width=0).sel(task="true", depth=1, epsilon=eps).time_to for eps in (0.2, 0.1))
    yield "steps-before", float(np.log(late.mean() / first.mean()) / np.log(2))
    start = long.loss.isel(width=0, step=0).sel(task="true", depth=1)
    yield "time-over", float((2 * start / (least * SMALL) ** 2 / late).mean())
    yield "path-over", float((2 * descent / (least * run.surrogate) / run.movement).mean())
    yield "k-max", int(large.step[-1])
    yield "k-best", int(large.best_step.isel(seed=0, rate=-1))
    ends = large.surrogate.isel(rate=-1, step=-1)
    yield "k-nets", int(ends.sizes["seed"])
    yield "k-stuck", int((ends > STUCK).sum())
    middle = large.surrogate.isel(rate=1)
    rises = (middle.diff("step") > 0).mean(["step", "seed"])
    yield "rises", 100 * float(rises)


def _of_linearity(record: xr.DataTree) -> Iterator[tuple[str, Number]]:
    """Slopes and constants of gaps and flips, and outputs at the start."""
    nets = part(record, "linearity")
    for key, name in _SLOPES:
        slopes = slopes_in_tau(nets, name)
        yield f"{key}-slope-one", slopes[min(slopes)]
        yield f"{key}-slope-deep", slopes[max(slopes)]
    (_, shallow), *_, (_, deep) = widest(nets)
    yield "m-shallow", int(shallow.width)
    yield "m-deep", int(deep.width)
    yield "adversarial-constant", float((shallow.adversarial_gap / shallow.adversarial_scale).mean())
    neurons = shallow.width * shallow.tau ** (2 / 3)
    yield "flips-constant", float((shallow.adversarial_flips / neurons).mean())
    yield "most-flips", float(shallow.most_flips.mean())
    yield "gap-ratio", float((shallow.adversarial_gap / shallow.gap).mean("seed").isel(tau=-1))
    yield "gap-ratio-deep", float((deep.adversarial_gap / deep.gap).mean("seed").isel(tau=-1))
    yield "norm-largest", max(float(wide[name].max()) for _, wide in widest(nets) for name in NORMS)
    yield "needed", max(float(wide.constant_needed.max()) for _, wide in widest(nets))
    fresh = part(record, "start")
    over = fresh.largest / np.log(fresh.n / DELTA) ** 0.5
    yield "start-constant", float(over.max())
    yield "start-most", float(over.quantile(1 - DELTA, "seed").max())


def _of_pairs(record: xr.DataTree) -> Iterator[tuple[str, Number]]:
    """Antipodal pairs."""
    pairs = part(record, "antipodal").mean("seed")
    yield "linear-loss", float(pairs.least_linear_loss.sel(depth=1))
    for depth, name in ((1, "one"), (2, "two")):
        yield f"{name}-loss", float(pairs.loss.sel(depth=depth)[-1])
        yield f"{name}-b", float(pairs.constant.sel(depth=depth)[-1])
        yield f"{name}-error", 100 * float(pairs.error.sel(depth=depth)[-1])


def constants(record: xr.DataTree) -> Table:
    """Least B_k along the short runs by width, and over the margin at W(0): eq. (4.1).

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `deep_relu`.

    Returns
    -------
    Table
    """
    return _constants(part(record, "widths"), "width", "m")


def constants_by_size(record: xr.DataTree) -> Table:
    """The same by sample size.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `deep_relu`.

    Returns
    -------
    Table
    """
    return _constants(part(record, "sizes"), "n", "n")


def _constants(runs: xr.Dataset, dim: str, letter: str) -> Table:
    """By data and depth, and by width or sample size, the least B_k, mean over seeds; in brackets over the margin."""
    least = runs.constant.min("step")
    mean, ratio = least.mean("seed"), (least / runs.certificate).mean("seed")
    rows = []
    for task in map(str, runs.task.values):
        for depth in runs.depth.values:
            pairs = zip(mean.sel(task=task, depth=depth).values, ratio.sel(task=task, depth=depth).values, strict=True)
            rows.append((task, str(depth), *(f"{b:.3f} ({over:.2f})" for b, over in pairs)))
    return Table(("data", "L", *(f"{letter} = {value}" for value in runs[dim].values)), rows)


def chain(record: xr.DataTree) -> Table:
    """Share of errors, ramp loss, 2 E_S and 2 L_S at the end of the long runs: Definition 4.4.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `deep_relu`.

    Returns
    -------
    Table
    """
    last = part(record, "long").isel(width=0, step=-1).mean("seed")
    rows = []
    for task in map(str, last.task.values):
        for depth in last.depth.values:
            of = last.sel(task=task, depth=depth)
            numbers = (of.error, of.ramp, 2 * of.surrogate, 2 * of.loss)
            rows.append((task, str(depth), *(f"{float(x):.4f}" for x in numbers)))
    return Table(("data", "L", "errors", "ramp loss", "2 E_S", "2 L_S"), rows)


def norms(record: xr.DataTree) -> Table:
    """Largest values of what Lemma B.1 bounds, over its bounds with constant 1, in the widest nets.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `deep_relu`.

    Returns
    -------
    Table
    """
    nets = list(widest(part(record, "linearity")))
    named = [f"L = {depth}, m = {int(wide.width)}" for depth, wide in nets]
    header = ("part of the lemma", "quantity over its bound", *named)
    places = ("(i)", "(i)", "(ii)", "(iii)", "(iv)", "(v)", "(vi)")
    rows = [
        (place, told, *(f"{float(wide[name].max()):.2f}" for _, wide in nets))
        for place, (name, told) in zip(places, NORMS.items(), strict=True)
    ]
    return Table(header, rows)


def outputs(record: xr.DataTree) -> Table:
    """Mean of the largest output among n inputs, in the widest nets at their start: Lemma 5.3.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `deep_relu`.

    Returns
    -------
    Table
    """
    nets = part(record, "start").isel(width=-1)
    mean = nets.largest.mean("seed")
    over = mean / np.log(nets.n) ** 0.5
    depths = nets.depth.values
    header = ("n", *(f"max |f|, L = {L}" for L in depths), *(f"max |f| / sqrt(log n), L = {L}" for L in depths))
    rows = [(str(n), *(f"{x:.2f}" for x in [*mean.sel(n=n).values, *over.sel(n=n).values])) for n in nets.n.values]
    return Table(header, rows)


def regime(record: xr.DataTree) -> Table:
    """Widths that Theorem 4.7 asks for at epsilon = delta = 0.1, constants and logarithms 1, beside those run.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `deep_relu`.

    Returns
    -------
    Table
    """
    runs = part(record, "widths").isel(width=-1).sel(task="true")
    rows = []
    for depth in map(int, runs.depth.values):
        gradient = float(runs.certificate.sel(depth=depth).mean())
        widths = (bounds.theorem_4_7_width, bounds.theorem_4_7_width_rederived, bounds.theorem_4_7_width_repaired)
        asked = [f"{width(depth, gradient, EPSILON, DELTA):.0e}" for width in widths]
        rate = bounds.theorem_4_7_step_size(depth, gradient, 1)
        steps = bounds.theorem_4_7_steps(depth, gradient, EPSILON)
        ours = f"{int(runs.width)}"
        rows.append((str(depth), f"{gradient:.3f}", *asked, ours, f"{rate:.0e} / m", f"{steps:.0e}"))
    header = ("L", "B", "m as printed", "m re-derived", "m repaired", "m run", "step size asked", "steps asked")
    return Table(header, rows)
