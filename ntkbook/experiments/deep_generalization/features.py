"""Margins over random ReLU features and of hidden layers: Cao and Gu (2019), assumption 4.10, Lemmas B.2 and B.3."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
import xarray as xr
from torch import Tensor

from ntkbook.data import Sample
from ntkbook.expect import expects
from ntkbook.experiments.deep_generalization import tasks
from ntkbook.experiments.deep_generalization.margins import kernel_margins, or_zero
from ntkbook.margins import NotSeparableError, gradient_certificate, layer_margin, relu_feature_ceiling
from ntkbook.margins import relu_feature_margin as feature_margin
from ntkbook.networks import DeepReLU
from ntkbook.streams import Streams


@expects()
@dataclass(frozen=True)
class Settings:
    """What every cell receives."""

    n: int
    """Points."""
    counts: tuple[int, ...]
    """Numbers N of random features, increasing; the fewer are among the more."""
    n_fresh: int
    """Fresh features for the bound from above."""
    width: int
    """Neurons m of each layer of the nets."""
    depth: int = 3
    """Layers of the deepest net."""

    def __post_init__(self):
        if len(self.counts) < 2 or list(self.counts) != sorted(set(self.counts)) or self.counts[0] <= self.n:
            raise ValueError(f"counts: expected at least two increasing numbers > n = {self.n}, found {self.counts}")


@dataclass(frozen=True)
class Cell:
    """One draw of a task, of features and of a net."""

    task: str
    seed: int


def bracket(x: Tensor, labels: Tensor, directions: Tensor, fresh: Tensor) -> tuple[float, float]:
    """Margin gamma_N over given features, and the bound that its dual weights give on fresh ones.

    Parameters
    ----------
    x : Tensor (n, d)
        Inputs.
    labels : Tensor (n,)
        y, +-1.
    directions, fresh : Tensor (d, N)
        u_j, as columns.

    Returns
    -------
    tuple of float
        In expectation the first is at most gamma of assumption 4.10, the second at least.
    """
    try:
        found = feature_margin(x, labels, directions)
        value, weights = found.value, found.weights
    except NotSeparableError:
        value, weights = 0.0, torch.full_like(labels, 1 / len(labels))
    return value, relu_feature_ceiling(x, labels, weights, fresh)[0]


def measure(cell: Cell, settings: Settings, pools: Mapping[str, Sample], streams: Streams, device: str) -> xr.Dataset:
    """Bracket gamma, and measure the margins that nets at their start keep.

    Parameters
    ----------
    cell : Cell
        Task and seed.
    settings : Settings
        Of the part.
    pools : mapping of str to Sample
        Images of the pairs.
    streams : Streams
        Random streams.
    device : str
        Where to compute.

    Returns
    -------
    xarray.Dataset
        By number of features the two ends of the bracket; the ends that need no features; by layer l the margin of the
        l-th layer's outputs, and the exact worst-case B of the net that ends with this layer.
    """
    sample = tasks.draw(cell.task, settings.n, cell.seed, pools, streams)
    x, y = (torch.tensor(array, device=device) for array in (sample.x_train, sample.y_train))
    d, layers = x.shape[1], range(1, settings.depth + 1)
    directions = torch.tensor(streams("features", cell.seed).standard_normal((settings.counts[-1], d)), device=device).T
    fresh = torch.tensor(streams("fresh features", cell.seed).standard_normal((d, settings.n_fresh)), device=device)
    gamma, ceiling = zip(*(bracket(x, y, directions[:, :count], fresh) for count in settings.counts), strict=True)
    linear, kernel = kernel_margins(x, y, 1)
    widths = (settings.width,) * settings.depth
    net = DeepReLU.initialise(d, widths, streams("weights", cell.seed), dtype=x.dtype, device=device)
    cut = [DeepReLU(net.weights[:layer], net.output_weights) for layer in layers]
    return xr.Dataset(
        {
            "gamma": ("count", list(gamma)),
            "ceiling": ("count", list(ceiling)),
            "linear": linear / (2 * torch.pi) ** 0.5,
            "kernel": kernel,
            "layer_margin": ("layer", [or_zero(lambda at=at: layer_margin(net, x, y, at).value) for at in layers]),
            "certificate": ("layer", [or_zero(lambda of=of: gradient_certificate(of, x, y)) for of in cut]),
        },
        {"count": list(settings.counts), "layer": list(layers)},
    )
