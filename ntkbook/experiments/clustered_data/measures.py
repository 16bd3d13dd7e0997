"""What checks, readings and figures of the experiment `clustered_data` compute from the parts of its record."""

import numpy as np
import xarray as xr

NAMES = ("distance", "flipped")
"""What is asked to be small, or to grow: relative distance from the start, and share of flipped gates."""


def steps_to(accuracy: xr.DataArray, threshold: float) -> xr.DataArray:
    """Steps until an accuracy is reached for the first time, interpolated between recorded steps.

    Parameters
    ----------
    accuracy : xarray.DataArray (..., step)
        Along runs.
    threshold : float
        What is to be reached.

    Returns
    -------
    xarray.DataArray
        Without the dimension of steps; infinite where it was never reached.
    """
    steps = accuracy.step.values.astype(float)

    def first(values: np.ndarray) -> float:
        reached = np.flatnonzero(values >= threshold)
        if not len(reached):
            return np.inf
        i = int(reached[0])
        return float(np.interp(threshold, values[i - 1 : i + 1], steps[i - 1 : i + 1])) if i else steps[0]

    return xr.apply_ufunc(first, accuracy, input_core_dims=[["step"]], vectorize=True)


def neighbour_ratios(spectrum: xr.DataArray, count: int) -> np.ndarray:
    """Ratios s_j / s_j+1 for j = 1..2 count of a mean spectrum, with count = k l.

    Parameters
    ----------
    spectrum : xarray.DataArray (seed, index)
        Singular values, largest first.
    count : int
        Where the gap is expected.

    Returns
    -------
    ndarray (2 count,)
    """
    values = spectrum.mean("seed").values
    return values[: 2 * count] / values[1 : 2 * count + 1]


def gap_at_components(group: xr.Dataset) -> float:
    """Share of the nets whose update has its widest gap after singular value k l.

    Parameters
    ----------
    group : xarray.Dataset
        "classes" or "components" of the record.

    Returns
    -------
    float
    """
    return float((group.widest_gap == group.components).mean())


def growth(values: xr.DataArray, dim: str) -> xr.DataArray:
    """Differences of means over seeds, from each value along a dimension to the next.

    Parameters
    ----------
    values : xarray.DataArray (..., dim, ..., seed)
        Measured.
    dim : str
        Along which.

    Returns
    -------
    xarray.DataArray
        One shorter along `dim`, without the seeds.
    """
    return values.mean("seed").diff(dim)


def listed(values: xr.DataArray, digits: str) -> str:
    """Means over seeds, as text.

    Parameters
    ----------
    values : xarray.DataArray (n, seed)
        Measured.
    digits : str
        Format of a number.

    Returns
    -------
    str
    """
    return ", ".join(f"{float(value):{digits}}" for value in values.mean("seed"))


def numbered(values: xr.DataArray) -> str:
    """Values of a coordinate, as text.

    Parameters
    ----------
    values : xarray.DataArray (n,)
        Such as the widths.

    Returns
    -------
    str
    """
    return ", ".join(f"{value:g}" for value in values)
