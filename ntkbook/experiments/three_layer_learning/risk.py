"""Test error of Algorithm 1 against N, m and label noise, with the random signs Sigma and without: Theorem 2."""

from collections.abc import Sequence
from dataclasses import dataclass

import xarray as xr

from ntkbook.experiments.three_layer_learning.algorithm_runs import NO_GAUSSIANS, Constants, Run, measure_runs
from ntkbook.experiments.three_layer_learning.shrinking import SIGMA
from ntkbook.streams import Streams


@dataclass(frozen=True)
class Cell:
    """One run."""

    n: int
    """Training points N."""
    width: int
    """m_1 = m_2 = m."""
    noise: float
    """Standard deviation s of the noise on training targets; test targets are clean."""
    sigma: str
    """A key of `SIGMA`."""
    seed: int


def measure(cells: Sequence[Cell], constants: Constants, streams: Streams, device: str) -> list[xr.Dataset]:
    """Train nets of one width on as many points side by side.

    Parameters
    ----------
    cells : sequence of Cell
        With one n and one width.
    constants : Constants
        Of Algorithm 1; smoothing and gradient noise are off.
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
        Run(cell.n, cell.width, cell.seed, cell.noise, constants, {**NO_GAUSSIANS, "signs": SIGMA[cell.sigma]})
        for cell in cells
    ]
    return measure_runs(runs, streams, device)
