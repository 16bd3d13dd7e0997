"""Claims about learning in few steps and close to the start: S02 to S04, S11 and S12."""

import numpy as np
import xarray as xr

from ntkbook.claims import Claim, Condition, Judgement
from ntkbook.experiments.clustered_data.measures import (
    NAMES,
    growth,
    listed,
    neighbour_ratios,
    numbered,
    steps_to,
)
from ntkbook.experiments.experiment import settings
from ntkbook.experiments.judging import above, at_least, at_most, below, decide, slope
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
    """Theorem 4.1: steps against the width."""
    nets = part(record, "synthetic")
    times = _times(nets.accuracy)
    return decide(
        f"{_told(times)}, at m = {numbered(nets.width)}; largest ratio over m {_spread(times):.2f}",
        reproduced=[
            at_most("largest ratio of steps over m", _spread(times), 1.5),
            at_least("accuracy in the end, every net", nets.end_accuracy, 0.99),
        ],
    )


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


def check_s04(record: xr.DataTree) -> Judgement:
    """Figure 2: MNIST, at the printed step size; the gentle one is told beside it."""
    arms = {}
    for arm in ("printed", "gentle"):
        nets = part(record, arm)
        trends, close = _as_on_mixtures(nets, components(record))
        text = (
            f"accuracy {listed(nets.end_accuracy, '.3f')}; flipped {listed(nets.end_flipped, '.3f')}; "
            f"relative distance {listed(nets.end_distance, '.3f')}"
        )
        arms[arm] = decide(text, reproduced=trends + close, only_asymptotic=trends)
    told = "; ".join(f"{arm} rate ({found.verdict}): {found.measured}" for arm, found in arms.items())
    return Judgement(f"at m = {numbered(part(record, 'printed').width)}, {told}", arms["printed"].rules)


def _as_on_mixtures(nets: xr.Dataset, count: int) -> tuple[list[Condition], list[Condition]]:
    """What similar to the synthetic data means: the trends, and numbers as small as there."""
    update, start = _energy(nets.spectrum_update, count), _energy(nets.spectrum_start, count)
    trends = [
        at_least("accuracy", nets.end_accuracy.mean("seed"), 0.9),
        below("growth of the flips with the width", growth(nets.end_flipped, "width"), 0),
        below("growth of the distance with the width", growth(nets.end_distance, "width"), 0),
        above("share of the leading singular values / that at the start", update / start, 2),
    ]
    widest = nets.isel(width=-1).mean("seed")
    return trends, [
        below("flipped at the largest width", widest.end_flipped, 0.1),
        below("relative distance at the largest width", widest.end_distance, 0.1),
    ]


def _energy(spectrum: xr.DataArray, count: int) -> xr.DataArray:
    """Share of the leading squared singular values in those that were kept, mean over seeds."""
    squares = spectrum**2
    return (squares.isel(index=slice(count)).sum("index") / squares.sum("index")).mean("seed")


def check_s11(record: xr.DataTree) -> Judgement:
    """Section 7: trends in the width."""
    synthetic = part(record, "synthetic")
    slopes = {name: float(slope(synthetic[f"end_{name}"])) for name in NAMES}
    images = {(arm, name): part(record, arm)[f"end_{name}"] for arm in ("printed", "gentle") for name in NAMES}
    return decide(
        f"slopes in m: synthetic {', '.join(f'{found:.2f} {name}' for name, found in slopes.items())}; "
        + "; ".join(f"MNIST, {arm} rate, {name} {float(slope(values)):.2f}" for (arm, name), values in images.items()),
        reproduced=[
            *(at_least(f"slope of {name}, synthetic", found, -0.65) for name, found in slopes.items()),
            *(at_most(f"slope of {name}, synthetic", found, -0.35) for name, found in slopes.items()),
            *(
                below(f"growth of {name} with the width, MNIST, {arm} rate", growth(values, "width"), 0)
                for (arm, name), values in images.items()
            ),
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
        "steps to 95 % and 99 % accuracy the same at every width when eta = 10 / m",
        "means over seeds within a factor 1.5 over all widths; every net at 99 % in the end",
    ),
    Claim(
        "S03",
        check_s03,
        "accuracy goes to 100 %, flipped patterns and relative distance below 0.1, 20 singular values much larger",
        "at every width, means over seeds: accuracy >= 0.995, both below 0.1, "
        "singular value k l at least twice the next",
    ),
    Claim(
        "S04",
        check_s04,
        "MNIST: as on the synthetic data, less significant, and more so with more neurons",
        "at the printed step size: accuracy >= 0.9; flips and distance fall with every width and are below 0.1 at the "
        "largest, else only asymptotic; leading 20 singular values hold over twice the share they hold at the start",
    ),
    Claim(
        "S11",
        check_s11,
        "distance and flips fall like m^-1/2 on the synthetic data, and fall on MNIST",
        "synthetic slopes in -0.5 +- 0.15; on MNIST lower with every width, at both step sizes",
    ),
    Claim(
        "S12",
        check_s12,
        "steps to 95 % and 99 % accuracy the same in every dimension at fixed delta, k, l",
        "means over seeds within a factor 1.5 over all d on the separated mixture; every net at 99 % in the end",
    ),
)
