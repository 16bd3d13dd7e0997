"""The IDX format, in which MNIST is published: a short big-endian header, then bytes."""

import gzip
import math
import struct
import zlib
from pathlib import Path
from typing import IO, cast

import numpy as np
from numpy.typing import NDArray

from ntkbook.expect import expects
from ntkbook.wants import pathlike

_UNSIGNED_BYTE = 0x08
_GZIP_MAGIC = b"\x1f\x8b"
_LARGEST = 10**9
"""Bytes in a file; MNIST's images are 47 million."""


@expects(path=pathlike)
def read_idx(path: str | Path, *, ndim: int) -> NDArray[np.uint8]:
    """Read an IDX file of unsigned bytes, plain or gzipped.

    The header is two zero bytes, one byte for the type, one for the number of dimensions, and each dimension as a
    big-endian 32-bit integer. Whether the file is gzipped is read from its first bytes, not from its name.

    Parameters
    ----------
    path : str or Path
        The file.
    ndim : int
        Dimensions that it must have: 3 for MNIST's images (image, row, column), 1 for its labels.

    Returns
    -------
    ndarray (d_1, ..., d_ndim), uint8
        A read-only view of the file's bytes.

    Raises
    ------
    ValueError
        If the gzip stream is damaged, or the magic number, the type, the number of dimensions or the length is not as
        expected. Names the file, what was expected and what was found.
    """
    path = Path(path)
    try:
        with _opened(path) as stream:
            return _read(stream, path, ndim)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise ValueError(
            f"{path}: expected a whole gzip stream, found a damaged one ({error}); delete the file and fetch it again"
        ) from error


def _opened(path: Path) -> IO[bytes]:
    with path.open("rb") as file:
        zipped = file.read(2) == _GZIP_MAGIC
    return cast("IO[bytes]", gzip.open(path)) if zipped else path.open("rb")


def _read(stream: IO[bytes], path: Path, ndim: int) -> NDArray[np.uint8]:
    """Header first: what it claims is judged before the body is read."""
    start = 4 + 4 * ndim
    header = stream.read(start)
    if len(header) < 4:
        raise ValueError(f"{path}: expected an IDX header of at least 4 bytes, found {len(header)} bytes in all")
    if header[:2] != b"\x00\x00":
        raise ValueError(f"{path}: expected an IDX file, starting with two zero bytes, found {header[:2].hex(' ')}")
    if header[2] != _UNSIGNED_BYTE:
        raise ValueError(f"{path}: expected type 0x08 (unsigned bytes), found 0x{header[2]:02x}")
    if header[3] != ndim:
        raise ValueError(f"{path}: expected {ndim} dimension(s), found {header[3]}; images and labels interchanged?")
    if len(header) < start:
        raise ValueError(f"{path}: expected a header of {start} bytes, found {len(header)} bytes in all")
    shape = struct.unpack(f">{ndim}I", header[4:])
    expected = math.prod(shape)
    if expected > _LARGEST:
        raise ValueError(
            f"{path}: expected at most {_LARGEST:,} bytes of data, found a header that claims {expected:,}"
        )
    body = stream.read(expected + 1)
    if len(body) != expected:
        found = str(len(body)) if len(body) < expected else "more"
        raise ValueError(f"{path}: expected {expected} bytes after the header for shape {shape}, found {found}")
    return np.frombuffer(body, np.uint8).reshape(shape)
