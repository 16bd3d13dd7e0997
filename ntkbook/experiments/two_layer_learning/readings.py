"""What the chapter on two-layer learning quotes from a record: its numbers, and its tables."""

import numpy as np
import xarray as xr

from ntkbook.experiments.experiment import Number, settings
from ntkbook.experiments.judging import slope
from ntkbook.experiments.two_layer_learning.claims import evenness_slopes, risk_slopes, width_gain
from ntkbook.figures.tables import Table
from ntkbook.records import part


def readings(record: xr.DataTree) -> dict[str, Number]:
    """Every number that the chapter quotes, by the key under which it does.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `two_layer_learning`.

    Returns
    -------
    dict of str to number
    """
    return {**_complexity(record), **_parity(record), **_risk(record), **_widths(record), **_memory(record)}


def _complexity(record: xr.DataTree) -> dict[str, Number]:
    measured, demands = part(record, "complexity").sel(function="exp"), part(record, "demands").sel(function="exp")
    powers = part(record, "truncated").exponent.isel(constant=-1, range=-1)
    return {
        "exp-size": float(measured.network.sel(digits=2)[-1]),
        "exp-begins": float(measured.begins[-1]),
        "exp-begins-one": 10.0 ** -float(measured.begins[0]),
        "exp-samples": float(measured.samples[-1]),
        "demand-width": float(demands.width[-1]),
        "demand-sample": float(demands["sample"][-1]),
        "demand-width-one": float(demands.width[0]),
        "demand-sample-one": float(demands["sample"][0]),
        "tanh-power": float(powers.sel(function="tanh")),
        "sigmoid-power": float(powers.sel(function="sigmoid")),
    }


def _parity(record: xr.DataTree) -> dict[str, Number]:
    shares, nets, kernels = (part(record, name) for name in ("shares", "parity", "kernels"))
    odd, even = 100 * nets.odd.mean("seed"), 100 * nets.even.mean("seed")
    validation = {"error": nets.validation_error, "longer": nets.validation_longer}
    longer = {
        f"{key}-{when}": 100 * float(errors.sel(learner=name).mean())
        for key, name in (("zero", "zero biases"), ("constant", "constant coordinate"))
        for when, errors in validation.items()
    }
    small, large = odd.isel(output_scale=0), odd.isel(output_scale=-1)
    return {
        "wall": 100 * float(shares.odd),
        "share-even": 100 * float(shares.even),
        "share-linear": 100 * float(shares.linear),
        "scale-min": float(nets.output_scale[0]),
        "scale-max": float(nets.output_scale[-1]),
        "parity-m": settings(record)["parity"]["width"],
        "parity-n": settings(record)["parity"]["n_train"],
        "odd-zero": float(odd.sel(learner="zero biases").min()),
        "odd-drawn-small": float(small.sel(learner="drawn biases")),
        "odd-drawn-large": float(large.sel(learner="drawn biases")),
        "odd-constant-small": float(small.sel(learner="constant coordinate")),
        "odd-constant-large": float(large.sel(learner="constant coordinate")),
        "even-least": float(even.min()),
        "even-most": float(even.max()),
        "kernel-odd-drawn": 100 * float(kernels.odd.sel(learner="drawn biases").mean()),
        "kernel-odd-constant": 100 * float(kernels.odd.sel(learner="constant coordinate").mean()),
        **longer,
        "settled": int(nets.converged.sum()),
        "nets": int(nets.converged.size),
    }


def _risk(record: xr.DataTree) -> dict[str, Number]:
    risk, gain, slopes = part(record, "risk"), width_gain(record), risk_slopes(record)
    noisy = risk.isel(noise=-1, width=-1).mean("seed")
    return {
        "risk-slope": float(slopes[0]),
        "risk-slope-noise": float(slopes[-1]),
        "gain": 1 / float(gain[0]),
        "gain-noise": 1 / float(gain[-1]),
        "over-opt": 100 * float(noisy.stopped[-1] / noisy.opt[-1]),
        "over-opt-first": 100 * float(noisy.stopped[0] / noisy.opt[0]),
        "unstopped-first": float(noisy.final[0] / noisy.stopped[0]),
        "unstopped-last": float(noisy.final[-1] / noisy.stopped[-1]),
        "risk-n-min": int(risk.n[0]),
        "risk-n-max": int(risk.n[-1]),
        "risk-m-min": int(risk.width[0]),
        "risk-m-max": int(risk.width[-1]),
        "risk-weights": int(risk.width[-1]) * settings(record)["risk"]["dim"],
    }


