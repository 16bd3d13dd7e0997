"""Labels that have no margin: one input with both labels, and odd labels on antipodal pairs."""

import numpy as np
import torch
import xarray as xr

from ntkbook import data
from ntkbook.experiments.deep_generalization import tasks
from ntkbook.experiments.deep_generalization.margins import kernel_margins, or_zero
from ntkbook.margins import relu_feature_margin
from ntkbook.streams import Streams

CASES = ("contradictory duplicate", "antipodal pairs, odd labels")
_N, _DUPLICATE_DIM, _ANTIPODAL_DIM, _N_FEATURES = 40, 30, 4, 300


def measure(depth: int, streams: Streams, device: str) -> xr.Dataset:
    """Compute the margins of two samples that assumption 4.10 excludes.

    Parameters
    ----------
    depth : int
        Largest number of layers l.
    streams : Streams
        Random streams.
    device : str
        Where to compute.

    Returns
    -------
    xarray.Dataset
        By case: gamma_N over random features, and by layer the margin in kappa^(l); 0 where there is none.
    """
    samples = [_on_device(*made, device) for made in (_duplicate(streams), _antipodal(streams))]
    rng = streams("features of cases")
    gamma = []
    for x, y in samples:
        directions = torch.tensor(rng.standard_normal((x.shape[1], _N_FEATURES)), device=device)
        gamma.append(or_zero(lambda x=x, y=y, u=directions: relu_feature_margin(x, y, u).value))
    margins = [kernel_margins(x, y, depth) for x, y in samples]
    return xr.Dataset(
        {"gamma": ("case", gamma), "margin": (("case", "layer"), margins)},
        {"case": list(CASES), "layer": list(range(depth + 1))},
    )


def _on_device(x: np.ndarray, y: np.ndarray, device: str) -> tuple[torch.Tensor, torch.Tensor]:
    """Put a sample on a device."""
    return torch.tensor(x, device=device), torch.tensor(y, device=device)


def _duplicate(streams: Streams) -> tuple[np.ndarray, np.ndarray]:
    rng = streams("duplicate")
    x, y = data.sphere(_N, _DUPLICATE_DIM, rng), data.random_labels(_N, rng)
    return np.concatenate([x, x[:1]]), np.append(y, -y[0])


def _antipodal(streams: Streams) -> tuple[np.ndarray, np.ndarray]:
    half = data.sphere(_N, _ANTIPODAL_DIM, streams("antipodal"))
    x = np.concatenate([half, -half])
    return x, tasks.odd_labels(x)
