"""Assumptions (A1) and (A2) of Li and Liang (2018), measured on the data of the chapter."""

import numpy as np
import xarray as xr

from ntkbook import data
from ntkbook.experiments.clustered_data import synthetic, xor
from ntkbook.streams import Streams


def measure(settings: synthetic.Settings, images: data.Sample, streams: Streams) -> xr.Dataset:
    """Measure separation and norms on samples of every data set, each as large as training and test points together.

    Parameters
    ----------
    settings : synthetic.Settings
        Sizes of the mixtures, and of a training set.
    images : Sample
        MNIST.
    streams : Streams
        Random streams, of which "samples" is used.

    Returns
    -------
    xarray.Dataset
        By data set: delta, largest diameter, lambda, what is allowed, least and largest norm.
    """
    clusters, n = settings.clusters, 2 * settings.n_points
    sizes = clusters.n_classes, clusters.n_components, clusters.dim
    mixtures = {
        "synthetic": data.clustered_mixture(*sizes, streams("samples", 0)),
        "separated": data.separated_mixture(*sizes, streams("samples", 1)),
        **{f"XOR, {discs}": xor.mixture(discs) for discs in xor.DISCS},
    }
    found = {}
    for i, (name, mixture) in enumerate(mixtures.items()):
        points = mixture.draw(n, streams("samples", 2, i))
        found[name] = data.separation(points.x, points.classes, points.components)
    x, digits = images.x_train[:n], images.y_train[:n].astype(np.int64)
    found["MNIST, a digit one component"] = data.separation(x, digits, digits)
    found["MNIST, an image one component"] = data.separation(x, digits, np.arange(len(x)))
    rows = list(found.values())
    return xr.Dataset(
        {
            "delta": ("data", [row.delta for row in rows]),
            "diameter": ("data", [row.diameter for row in rows]),
            "lam": ("data", [row.lam for row in rows]),
            "allowed": ("data", [row.allowed for row in rows]),
            "norm_min": ("data", [row.norm_range[0] for row in rows]),
            "norm_max": ("data", [row.norm_range[1] for row in rows]),
        },
        {"data": list(found)},
    )
