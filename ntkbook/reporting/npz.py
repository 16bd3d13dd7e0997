"""Arrays from an .npz file: headers are read before bodies, and nothing is ever unpickled."""

import math
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ntkbook.reporting.memory import available

_ENCRYPTED = 0x1  # bit 0 of a member's flags
_REMEDY = "write one with numpy.savez(FILE, x=x, y=y)"


def read_npz(path: Path, names: dict[str, str]) -> list[NDArray]:
    """Read arrays by name.

    Parameters
    ----------
    path : Path
        A file written by `numpy.savez`.
    names : dict of str to str
        Option of the command -> name of the array.

    Returns
    -------
    list of ndarray
        In the order of `names`.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is no .npz file, is encrypted or damaged, lacks an array, or an array is no plain one, does not have the
        size that its header claims, or does not fit in memory.
    """
    if not path.is_file():
        raise FileNotFoundError(f"{path}: expected an .npz file, found no such file; {_REMEDY}")
    with path.open("rb") as file:
        if file.read(2) != b"PK" or not zipfile.is_zipfile(path):
            found = "a zip file with something before it" if zipfile.is_zipfile(path) else "something else"
            raise ValueError(f"{path}: expected an .npz file, found {found}; {_REMEDY}")
    with _damage(path):
        archive = zipfile.ZipFile(path)
    with archive:
        return [_read(archive, path, option, name) for option, name in names.items()]


@contextmanager
def _damage(path: Path) -> Iterator[None]:
    """Turn whatever a library says of a damaged file into one message; what it says, and how, depends on the damage."""
    try:
        yield
    except Exception as error:
        told = " ".join(str(error).split()) or type(error).__name__
        raise ValueError(f"{path}: expected arrays, found a damaged one ({told}); write it again") from error


def _read(archive: zipfile.ZipFile, path: Path, option: str, name: str) -> NDArray:
    there = {info.filename: info for info in archive.infolist()}
    if f"{name}.npy" not in there:
        found = ", ".join(file.removesuffix(".npy") for file in there) or "none"
        raise ValueError(f"{path}: expected an array {name!r}, found {found}; name yours with {option} NAME")
    member = there[f"{name}.npy"]
    if member.flag_bits & _ENCRYPTED:
        raise ValueError(f"{path}: expected a plain array {name!r}, found an encrypted one; save it without a password")
    with _damage(path):
        body = archive.open(member)
    with body:
        shape, dtype, start = _header(body, path, name)
        if dtype.hasobject:
            raise ValueError(
                f"{path}: expected a plain array {name!r}, found Python objects; save {name}.astype(str) if they are "
                "strings, astype(float) if they are numbers (pickles are never read)"
            )
        claimed = math.prod(shape) * dtype.itemsize
        if claimed != member.file_size - start:
            raise ValueError(
                f"{path}: expected as many bytes in {name!r} as its shape {shape} of {dtype} takes, {claimed:,}, found "
                f"{member.file_size - start:,}; write it again"
            )
        if claimed > available():
            raise ValueError(
                f"{path}: expected an array {name!r} that fits in memory, found {claimed / 1e9:,.1f} GB; "
                "take a random subset"
            )
    with _damage(path), archive.open(member) as body:
        return np.lib.format.read_array(body, allow_pickle=False)


def _header(body, path: Path, name: str) -> tuple[tuple[int, ...], np.dtype, int]:
    """Shape, type and length of what stands before the numbers."""
    try:
        version = np.lib.format.read_magic(body)
        read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, _, dtype = read(body)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
        raise ValueError(f"{path}: expected arrays, found a damaged one ({error}); write it again") from error
    except Exception as error:  # of many kinds: a header is a Python literal
        raise ValueError(f"{path}: expected an array {name!r}, found raw bytes; write it with numpy.savez") from error
    return shape, dtype, body.tell()
