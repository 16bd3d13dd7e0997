"""What the chapter on three layers quotes of the algorithm: its numbers, and its tables."""

import xarray as xr

from ntkbook.experiments.experiment import Number


def readings(record: xr.DataTree) -> dict[str, Number]:
    """Every number of the algorithm that the chapter quotes, by the key under which it does.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `three_layer_learning`.

    Returns
    -------
    dict of str to number
    """
    return {}
