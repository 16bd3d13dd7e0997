"""The auxiliary sequence, eq. (11) of Arora et al. (2019), run to its limit."""

import numpy as np
import torch
import xarray as xr

from ntkbook import data, dynamics
from ntkbook.kernels import empirical_gram
from ntkbook.label_norm import label_norms
from ntkbook.networks import TwoLayer
from ntkbook.streams import Streams

_SAMPLES, _WIDTH = 40, 200


def measure(sample: data.Sample, streams: Streams) -> xr.Dataset:
    """Run the sequence of eq. (11) to its limit and compare its norm with sqrt(y'H(0)^-1 y): sec. 5.2.

    Parameters
    ----------
    sample : Sample
        Images, of which the first few are used.
    streams : Streams
        Random streams.

    Returns
    -------
    xarray.Dataset
        Both norms and the number of steps, for true and random labels.
    """
    x = torch.tensor(sample.x_train[:_SAMPLES])
    start = TwoLayer.initialise(x.shape[1], _WIDTH, streams("weights", _WIDTH), dtype=torch.float64)
    gram, gates = empirical_gram(x, start.weights), (x @ start.weights >= 0).double()
    kinds = {"true": sample.y_train[:_SAMPLES], "random": data.random_labels(len(x), streams("labels", 0))}
    rows = []
    for labels in kinds.values():
        y = torch.tensor(labels)
        found = label_norms(gram, y)
        weights, steps = dynamics.auxiliary_sequence(x, gates, start.output_weights, y, 1 / found.lambda_max)
        rows.append((float(weights.norm()), float(found.values), float(steps)))
    columns = zip(("norm", "expected", "steps"), np.array(rows).T, strict=True)
    return xr.Dataset({name: ("labels", values) for name, values in columns}, {"labels": list(kinds)})
