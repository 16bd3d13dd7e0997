"""Inputs and labels from a table, a row an input: .csv, or .parquet where pyarrow is installed."""

import io
import re
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ntkbook.reporting.memory import available
from ntkbook.reporting.problem import Problem, problem
from ntkbook.wants import check_finite

_LABELS = ("y", "label", "labels", "target", "class", "species")
"""Columns that are taken as labels if no other is named; else the last one."""


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
    frame, told = _frame(path), []
    if len(frame.columns) < 2 or not len(frame):
        raise ValueError(
            f"{path}: expected a header, columns of numbers and one of labels, found {len(frame):,} rows of "
            f"{len(frame.columns)}; separate them by commas"
        )
    if _is_data(frame.columns):
        raise ValueError(f"{path}: expected a header, found numbers in the first row; write a row of names above them")
    label = _label(frame, label, path)
    y = frame[label]
    if y.isna().any():
        raise ValueError(
            f"{label}: expected a label in every row, found none in {int(y.isna().sum()):,} rows, the first row "
            f"{int(np.argmax(y.isna()))}; remove them"
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
    words = [name for name in inputs if inputs[name].dtype.kind not in "biuf"]
    if words or not len(inputs.columns):
        raise ValueError(
            f"{path}: expected columns of numbers beside {label!r}, found {', '.join(map(repr, words[:5])) or 'none'}; "
            "drop such columns, encode them as numbers, or name the labels with --y COLUMN"
        )
    if inputs.isna().to_numpy().any():
        holes = inputs.isna().sum()
        raise ValueError(
            f"{path}: expected a number in every cell, found {int(holes.sum()):,} empty ones, in "
            f"{', '.join(map(repr, holes[holes > 0].index[:5]))}; fill them or drop the rows"
        )
    x = inputs.to_numpy(dtype=np.float64)
    check_finite(str(path), x)
    if standardise:
        x, constant = _standardised(x)
        gone = f"; {constant} constant ones left out" if constant else ""
        told.append(f"every column has mean 0 and standard deviation 1{gone}")
    elif (spread := _spread(x)) > 10:
        told.append(
            f"the widest column varies {spread:,.0f} times as much as the median one and decides the angles; "
            "--standardise gives all the same weight"
        )
    made = problem(x, y.to_numpy(), name=path.name, regression=regression, x_name="inputs", y_name=str(label))
    return Problem(
        made.x,
        made.labels,
        made.name,
        [*made.told, *told],
        made.rows,
        names=tuple(f"line {i + 2}" for i in range(len(x))),
    )


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


def _is_data(names: Any) -> bool:
    """Whether a header is none: numbers in all places but that of the labels, which do not just count the columns."""
    numbers = [float(name) for name in names if re.fullmatch(r"[-+]?[0-9]*\.?[0-9]+(e[-+]?[0-9]+)?", str(name).strip())]
    return len(numbers) >= len(names) - 1 and not bool((np.diff(numbers) == 1).all())


def _label(frame: Any, label: str | None, path: Path) -> str:
    names = [str(name) for name in frame.columns]
    frame.columns = pd.Index(names)
    if label is None:
        return next((name for name in names if name.lower() in _LABELS), names[-1])
    if label not in names:
        raise ValueError(
            f"{path}: expected a column {label!r}, found {', '.join(names[:8])}; name yours with --y COLUMN"
        )
    return label


def _standardised(x: np.ndarray) -> tuple[np.ndarray, int]:
    deviation = x.std(axis=0)
    keep = deviation > 0
    return (x[:, keep] - x[:, keep].mean(axis=0)) / deviation[keep], int((~keep).sum())


def _spread(x: np.ndarray) -> float:
    deviation = x.std(axis=0)
    positive = deviation[deviation > 0]
    return float(positive.max() / np.median(positive)) if len(positive) else 1.0
