"""Claims that the experiment `two_layer_learning` decides: Z01 to Z04 and Z09."""

import numpy as np
import xarray as xr

from ntkbook.claims import Claim, Judgement
from ntkbook.experiments.judging import at_least, at_most, below, decide, slope
from ntkbook.records import part


def risk_slopes(record: xr.DataTree) -> xr.DataArray:
    """Slope of the excess risk in N at the largest width, nets stopped by validation, mean over seeds.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment.

    Returns
    -------
    xarray.DataArray (noise,)
    """
    return slope(part(record, "risk").stopped.isel(width=-1), "n")


def width_gain(record: xr.DataTree) -> xr.DataArray:
    """Excess risk of the widest nets over that of the narrowest, at the largest N, of means over seeds.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment.

    Returns
    -------
    xarray.DataArray (noise,)
    """
    mean = part(record, "risk").stopped.isel(n=-1).mean("seed")
    return mean.isel(width=-1) / mean.isel(width=0)


def evenness_slopes(record: xr.DataTree) -> xr.DataArray:
    """Slope in m of m^(1/4) |W_t|_{2,4} / |W_t|_F, mean over seeds, at each moment.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment.

    Returns
    -------
    xarray.DataArray (target, moment)
    """
    return slope(part(record, "widths").evenness)


def check_z01(record: xr.DataTree) -> Judgement:
    """Example 2.1: complexities of activations, in logarithms."""
    growth, truncated = part(record, "growth"), part(record, "truncated")
    functions = part(record, "complexity").sel(function=growth.function.values)
    samples = part(record, "complexity").samples
    wanted = functions.network.sel(digits=2) - 2  # log10 of eps C_eps at eps = 0.01
    power = truncated.exponent.isel(range=-1) / truncated.exponent.isel(range=0) - 1
    asked = [
        below("log10 C_s", samples, np.inf, exact=True),
        below("log10(1/eps) from which C_eps < 1/eps", functions.begins, np.inf, exact=True),
        below("log C_eps / log(1/eps), four times as far over there", growth.share.isel(multiple=-1), 1, exact=True),
        below("its fall", growth.share.isel(multiple=-1) / growth.share.isel(multiple=0), 1, exact=True),
        at_most("exponent of the truncated series, growth between two ranges of eps", power, 0.05, exact=True),
    ]
    largest = functions.sel(constant=functions.constant.max())
    told = ", ".join(
        f"{name} 10^{float(largest.network.sel(function=name, digits=2)):.1f} (begins at eps = "
        f"10^-{float(largest.begins.sel(function=name)):.1f})"
        for name in map(str, largest.function.values)
    )
    return decide(
        f"C_eps(phi, 1) at eps = 0.01 and C = {float(largest.constant):g}: {told}; "
        f"C_s at most 10^{float(samples.max()):.2f}; truncated tanh and sigmoid are powers of 1/eps",
        reproduced=[*asked, at_most("log10 of eps C_eps at eps = 0.01", wanted, 0, exact=True)],
        only_asymptotic=asked,
    )


def check_z02(record: xr.DataTree) -> Judgement:
    """Theorem 1: excess risk falls with the sample and the width, with and without noise."""
    risk = part(record, "risk")
    slopes, gain = risk_slopes(record), width_gain(record)
    last = risk.isel(noise=-1, n=-1, width=-1)
    over_opt = last.stopped.mean("seed") / last.opt.mean("seed")
    told = "; ".join(
        f"noise {float(noise):g}: slope in N {float(slopes.sel(noise=noise)):.2f}, widest over narrowest net "
        f"{float(gain.sel(noise=noise)):.2f}"
        for noise in risk.noise.values
    )
    return decide(
        f"excess risk, stopped by validation: {told}; with noise {float(over_opt):.3f} of OPT at "
        f"N = {int(risk.n[-1])}, m = {int(risk.width[-1])}",
        reproduced=[
            at_most("slope in N without noise", slopes.isel(noise=0), -0.4),
            at_most("slope in N with noise", slopes.isel(noise=-1), -0.4),
            below("widest over narrowest net without noise", gain.isel(noise=0), 1),
            below("widest over narrowest net with noise", gain.isel(noise=-1), 1),
            at_most("excess risk over OPT with noise", over_opt, 0.25),
        ],
    )


