"""What the chapter on deep ReLU nets quotes from a record: its numbers, and its tables."""

import xarray as xr

from ntkbook.experiments.experiment import Number


def readings(record: xr.DataTree) -> dict[str, Number]:
    """Every number that the chapter quotes, by the key under which it does.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `deep_relu`.

    Returns
    -------
    dict of str to number
    """
    del record
    return {}
