"""A reader's data at the door: inputs of unit norm, labels as targets, and what was done to them."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ntkbook.data import unit_rows
from ntkbook.expect import expects
from ntkbook.reporting.labels import Labels, read_labels, row_name
from ntkbook.wants import classes, each, natural, raw, text


@dataclass(frozen=True)
class Problem:
    """Data that a report can be made of."""

    x: NDArray[np.float64]
    """Inputs (n, d), rows of unit norm."""
    labels: Labels
    """Their labels."""
    name: str
    """What the page calls the data."""
    told: list[str]
    """What was done to them, a sentence each."""
    rows: NDArray[np.intp]
    """Number of each row in the file, from 0."""
    images: NDArray | None = None
    """The inputs as images (n, height, width) or (n, height, width, 3), if they are."""
    names: tuple[str, ...] = field(default=())
    """What the reader calls each row, such as its line or the name of its file; empty if it has a number only."""
    cautions: tuple[str, ...] = field(default=())
    """What should be mended before anything else is read, a sentence each."""

    @expects(row=natural)
    def called(self, row: int) -> str:
        """What messages and the page call a row."""
        if row >= len(self.rows):
            raise ValueError(f"row: expected a number below {len(self.rows):,}, found {row:,}; look at .rows")
        return self.names[row] if self.names else row_name(int(self.rows[row]))

    def _sizes(self) -> dict[str, int]:
        return {"n": len(self.x)}

    @expects(rows=classes("k", below="n"))
    def keep(self, rows: NDArray[np.intp], told: str) -> "Problem":
        """The same with some of the rows."""
        return replace(
            self,
            x=self.x[rows],
            labels=replace(self.labels, targets=self.labels.targets[rows], of=self.labels.of[rows]),
            told=[*self.told, told],
            rows=self.rows[rows],
            images=None if self.images is None else self.images[rows],
            names=tuple(self.names[row] for row in rows) if self.names else (),
        )


@expects(x=raw, y=raw, names=each(text, empty=True))
def problem(
    x: Any,
    y: Any,
    *,
    name: str = "data",
    regression: bool | None = None,
    x_name: str = "x",
    y_name: str = "y",
    names: tuple[str, ...] = (),
) -> Problem:
    """Check and scale a reader's inputs and labels.

    Parameters
    ----------
    x : array (n, d), (n, height, width) or (n, height, width, 3)
        Inputs; more than two dimensions are taken as images.
    y : array (n,)
        Labels: classes of any kind, or numbers.
    name : str
        What the page calls the data.
    regression : bool, optional
        Whether numbers in `y` are values and not classes; see `read_labels`.
    x_name, y_name : str
        What messages call the arrays.
    names : tuple of str
        What messages and the page call each row, if not by its number.

    Returns
    -------
    Problem

    Raises
    ------
    ValueError
        If an array's type, shape or values cannot be used; names the rows and a remedy.
    """
    inputs, images = check_inputs(np.asarray(x), x_name), None
    shape = inputs.shape[1:]
    if inputs.ndim > 2:
        images = inputs if inputs.ndim == 3 or (inputs.ndim == 4 and shape[2] == 3) else None
        inputs = inputs.reshape(len(inputs), -1)
    if len(names) not in (0, len(inputs)):
        raise ValueError(
            f"names: expected one for each of {len(inputs):,} inputs, found {len(names):,}; leave them out"
        )
    labels = read_labels(np.asarray(y), len(inputs), y_name, regression=regression, names=names)
    rows = scaled(inputs, x_name, names)
    what = f"{len(inputs):,} inputs of " + (" x ".join(map(str, shape)) if len(shape) > 1 else f"{inputs.shape[1]:,}")
    return Problem(
        rows,
        labels,
        name,
        [f"{x_name}: {what} numbers ({inputs.dtype}), each input scaled to length 1", f"{y_name}: {labels.told}"],
        np.arange(len(rows)),
        images,
        names,
    )


def check_inputs(raw: NDArray, name: str = "x") -> NDArray:
    """Turn away what is no array of real inputs, with a remedy.

    Parameters
    ----------
    raw : ndarray
        As the reader gave them.
    name : str
        What the reader calls them.

    Returns
    -------
    ndarray (n, ...)
        As it came.

    Raises
    ------
    ValueError
        If the type is not real, or there are not at least two dimensions.
    """
    if raw.dtype.kind not in "biuf":
        remedy = (
            "the difference to a first date in days is one" if raw.dtype.kind in "mM" else "convert with astype(float)"
        )
        raise ValueError(f"{name}: expected real numbers, found {raw.dtype}; {remedy}")
    if raw.ndim < 2 or 0 in raw.shape:
        raise ValueError(f"{name}: expected shape (n, d) with n, d >= 1, found {raw.shape}; one input a row")
    return raw


def scaled(raw: NDArray, name: str = "x", names: Sequence[str] = ()) -> NDArray[np.float64]:
    """Scale inputs to unit norm.

    Parameters
    ----------
    raw : ndarray (n, d)
        Real numbers.
    name : str
        What the reader calls them.
    names : sequence of str
        What the reader calls each row.

    Returns
    -------
    ndarray (n, d), float64

    Raises
    ------
    ValueError
        If rows are zero or not finite; counts them and names the first.
    """
    try:
        return unit_rows(raw)
    except ValueError as error:
        bad = ~np.isfinite(raw).all(axis=1) | ~raw.any(axis=1)
        more = f"; {int(bad.sum()):,} such rows in all" if bad.sum() > 1 else ""
        row = int(np.argmax(bad))
        said = str(error).replace("x:", f"{name}:", 1).replace(f"in row {row};", f"in {row_name(row, names)};")
        raise ValueError(said + more) from error
