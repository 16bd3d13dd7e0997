"""Functions on the unit sphere that a two-layer ReLU net provably learns (Arora et al. 2019, Section 6).

Each takes inputs (n, d), one a row, and returns g(x_i) for each (n,). Theorem 6.1 and its corollary bound
sqrt(y' H^-1 y) for them by a number that does not grow with n.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ntkbook.expect import expects
from ntkbook.wants import number

_ROUNDING = 1e-12


@expects(x="n d", beta="d")
def linear(x: ArrayLike, beta: ArrayLike) -> NDArray[np.float64]:
    """Linear function g(x) = beta.x (Example 6.1).

    Parameters
    ----------
    x : array (n, d)
        Inputs of unit norm.
    beta : array (d,)
        The direction.

    Returns
    -------
    ndarray (n,), float64
        The targets.

    Raises
    ------
    ValueError
        If the shapes do not fit, or a value is not finite.
    """
    return _project(x, beta)


@expects(x="n d", beta="d", alpha=number)
def power(x: ArrayLike, beta: ArrayLike, p: int, alpha: float = 1.0) -> NDArray[np.float64]:
    """Power g(x) = alpha (beta.x)^p (Theorem 6.1 for p = 1 and even p; it says nothing about 3, 5, 7, ...).

    Parameters
    ----------
    x : array (n, d)
        Inputs of unit norm.
    beta : array (d,)
        The direction.
    p : int
        The power, a whole number >= 1.
    alpha : float
        The amplitude.

    Returns
    -------
    ndarray (n,), float64
        The targets; for p = 1 or even, sqrt(y' H^-1 y) <= 3 p |alpha| |beta|^p.

    Raises
    ------
    ValueError
        If the shapes do not fit, a value is not finite, or `p` is below 1.
    """
    return alpha * _project(x, beta) ** p


@expects(x="n d", a="d d")
def quadratic(x: ArrayLike, a: ArrayLike) -> NDArray[np.float64]:
    """Quadratic form g(x) = x'Ax (Example 6.2).

    Parameters
    ----------
    x : array (n, d)
        Inputs of unit norm.
    a : array (d, d)
        A symmetric matrix.

    Returns
    -------
    ndarray (n,), float64
        The targets.

    Raises
    ------
    ValueError
        If the shapes do not fit, a value is not finite, or `a` is not symmetric.
    """
    x, a = np.asarray(x, dtype=np.float64), np.asarray(a, dtype=np.float64)
    asymmetry, size = np.abs(a - a.T).max(initial=0), np.abs(a).max(initial=0)
    if not asymmetry <= _ROUNDING * size:
        raise ValueError(f"a: expected a symmetric matrix, found |a - a'| up to {asymmetry}; use (a + a') / 2")
    return np.einsum("ij,ij->i", x @ a, x)


@expects(x="n d", beta="d")
def cosine(x: ArrayLike, beta: ArrayLike) -> NDArray[np.float64]:
    """Cosine activation g(x) = cos(beta.x) - 1 (Example 6.3).

    Parameters
    ----------
    x : array (n, d)
        Inputs of unit norm.
    beta : array (d,)
        The direction, of any length.

    Returns
    -------
    ndarray (n,), float64
        The targets.

    Raises
    ------
    ValueError
        If the shapes do not fit, or a value is not finite.
    """
    return -2 * np.sin(_project(x, beta) / 2) ** 2  # cos z - 1 without the cancellation at small z


@expects(x="n d", beta="d")
def arctan_target(x: ArrayLike, beta: ArrayLike) -> NDArray[np.float64]:
    """Not-so-smooth function g(x) = z arctan(z / 2), z = beta.x, |beta| <= 1 (Example 6.4).

    Parameters
    ----------
    x : array (n, d)
        Inputs of unit norm.
    beta : array (d,)
        The direction, of norm at most 1, where the paper's power series is used.

    Returns
    -------
    ndarray (n,), float64
        The targets.

    Raises
    ------
    ValueError
        If the shapes do not fit, a value is not finite, or `beta` is longer than 1.
    """
    z = _project(x, beta)
    length = float(np.linalg.norm(np.asarray(beta, dtype=np.float64)))
    if not length <= 1 + _ROUNDING:
        raise ValueError(f"beta: expected norm at most 1, found {length}; divide it by its norm")
    return z * np.arctan(z / 2)


def _project(x: ArrayLike, beta: ArrayLike) -> NDArray[np.float64]:
    return np.asarray(x, dtype=np.float64) @ np.asarray(beta, dtype=np.float64)
