"""What an HDF5 file may refer to: nothing outside itself, and no more than memory can hold."""

import io
from collections.abc import Iterator
from typing import Any

_LARGEST = 4 * 10**9
"""Bytes of numbers in a record; the largest committed one has 10 million."""


def check_contained(content: bytes) -> None:
    """Refuse a file that would make its reader open other files, follow circles, or take more memory than is sensible.

    HDF5 follows links into other files, keeps arrays in raw files elsewhere, and composes them of parts of other files,
    all without asking. Only what the file says of itself is read here, no array.

    Parameters
    ----------
    content : bytes
        Of the file.

    Raises
    ------
    ValueError
        If it holds a link that is not a hard one, external storage, a virtual array, one object in two places, or
        claims more than 4 GB.
    """
    import h5py  # a machine that only writes cells does without

    with h5py.File(io.BytesIO(content)) as file:
        total = sum(_sizes(file, set()))
    if total > _LARGEST:
        raise ValueError(f"it claims {total:,} bytes of numbers, at most {_LARGEST:,} are read")


def _sizes(group: Any, seen: set[Any]) -> Iterator[int]:
    """Bytes of each array below a group."""
    import h5py

    for name in group:
        link = group.get(name, getlink=True)
        if not isinstance(link, h5py.HardLink):
            raise ValueError(f"{name} is a link, {type(link).__name__}, and none is followed")
        item = group[name]
        if item in seen:
            raise ValueError(f"{name} is there twice")
        seen.add(item)
        if isinstance(item, h5py.Group):
            yield from _sizes(item, seen)
        elif isinstance(item, h5py.Dataset):
            if item.external is not None or item.is_virtual:
                raise ValueError(f"{name} lies in another file, and none is opened")
            yield item.size * item.dtype.itemsize if item.size else 0
