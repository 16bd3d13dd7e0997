"""Inputs and labels from a table, a row an input: .csv, or .parquet where pyarrow is installed."""

import io
from collections.abc import Sequence
from dataclasses import replace
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ntkbook.reporting.labels import row_name
from ntkbook.reporting.lines import read_lines
from ntkbook.reporting.memory import available
from ntkbook.reporting.problem import Problem, problem
from ntkbook.wants import check_finite

_LABELS = ("y", "label", "labels", "target", "class", "species")
"""Columns that are taken as labels if no other is named; else the last one."""
_WIDE = 10
"""Times the median column's root mean square from which on a column is said to decide the angles."""
_IDS = 20
"""Rows from which on a column of whole numbers that never repeat is said to look like an id."""


def read_table(path: Path, label: str | None, *, standardise: bool, regression: bool | None) -> Problem:
    """Read a table whose columns are numbers but for the labels.

    Parameters
    ----------
    path : Path
        A .csv with a header, or a .parquet file.
    label : str or None
        Column of the labels; None for one that is called so, else the last.
    standardise : bool
        Whether to give every column mean 0 and standard deviation 1 first.
    regression : bool or None
        See `problem`.

    Returns
    -------
    Problem

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it cannot be read, a column is missing or not of numbers, or a value is missing.
    """
    lines = read_lines(path)[1] if path.suffix.lower() == ".csv" and path.is_file() else []
    frame, told = _frame(path), []
    names = tuple(f"line {line}" for line in lines) if len(lines) == len(frame) else ()
    if len(frame.columns) < 2 or not len(frame):
        raise ValueError(f"{path}: expected a header, columns of numbers and one of labels, found {frame.shape}")
    label = _label(frame, label, path)
    y = frame[label]
    if y.isna().any():
        raise ValueError(
            f"{label}: expected a label in every row, found none in {_named(y.isna().to_numpy(), names)}; remove them"
        )
    inputs = frame.drop(columns=label)
    counting = [
        name
        for name in inputs
        if inputs[name].dtype.kind in "iu" and np.array_equal(np.diff(inputs[name]), np.ones(len(frame) - 1))
    ]  # an index that was saved with the table
    if counting and len(frame) > 2:
        told.append(f"left out {', '.join(map(repr, counting))}, which only count the rows")
        inputs = inputs.drop(columns=counting)
    _check_cells(inputs, names, path, label)
    x = inputs.to_numpy(dtype=np.float64)
    check_finite(str(path), x)
    cautions = [
        f"Column {name!r} holds another whole number in every row. If it is an id, drop it: it says nothing"
        for name in inputs
        if len(inputs) >= _IDS and inputs[name].is_unique and (inputs[name] % 1 == 0).all()
    ][:3]
    if standardise:
        x, constant = _standardised(x)
        gone = f"; {constant} constant ones left out" if constant else ""
        told.append(f"every column has mean 0 and standard deviation 1{gone}")
    elif (size := _size(x)).max() > _WIDE:
        cautions.append(
            f"Column {inputs.columns[int(size.argmax())]!r} is {size.max():,.0f} times as large as the median "
            "column, so that it decides nearly alone which inputs are alike. Run again with --standardise, which gives "
            "all columns the same weight"
        )
    made = problem(
        x, y.to_numpy(), name=path.name, regression=regression, x_name="inputs", y_name=str(label), names=names
    )
    return replace(made, told=[*made.told, *told], cautions=tuple(cautions))


def _check_cells(inputs: Any, names: Sequence[str], path: Path, label: str) -> None:
    """Turn away what is no table of numbers: columns of words, a stray word, an empty cell."""
    words = []
    for name in inputs:
        if inputs[name].dtype.kind in "biuf":
            continue
        numbers: Any = pd.to_numeric(inputs[name], errors="coerce")
        stray = (numbers.isna() & inputs[name].notna()).to_numpy()
        if 2 * stray.sum() >= len(stray):
            words.append(name)
            continue
        raise ValueError(
            f"{path}: expected a number in every cell, found {str(inputs[name].iloc[int(stray.argmax())])!r} in column "
            f"{name!r}, {_named(stray, names)}; write numbers there or drop these rows"
        )
    if words or not len(inputs.columns):
        raise ValueError(
            f"{path}: expected columns of numbers beside {label!r}, found {_listed(words) or 'none'}; "
            "drop such columns, encode them as numbers, or name the labels with --y COLUMN"
        )
    bad = ~np.isfinite(inputs.to_numpy(dtype=np.float64))
    if bad.any():
        raise ValueError(
            f"{path}: expected a number in every cell, found {int(bad.sum()):,} empty or infinite ones, in "
            f"{_listed(inputs.columns[bad.any(axis=0)])}, {_named(bad.any(axis=1), names)}; fill them or drop the rows"
        )


