"""Nets of growing width on one sample: error at equal convergence (Z03), and how evenly the weights move (Z09)."""

from dataclasses import dataclass, field

import numpy as np
import xarray as xr

from ntkbook import data
from ntkbook.expect import expects
from ntkbook.experiments.two_layer_learning.nets import Array, Recipe, Run, at_level, train
from ntkbook.experiments.two_layer_learning.targets import Concept, Draw, figure_1, lifted
from ntkbook.streams import Streams
from ntkbook.training import log_grid
from ntkbook.wants import between, each, share

TARGETS = ("concept", "figure 1")


@expects(level=between(0, 1), moments=each(share))
@dataclass(frozen=True)
class Settings:
    """What every cell receives."""

    n_steps: int
    """T, the same for all widths; steps are in units of each net's own `step_unit`."""
    n_seeds: int
    """Targets, each with data and nets of its own."""
    sizes: tuple[int, int] = (200, 1000)
    """N for the two targets."""
    level: float = 1e-3
    """Train error over the targets' variance at which widths are compared."""
    moments: tuple[float, ...] = (0.0, 0.001, 0.01, 0.1, 1.0)
    """Shares of the run at which everything is kept; 0 is the first step."""
    dim: int = 5
    """d, the constant coordinate among them."""
    terms: int = 4
    """p of eq. (3.1)."""
    scale: float = 3.0
    """B of footnote 6."""
    n_test: int = 4000
    """Test points."""
    recipe: Recipe = field(default_factory=Recipe)
    """Of SGD."""

    def __post_init__(self):
        if (
            self.n_steps < 1
            or not 0 < self.level < 1
            or self.moments[-1] != 1
            or list(self.moments) != sorted(self.moments)
        ):
            raise ValueError(
                f"n_steps, level, moments: expected a step, a level in (0, 1) and shares up to 1, "
                f"found {self.n_steps}, {self.level} and {self.moments}"
            )


@dataclass(frozen=True)
class Cell:
    """Nets of one width on one of the targets."""

    target: str
    width: int


def measure(cell: Cell, settings: Settings, streams: Streams, device: str) -> xr.Dataset:
    """Train nets of one width, one for each seed, side by side.

    Parameters
    ----------
    cell : Cell
        Target and width.
    settings : Settings
        Of the part.
    streams : Streams
        Random streams.
    device : str
        Where to train.

    Returns
    -------
    xarray.Dataset
        By seed: train and test error when the train error first is at the level ("fitted_train", "fitted_error"), and
        the step; train and test error and evenness at each moment.
    """
    moments = [max(1, round(share * settings.n_steps)) for share in settings.moments]
    runs = [_run(cell, seed, settings, streams) for seed in range(settings.n_seeds)]
    grid = np.union1d(log_grid(settings.n_steps, 16), moments)
    rows: list[dict[str, float | Array]] = []
    for path in train(runs, cell.width, settings.n_steps, settings.recipe, device, record_at=grid.tolist()):
        error, test = path.train_errors, path.observations["test"]
        fitted_train, fitted_error, place = at_level(error, test, settings.level)
        kept = np.searchsorted(path.steps, moments)
        rows.append(
            {
                "fitted_train": fitted_train,
                "fitted_error": fitted_error,
                "fitted_step": float(np.interp(place, np.arange(len(test)), path.steps)),
                "train": error[kept],
                "test": test[kept],
                "evenness": path.observations["evenness"][kept],
            }
        )
    dims = {name: ("seed", "moment")[: 1 + np.ndim(value)] for name, value in rows[0].items()}
    return xr.Dataset(
        {name: (dims[name], np.array([row[name] for row in rows])) for name in dims},
        {"seed": range(settings.n_seeds), "moment": list(settings.moments)},
    )


def nulls(dim: int) -> xr.Dataset:
    """Evenness of Gaussian rows in d dimensions, and of such rows times a Gaussian number each, for many neurons.

    (E|g|^4)^(1/4) / (E|g|^2)^(1/2) = ((d + 2) / d)^(1/4), and E a^4 = 3 for the factor.

    Parameters
    ----------
    dim : int
        d.

    Returns
    -------
    xarray.Dataset
        null and null_scaled.
    """
    square = (dim + 2) / dim
    return xr.Dataset({"null": square**0.25, "null_scaled": (3 * square) ** 0.25})


def _run(cell: Cell, seed: int, settings: Settings, streams: Streams) -> Run:
    draw, n = _draw(cell.target, seed, settings, streams), settings.sizes[TARGETS.index(cell.target)]
    x, y = draw(streams("train", seed), n)
    test = draw(streams("test", seed), settings.n_test)
    weights, batches = (streams(name, cell.width, seed) for name in ("weights", "batches"))
    return Run(x, y, {"test": test}, weights, batches)


def _draw(target: str, seed: int, settings: Settings, streams: Streams) -> Draw:
    if target == "concept":
        concept = Concept.product(settings.dim, settings.terms, streams("target", seed), scale=settings.scale)
        return lifted(concept, streams("scale", seed))
    f = figure_1()

    def draw(rng: np.random.Generator, n: int) -> tuple[Array, Array]:
        x = data.sphere(n, 4, rng)
        return data.constant_coordinate(x), f(x)

    return draw
