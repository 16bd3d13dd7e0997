"""Least eigenvalue of parallel inputs: nearly so, duplicates, antipodes. Arora et al. (2019), Remark 5.1."""

import numpy as np
import torch
import xarray as xr

from ntkbook import data
from ntkbook.kernels import h_infinity
from ntkbook.spectrum import eigendecompose
from ntkbook.streams import Streams

_PAIR_DIM, _ANTIPODAL_DIM = 10, 5


def measure(angles: tuple[float, ...], streams: Streams) -> xr.Dataset:
    """Compute the least eigenvalue of H-infinity for inputs that are parallel, or nearly so.

    Parameters
    ----------
    angles : tuple of float
        In radians, of the pairs that are nearly parallel.
    streams : Streams
        Random streams.

    Returns
    -------
    xarray.Dataset
        Of a pair at each angle, ours and naively; of a duplicate, of one antipodal pair, and of d + 1 such pairs.
    """
    rng = streams("pairs")
    pairs = [data.near_parallel_pair(angle, _PAIR_DIM, rng) for angle in angles]
    half = data.sphere(_ANTIPODAL_DIM + 1, _ANTIPODAL_DIM, rng)
    return xr.Dataset(
        {
            "pair": ("angle", [least(x) for x in pairs]),
            "pair_naive": ("angle", [least_naively(x) for x in pairs]),
            "duplicate": least(half[[0, 0]]),
            "antipodal": least(np.stack([half[0], -half[0]])),
            "many_antipodal": least(np.concatenate([half, -half])),
        },
        {"angle": list(angles)},
    )


def least(x: np.ndarray) -> float:
    """Least eigenvalue of H-infinity.

    Parameters
    ----------
    x : ndarray (n, d)
        Inputs.

    Returns
    -------
    float
    """
    return eigendecompose(h_infinity(torch.from_numpy(x))).lambda_min


def least_naively(x: np.ndarray) -> float:
    """What float32 inputs, arccos and clipping make of the least eigenvalue; for the figure that warns of it.

    Parameters
    ----------
    x : ndarray (n, d)
        Unit inputs.

    Returns
    -------
    float
    """
    cosines = np.clip(x.astype(np.float32) @ x.astype(np.float32).T, -1, 1)
    return float(np.linalg.eigvalsh(cosines * (np.pi - np.arccos(cosines)) / (2 * np.pi))[0])
