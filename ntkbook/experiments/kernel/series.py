"""Power series of H-infinity, and the lower bounds that its terms give: Arora et al. (2019), proof of Theorem 6.1."""

from collections.abc import Mapping

import numpy as np
import torch
import xarray as xr
from torch import Tensor

from ntkbook.experiments.kernel.images import Inputs
from ntkbook.kernels import even_coefficients, h_infinity_series

HALF_DEGREES = (1, 2, 3, 4, 5)
_ROUNDING = 1e-12  # of a sum of some thousand terms below 1/2 in float64


def measure(images: Mapping[str, Inputs], n_terms: int) -> xr.Dataset:
    """Compare the series with the closed form, and look for negative eigenvalues of H less one term.

    Parameters
    ----------
    images : mapping of str to Inputs
        By the name of the data set.
    n_terms : int
        Even powers kept.

    Returns
    -------
    xarray.Dataset
        By data set: largest error of the series off the diagonal, least eigenvalues of H - K/4 and of
        H - K^{o 2l} / (2 pi (2l - 1)^2). `left_out`: the most that the series can lack off the diagonal, and rounding:
        with L terms it lacks sum_{l > L} c_l K_ij^{2l} <= |K_ij|^{2L + 2} (1/4 - sum_{l <= L} c_l).
    """
    tail = 0.25 - float(even_coefficients(n_terms).sum())
    error, left_out, minus_linear, minus_power = [], [], [], []
    for inputs in images.values():
        product = (inputs.x @ inputs.x.T).clamp(-1, 1).fill_diagonal_(1.0)
        gap = h_infinity_series(product, n_terms) - inputs.gram
        error.append(float(gap.fill_diagonal_(0.0).abs().max()))
        closest = float(product.clone().fill_diagonal_(0.0).abs().max())
        left_out.append(tail * closest ** (2 * n_terms + 2) + _ROUNDING)
        minus_linear.append(_least(inputs.gram - product / 4))
        minus_power.append(
            [_least(inputs.gram - product ** (2 * k) / (2 * np.pi * (2 * k - 1) ** 2)) for k in HALF_DEGREES]
        )
    return xr.Dataset(
        {
            "error": ("data", error),
            "left_out": ("data", left_out),
            "minus_linear": ("data", minus_linear),
            "minus_power": (("data", "half_degree"), minus_power),
        },
        {"data": list(images), "half_degree": list(HALF_DEGREES)},
    )


def _least(matrix: Tensor) -> float:
    return float(torch.linalg.eigvalsh(matrix)[0])
