"""A reader's own data: arrays from an .npz file, checked and scaled as the theory wants them."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ntkbook.data import Sample
from ntkbook.reporting.labels import check_labels
from ntkbook.reporting.npz import read_npz
from ntkbook.reporting.problem import check_inputs, scaled


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
    raw_x, raw_y = read_npz(path, {"--x": x_name, "--y": y_name})
    check_inputs(raw_x, x_name)
    if raw_x.ndim > 2:
        remedy = f"flatten each input: {x_name}.reshape(len({x_name}), -1)"
        raise ValueError(f"{x_name}: expected shape (n, d) with n, d >= 1, found {raw_x.shape}; {remedy}")
    raw_y = check_labels(raw_y, len(raw_x), y_name)
    x = scaled(raw_x, x_name)
    norms = np.linalg.norm(raw_x.astype(np.float64), axis=1)
    unit = "rows have unit norm already" if np.allclose(norms, 1, rtol=1e-6, atol=0) else "rows scaled to unit norm"
    y, told = scale_labels(raw_y, y_name)
    nothing = np.empty((0, x.shape[1]))
    sample = Sample(x_train=x, y_train=y, x_test=nothing, y_test=nothing[:, 0], name=path.stem, source=path.name)
    return sample, [
        f"{x_name}: {x.shape[0]} inputs of {x.shape[1]} {raw_x.dtype} numbers; {unit}",
        f"{y_name}: {told}",
    ]


def scale_labels(raw: NDArray, name: str = "y") -> tuple[NDArray[np.float64], str]:
    """Bring labels into [-1, 1]: two classes become -1 and +1, larger numbers are divided by the largest.

    Parameters
    ----------
    raw : array (n,)
        Finite numbers, or two classes of any kind.
    name : str
        What the reader calls them.

    Returns
    -------
    tuple of ndarray (n,), float64, and str
        The labels, and what was done, in words.

    Raises
    ------
    ValueError
        If they are all alike, or more than two classes that are no numbers.
    """
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
        raise ValueError(
            f"{name}: expected numbers or two classes, found {len(values)} values of type {raw.dtype}; "
            "ntkbook report takes several classes"
        )
    y = raw.astype(np.float64)
    largest = np.abs(y).max()
    if largest <= 1:
        return y, f"{len(values)} different numbers in [-1, 1], taken as they are"
    return y / largest, f"{len(values)} different numbers, taken as a regression target and divided by {largest:g}"
