"""What the tests of all experiments share: tiny records, and ways to spoil them."""

import importlib
from functools import cache

import xarray as xr

from ntkbook.experiments import catalogue


def tiny_config(name):
    """Settings so small that the experiment runs within a second, on data that are always there."""
    return importlib.import_module(f"{name}.tiny").CONFIG


@cache
def _record(name):
    return catalogue.get(name).run(tiny_config(name), n_jobs=1)


def tiny_record(name):
    """The record of a tiny run, to be changed at will."""
    return _record(name).copy(deep=True)


def numbers(name, record) -> dict[str, float]:
    """The readings of a record that are numbers, not words."""
    found = catalogue.get(name).readings(record)
    return {key: value for key, value in found.items() if not isinstance(value, str)}


def verdict(name, claim_id, record):
    """What a claim's check says of a record."""
    (claim,) = (claim for claim in catalogue.get(name).claims if claim.id == claim_id)
    return claim.check(record).verdict


def put(variable, value, **where):
    """Overwrite some entries of a variable, named as "part/variable", or all of them."""

    def spoil(record):
        if where:
            record[variable].loc[where] = value
        else:
            replace(record, variable, record[variable] * 0 + value)

    return spoil


def times(variable, factor):
    """Multiply a variable by a number, or by what `factor` makes of its part."""

    def spoil(record):
        by = factor(record[variable.partition("/")[0]].dataset) if callable(factor) else factor
        replace(record, variable, record[variable] * by)

    return spoil


def replace(record, variable, values):
    """Give a variable other values, in the order of dimensions that it has."""
    old = record[variable]
    record[variable] = xr.DataArray(values).broadcast_like(old).transpose(*old.dims).astype(old.dtype)
