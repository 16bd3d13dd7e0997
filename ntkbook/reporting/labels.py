"""Labels as readers have them: what can be used, and what to do about the rest."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Labels:
    """Labels as targets in [-1, 1], and what they stand for."""

    targets: NDArray[np.float64]
    """(n, c): one column for two classes (-1 the first, +1 the second) or a regression, else one against the rest."""
    classes: tuple[str, ...]
    """Names of the classes; none for a regression."""
    of: NDArray[np.intp]
    """Number of each input's class (n,); zeros for a regression."""
    told: str
    """What was done, in words."""
    scale: float = 1.0
    """What the values of a regression were divided by."""


def row_name(row: int, names: Sequence[str] = ()) -> str:
    """What messages and the page call an input: its line, its file, or "row" and its number from 0.

    Parameters
    ----------
    row : int
        Number from 0.
    names : sequence of str
        What the reader calls each row, if anything better.

    Returns
    -------
    str
    """
    return names[row] if len(names) else f"row {row}"


def check_labels(raw: NDArray, n: int, name: str = "y", names: Sequence[str] = ()) -> NDArray:
    """Turn away what is no vector of n comparable labels, with a remedy.

    Parameters
    ----------
    raw : ndarray
        As the reader gave them.
    n : int
        Number of inputs.
    name : str
        What the reader calls them.
    names : sequence of str
        What the reader calls each row.

    Returns
    -------
    ndarray (n,)
        Numbers, booleans or strings; objects that are all strings have become strings.

    Raises
    ------
    ValueError
        If the shape or the type cannot be used, or a number is not finite.
    """
    if raw.ndim == 2 and len(raw) == n and raw.shape[1] > 1 and _is_one_hot(raw):
        raise ValueError(
            f"{name}: expected one label an input, found one-hot labels, shape {raw.shape}; take {name}.argmax(axis=1)"
        )
    if raw.shape != (n,):
        remedy = f"try {name}.ravel()" if raw.size == n else "drop what has no partner"
        raise ValueError(f"{name}: expected one label an input, shape ({n},), found {raw.shape}; {remedy}")
    if raw.dtype.kind == "O":
        if not all(isinstance(value, str) for value in raw):
            found = ", ".join(sorted({type(value).__name__ for value in raw})[:3])
            raise ValueError(
                f"{name}: expected numbers or strings, found objects ({found}); "
                f"convert with {name}.astype(str), or astype(float) for numbers"
            )
        raw = raw.astype(str)
    if raw.dtype.kind == "S":
        raw = np.char.decode(raw, "utf-8", "replace")
    if raw.dtype.kind not in "biufU":
        remedy = f"for classes convert with {name}.astype(str)"
        raise ValueError(f"{name}: expected numbers or strings, found {raw.dtype}; {remedy}")
    if raw.dtype.kind == "f" and not np.isfinite(raw).all():
        row = int(np.argmax(~np.isfinite(raw)))
        raise ValueError(f"{name}: expected finite labels, found {raw[row]} in {row_name(row, names)}; remove it")
    return raw


def read_labels(
    raw: NDArray, n: int, name: str = "y", *, regression: bool | None = None, names: Sequence[str] = ()
) -> Labels:
    """Make targets of labels: classes one against the rest, or numbers divided by the largest.

    Parameters
    ----------
    raw : ndarray (n,)
        Numbers, booleans or strings.
    n : int
        Number of inputs.
    name : str
        What the reader calls them.
    regression : bool, optional
        Whether numbers are values and not classes. When left out, numbers are classes if they are whole and take at
        most 100 values, each ten times on average, or take two values.
    names : sequence of str
        What the reader calls each row.

    Returns
    -------
    Labels

    Raises
    ------
    ValueError
        If they cannot be used, are all alike, or nearly all different without being numbers.
    """
    raw = check_labels(raw, n, name, names)
    values, of = np.unique(raw, return_inverse=True)
    if len(values) < 2:
        raise ValueError(f"{name}: expected labels that differ, found {values[0]} everywhere")
    numbers = raw.dtype.kind in "iuf"
    if regression and not numbers:
        raise ValueError(f"{name}: expected numbers for a regression, found {raw.dtype}; leave regression out")
    if regression is None:
        few = len(values) <= min(100, max(2, n // 10)) and bool((values == np.round(values)).all()) if numbers else True
        regression = numbers and len(values) > 2 and not few
    if regression:
        scale = max(float(np.abs(raw.astype(np.float64)).max()), 1.0)
        targets = raw.astype(np.float64)[:, None] / scale
        told = f"{len(values):,} different numbers, taken as values{f', divided by {scale:g}' if scale > 1 else ''}"
        return Labels(targets, (), np.zeros(n, np.intp), told, scale)
    if len(values) > max(2, n // 2):
        raise ValueError(
            f"{name}: expected classes that repeat, found {len(values):,} different labels on {n:,} inputs; "
            "is this a column of names?"
        )
    classes = tuple(str(value) for value in values)
    counts = ", ".join(f"{c} ({k:,})" for c, k in list(zip(classes, np.bincount(of), strict=True))[:12])
    told = f"{len(classes)} classes: {counts}{', ...' if len(classes) > 12 else ''}"
    if numbers and len(values) > 2:
        told += "; taken as classes, not as values"
    return Labels(one_against_rest(of, len(classes)), classes, of.astype(np.intp), told)


def one_against_rest(of: NDArray[np.intp], count: int) -> NDArray[np.float64]:
    """Targets of classes: one column for two of them, -1 and +1, else a column a class, +1 for its own.

    Parameters
    ----------
    of : ndarray (k,)
        Class of each input, from 0.
    count : int
        Number of classes.

    Returns
    -------
    ndarray (k, c), float64
    """
    if count == 2:
        return np.where(of == 1, 1.0, -1.0)[:, None]
    return np.where(of[:, None] == np.arange(count), 1.0, -1.0)


def _is_one_hot(raw: NDArray) -> bool:
    return raw.dtype.kind in "biuf" and bool(((raw == 0) | (raw == 1)).all() and ((raw != 0).sum(axis=1) == 1).all())
