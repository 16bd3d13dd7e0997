"""Checksums of labelled arrays: what is read is what was written, number by number and word by word."""

import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr


def checksum(record: xr.DataTree | xr.Dataset, *also: str) -> str:
    """SHA-256 of everything that a record holds: parts, variables, coordinates, dimensions, and attributes.

    A file that is written and read gives the same again: the width of whole numbers, the way words are stored and the
    order of variables do not count.

    Parameters
    ----------
    record : xarray.DataTree or xarray.Dataset
        Numbers, truth values and strings.
    *also : str
        Whatever else the content belongs to, such as its name.

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    tree = record if isinstance(record, xr.DataTree) else xr.DataTree(record)
    told = hashlib.sha256()
    for text in also:
        _tell(told, "also", text)
    for part in sorted(tree.subtree, key=lambda node: node.path):
        content = part.to_dataset(inherit=False)
        _tell(told, "part", part.path)
        _tell_attributes(told, content.attrs)
        for name in sorted(content.variables, key=str):
            values = content.variables[name]
            _tell(told, "variable", str(name), *map(str, values.dims), *map(str, values.shape))
            told.update(_bytes(values.to_numpy()))
            _tell_attributes(told, values.attrs)
    return told.hexdigest()


def _tell_attributes(told: Any, attributes: Mapping[Any, Any]) -> None:
    for key in sorted(attributes, key=str):
        _tell(told, "attribute", str(key), str(np.asarray(attributes[key]).tolist()))


def _tell(told: Any, *words: str) -> None:
    """Feed words so that no two lists of words read the same."""
    for word in words:
        raw = word.encode()
        told.update(f"{len(raw)}:".encode() + raw)
    told.update(b";")


def _bytes(values: np.ndarray) -> bytes:
    if values.dtype.kind in "biu":
        return b"whole" + values.astype("<i8").tobytes()
    if values.dtype.kind == "f":
        return f"float{8 * values.dtype.itemsize}".encode() + values.astype(values.dtype.newbyteorder("<")).tobytes()
    return b"words" + "".join(f"{len(word)}:{word}" for word in map(str, values.ravel().tolist())).encode()
