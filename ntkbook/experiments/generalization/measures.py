"""The complexity measure of eq. (10) alone, against label noise: no net is trained."""

import numpy as np
import torch
import xarray as xr

from ntkbook import data
from ntkbook.kernels import h_infinity
from ntkbook.label_norm import label_norms
from ntkbook.streams import Streams


def measure(sample: data.Sample, n_seeds: int, streams: Streams) -> xr.Dataset:
    """Eq. (10) for labels with 0, 10, ..., 100 % of noise, all in one factorisation.

    Parameters
    ----------
    sample : Sample
        Training images.
    n_seeds : int
        Draws of the noise.
    streams : Streams
        Random streams.

    Returns
    -------
    xarray.Dataset
        The measure by portion and seed; "expected", the root of its mean square over draws, since pairs of labels with
        one of them drawn anew cancel: (1-p)^2 y'H^-1 y + (1 - (1-p)^2) tr H^-1; the extreme eigenvalues of the matrix.
    """
    portions = np.linspace(0, 1, 11).round(1)
    columns = [
        data.randomise_portion(sample.y_train, portion, streams("labels", seed))
        for portion in portions
        for seed in range(n_seeds)
    ]
    found = label_norms(h_infinity(torch.tensor(sample.x_train)), torch.tensor(np.stack(columns, axis=1)))
    true, trace = float(found.values[0] ** 2), float(torch.cholesky_inverse(found.factor).trace())
    kept = (1 - portions) ** 2  # of pairs of labels of which neither was drawn anew
    n = len(sample.x_train)
    return xr.Dataset(
        {
            "measure": (("portion", "seed"), found.values.numpy().reshape(-1, n_seeds) * (2 / n) ** 0.5),
            "expected": ("portion", ((kept * true + (1 - kept) * trace) * 2 / n) ** 0.5),
            "lambda_min": found.lambda_min,
            "lambda_max": found.lambda_max,
        },
        {"portion": portions, "seed": range(n_seeds)},
    )
