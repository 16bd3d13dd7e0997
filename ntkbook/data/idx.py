"""The IDX format, in which MNIST is published: a short big-endian header, then bytes."""

import gzip
import math
import struct
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_UNSIGNED_BYTE = 0x08
_GZIP_MAGIC = b"\x1f\x8b"


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
    content = _decompressed(path)
    if len(content) < 4:
        raise ValueError(f"{path}: expected an IDX header of at least 4 bytes, found {len(content)} bytes in all")
    if content[:2] != b"\x00\x00":
        raise ValueError(f"{path}: expected an IDX file, starting with two zero bytes, found {content[:2].hex(' ')}")
    if content[2] != _UNSIGNED_BYTE:
        raise ValueError(f"{path}: expected type 0x08 (unsigned bytes), found 0x{content[2]:02x}")
    if content[3] != ndim:
        raise ValueError(f"{path}: expected {ndim} dimension(s), found {content[3]}; images and labels interchanged?")
    start = 4 + 4 * ndim
    if len(content) < start:
        raise ValueError(f"{path}: expected a header of {start} bytes, found {len(content)} bytes in all")
    shape = struct.unpack(f">{ndim}I", content[4:start])
    expected, found = math.prod(shape), len(content) - start
    if found != expected:
        raise ValueError(f"{path}: expected {expected} bytes after the header for shape {shape}, found {found}")
    return np.frombuffer(content, np.uint8, offset=start).reshape(shape)


def _decompressed(path: Path) -> bytes:
    content = path.read_bytes()
    if not content.startswith(_GZIP_MAGIC):
        return content
    try:
        return gzip.decompress(content)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise ValueError(
            f"{path}: expected a whole gzip stream, found a damaged one ({error}); delete the file and fetch it again"
        ) from error