def check_z03(record: xr.DataTree) -> Judgement:
    """Example 3.1: the sample complexity does not depend on the width."""
    nets = part(record, "widths").sel(target="concept")
    error = nets.fitted_error.mean("seed")
    steepest, widest = float(slope(nets.fitted_error)), float(error.isel(width=-1) / error.min("width"))
    return decide(
        f"test error at a train error of {float(nets.fitted_train.max()):.1e} of the variance: {float(error[0]):.4f} "
        f"at m = {int(nets.width[0])}, {float(error[-1]):.4f} at m = {int(nets.width[-1])}; slope in m {steepest:.3f}, "
        f"widest over best {widest:.2f}",
        reproduced=[
            at_most("train error over variance", nets.fitted_train, 0.01),
            at_most("slope in m", steepest, 0.05),
            at_most("widest over best", widest, 1.25),
        ],
    )


def check_z04(record: xr.DataTree) -> Judgement:
    """Section 3.2: random labels are memorised, realisable ones generalise."""
    memory = part(record, "memory")
    train, test = (memory[name].isel(step=-1).mean("seed") for name in ("train", "test"))
    true, random = test.isel(portion=0), test.isel(portion=-1)
    return decide(
        f"train error over variance {float(train[0]):.1e} true, {float(train[-1]):.1e} random; "
        f"test error over variance {float(true):.3f} true, {float(random):.2f} random",
        reproduced=[
            at_most("train error over variance", train, 0.01),
            at_most("test error over variance, true labels", true, 0.1),
            at_least("test error over variance, random labels", random, 1),
        ],
    )


def check_z09(record: xr.DataTree) -> Judgement:
    """Section 1.2 and footnote 9: the weights' increments spread evenly over neurons."""
    widths = part(record, "widths")
    slopes = evenness_slopes(record)
    last = widths.evenness.isel(moment=-1).mean("seed")
    told = "; ".join(
        f"{name}: {float(last.sel(target=name)[0]):.2f} at m = {int(widths.width[0])}, "
        f"{float(last.sel(target=name)[-1]):.2f} at m = {int(widths.width[-1])}"
        for name in map(str, widths.target.values)
    )
    return decide(
        f"m^1/4 |W_t|_2,4 / |W_t|_F at the end: {told}; Gaussian rows {float(widths.null):.3f}, "
        f"times Gaussian a {float(widths.null_scaled):.3f}; largest slope in m {float(slopes.max()):.3f}",
        reproduced=[
            below(f"largest slope in m, {name}", slopes.sel(target=name), 0.15) for name in slopes.target.values
        ],
    )


CLAIMS = (
    Claim(
        "Z01",
        check_z01,
        "C_eps(phi, 1) = o(1/eps) and C_s = O(1) for exp, sin, cos and low powers; tanh and sigmoid, truncated, cost a "
        "power of 1/eps",
        "reproduced if eps C_eps <= 1 already at eps = 0.01 with C = 1e4 and C = 1; only asymptotic if it begins at "
        "some eps > 0 and log C_eps / log(1/eps) falls from there; exponents of truncated series grow by at most 5 %",
    ),
    Claim(
        "Z02",
        check_z02,
        "population risk OPT + eps with N ~ 1/eps^2, and less with more neurons, without and with label noise",
        "slope of the excess risk in N <= -0.4 at the largest m; widest net below narrowest at the largest N; with "
        "noise excess risk at most a quarter of OPT",
    ),
    Claim(
        "Z03",
        check_z03,
        "at fixed N the test error does not grow with m",
        "all nets trained to 1 % of the targets' variance; slope in m <= 0.05, widest at most 1.25 times the best",
    ),
    Claim(
        "Z04",
        check_z04,
        "one net, one SGD: random labels are memorised, realisable ones are learnt",
        "train error of both at most 1 % of the variance; test error at most 10 % of it for realisable labels, at "
        "least all of it for random ones",
    ),
    Claim(
        "Z09",
        check_z09,
        "m^(1/4) |W_t|_{2,4} / |W_t|_F stays bounded as m grows, with no regulariser",
        "slope in m below 0.15 at every moment after the start, on both targets; 1/4 would be one neuron",
    ),
)
