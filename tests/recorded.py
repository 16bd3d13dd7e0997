"""Everything that the file of a record holds, told by h5py alone, to compare two files to the last bit."""

import h5py
import numpy as np

_TIMES = ("created", "seconds", "content_sha256")
_REFERENCES = ("DIMENSION_LIST", "REFERENCE_LIST")
"""Addresses in the file."""


def content(path):
    """Numbers, types, storage and attributes by their names, but not when the record was made and how long it took."""
    found = {}
    with h5py.File(path) as file:
        file.visititems(lambda name, item: found.update({name: _described(item)}))
        return found | {"": _described(file)}


def _described(item):
    apart = (*_TIMES, *_REFERENCES)
    attributes = {key: repr(np.asarray(value).tolist()) for key, value in item.attrs.items() if key not in apart}
    if isinstance(item, h5py.Group):
        return attributes
    values = np.asarray(item[()])
    held = repr(values.tolist()) if values.dtype == object else values.tobytes()
    return attributes, item.shape, str(item.dtype), item.compression, held
