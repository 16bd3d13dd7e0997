"""A reader's own data: arrays from an .npz file, checked and scaled as the theory wants them."""

import zipfile
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ntkbook.data import Sample, unit_rows


def read_own_data(path: Path, x_name: str = "x", y_name: str = "y") -> tuple[Sample, list[str]]:
    """Read inputs and labels, scale inputs to unit norm and labels into [-1, 1].

    Parameters
    ----------
    path : Path
        A file written by `numpy.savez`. It is never unpickled.
    x_name, y_name : str
        Names of the arrays: inputs (n, d) and labels (n,), numbers or two classes of any kind.

    Returns
    -------
    tuple of Sample and list of str
        Training data without test data, and what was done to them, in words.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is no .npz file, lacks an array, or an array's type, shape or values cannot be used.
    """
    raw_x, raw_y = _arrays(path, x_name, y_name)
    if raw_x.dtype.kind not in "biuf":
        raise ValueError(f"{x_name}: expected real numbers, found {raw_x.dtype}; convert with astype(float)")
    if raw_x.ndim != 2 or 0 in raw_x.shape:
        remedy = f"flatten each input: {x_name}.reshape(len({x_name}), -1)" if raw_x.ndim > 2 else "one input a row"
        raise ValueError(f"{x_name}: expected shape (n, d) with n, d >= 1, found {raw_x.shape}; {remedy}")
    if raw_y.shape != raw_x.shape[:1]:
        raise ValueError(
            f"{y_name}: expected one label an input, shape ({len(raw_x)},), found {raw_y.shape}; "
            f"{'try ' + y_name + '.ravel()' if raw_y.size == len(raw_x) else 'drop what has no partner'}"
        )
    try:
        x = unit_rows(raw_x)
    except ValueError as error:
        raise ValueError(str(error).replace("x:", f"{x_name}:", 1)) from error
    norms = np.linalg.norm(raw_x.astype(np.float64), axis=1)
    scaled = "rows have unit norm already" if np.allclose(norms, 1, rtol=1e-6, atol=0) else "rows scaled to unit norm"
    y, told = scale_labels(raw_y, y_name)
    nothing = np.empty((0, x.shape[1]))
    sample = Sample(x_train=x, y_train=y, x_test=nothing, y_test=nothing[:, 0], name=path.stem, source=path.name)
    return sample, [
        f"{x_name}: {x.shape[0]} inputs of {x.shape[1]} {raw_x.dtype} numbers; {scaled}",
        f"{y_name}: {told}",
    ]


def scale_labels(raw: NDArray, name: str = "y") -> tuple[NDArray[np.float64], str]:
    """Bring labels into [-1, 1]: two classes become -1 and +1, larger numbers are divided by the largest.

    Parameters
    ----------
    raw : array (n,)
        Numbers, or two classes of any kind.
    name : str
        What the reader calls them.

    Returns
    -------
    tuple of ndarray (n,), float64, and str
        The labels, and what was done, in words.

    Raises
    ------
    ValueError
        If they are not finite, all alike, or more than two classes that are no numbers.
    """
    if raw.dtype.kind == "f" and not np.isfinite(raw).all():
        row = int(np.argmax(~np.isfinite(raw)))
        raise ValueError(f"{name}: expected finite labels, found {raw[row]} in row {row}; remove that row")
    values = np.unique(raw)
    if len(values) < 2:
        raise ValueError(
            f"{name}: expected labels that differ, found {values[0]} everywhere; shuffling changes nothing"
        )
    if len(values) == 2:
        y = np.where(raw == values[1], 1.0, -1.0)
        counts = f"{(y < 0).sum()} times -1, {(y > 0).sum()} times +1"
        if raw.dtype.kind in "iuf" and (values == (-1, 1)).all():
            return y, counts
        return y, f"two classes, {values[0]} -> -1 and {values[1]} -> +1; {counts}"
    if raw.dtype.kind not in "iuf":
        raise ValueError(f"{name}: expected numbers or two classes, found {len(values)} values of type {raw.dtype}")
    y = raw.astype(np.float64)
    largest = np.abs(y).max()
    if largest <= 1:
        return y, f"{len(values)} different numbers in [-1, 1], taken as they are"
    return y / largest, f"{len(values)} different numbers, taken as a regression target and divided by {largest:g}"


def _arrays(path: Path, *names: str) -> list[NDArray]:
    if not path.is_file():
        raise FileNotFoundError(
            f"{path}: expected an .npz file, found no such file; write one with numpy.savez(FILE, x=x, y=y)"
        )
    if not zipfile.is_zipfile(path):
        raise ValueError(
            f"{path}: expected an .npz file, found something else; write one with numpy.savez(FILE, x=x, y=y)"
        )
    arrays = []
    with np.load(path, allow_pickle=False) as file:
        for option, name in zip(("--x", "--y"), names, strict=True):
            if name not in file:
                raise ValueError(
                    f"{path}: expected an array {name!r}, found {', '.join(file.files) or 'none'}; "
                    f"name yours with {option} NAME"
                )
            try:
                array = file[name]
            except (ValueError, zipfile.BadZipFile, zlib.error, EOFError) as error:
                found = "Python objects" if "pickle" in str(error) else f"a damaged one ({error})"
                raise ValueError(
                    f"{path}: expected a plain array {name!r}, found {found}; "
                    "save numbers, not objects (pickles are never read)"
                ) from error
            if not isinstance(array, np.ndarray):
                raise ValueError(f"{path}: expected an array {name!r}, found raw bytes; write it with numpy.savez")
            arrays.append(array)
    return arrays
