"""Which points each step of SGD sees, and how its steps are cut into blocks."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray


def order_of_points(n: int, count: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Random orders of 0..n-1, one after another, cut to `count` entries: while count <= n each point is seen once.

    Parameters
    ----------
    n : int
        Number of points.
    count : int
        How many are seen, B T.
    rng : numpy.random.Generator
        Source of the orders.

    Returns
    -------
    ndarray of int64 (count,)
    """
    return np.concatenate([rng.permutation(n) for _ in range(-(-count // n))])[:count]


def cut(begin: int, end: int, size: int) -> Iterator[tuple[int, int]]:
    """First step and end of each block of at most `size` steps, from `begin` to `end`."""
    return ((first, min(first + size, end)) for first in range(begin, end, size))
