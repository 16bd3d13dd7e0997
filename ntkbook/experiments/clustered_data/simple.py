"""Setting (S) of Li and Liang (2018), sec. 5: one unit-norm point a component, and all of them in every step."""

from dataclasses import dataclass, field

import numpy as np
import torch

from ntkbook import data
from ntkbook.bounds import li2018 as bounds
from ntkbook.expect import expects
from ntkbook.experiments.clustered_data.checks import check_counts
from ntkbook.experiments.clustered_data.clusters import Clusters
from ntkbook.networks import TwoLayerClassifier
from ntkbook.streams import Streams


@expects()
@dataclass(frozen=True)
class Settings:
    """What every cell in setting (S) receives."""

    width: int
    """Neurons m."""
    clusters: Clusters = field(default_factory=Clusters)
    """Sizes of the mixture whose means, scaled to norm 1, are the points."""

    def __post_init__(self):
        check_counts(width=self.width)


@dataclass(frozen=True, eq=False)
class Start:
    """Points and net at the start, in float64, since slow steps are smaller than float32 resolves."""

    x: torch.Tensor
    """Points (k l, d)."""
    classes: torch.Tensor
    """Their classes (k l,)."""
    delta: float
    """Least distance between points of different classes."""
    net: TwoLayerClassifier
    """Before the first step."""

    @property
    def products(self) -> torch.Tensor:
        """X X' (k l, k l)."""
        return self.x @ self.x.T

    @property
    def gates(self) -> torch.Tensor:
        """1{w_r(0).x >= 0} (k l, m)."""
        return self.x @ self.net.weights >= 0


def start(settings: Settings, seed: int, streams: Streams, device: str) -> Start:
    """Draw the points and the net of one cell.

    Parameters
    ----------
    settings : Settings
        Width and sizes.
    seed : int
        Of the cell.
    streams : Streams
        Random streams, of which "points" and "weights (S)" are used.
    device : str
        Where to compute.

    Returns
    -------
    Start
    """
    clusters = settings.clusters
    mixture = clusters.mixture(streams("points", seed))
    x = data.unit_rows(mixture.means)
    net = TwoLayerClassifier.initialise(
        clusters.dim,
        settings.width,
        clusters.n_classes,
        streams("weights (S)", seed),
        dtype=torch.float64,
        device=device,
    )
    delta = data.separation(x, mixture.classes, np.arange(clusters.count)).delta
    return Start(torch.tensor(x, device=device), torch.tensor(mixture.classes, device=device), delta, net)


def large(norms: torch.Tensor, v: float, delta: float, n_classes: int, n_components: int) -> dict[str, float]:
    """Lemma 5.2: share of the neurons that reach its norm, and the norm that enough neurons reach.

    Parameters
    ----------
    norms : Tensor (m,)
        Of the pseudo-gradients.
    v, delta : float
        Largest weighted error and separation.
    n_classes, n_components : int
        k, and l of each.

    Returns
    -------
    dict of str to float
        "large", the share with a norm of at least `lemma_5_2_norm`; "reach", the largest c such that `lemma_5_2_share`
        of the neurons have a norm of at least c times that; "norm", the root mean square norm.
    """
    threshold = bounds.lemma_5_2_norm(v, delta, n_classes, n_components)
    return {
        "large": float((norms >= threshold).double().mean()),
        "reach": float(norms.topk(kept(delta, n_classes, n_components, len(norms))).values[-1]) / threshold,
        "norm": float(norms.square().mean().sqrt()),
    }


def kept(delta: float, n_classes: int, n_components: int, width: int) -> int:
    """Neurons that Lemma 5.2 speaks of, at least one.

    Parameters
    ----------
    delta : float
        Separation.
    n_classes, n_components : int
        k, and l of each.
    width : int
        Neurons m.

    Returns
    -------
    int
    """
    return max(1, int(np.ceil(bounds.lemma_5_2_share(delta, n_classes, n_components) * width)))
