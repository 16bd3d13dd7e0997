"""Will it fit? Asked before the work starts, and answered with the largest number of inputs that would."""

import contextlib
import math
from pathlib import Path

import psutil

_KEPT = 3e8
"""Bytes left to the rest: the libraries' own buffers, blocks of rows."""


def available() -> float:
    """Bytes of memory that this process may still take, whether the machine or a control group sets the limit."""
    free = float(psutil.virtual_memory().available)
    limit, used = Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory.current")
    with contextlib.suppress(OSError, ValueError):  # no control group, or "max"
        free = min(free, float(limit.read_text()) - float(used.read_text()))
    return free


def fits(n: int, d: int, matrices: float) -> bool:
    """Tell whether `check_memory` lets pass."""
    return _needed(n, d, matrices) <= available() - _KEPT


def check_memory(n: int, d: int, matrices: float) -> None:
    """Refuse work that does not fit.

    Parameters
    ----------
    n, d : int
        Inputs and their entries.
    matrices : float
        How many float64 matrices of n x n are held at once.

    Raises
    ------
    ValueError
        If it does not; gives the largest n that does.
    """
    free = available() - _KEPT
    needed = _needed(n, d, matrices)
    if needed > free:
        half = 3 * d / (2 * matrices)
        largest = int(math.sqrt(half**2 + max(free, 0) / (8 * matrices)) - half)  # of the n with needed = free
        raise ValueError(
            f"x: expected inputs that fit in memory, found n = {n:,}, which takes {needed / 1e9:,.1f} GB of the "
            f"{max(free, 0) / 1e9:,.1f} GB that are free; take a random subset of at most {largest:,}"
        )


def _needed(n: int, d: int, matrices: float) -> float:
    return 8 * (matrices * n**2 + 3 * n * d)
