"""What the chapter on two-layer learning quotes from a record: its numbers, and its tables."""

import xarray as xr

from ntkbook.experiments.experiment import Number


def readings(record: xr.DataTree) -> dict[str, Number]:
    """Every number that the chapter quotes, by the key under which it does."""
    return {}
