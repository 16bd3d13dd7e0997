"""Zonal kernels on the sphere S^{d-1}: eigenvalues by the Funk-Hecke formula, and RKHS norms of ridge functions.

For inputs drawn uniformly from the sphere, a kernel h(x.x') has the spherical harmonics as eigenfunctions. All of one
degree l share the eigenvalue lambda_l = E[h(t) P_l(t)], with t the first coordinate of a uniform point and P_l the
Legendre polynomial of dimension d, P_l(1) = 1.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.special import comb, roots_legendre

from ntkbook.expect import expects
from ntkbook.wants import at_least, entries

Array = NDArray[np.float64]
Profile = Callable[[Array], Array]

_NODES = 400


@expects(cosines=entries("...", -1, 1))
def h_infinity_profile(cosines: Array) -> Array:
    """H-infinity as a function of the inner product t of unit inputs: t (pi - arccos t) / (2 pi).

    Parameters
    ----------
    cosines : ndarray (...)
        t in [-1, 1].

    Returns
    -------
    ndarray (...)
    """
    return cosines * (np.pi - np.arccos(cosines)) / (2 * np.pi)


@expects(cosines=entries("...", -1, 1))
def h_infinity_profile_with_bias(cosines: Array) -> Array:
    """H-infinity of the inputs (x, 1) / sqrt(2), as a function of the inner product of the unit vectors x.

    Parameters
    ----------
    cosines : ndarray (...)
        t in [-1, 1].

    Returns
    -------
    ndarray (...)
    """
    return h_infinity_profile((1 + np.asarray(cosines)) / 2)


@expects(d=at_least(3), max_degree=at_least(0, most=10_000))
def zonal_eigenvalues(profile: Profile, d: int, max_degree: int) -> Array:
    """Eigenvalues of a zonal kernel on S^{d-1} by degree; those that are zero to rounding are zero.

    H-infinity has positive ones for degree 0, 1 and the even ones, and zeros for 3, 5, ...

    Parameters
    ----------
    profile : callable
        The kernel as a function of the inner product.
    d : int
        Dimension of the inputs, >= 3.
    max_degree : int
        Highest degree.

    Returns
    -------
    ndarray (max_degree + 1,)
        lambda_l; for n inputs, the Gram matrix has eigenvalues near n lambda_l.
    """
    nodes, weights, polynomials = _zonal_basis(d, max_degree)
    return _parts(profile(nodes), weights, polynomials, multiplicities(d, max_degree))


@expects(d=at_least(3), max_degree=at_least(0, most=10_000))
def multiplicities(d: int, max_degree: int) -> Array:
    """Numbers of spherical harmonics on S^{d-1} by degree.

    Parameters
    ----------
    d : int
        Dimension, >= 3.
    max_degree : int
        Highest degree.

    Returns
    -------
    ndarray (max_degree + 1,)
        N_l: 1, d, (d - 1)(d + 2) / 2, ...
    """
    degrees = np.arange(1, max_degree + 1)
    counts = (2 * degrees + d - 2) / degrees * comb(degrees + d - 3, degrees - 1)
    return np.concatenate([[1.0], counts])


@expects(d=at_least(3), max_degree=at_least(0, most=10_000))
def ridge_norm(function: Profile, d: int, profile: Profile = h_infinity_profile, max_degree: int = 40) -> float:
    """RKHS norm, in a zonal kernel, of the ridge function g(x) = function(beta.x), |beta| = 1, on S^{d-1}.

    The limit of sqrt(y'H^-1 y) as the inputs fill the sphere, and its least upper bound:
    sum_l N_l E[g P_l]^2 / lambda_l is its square. Components that are zero to rounding are left out.

    Parameters
    ----------
    function : callable
        t (k,) -> g (k,), t in [-1, 1].
    d : int
        Dimension, >= 3.
    profile : callable
        The kernel as a function of the inner product.
    max_degree : int
        Highest degree looked at.

    Returns
    -------
    float
        Infinite if the function has a component that the kernel lacks: for H-infinity an odd degree of 3 or more.
    """
    nodes, weights, polynomials = _zonal_basis(d, max_degree)
    counts = multiplicities(d, max_degree)
    parts = _parts(function(nodes), weights, polynomials, counts)
    eigenvalues, seen = zonal_eigenvalues(profile, d, max_degree), parts != 0
    if np.any(eigenvalues[seen] <= 0):
        return np.inf
    return float(np.sqrt(np.sum(counts[seen] * parts[seen] ** 2 / eigenvalues[seen])))


def _parts(values: Array, weights: Array, polynomials: Array, counts: Array) -> Array:
    """E[g P_l] by degree, zero where it is zero to rounding: E[P_l^2] = 1 / N_l sets the scale."""
    parts = polynomials @ (weights * values)
    parts[np.abs(parts) < 1e-13 * np.sqrt(weights @ values**2 / counts)] = 0.0
    return parts


def _zonal_basis(d: int, max_degree: int) -> tuple[Array, Array, Array]:
    """Quadrature nodes and weights for the first coordinate of a uniform point, and P_0..P_max at the nodes."""
    angles, weights = roots_legendre(_NODES)  # t = sin(pi x / 2), in which the kernels are analytic up to x = +-1
    nodes, weights = np.sin(np.pi / 2 * angles), weights * np.cos(np.pi / 2 * angles) ** (d - 2)
    weights = weights / weights.sum()
    polynomials = [np.ones_like(nodes), nodes]
    for k in range(1, max_degree):
        polynomials.append(((2 * k + d - 2) * nodes * polynomials[k] - k * polynomials[k - 1]) / (k + d - 2))
    return nodes, weights, np.array(polynomials[: max_degree + 1])
