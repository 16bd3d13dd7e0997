"""What the chapter on generalisation quotes from a record: its numbers, and its tables."""

import numpy as np
import xarray as xr

from ntkbook.bounds import arora2019_generalization as bounds
from ntkbook.experiments.experiment import Number, settings
from ntkbook.experiments.generalization.claims import CLAIMS
from ntkbook.experiments.generalization.claims_distance import movement_ratio, neuron_slopes
from ntkbook.experiments.generalization.claims_noise import (
    inversions,
    pooled_correlation,
    rank_correlation,
    runs,
    theorem_bound,
)
from ntkbook.experiments.judging import slope
from ntkbook.figures.style import NAMES
from ntkbook.figures.tables import Table
from ntkbook.records import part

_DATASETS = ("mnist", "cifar10")
_ENDS = {"true": 0, "random": -1}


def readings(record: xr.DataTree) -> dict[str, Number]:
    """Every number that the chapter quotes, by the key under which it does.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `generalization`.

    Returns
    -------
    dict of str to number
        NaN where it is about a data set that the record lacks.
    """
    config, nets = settings(record), runs(record)
    return {
        "n": config["n_train"],
        "m": config["nets"]["width"],
        "n-measure": config["n_measure"],
        "n-test": config["n_test"],
        "stop": config["descent"]["stop_loss"],
        "informative": int((nets.bound < 1).sum()),
        "nets": nets.sizes["net"],
        "pooled": pooled_correlation(record, "l1"),
        "inverted": len(inversions(record, "l1")),
        "pairs-across": nets.portion.to_index().nunique() ** 2,
        "low": config["balls"]["low_loss"],
        "c1": float(1 / nets.c1_ratio.max()),
        "aux-steps": int(part(record, "auxiliary").steps.max()),
        **_noise(record),
        **_square(record),
        **_balls(record),
        **_pairs(record),
        **{f"verdict-{claim.id.lower()}": str(claim.check(record).verdict) for claim in CLAIMS},
    }


def _noise(record: xr.DataTree) -> dict[str, Number]:
    """Numbers on MNIST and on CIFAR-10, of means over draws."""
    nets, sets = part(record, "nets"), list(_DATASETS)
    found = xr.Dataset(
        {
            "l1": nets.l1,
            "ramp": nets.ramp,
            "bound": theorem_bound(record),
            "remainder": theorem_bound(record) - nets.measure,
            "kernel": nets.kernel_l1,
            "steps": nets.steps / nets.linear_steps,
            "moved": nets.movement / nets.norm,
            "moved0": nets.movement / nets.norm_0,
            "frozen": nets.movement / nets.linear_movement,
            "flipped": 100 * nets.flipped,
        }
    )
    found = found.mean("draw").reindex(data=sets)
    measure = part(record, "measures").measure.mean("seed").reindex(data=sets)
    ranks = {"l1": rank_correlation(record, "l1"), "error": rank_correlation(record, "error")}

    def at(what: str, name: str, portion: int) -> float:
        return float(found[what].sel(data=name)[portion])

    numbers: dict[str, Number] = {"second": float(nets.portion[1])}
    for name in sets:
        for kind, end in _ENDS.items():
            numbers[f"{name}-measure-{kind}"] = float(measure.sel(data=name)[end])
            numbers |= {f"{name}-{what}-{kind}": at(what, name, end) for what in ("l1", "moved")}
        numbers |= {f"{name}-{what}-random": at(what, name, -1) for what in ("steps", "moved0")}
        numbers |= {f"{name}-rank-{error}": ranks[error].get(name, np.nan) for error in ranks}
    numbers |= {f"mnist-{what}-true": at(what, "mnist", 0) for what in ("bound", "remainder", "ramp", "frozen")}
    numbers |= {f"mnist-{what}-second": at(what, "mnist", 1) for what in ("l1", "kernel")}
    return numbers | {"mnist-flipped": at("flipped", "mnist", -1)}


