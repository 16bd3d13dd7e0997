"""Inputs on the unit sphere, where all four papers put them."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ntkbook.expect import expects
from ntkbook.wants import at_least, like, number, unseen


@expects(x=like(unseen("n d"), empty=True))
def unit_rows(x: ArrayLike) -> NDArray[np.float64]:
    """Scale every row to unit Euclidean norm.

    Each row is first divided by a power of two near its largest entry. That is exact, so nothing overflows, and rows of
    integers (pixels) give the same bits on every machine.

    Parameters
    ----------
    x : array (n, d)
        Rows, none of them zero; left as it is.

    Returns
    -------
    ndarray (n, d), float64
        x_i / |x_i|.

    Raises
    ------
    ValueError
        If `x` is not a matrix with at least one column, or a row is zero or not finite; names the first such row.
    """
    x = np.asarray(x, dtype=np.float64)
    peak = np.maximum(x.max(axis=1), -x.min(axis=1))  # max_j |x_ij|, without a copy of x
    bad = ~np.isfinite(peak) | (peak == 0)
    if bad.any():
        row = int(np.argmax(bad))
        found = "a row of zeros" if peak[row] == 0 else "a value that is not finite"
        raise ValueError(f"x: expected finite rows other than zero, found {found} in row {row}; remove that row")
    rows = np.ldexp(x, -np.frexp(peak)[1][:, None])
    rows /= np.sqrt(np.einsum("ij,ij->i", rows, rows))[:, None]
    return rows


@expects("n d")
def sphere(n: int, d: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Draw n independent points, uniform on the unit sphere of R^d.

    Parameters
    ----------
    n, d : int
        Number of points and dimension, each at least 1.
    rng : numpy Generator
        The source of randomness.

    Returns
    -------
    ndarray (n, d), float64
        Rows of unit norm.

    Raises
    ------
    ValueError
        If `n` or `d` is below 1.
    """
    return unit_rows(rng.standard_normal((n, d)))


@expects("d", angle=number, d=at_least(2))
def near_parallel_pair(angle: float, d: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Draw two unit vectors at a given angle, otherwise uniform: the worst case for lambda_min of the Gram matrix.

    The rounding of the coordinates leaves an error of about 1e-16 in the angle, so that 1e-9 is met to seven digits.
    Measure it by 2 atan2(|x - y|, |x + y|); the arccosine of x.y is blind below 1e-8.

    Parameters
    ----------
    angle : float
        In radians, from 0 (twice the same vector) to pi (opposite vectors).
    d : int
        Dimension, at least 2.
    rng : numpy Generator
        The source of randomness.

    Returns
    -------
    ndarray (2, d), float64
        The two vectors.

    Raises
    ------
    ValueError
        If `angle` is outside [0, pi] or `d` is below 2.
    """
    if not 0 <= angle <= np.pi:
        raise ValueError(f"angle: expected radians from 0 to pi, found {angle}; take it between them")
    u, v = np.linalg.qr(rng.standard_normal((d, 2)))[0].T * rng.choice([-1.0, 1.0], size=(2, 1))  # QR fixes a sign
    return np.stack([u, np.cos(angle) * u + np.sin(angle) * v])


@expects(x="n d")
def constant_coordinate(x: ArrayLike) -> NDArray[np.float64]:
    """Append the constant coordinate 1/2 and keep the norm 1: (sqrt(3)/2 x, 1/2), as Allen-Zhu et al. (2019), sec. 3.

    The paper assumes |x| = 1 and x_d = 1/2 "without loss of generality". It changes the learner: a net without biases
    that has no odd part beyond degree 1 in x has one in (x, constant).

    Parameters
    ----------
    x : array (n, d)
        Rows of unit norm.

    Returns
    -------
    ndarray (n, d + 1), float64
        Rows of unit norm whose last entry is 1/2.

    Raises
    ------
    ValueError
        If `x` is not a matrix of rows of unit norm.
    """
    x = np.asarray(x, dtype=np.float64)
    norms = np.linalg.norm(x, axis=1)
    if not np.allclose(norms, 1, rtol=0, atol=1e-6):
        worst = norms[np.argmax(np.abs(norms - 1))]
        raise ValueError(f"x: expected rows of unit norm, found norm {worst}; use unit_rows")
    return np.column_stack([0.75**0.5 * x, np.full(len(x), 0.5)])
