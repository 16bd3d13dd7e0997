"""Quantities of the checks and of the readings: slopes against epsilon, tau and the width."""

from collections.abc import Iterator

import numpy as np
import xarray as xr

from ntkbook.experiments.judging import log_slope

SMALL = 0.1
"""Surrogate errors no larger are late in training, where steps against epsilon have a power; before, it is a log."""
FLIPS_EXPECTED = 40
"""Movements count where m tau^(2/3) is at least this: with fewer neurons to flip there is no density to speak of."""
NORMS = {
    "weight_norm": "|W_l|_2",
    "output_norm": "|x_l|",
    "product": "|prod|_2 / L",
    "shift": "|dx_l| / sqrt(L) sum |dW|_2",
    "most_flips": "most flips / L^(4/3) tau^(2/3) m",
    "sparse_pull": "sparse pull / L^(2/3) tau^(1/3) sqrt(m log m)",
    "pull": "|v' prod|_2 / sqrt(m)",
}
"""The quantities of Lemma B.1 (i) to (vi), each over its bound with constant 1."""


def reached_by_all(runs: xr.Dataset) -> float:
    """Least level of the surrogate error that all of some runs reach.

    Parameters
    ----------
    runs : xarray.Dataset
        With `time_to` (..., epsilon), infinite where a level was not reached.

    Returns
    -------
    float
    """
    finite = np.isfinite(runs.time_to)
    return float(runs.epsilon.where(finite.all([dim for dim in finite.dims if dim != "epsilon"])).min())


def local_slopes(values: xr.DataArray) -> xr.DataArray:
    """Slope of log values against log(1/epsilon) between neighbouring levels of small surrogate error.

    Parameters
    ----------
    values : xarray.DataArray (..., epsilon, ..., seed)
        Positive numbers, infinite where a level was not reached; the mean over seeds counts where all reach both.

    Returns
    -------
    xarray.DataArray
        -inf where not all reach both levels.
    """
    mean = values.mean("seed").sel(epsilon=values.epsilon <= SMALL)
    rise = xr.apply_ufunc(np.log, mean.where(np.isfinite(mean))).diff("epsilon")
    return (rise / -xr.apply_ufunc(np.log, mean.epsilon).diff("epsilon")).fillna(-np.inf)


def time_to_second_level(runs: xr.Dataset) -> float:
    """Time of the slowest run to the second level of small surrogate error: without it no `local_slopes` are seen.

    Parameters
    ----------
    runs : xarray.Dataset
        With `time_to` (..., epsilon), infinite where a level was not reached.

    Returns
    -------
    float
    """
    return float(runs.time_to.sel(epsilon=runs.epsilon[runs.epsilon <= SMALL][1]).max())


def widest(nets: xr.Dataset) -> Iterator[tuple[int, xr.Dataset]]:
    """For each depth the widest nets, at the radii at which enough gates can flip.

    Parameters
    ----------
    nets : xarray.Dataset
        The part "linearity".

    Returns
    -------
    iterator of (L, xarray.Dataset)
    """
    for depth in nets.depth.values:
        width = int(_widths(nets, depth).max())
        chosen = nets.sel(depth=depth, width=width)
        yield int(depth), chosen.sel(tau=width * chosen.tau ** (2 / 3) >= FLIPS_EXPECTED)


def slopes_in_tau(nets: xr.Dataset, name: str) -> dict[int, float]:
    """Slope of a variable in tau, of the mean over seeds, in the widest nets of each depth."""
    return {depth: log_slope(wide.tau, wide[name].mean("seed")) for depth, wide in widest(nets)}


def slopes_in_width(nets: xr.Dataset, name: str) -> dict[int, float]:
    """Slope of a variable in the width, of the mean over seeds, at each depth; at the largest radius, if it has one."""
    found = {}
    for depth in nets.depth.values:
        values = nets[name].sel(depth=depth)
        values = values.isel(tau=-1) if "tau" in values.dims else values
        values = values.sel(width=_widths(nets, depth)).mean("seed")
        found[int(depth)] = log_slope(values.width, values)
    return found


def _widths(nets: xr.Dataset, depth: int) -> xr.DataArray:
    """Widths at which there are nets of this depth."""
    return nets.width[nets.measured.sel(depth=depth).all("seed").values] if "measured" in nets else nets.width
