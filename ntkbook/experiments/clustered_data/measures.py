"""What checks, readings and figures of the experiment `clustered_data` compute from the parts of its record."""

import numpy as np
import xarray as xr

NAMES = ("distance", "flipped")
"""What is asked to be small, or to grow: relative distance from the start, and share of flipped gates."""


def steps_to(accuracy: xr.DataArray, threshold: float) -> xr.DataArray:
    """First recorded step at which an accuracy is reached; the mixtures' nets are recorded at each of their first ones.

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
    return accuracy.step.where(accuracy >= threshold, np.inf).min("step")


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


def places_off(group: xr.Dataset) -> xr.DataArray:
    """How far from singular value k l the widest gap of each update is, over k l.

    Parameters
    ----------
    group : xarray.Dataset
        "classes" or "components" of the record.

    Returns
    -------
    xarray.DataArray
    """
    return abs(group.widest_gap / group.components - 1)


def edge_score(largest: float, n_rows: int, n_columns: int, scale: float) -> float:
    """Distance of a largest singular value from that of a random matrix, in standard deviations.

    The largest squared singular value of a matrix of independent N(0, scale^2) follows the law of Tracy and Widom, of
    mean -1.2065 and standard deviation 1.2680, after centring and scaling as in Johnstone (2001), Theorem 1.1.

    Parameters
    ----------
    largest : float
        Largest singular value.
    n_rows, n_columns : int
        Of the matrix.
    scale : float
        Standard deviation of an entry.

    Returns
    -------
    float
    """
    roots = (n_rows - 1) ** 0.5, n_columns**0.5
    centre, spread = sum(roots) ** 2, sum(roots) * (1 / roots[0] + 1 / roots[1]) ** (1 / 3)
    return (((largest / scale) ** 2 - centre) / spread + 1.2065) / 1.2680


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