def _widths(record: xr.DataTree) -> dict[str, Number]:
    nets = part(record, "widths")
    concept, evenness = nets.sel(target="concept").mean("seed"), nets.evenness.isel(moment=-1).mean("seed")
    composite = evenness.sel(target="figure 1")
    return {
        "sample": settings(record)["nets"]["sizes"][0],
        "level": 100 * settings(record)["nets"]["level"],
        "m-min": int(nets.width[0]),
        "m-max": int(nets.width[-1]),
        "fitted-narrow": 100 * float(concept.fitted_error[0]),
        "fitted-wide": 100 * float(concept.fitted_error[-1]),
        "fitted-slope": float(slope(nets.fitted_error.sel(target="concept"))),
        "steps-narrow": float(concept.fitted_step[0]),
        "steps-wide": float(concept.fitted_step[-1]),
        "even-narrow": float(evenness.sel(target="concept")[0]),
        "even-wide": float(evenness.sel(target="concept")[-1]),
        "even-figure-narrow": float(composite[0]),
        "even-figure-wide": float(composite[-1]),
        "even-slope": float(evenness_slopes(record).max()),
        "null": float(nets.null),
        "null-scaled": float(nets.null_scaled),
        "one-neuron": float(nets.width[-1]) ** 0.25,
    }


def _memory(record: xr.DataTree) -> dict[str, Number]:
    memory = part(record, "memory")
    last, used = memory.isel(step=-1).mean("seed"), settings(record)["memory"]
    return {
        "memory-m": used["width"],
        "memory-weights": used["width"] * used["dim"],
        "memory-train-true": float(last.train[0]),
        "memory-train-random": float(last.train[-1]),
        "memory-test-true": 100 * float(last.test[0]),
        "memory-test-random": float(last.test[-1]),
        "memory-least-random": float(memory.test.isel(portion=-1).mean("seed").min("step")),
    }


def demands(record: xr.DataTree) -> Table:
    """What activations cost and what Theorem 1 asks for with them, at eps = 0.01, for the two constants.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `two_layer_learning`.

    Returns
    -------
    Table
    """
    measured, asked = part(record, "complexity"), part(record, "demands")
    rows = []
    for name in map(str, measured.function.values):
        for c in measured.constant.values:
            own, wanted = measured.sel(function=name, constant=c), asked.sel(function=name, constant=c)
            numbers = own.network.sel(digits=2), own.begins, own.samples, wanted.width, wanted["sample"]
            rows.append((name, f"{c:g}", *map(_power, numbers)))
    header = ("activation", "C", "C_eps(phi, 1)", "below 1/eps from 1/eps =", "C_s(phi, 1)", "m at least", "N at least")
    return Table(header, rows)


def parity_table(record: xr.DataTree) -> Table:
    """Error of nets and kernels on the target of figure 1, split by parity, in percent of its variance.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `two_layer_learning`.

    Returns
    -------
    Table
    """
    nets, kernels = part(record, "parity"), part(record, "kernels").mean("seed")
    rows = []
    for name in map(str, nets.learner.values):
        for scale in nets.output_scale.values:
            row = nets.sel(learner=name, output_scale=scale)
            steps = ", ".join(f"{step:g}" for step in row.chosen_step.values)
            settled = f"{int(row.converged.sum())} of {row.sizes['seed']}"
            errors = (f"{100 * float(row[key].mean()):.1f}" for key in ("train", "even", "odd"))
            rows.append((name, f"net, {scale:g}", *errors, steps, settled))
        row = kernels.sel(learner=name)
        rows.append((name, "kernel", *(f"{100 * float(row[key]):.1f}" for key in ("train", "even", "odd")), "", ""))
    header = ("learner", "eps_a", "train, %", "even, %", "odd, %", "step sizes chosen", "converged")
    return Table(header, rows)


def _power(log10: xr.DataArray) -> str:
    """A number whose logarithm is given, in words where it is not finite."""
    value = float(log10)
    if np.isinf(value):
        return "infinite"
    return f"{10**value:.3g}" if abs(value) < 4 else f"10^{value:.1f}"
