"""The kernel of two unit inputs against their angle: closed form, power series, nets of finite width."""

import numpy as np
import torch
import xarray as xr

from ntkbook.kernels import h_infinity_series, monte_carlo_gram
from ntkbook.streams import Streams

WIDTHS, TERMS, ANGLES = (64, 4096), (0, 4), np.linspace(0, np.pi, 37)


def measure(streams: Streams) -> xr.Dataset:
    """Compute the entry of two unit inputs in three ways.

    Parameters
    ----------
    streams : Streams
        Random streams.

    Returns
    -------
    xarray.Dataset
        By angle in radians: H-infinity, its linear part with the first even powers, and H of one net of each width.
    """
    cosines = torch.from_numpy(np.cos(ANGLES))
    series = [(h_infinity_series(cosines, count) if count else cosines / 4).numpy() for count in TERMS]
    fan = torch.from_numpy(np.stack([np.cos(ANGLES), np.sin(ANGLES)], axis=1))  # entry (0, j): inputs at angle j
    nets = [monte_carlo_gram(fan, m, streams("weights of one net", m))[0].numpy() for m in WIDTHS]
    return xr.Dataset(
        {
            "closed_form": ("angle", np.cos(ANGLES) * (np.pi - ANGLES) / (2 * np.pi)),
            "series": (("terms", "angle"), series),
            "net": (("width", "angle"), nets),
        },
        {"angle": ANGLES, "terms": list(TERMS), "width": list(WIDTHS)},
    )
