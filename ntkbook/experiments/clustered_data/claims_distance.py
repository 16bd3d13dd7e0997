"""Claims about learning in few steps and close to the start, on mixtures: S02, S03 and S12."""

import numpy as np
import xarray as xr

from ntkbook.claims import Claim, Judgement
from ntkbook.experiments.clustered_data.measures import (
    listed,
    neighbour_ratios,
    numbered,
    steps_to,
)
from ntkbook.experiments.experiment import settings
from ntkbook.experiments.judging import at_least, at_most, below, decide
from ntkbook.records import part

LEVELS = (0.95, 0.99)
"""Accuracies to which steps are counted."""


def components(record: xr.DataTree) -> int:
    """Components k l of the synthetic data, after which a gap is expected in the spectrum of an update.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment.

    Returns
    -------
    int
    """
    clusters = settings(record)["synthetic"]["clusters"]
    return clusters["n_classes"] * clusters["n_components"]


def update_ratios(record: xr.DataTree) -> list[np.ndarray]:
    """Ratios of neighbouring singular values of the update on the synthetic data, for each width.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment.

    Returns
    -------
    list of ndarray (2 k l,)
    """
    spectrum, count = part(record, "synthetic").spectrum_update, components(record)
    return [neighbour_ratios(spectrum.sel(width=width), count) for width in spectrum.width]


def _times(accuracy: xr.DataArray) -> dict[float, xr.DataArray]:
    """Steps to each level, means over seeds."""
    return {level: steps_to(accuracy, level).mean("seed") for level in LEVELS}


def _spread(times: dict[float, xr.DataArray]) -> float:
    """Largest ratio of steps; NaN when a level was nowhere reached."""
    return float(np.max([float(steps.max(skipna=False) / steps.min(skipna=False)) for steps in times.values()]))


def _told(times: dict[float, xr.DataArray]) -> str:
    return "; ".join(
        f"steps to {100 * level:.0f} %: {', '.join(f'{float(t):.0f}' for t in steps)}" for level, steps in times.items()
    )


def check_s02(record: xr.DataTree) -> Judgement:
    """Theorem 4.1: steps against the width, on a mixture inside the theorem and on the paper's."""
    mixtures = {name: part(record, name) for name in ("separated", "synthetic")}
    times = {name: _times(nets.accuracy) for name, nets in mixtures.items()}
    told = "; ".join(f"{name}: {_told(found)}, ratio {_spread(found):.2f}" for name, found in times.items())
    wide = {name: _spread(_of_the_widest(found)) for name, found in times.items()}
    ends = [
        at_least(f"accuracy in the end, every net, {name}", nets.end_accuracy, 0.99) for name, nets in mixtures.items()
    ]
    return decide(
        f"at m = {numbered(mixtures['synthetic'].width)}, {told}; ratio of the two largest widths "
        f"{', '.join(f'{ratio:.2f}' for ratio in wide.values())}",
        reproduced=[
            *(at_most(f"largest ratio of steps over m, {name}", _spread(found), 1.5) for name, found in times.items()),
            *ends,
        ],
        only_asymptotic=[
            *(at_most(f"ratio of steps at the two largest m, {name}", ratio, 1.5) for name, ratio in wide.items()),
            *ends,
        ],
    )


def _of_the_widest(times: dict[float, xr.DataArray]) -> dict[float, xr.DataArray]:
    """Steps at the two largest widths."""
    return {level: steps.isel(width=slice(-2, None)) for level, steps in times.items()}


def check_s03(record: xr.DataTree) -> Judgement:
    """Figure 1: the synthetic data."""
    nets, count = part(record, "synthetic"), components(record)
    gaps = [ratios[count - 1] for ratios in update_ratios(record)]
    return decide(
        f"at m = {numbered(nets.width)}: accuracy {listed(nets.end_accuracy, '.4f')}; "
        f"flipped {listed(nets.end_flipped, '.3f')}; relative distance {listed(nets.end_distance, '.3f')}; "
        f"singular value {count} / {count + 1}: {', '.join(f'{gap:.1f}' for gap in gaps)}",
        reproduced=[
            at_least("accuracy", nets.end_accuracy.mean("seed"), 0.995),
            below("flipped", nets.end_flipped.mean("seed"), 0.1),
            below("relative distance", nets.end_distance.mean("seed"), 0.1),
            at_least("singular value k l / the next", float(np.min(gaps)), 2),
        ],
    )


def check_s12(record: xr.DataTree) -> Judgement:
    """Theorem 4.1: steps against the dimension."""
    nets = part(record, "dimension")
    separated, gaussian = (nets.sel(mixture=mixture) for mixture in ("separated", "Gaussian"))
    times = _times(separated.accuracy)
    return decide(
        f"separated mixture at d = {numbered(nets.dim)}: {_told(times)}; largest ratio {_spread(times):.2f}; "
        f"Gaussian mixture, to 99 %: {listed(steps_to(gaussian.accuracy, 0.99), '.0f')}",
        reproduced=[
            at_most("largest ratio of steps over d", _spread(times), 1.5),
            at_least("accuracy in the end, every net", separated.end_accuracy, 0.99),
        ],
    )


CLAIMS = (
    Claim(
        "S02",
        check_s02,
        "steps to 95 % and 99 % accuracy, counted at every step, the same at every width when eta = 10 / m, on the "
        "separated mixture and on the synthetic data",
        "means over seeds within a factor 1.5 over all widths, else only asymptotic if at the two largest; every net "
        "at 99 % in the end",
    ),
    Claim(
        "S03",
        check_s03,
        "accuracy goes to 100 %, flipped patterns and relative distance below 0.1, 20 singular values much larger",
        "at every width, means over seeds: accuracy >= 0.995, both below 0.1, "
        "singular value k l at least twice the next",
    ),
    Claim(
        "S12",
        check_s12,
        "steps to 95 % and 99 % accuracy the same in every dimension at fixed delta, k, l",
        "means over seeds within a factor 1.5 over all d on the separated mixture; every net at 99 % in the end",
    ),
)
