"""Samples with two labels: pairs of digits, the sphere with and without a margin, and labels that hold no structure."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ntkbook import data
from ntkbook.data import Sample
from ntkbook.streams import Streams

PAIRS = {"0/1": (0, 1), "3/8": (3, 8), "4/9": (4, 9)}
"""Digits of each pair."""
RHO = 0.2
"""Least |x_1| of "sphere, margin"."""
_MARGIN_DIM, _ODD_DIM, _PROJECTED_DIM = 10, 4, 10


def draw(task: str, n: int, seed: int, pools: Mapping[str, Sample], streams: Streams) -> Sample:
    """Draw a sample; a larger n contains a smaller one.

    Parameters
    ----------
    task : str
        A pair such as "3/8", also with ", random labels" or ", projected" (to 10 random dimensions, scaled to norm 1)
        after it; "sphere, margin", uniform where |x_1| >= rho in 10 dimensions, labels sign(x_1); or "sphere, odd",
        uniform in 4 dimensions, labels sign(x_1 x_2 x_3).
    n : int
        Training points.
    seed : int
        Number of the draw.
    pools : mapping of str to Sample
        Images of the pairs; the training images of a draw are some of the pool's, its test images are all of them.
    streams : Streams
        Random streams.

    Returns
    -------
    Sample
        Without test points on the sphere.
    """
    kind, _, variant = task.partition(", ")
    if kind == "sphere":
        return _on_the_sphere(variant, n, streams("points", seed))
    pool = pools[kind]
    rows = streams("rows", seed).permutation(len(pool.x_train))[:n]
    x, y, x_test = pool.x_train[rows], pool.y_train[rows], pool.x_test
    if variant == "random labels":
        y = data.random_labels(len(pool.x_train), streams("random labels", seed))[:n]
    if variant == "projected":
        projection = streams("projection", seed).standard_normal((x.shape[1], _PROJECTED_DIM))
        x, x_test = data.unit_rows(x @ projection), data.unit_rows(x_test @ projection)
    return Sample(x, y, x_test, pool.y_test, task, pool.source)


def odd_labels(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Labels sign(x_1 x_2 x_3), which turn over with x.

    Parameters
    ----------
    x : ndarray (n, d)
        Inputs, d >= 3.

    Returns
    -------
    ndarray (n,)
    """
    return np.sign(x[:, :3].prod(axis=1))


def _on_the_sphere(variant: str, n: int, rng: np.random.Generator) -> Sample:
    if variant == "odd":
        x = data.sphere(n, _ODD_DIM, rng)
        y = odd_labels(x)
    else:
        x = data.sphere(4 * n + 100, _MARGIN_DIM, rng)  # half of them keep away from the equator
        x = x[np.abs(x[:, 0]) >= RHO][:n]
        y = np.sign(x[:, 0])
    nothing = np.zeros((0, x.shape[1]))
    return Sample(x, y, nothing, np.zeros(0), f"sphere, {variant}", "on the sphere")