def _square(record: xr.DataTree) -> dict[str, Number]:
    """Numbers on the nets as wide as there are images, beside means over the draws of the others."""
    wide = part(record, "square").isel(data=0, draw=0)
    narrow = part(record, "nets").sel(data=str(wide["data"].values), portion=wide.portion.values).mean("draw")
    gaps = wide - narrow
    random, beside = wide.isel(portion=-1), narrow.isel(portion=-1)
    used = settings(record)["square"]
    return {
        "square-m": used["width"],
        "square-rtol": used["rtol"],
        "square-nets": wide.sizes["portion"],
        **{f"square-{name}-gap": float(np.abs(gaps[name]).max()) for name in ("l1", "error")},
        "square-steps": float(random.steps / random.linear_steps),
        "square-steps-narrow": float(beside.steps / beside.linear_steps),
        "square-flipped": 100 * float(random.flipped),
        "square-flipped-narrow": 100 * float(beside.flipped),
    }


def _balls(record: xr.DataTree) -> dict[str, Number]:
    """Numbers on the sweep over widths and, at the largest of them, on the balls."""
    balls = part(record, "balls")
    widest = balls.isel(width=-1).mean("seed").sel(init_scale=1.0)
    slopes = {name: values.sel(init_scale=1.0) for name, values in neuron_slopes(record).items()}
    random = widest.sel(labels="random")
    ramp = balls.ramp.sel(init_scale=0.01, labels="true").mean("seed")
    return {
        "m-widest": int(balls.width[-1]),
        "m-least": int(balls.width[0]),
        **_totals(record),
        **{f"ramp-paper-true-{end}": float(ramp[i]) for end, i in {"least": 0, "widest": -1}.items()},
        **{f"rms-slope-{kind}": float(slopes["r.m.s."].sel(labels=kind)) for kind in _ENDS},
        **{f"neuron-slope-{kind}": float(slopes["largest"].sel(labels=kind)) for kind in _ENDS},
        "ball-ascended": float(random.ascended),
        "ball-ascended-frozen": float(random.ascended_linear),
        "ball-first-term": float(random.linear_term),
        "ball-first-term-true": float(widest.linear_term.sel(labels="true")),
        "ball-bound": float(random.bound),
        "ball-cap": float(random.flips_capped),
        "ball-in-reach": float(random.in_reach),
        "ball-in-reach-bound": float(random.in_reach_bound),
    }


def _totals(record: xr.DataTree) -> dict[str, Number]:
    """Total movement over that of frozen gates at the same loss, random labels; how far frozen gates had come in %."""
    balls = part(record, "balls")
    found: dict[str, Number] = {}
    for low, name in {False: "total", True: "low-total"}.items():
        ratio = movement_ratio(record, low=low).mean("seed").sel(labels="random")
        found[f"{name}-theory-least"] = float(ratio.sel(init_scale=1.0)[0])
        found[f"{name}-theory-widest"] = float(ratio.sel(init_scale=1.0)[-1])
        found[f"{name}-paper-widest"] = float(ratio.sel(init_scale=0.01)[-1])
        reached = balls["low_linear_movement" if low else "linear_movement"] / balls.norm
        found[f"{name}-frozen"] = 100 * float(reached.sel(labels="random").mean())
    return found


def _pairs(record: xr.DataTree) -> dict[str, Number]:
    """Numbers on the two close inputs: of the widest angle, and of the smallest whose pair was fitted."""
    pairs, done = part(record, "pairs"), fitted(record)
    last = pairs.isel(angle=int(np.where(done, pairs.angle, np.inf).argmin()))
    return {
        "pair-fitted": int(done.sum()),
        "pair-angles": pairs.sizes["angle"],
        "pair-angle": float(last.angle),
        "pair-measure": float(last.measure),
        "pair-error": 100 * float(last.error),
        "pair-error-wide": 100 * float(pairs.error.sel(angle=1.0)),
        "pair-slower": float(last.steps / last.linear_steps),
        "pair-movement": float(last.movement),
    }


def fitted(record: xr.DataTree) -> xr.DataArray:
    """Which of the nets with two close inputs came to the loss at which training stops.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `generalization`.

    Returns
    -------
    xarray.DataArray (angle,), bool
    """
    stop_loss = settings(record)["descent"]["stop_loss"]
    return part(record, "pairs").loss <= stop_loss * (1 + 1e-4)  # the run counts in float32


