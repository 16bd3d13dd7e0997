"""Eigenvalues of H-infinity, and labels in its eigenbasis: Arora et al. (2019), Figures 1(b) and 1(d)."""

import numpy as np
import torch
import xarray as xr

from ntkbook import data
from ntkbook.kernels import h_infinity
from ntkbook.spectrum import eigendecompose, energy_share
from ntkbook.streams import Streams

FRACTIONS = (0.001, 0.01, 0.1)
"""Which parts of the eigenvectors count as the top."""


def measure(sample: data.Sample, n_seeds: int, streams: Streams, device: str) -> xr.Dataset:
    """Project true and random labels on the eigenvectors of one set of inputs.

    Parameters
    ----------
    sample : Sample
        Inputs and true labels.
    n_seeds : int
        Draws of random labels.
    streams : Streams
        Random streams.
    device : str
        Where to compute.

    Returns
    -------
    xarray.Dataset
        Eigenvalues, |projections| (of the first draw, for random labels), and the share of |y|^2 on the top ones.
    """
    n = len(sample.y_train)
    spectrum = eigendecompose(h_infinity(torch.tensor(sample.x_train, device=device)))
    draws = np.stack([data.random_labels(n, streams("random labels", seed)) for seed in range(n_seeds)], axis=1)
    true, random = (spectrum.project(torch.tensor(y, device=device)).cpu() for y in (sample.y_train, draws))
    return xr.Dataset(
        {
            "eigenvalue": ("index", spectrum.eigenvalues.cpu().numpy()),
            "true_projection": ("index", true.abs().numpy()),
            "random_projection": ("index", random[:, 0].abs().numpy()),
            "true_share": ("fraction", [float(energy_share(true, fraction)) for fraction in FRACTIONS]),
            "random_share": (("fraction", "seed"), [energy_share(random, fraction).tolist() for fraction in FRACTIONS]),
        },
        {"index": np.arange(1, n + 1), "fraction": list(FRACTIONS), "seed": range(n_seeds)},
    )
