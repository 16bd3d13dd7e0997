"""What the nets are trained on: images with true and with random labels, and points with a margin."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ntkbook import data
from ntkbook.data import Sample
from ntkbook.expect import expects
from ntkbook.streams import Streams
from ntkbook.wants import between

TASKS = ("true", "random", "margin")
"""True labels, coin flips on the same images, and the sign of a coordinate that is never small."""
IMAGES, GAPPED = "images", "margin"
"""Names of the two samples that the tasks are made from."""


@expects(rho=between(0, 1))
@dataclass(frozen=True)
class Gap:
    """A sphere without its equator: |x_1| >= rho."""

    dim: int = 10
    """Dimension d of the points."""
    rho: float = 0.3
    """Margin of the labels sign(x_1) under the direction e_1."""

    def __post_init__(self):
        if self.dim < 2 or not 0 < self.rho < 1:
            raise ValueError(f"dim, rho: expected dim >= 2 and rho in (0, 1), found {self.dim} and {self.rho}")

    def sample(self, n: int, streams: Streams) -> Sample:
        """Draw n points, uniform where |x_1| >= rho, with labels sign(x_1).

        Parameters
        ----------
        n : int
            How many; the first points are the same whatever n is.
        streams : Streams
            Random streams.

        Returns
        -------
        Sample
            Without test points.
        """
        rng, kept = streams("points with a gap", self.dim), np.empty((0, self.dim))
        while len(kept) < n:
            points = data.sphere(1000, self.dim, rng)
            kept = np.concatenate([kept, points[np.abs(points[:, 0]) >= self.rho]])
        source = f"sphere in {self.dim} dimensions without |x_1| < {self.rho:g}"
        x = kept[:n]
        return Sample(x, np.sign(x[:, 0]), np.empty((0, self.dim)), np.empty(0), GAPPED, source)


def problem(
    task: str, n: int, seed: int, samples: Mapping[str, Sample], streams: Streams, dtype: torch.dtype, device: str
) -> tuple[Tensor, Tensor]:
    """Inputs and labels of a task.

    Parameters
    ----------
    task : str
        One of `TASKS`.
    n : int
        The first n points of the sample.
    seed : int
        Of random labels.
    samples : mapping of str to Sample
        Under `IMAGES` and `GAPPED`.
    streams : Streams
        Random streams.
    dtype, device
        Of both tensors.

    Returns
    -------
    tuple of Tensor (n, d) and Tensor (n,)
    """
    sample = samples[GAPPED if task == "margin" else IMAGES]
    labels = data.random_labels(n, streams("random labels", seed)) if task == "random" else sample.y_train[:n]
    x = torch.tensor(sample.x_train[:n], dtype=dtype, device=device)
    return x, torch.tensor(labels, dtype=dtype, device=device)