def noise(record: xr.DataTree) -> Table:
    """Figure 2 of Arora et al. (2019) in numbers, means over draws.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `generalization`.

    Returns
    -------
    Table
    """
    mean = part(record, "nets").assign(bound=theorem_bound(record)).mean("draw")
    return Table(
        ("data", "p", "l1", "error", "ramp", "measure", "bound", "steps (frozen)"),
        [
            (
                NAMES[str(name)].replace("-", "\N{NON-BREAKING HYPHEN}"),
                f"{p:g}",
                *(f"{float(values):.3f}" for values in (row.l1, row.error, row.ramp)),
                f"{float(row.measure):.2f}",
                f"{float(row.bound):.2f}",
                f"{float(row.steps):,.0f} ({float(row.linear_steps):,.0f})",
            )
            for name in mean["data"].values
            for p in mean.portion.values
            for row in [mean.sel(data=name, portion=p)]
        ],
    )


def against_width(*records: xr.DataTree) -> Table:
    """Slopes in the width, and the movement at the largest one, for both scales and kinds of labels.

    Parameters
    ----------
    *records : xarray.DataTree
        Of the experiment `generalization`.

    Returns
    -------
    Table
    """
    header = (
        "m, to",
        "kappa",
        "labels",
        "r.m.s. neuron, slope",
        "farthest neuron, slope",
        "total / frozen gates, from m_1 to m",
        "the same at the low loss",
        "ramp test loss, slope",
    )
    rows = []
    for balls, record in ((part(record, "balls"), record) for record in records):
        totals = [movement_ratio(record, low=low).mean("seed").isel(width=[0, -1]) for low in (False, True)]
        for scale in balls.init_scale.values:
            for kind in balls.labels.values:
                where = {"init_scale": scale, "labels": kind}
                slopes = (*neuron_slopes(record).values(), slope(balls.ramp))
                of_neuron, of_farthest, of_loss = (f"{float(values.sel(where)):z.2f}" for values in slopes)
                ratios = (" to ".join(f"{float(v):.2f}" for v in total.sel(where)) for total in totals)
                row = (f"{int(balls.width[-1]):,}", f"{scale:g}", str(kind), of_neuron, of_farthest, *ratios, of_loss)
                rows.append(row)
    return Table(header, rows)


def asked(record: xr.DataTree) -> Table:
    """What Theorem 5.1 asks for, its constants set to one, beside what was run on the first data set's true labels.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `generalization`.

    Returns
    -------
    Table
    """
    config, nets = settings(record), part(record, "nets").isel(data=0)
    n, width, delta, kappa = config["n_train"], *(config["nets"][key] for key in ("width", "delta", "init_scale"))
    lam, eta = float(nets.lambda_min[0, 0]), config["descent"]["step_scale"] / n
    scale, excess = (
        bounds.theorem_5_1_init_scale(n, lam, delta),
        bounds.lemma_5_3_leading(0.0, n, lam, kappa, delta),
    )
    return Table(
        ("quantity", "asked for", "run"),
        [
            ("initial scale kappa", f"{scale:.0e}", f"{kappa:g}"),
            ("width m, at least kappa^-2", f"{scale**-2:.0e} x poly(n, 1/lambda_0, 1/delta)", f"{width}"),
            ("step size, at most lambda_0 / n^2", f"{lam / n**2:.0e}", f"{eta:g}"),
            (
                "steps at the run's step size, at least log(n/delta) / (eta lambda_0)",
                f"{np.log(n / delta) / (eta * lam):,.0f}",
                f"{float(nets.steps.min()):,.0f} to {float(nets.steps.max()):,.0f}",
            ),
            (
                "excess over sqrt(y'H^-1 y) that Lemma 5.3 allows, by its term in kappa alone",
                f"{excess:,.0f}",
                f"root itself {float(nets.norm.min()):.1f} to {float(nets.norm.max()):.1f}",
            ),
        ],
    )
