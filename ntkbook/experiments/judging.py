"""What the checks share: slopes in the width, conditions, and verdicts by rules."""

import math
from collections.abc import Iterable

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike

from ntkbook.claims import Condition, Judgement, Verdict
from ntkbook.expect import expects
from ntkbook.wants import any_number, entries, text, unseen


@expects(x=entries("n", 1e-30, math.inf), y=entries("n", 1e-30, math.inf))
def log_slope(x: ArrayLike, y: ArrayLike) -> float:
    """Least-squares slope of log y against log x.

    Parameters
    ----------
    x, y : array (n,)
        Positive numbers, n >= 2.

    Returns
    -------
    float
    """
    return float(np.polyfit(np.log(np.asarray(x)), np.log(np.asarray(y)), 1)[0])


@expects()
def slope(values: xr.DataArray, dim: str = "width") -> xr.DataArray:
    """Slope on log-log axes of the mean over seeds.

    Parameters
    ----------
    values : xarray.DataArray (..., dim, ..., seed)
        Positive numbers.
    dim : str
        Against what.

    Returns
    -------
    xarray.DataArray
        Without the dimensions `dim` and seed.
    """
    if dim not in values.dims:
        raise ValueError(f"dim: expected one of {', '.join(map(str, values.dims))}, found {dim!r}; choose one")
    mean = values.mean("seed")
    return xr.apply_ufunc(lambda y: log_slope(mean[dim].values, y), mean, input_core_dims=[[dim]], vectorize=True)


@expects(value=unseen(), bound=any_number)
def at_most(what: str, value: float | xr.DataArray, bound: float, *, exact: bool = False) -> Condition:
    """Ask for value <= bound, of the largest entry if there are several; see `Condition`."""
    return Condition(what, _largest(value), "<=", float(bound), exact)


@expects(value=unseen(), bound=any_number)
def below(what: str, value: float | xr.DataArray, bound: float, *, exact: bool = False) -> Condition:
    """Ask for value < bound, of the largest entry if there are several; see `Condition`."""
    return Condition(what, _largest(value), "<", float(bound), exact)


@expects(value=unseen(), bound=any_number)
def at_least(what: str, value: float | xr.DataArray, bound: float, *, exact: bool = False) -> Condition:
    """Ask for value >= bound, of the least entry if there are several; see `Condition`."""
    return Condition(what, float(np.min(np.asarray(value))), ">=", float(bound), exact)


@expects(value=unseen(), bound=any_number)
def above(what: str, value: float | xr.DataArray, bound: float, *, exact: bool = False) -> Condition:
    """Ask for value > bound, of the least entry if there are several; see `Condition`."""
    return Condition(what, float(np.min(np.asarray(value))), ">", float(bound), exact)


@expects(measured=text)
def decide(
    measured: str,
    *,
    reproduced: Iterable[Condition],
    only_asymptotic: Iterable[Condition] | None = None,
    vacuous: Iterable[Condition] | None = None,
) -> Judgement:
    """Verdict by rules: the first of the verdicts whose conditions all hold, else "not reproduced".

    Parameters
    ----------
    measured : str
        The numbers, for a reader.
    reproduced, only_asymptotic, vacuous : iterable of Condition
        What each verdict asks for; one that is left out cannot come out.

    Returns
    -------
    Judgement
    """
    rules = {
        Verdict.REPRODUCED: reproduced,
        Verdict.ONLY_ASYMPTOTIC: only_asymptotic,
        Verdict.VACUOUS: vacuous,
    }
    return Judgement(measured, tuple((verdict, tuple(asked)) for verdict, asked in rules.items() if asked is not None))


def _largest(value: float | xr.DataArray) -> float:
    """Largest entry; NaN if there is one."""
    return float(np.max(np.asarray(value)))
