"""Algorithm 1 in full, and without each of its ingredients in turn."""

from collections.abc import Sequence
from dataclasses import dataclass

import xarray as xr

from ntkbook.expect import expects
from ntkbook.experiments.three_layer_learning.algorithm_runs import NO_GAUSSIANS, Constants, Run, measure_runs
from ntkbook.streams import Streams

_NOTHING = {**NO_GAUSSIANS, "shrinkage": 0.0, "penalty_first": 0.0, "penalty_second": 0.0}
VARIANTS: dict[str, dict[str, float | bool]] = {
    "full": {},
    "no signs": {"signs": False},
    "no decay": {"shrinkage": 0.0},
    "no smoothing": {"smoothing_first": 0.0, "smoothing_second": 0.0, "candidates": 1},
    "no penalty": {"penalty_first": 0.0, "penalty_second": 0.0},
    "no noise": {"gradient_noise": 0.0},
    "no choice": {"candidates": 1},
    "signs only": _NOTHING,
    "plain": {**_NOTHING, "signs": False},
}
"""What is changed in each; "plain" is SGD and nothing else."""


@expects()
@dataclass(frozen=True)
class Settings:
    """What every cell receives."""

    width: int
    """m_1 = m_2 = m."""
    n_train: int
    """N."""
    constants: Constants


@dataclass(frozen=True)
class Cell:
    """One run."""

    variant: str
    seed: int


def measure(cells: Sequence[Cell], settings: Settings, streams: Streams, device: str) -> list[xr.Dataset]:
    """Train variants side by side.

    Parameters
    ----------
    cells : sequence of Cell
        Variants and seeds.
    settings : Settings
        Of the part.
    streams : Streams
        Random streams.
    device : str
        Where to train.

    Returns
    -------
    list of xarray.Dataset
        See `measure_runs`.
    """
    runs = [
        Run(settings.n_train, settings.width, cell.seed, 0.0, settings.constants, VARIANTS[cell.variant])
        for cell in cells
    ]
    return measure_runs(runs, streams, device)