def _listed(columns: Sequence[str], most: int = 5) -> str:
    more = f" and {len(columns) - most:,} more" if len(columns) > most else ""
    return ", ".join(map(repr, columns[:most])) + more


def _named(mask: np.ndarray, names: Sequence[str], most: int = 5) -> str:
    """Name the first rows that a mask marks, and count the rest."""
    rows = [row_name(int(row), names) for row in np.flatnonzero(mask)]
    more = f" and {len(rows) - most:,} more" if len(rows) > most else ""
    return ", ".join(rows[:most]) + more


def _frame(path: Path) -> Any:  # a DataFrame, whose types say less than they claim
    if not path.is_file():
        raise FileNotFoundError(f"{path}: expected a table, found no such file")
    try:
        if path.suffix.lower() == ".csv":
            return pd.read_csv(io.StringIO(_text(path)))
        return _parquet(path)
    except ImportError as error:
        raise ValueError(
            f"{path}: expected pyarrow 14.0.1 or later, to read .parquet, found none; pip install pyarrow"
        ) from error
    except Exception as error:  # of many kinds, one for each way in which a file may be broken
        reason = " ".join(str(error).split()) or type(error).__name__
        raise ValueError(f"{path}: expected a table that can be read, found: {reason[:300]}") from error


def _text(path: Path) -> str:
    """The text of a file that fits in memory; a zero byte, at which the parser would end a number, is damage."""
    if (size := path.stat().st_size) > available() / 4:
        raise ValueError(f"{size / 1e9:,.1f} GB, which do not fit in memory")
    text = path.read_text("utf-8-sig")
    if "\0" in text:
        raise ValueError("zero bytes; save it as a text in UTF-8")
    return text


def _parquet(path: Path) -> Any:
    """A table whose footer claims no more than fits in memory; older versions of pyarrow unpickle what they read."""
    version = import_module("pyarrow").__version__
    if tuple(map(int, version.split(".")[:3])) < (14, 0, 1):
        raise ImportError(version)
    claimed = import_module("pyarrow.parquet").read_metadata(path)
    if (needed := 8 * claimed.num_rows * claimed.num_columns) > available():
        raise ValueError(f"{claimed.num_rows:,} rows, which take {needed / 1e9:,.1f} GB of memory")
    return pd.read_parquet(path, engine="pyarrow")


def _label(frame: Any, label: str | None, path: Path) -> str:
    names = [str(name) for name in frame.columns]
    frame.columns = pd.Index(names)
    if label is None:
        return next((name for name in names if name.lower() in _LABELS), names[-1])
    if label not in names:
        words = [name for name in names if frame[name].dtype.kind not in "biuf"]
        found = _listed(words + [name for name in names if name not in words], 8)
        near = get_close_matches(label, names, 1)
        meant = f"did you mean --y {near[0]!r}?" if near else "name yours with --y COLUMN"
        raise ValueError(f"{path}: expected a column {label!r}, found {found}; {meant}")
    return label


def _standardised(x: np.ndarray) -> tuple[np.ndarray, int]:
    deviation = x.std(axis=0)
    keep = deviation > 0
    return (x[:, keep] - x[:, keep].mean(axis=0)) / deviation[keep], int((~keep).sum())


def _size(x: np.ndarray) -> np.ndarray:
    """Root mean square of each column, in units of the median one of those that are not zero."""
    size = np.sqrt(np.square(x).mean(axis=0))
    return size / np.median(size[size > 0]) if size.any() else size
