"""Complexities of activations and what Theorem 1 asks for with them, in logarithms to base 10: Z01."""

import math

import numpy as np
import xarray as xr

from ntkbook.bounds.allenzhu2019 import (
    growth_begins,
    log_network_complexity,
    log_sample_complexity,
    truncation_degree,
)
from ntkbook.bounds.allenzhu2019_theorems import theorem_1
from ntkbook.bounds.taylor import COS, EXP, SIGMOID, SIN, TANH, TaylorSeries, power

ENTIRE = {"exp": EXP, "sin": SIN, "cos": COS, "z": power(1), "z^2": power(2), "z^3": power(3)}
"""Series that converge everywhere."""
BOUNDED = {"tanh": TANH, "sigmoid": SIGMOID}
"""Series that converge within a radius, and are truncated."""
DIGITS = tuple(2**k for k in range(15))
"""log10(1/eps): 2 is an eps that is meant, 16384 is not."""
_TEN = math.log(10)
_MULTIPLES, _RANGES = (4, 16), ((50, 100), (500, 1000))


def complexities(constants: tuple[float, ...]) -> xr.Dataset:
    """C_eps(phi, 1) and C_s(phi, 1), and where C_eps < 1/eps begins.

    Parameters
    ----------
    constants : tuple of float
        Values of C.

    Returns
    -------
    xarray.Dataset
        network (function, constant, digits), samples and begins (function, constant), all log10; infinite where the
        series diverges.
    """
    series = ENTIRE | BOUNDED
    each = [(phi, c) for phi in series.values() for c in constants]
    shape = (len(series), len(constants))
    network = [[log_network_complexity(phi, 0.0, k * _TEN, constant=c) for k in DIGITS] for phi, c in each]
    samples = [log_sample_complexity(phi, 0.0, constant=c) for phi, c in each]
    begins = [growth_begins(phi, 0.0, constant=c) for phi, c in each]
    return xr.Dataset(
        {
            "network": (("function", "constant", "digits"), np.reshape(network, (*shape, -1)) / _TEN),
            "samples": (("function", "constant"), np.reshape(samples, shape) / _TEN),
            "begins": (("function", "constant"), np.reshape(begins, shape) / _TEN),
        },
        {"function": list(series), "constant": list(constants), "digits": list(DIGITS)},
    )


def growth(begins: xr.DataArray) -> xr.Dataset:
    """Share of log C_eps in log(1/eps) at multiples of the log(1/eps) from which C_eps < 1/eps.

    Parameters
    ----------
    begins : xarray.DataArray (function, constant)
        From `complexities`.

    Returns
    -------
    xarray.Dataset
        share (function, constant, multiple), for the entire functions.
    """
    begins = begins.sel(function=list(ENTIRE))

    def share(name: str, c: float, multiple: int) -> float:
        far = multiple * max(1.0, _TEN * float(begins.sel(function=name, constant=c)))
        return log_network_complexity(ENTIRE[name], 0.0, far, constant=c) / far

    constants = begins.constant.values.tolist()
    values = [[[share(name, c, multiple) for multiple in _MULTIPLES] for c in constants] for name in ENTIRE]
    coordinates = {"function": list(ENTIRE), "constant": constants, "multiple": list(_MULTIPLES)}
    return xr.Dataset({"share": (tuple(coordinates), np.array(values))}, coordinates)


def truncated(constants: tuple[float, ...]) -> xr.Dataset:
    """C_eps(phi, 1) of tanh and sigmoid truncated at the degree that leaves an error eps, as example 2.1 does.

    Parameters
    ----------
    constants : tuple of float
        Values of C.

    Returns
    -------
    xarray.Dataset
        network (function, constant, digits), log10; degree (function, digits); exponent (function, constant, range),
        the slope of log C_eps in log(1/eps) over two ranges.
    """

    def complexity(phi: TaylorSeries, c: float, digits: int) -> float:
        log_inverse = digits * _TEN
        cut = phi.truncated(truncation_degree(phi, 0.0, log_inverse))
        return log_network_complexity(cut, 0.0, log_inverse, constant=c) / _TEN

    network = [[[complexity(phi, c, k) for k in DIGITS] for c in constants] for phi in BOUNDED.values()]
    degree = [[truncation_degree(phi, 0.0, k * _TEN) for k in DIGITS] for phi in BOUNDED.values()]
    exponent = [
        [
            [(complexity(phi, c, high) - complexity(phi, c, low)) / (high - low) for low, high in _RANGES]
            for c in constants
        ]
        for phi in BOUNDED.values()
    ]
    return xr.Dataset(
        {
            "network": (("function", "constant", "digits"), network),
            "degree": (("function", "digits"), np.array(degree, dtype=float)),
            "exponent": (("function", "constant", "range"), exponent),
        },
        {"function": list(BOUNDED), "constant": list(constants), "digits": list(DIGITS), "range": [0, 1]},
    )


def demands(constants: tuple[float, ...], digits: int = 2) -> xr.Dataset:
    """What Theorem 1 asks of m and N for an excess risk eps = 10^-digits, p = k = 1; tanh and sigmoid truncated.

    Parameters
    ----------
    constants : tuple of float
        Values of C.
    digits : int
        log10(1/eps).

    Returns
    -------
    xarray.Dataset
        width, sample and epsilon (function, constant): log10 of m, N and 1/eps, the last as the theorem lowers it.
    """
    wanted = digits * _TEN
    cut = {name: phi.truncated(truncation_degree(phi, 0.0, wanted)) for name, phi in BOUNDED.items()}
    series = ENTIRE | cut
    found = [[theorem_1(phi, wanted, constant=c) for c in constants] for phi in series.values()]
    return xr.Dataset(
        {
            name: (("function", "constant"), [[getattr(demand, field) / _TEN for demand in row] for row in found])
            for name, field in (
                ("width", "log_width"),
                ("sample", "log_samples"),
                ("epsilon", "log_inverse_epsilon"),
            )
        },
        {"function": list(series), "constant": list(constants)},
    )
