"""Algorithm 1 run down to several lambda_T, with the random signs Sigma and without."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import xarray as xr

from ntkbook.experiments.three_layer_learning.algorithm_one import Settings
from ntkbook.experiments.three_layer_learning.algorithm_runs import NO_GAUSSIANS, Run, measure_runs
from ntkbook.streams import Streams

SIGMA = {"with": True, "without": False}
"""Whether a run has random signs."""


@dataclass(frozen=True)
class Cell:
    """One run."""

    scale: float
    """lambda_T."""
    sigma: str
    """A key of `SIGMA`."""
    seed: int


def measure(cells: Sequence[Cell], settings: Settings, streams: Streams, device: str) -> list[xr.Dataset]:
    """Train nets that are scaled down to several lambda_T in the same number of rounds, side by side.

    Parameters
    ----------
    cells : sequence of Cell
        lambda_T, with Sigma or without, and seeds.
    settings : Settings
        Of Algorithm 1 but for lambda_T; smoothing and gradient noise are off.
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
        Run(
            settings.n_train,
            settings.width,
            cell.seed,
            0.0,
            replace(settings.constants, final_scale=cell.scale),
            {**NO_GAUSSIANS, "signs": SIGMA[cell.sigma]},
        )
        for cell in cells
    ]
    return measure_runs(runs, streams, device)
