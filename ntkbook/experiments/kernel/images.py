"""Images with their kernel H-infinity, and the ends of its spectrum: Arora et al. (2019), Remark 5.1."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
import xarray as xr
from torch import Tensor

from ntkbook.data import Sample
from ntkbook.fingerprint import digest
from ntkbook.kernels import h_infinity
from ntkbook.spectrum import eigendecompose


@dataclass(frozen=True)
class Inputs:
    """Unit inputs and their kernel, computed once for all cells."""

    x: Tensor
    """Inputs (n, d), float64."""
    gram: Tensor
    """H-infinity of the inputs (n, n)."""
    sha256: str
    """Of the images and the device, which with the code of this class determine both tensors."""

    @classmethod
    def of(cls, sample: Sample, device: str) -> "Inputs":
        """Put the training images of a sample on a device, and compute their kernel.

        Parameters
        ----------
        sample : Sample
            Images of unit length.
        device : str
            Where to compute.

        Returns
        -------
        Inputs
        """
        x = torch.tensor(sample.x_train, device=device)
        return cls(x, h_infinity(x), digest(sample.sha256, device))


def measure(images: Mapping[str, Inputs]) -> xr.Dataset:
    """Compute the extreme eigenvalues of H-infinity, and the angle of the closest pair.

    Parameters
    ----------
    images : mapping of str to Inputs
        By the name of the data set.

    Returns
    -------
    xarray.Dataset
        By data set; the angle in radians.
    """
    spectra = [eigendecompose(inputs.gram) for inputs in images.values()]
    return xr.Dataset(
        {
            "lambda_min": ("data", [spectrum.lambda_min for spectrum in spectra]),
            "lambda_max": ("data", [spectrum.lambda_max for spectrum in spectra]),
            "least_angle": ("data", [least_angle(inputs.gram) for inputs in images.values()]),
        },
        {"data": list(images)},
    )


def least_angle(gram: Tensor) -> float:
    """Least angle between two unit inputs, from the largest entry of H-infinity off the diagonal.

    Parameters
    ----------
    gram : Tensor (n, n)
        H-infinity of unit inputs, cos theta (pi - theta) / (2 pi).

    Returns
    -------
    float
        In radians; pi/2 if there is no smaller one.
    """
    largest = float(gram.clone().fill_diagonal_(-1.0).max())
    grid = np.linspace(0, np.pi / 2, 100_001)
    values = np.cos(grid) * (np.pi - grid) / (2 * np.pi)  # decreasing in theta
    return float(np.interp(-largest, -values, grid))
