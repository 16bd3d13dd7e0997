"""Pseudo-inverses reverse the order of matrices, on the range of the smaller: Arora et al. (2019), Lemma E.1."""

import numpy as np
import xarray as xr

from ntkbook.streams import Streams

_LARGEST = 11
_CUTOFF = 1e-10  # eigenvalues below this share of the largest count as zero


def measure(n_pairs: int, streams: Streams) -> xr.Dataset:
    """Try the lemma on random singular matrices B >= A >= 0.

    Parameters
    ----------
    n_pairs : int
        How many.
    streams : Streams
        Random streams.

    Returns
    -------
    xarray.Dataset
        For each pair the least eigenvalue of A+ - P_A B+ P_A, over the largest of A+.
    """
    rng = streams("matrices")
    least = []
    for _ in range(n_pairs):
        n = int(rng.integers(2, _LARGEST + 1))
        factor = rng.standard_normal((n, rng.integers(1, n + 1)))
        extra = rng.standard_normal((n, rng.integers(1, n + 1)))
        a = factor @ factor.T
        gap, scale = lemma_e1_gap(a, a + extra @ extra.T)
        least.append(np.linalg.eigvalsh(gap)[0] / scale)
    return xr.Dataset({"least_eigenvalue": ("pair", least)})


def lemma_e1_gap(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, float]:
    """A+ - P_A B+ P_A, which Lemma E.1 says is positive semidefinite, with P_A the projection on the range of A.

    Parameters
    ----------
    a, b : ndarray (n, n)
        Symmetric, B >= A >= 0.

    Returns
    -------
    tuple of ndarray (n, n) and float
        The difference, and the spectral norm of A+.
    """
    a_inverse = np.linalg.pinv(a, hermitian=True, rcond=_CUTOFF)
    projection = a @ a_inverse
    gap = a_inverse - projection @ np.linalg.pinv(b, hermitian=True, rcond=_CUTOFF) @ projection
    return (gap + gap.T) / 2, float(np.linalg.norm(a_inverse, 2))
