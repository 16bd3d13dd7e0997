"""One net, one SGD, labels that are realisable, random, or a mixture: Z04."""

from dataclasses import dataclass, field

import numpy as np
import xarray as xr

from ntkbook.expect import expects
from ntkbook.experiments.two_layer_learning.nets import Recipe, Run, train
from ntkbook.experiments.two_layer_learning.targets import Concept, lifted
from ntkbook.streams import Streams


@expects()
@dataclass(frozen=True)
class Settings:
    """What every cell receives."""

    width: int
    """m."""
    n_steps: int
    """T."""
    n: int = 100
    """N."""
    dim: int = 10
    """d, the constant coordinate among them."""
    terms: int = 4
    """Neurons of the target, a two-layer network with sin, tanh, cos and exp - 1."""
    n_test: int = 4000
    """Test points."""
    recipe: Recipe = field(default_factory=Recipe)
    """Of SGD."""

    def __post_init__(self):
        if self.width < 1 or self.n_steps < 1 or self.n < 2:
            raise ValueError(
                f"width, n_steps, n: expected a neuron, a step and two points, "
                f"found {self.width}, {self.n_steps} and {self.n}"
            )


@dataclass(frozen=True)
class Cell:
    """One net on labels of which a portion is random."""

    portion: float
    seed: int


def measure(cell: Cell, settings: Settings, streams: Streams, device: str) -> xr.Dataset:
    """Train a net; inputs, start and batches are the same for all portions.

    Parameters
    ----------
    cell : Cell
        Portion of the labels that are replaced by Gaussian ones of the same variance, and seed.
    settings : Settings
        Of the part.
    streams : Streams
        Random streams.
    device : str
        Where to train.

    Returns
    -------
    xarray.Dataset
        By step: train error, and test error on labels of the same kind, random ones among them, over the variance.
    """
    target = Concept.network(settings.dim, settings.terms, streams("target", cell.seed), scale=1.0)
    draw = lifted(target, streams("scale", cell.seed))

    def labelled(name: str, n: int) -> tuple[np.ndarray, np.ndarray]:
        x, y = draw(streams(name, cell.seed), n)
        rng = streams(f"{name} labels", cell.seed)
        replaced = rng.permutation(n) < round(cell.portion * n)
        return x, np.where(replaced, rng.standard_normal(n), y)

    x, y = labelled("train", settings.n)
    weights, batches = (streams(name, cell.seed) for name in ("weights", "batches"))
    run = Run(x, y, {"test": labelled("test", settings.n_test)}, weights, batches)
    (path,) = train([run], settings.width, settings.n_steps, settings.recipe, device)
    variance = path.target_variance
    return xr.Dataset(
        {"train": ("step", path.train_errors / variance), "test": ("step", path.observations["test"])},
        {"step": path.steps},
    )
