"""What the chapter on generalisation of deep nets quotes from a record: its numbers, and its tables."""

import xarray as xr

from ntkbook.experiments.experiment import Number


def readings(record: xr.DataTree) -> dict[str, Number]:
    """Every number that the chapter quotes, by the key under which it does.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `deep_generalization`.

    Returns
    -------
    dict of str to number
    """
    return {"seeds": record["margins"].sizes["seed"]}
