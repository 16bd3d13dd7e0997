"""Which steps of a run are recorded, and how what is seen there becomes NumPy arrays."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ntkbook.expect import expects
from ntkbook.wants import at_least, steps

Array = NDArray[np.float64]


@expects(n_steps=steps, per_decade=at_least(1, most=10_000))
def log_grid(n_steps: int, per_decade: int = 8) -> NDArray[np.int64]:
    """Step counts 0, 1, ..., `n_steps`, about evenly spaced on a logarithmic axis.

    Parameters
    ----------
    n_steps : int
        Last step, >= 1.
    per_decade : int
        Points for a factor of ten; the first ones are as dense as whole numbers allow.

    Returns
    -------
    ndarray of int64
        Increasing, without repeats, from 0 to `n_steps`.

    Raises
    ------
    ValueError
        If an argument is below 1.
    """
    points = np.geomspace(1, n_steps, 1 + int(np.ceil(per_decade * np.log10(max(n_steps, 2)))))
    return np.unique(np.concatenate([[0], np.round(points).astype(np.int64), [n_steps]]))


def recorded_steps(record_at: Iterable[int] | None, n_steps: int) -> NDArray[np.int64]:
    """Steps that a run records: those asked for, in order and once, with 0 and the last one; None is `log_grid`.

    Parameters
    ----------
    record_at : iterable of int or None
        Steps in 0..n_steps.
    n_steps : int
        Last step.

    Returns
    -------
    ndarray of int64

    Raises
    ------
    ValueError
        If a step lies outside 0..n_steps.
    """
    grid = log_grid(n_steps) if record_at is None else np.asarray(list(record_at) or [0])
    if grid.ndim != 1 or grid.dtype.kind not in "iu":
        raise TypeError(f"record_at: expected whole numbers, found an array of {grid.dtype}; convert with int(...)")
    grid = np.unique(np.concatenate([[0], grid, [n_steps]]))
    if grid[0] < 0 or grid[-1] > n_steps:
        raise ValueError(f"record_at: expected steps in 0..{n_steps} (n_steps), found {grid[0]}..{grid[-1]}")
    return grid


def to_numpy(value: Tensor) -> Array:
    """A copy on the CPU, in float64; the tensor may change in place afterwards.

    Parameters
    ----------
    value : Tensor
        Of any shape, dtype and device.

    Returns
    -------
    ndarray of float64
    """
    return value.detach().to("cpu", torch.float64, copy=True).numpy()


def row(seen: Mapping[str, Any]) -> dict[str, Array]:
    """What was seen at one recorded step, copied.

    Parameters
    ----------
    seen : mapping of str to number or tensor
        By name.

    Returns
    -------
    dict of str to ndarray of float64
    """
    return {name: to_numpy(torch.as_tensor(value)) for name, value in seen.items()}


def stacked(rows: Sequence[Mapping[str, Array]]) -> dict[str, Array]:
    """Rows of all recorded steps, each name along a new first axis.

    Parameters
    ----------
    rows : sequence of mapping of str to ndarray
        Of at least one step, with the same names and shapes.

    Returns
    -------
    dict of str to ndarray (s, ...)
    """
    return {name: np.stack([of_step[name] for of_step in rows]) for name in rows[0]}
