"""What the chapter on three layers quotes from a record."""

import xarray as xr

from ntkbook.experiments.experiment import Number
from ntkbook.experiments.three_layer_learning import readings_algorithm, readings_figure


def readings(record: xr.DataTree) -> dict[str, Number]:
    """Every number that the chapter quotes, by the key under which it does.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `three_layer_learning`.

    Returns
    -------
    dict of str to number
    """
    return {**readings_figure.readings(record), **readings_algorithm.readings(record)}
