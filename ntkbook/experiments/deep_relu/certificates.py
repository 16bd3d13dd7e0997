"""The largest B of eq. (4.1) at the start, a margin, against the sample size: Cao and Gu (2019), Lemmas 5.4 and 5.5."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
import xarray as xr
from torch import Tensor

from ntkbook.bounds import cao2019_lemmas as lemmas
from ntkbook.data import Sample
from ntkbook.expect import expects
from ntkbook.experiments.deep_relu import tasks
from ntkbook.kernels import conjugate_kernel
from ntkbook.margins import gradient_certificate, hard_margin
from ntkbook.networks import DeepReLU
from ntkbook.streams import Streams


@expects()
@dataclass(frozen=True)
class Settings:
    """What every cell receives."""

    width: int
    """Neurons m of each layer."""

    def __post_init__(self):
        if self.width < 2 or self.width % 2:
            raise ValueError(f"width: expected an even number >= 2, found {self.width}")


@dataclass(frozen=True)
class Cell:
    """One net at its start, on a sample."""

    task: str
    depth: int
    n: int
    seed: int


def measure(cell: Cell, settings: Settings, samples: Mapping[str, Sample], streams: Streams, device: str) -> xr.Dataset:
    """Compute the margin of the last layer's tangent features over sqrt(m), and what the paper's proof makes of it.

    Parameters
    ----------
    cell : Cell
        Task, depth, sample size and seed.
    settings : Settings
        Of the part.
    samples : mapping of str to Sample
        What the tasks are made from.
    streams : Streams
        Random streams.
    device : str
        Where to compute.

    Returns
    -------
    xarray.Dataset
    """
    x, y = tasks.problem(cell.task, cell.n, cell.seed, samples, streams, torch.float64, device)
    rng = streams("weights", cell.depth, settings.width, cell.seed)
    net = DeepReLU.initialise(x.shape[1], (settings.width,) * cell.depth, rng, dtype=torch.float64, device=device)
    return xr.Dataset({"certificate": gradient_certificate(net, x, y), "proof": proof(cell.depth, x, y)})


def proof(depth: int, x: Tensor, labels: Tensor) -> float:
    """B that the proofs give at W(0), with their constants: at most, at L >= 2, and at L = 1 exactly.

    At L >= 2 Lemma B.3, 2^-L gamma / sqrt(8), with gamma of assumption 4.10 replaced by its upper bound, the margin of
    kappa^(1). (Lemma 5.4 keeps 2^-(L+2) gamma of it in the whole ball.) At L = 1 Lemma 5.5, gamma / sqrt(8) with gamma
    the margin of kappa^(0), the inputs themselves.

    Parameters
    ----------
    depth : int
        L.
    x : Tensor (n, d)
        Inputs, float64.
    labels : Tensor (n,)
        y, +-1.

    Returns
    -------
    float
    """
    if depth == 1:
        return lemmas.lemma_5_5(hard_margin(x @ x.T, labels, inputs=x).value) / 8**0.5
    return lemmas.lemma_b_3(depth, hard_margin(conjugate_kernel(x, 1) / 2, labels, inputs=x).value) ** 0.5
