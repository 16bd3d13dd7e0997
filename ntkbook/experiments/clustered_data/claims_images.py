"""Claims about MNIST, under several readings of the experiment, and about trends in the width: S04 and S11."""

import itertools
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import xarray as xr

from ntkbook.claims import Claim, Judgement, Verdict
from ntkbook.experiments.clustered_data.claims_distance import components
from ntkbook.experiments.clustered_data.images import INPUTS, STARTS
from ntkbook.experiments.clustered_data.measures import NAMES, numbered
from ntkbook.experiments.judging import above, at_least, at_most, below, decide, log_slope, slope
from ntkbook.records import part


class Reading(NamedTuple):
    """How the experiment on images is read."""

    start: str
    """One of `STARTS`."""
    inputs: str
    """One of `INPUTS`."""


READINGS = tuple(Reading(*names) for names in itertools.product(STARTS, INPUTS))
"""All readings. Those with the start of section 7 are judged, at the scale of the images that fits better."""


def ends(record: xr.DataTree) -> dict[Reading, dict[str, np.ndarray]]:
    """Nets on images after their last step, means over seeds (width,), for each reading.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment.

    Returns
    -------
    dict of Reading to dict of str to ndarray
        "accuracy", "flipped", "distance"; "concentrated", the share of the leading k l squared singular values in all
        those of the update, over the same share at the start; "kept", the same among the singular values that are kept.
    """
    images, leading = part(record, "images"), slice(components(record))
    means = {name: images[f"end_{name}"].mean("seed") for name in ("accuracy", *NAMES)}
    update, start = images.spectrum_update**2, images.spectrum_start**2
    led = update.isel(index=leading).sum("index") / start.isel(index=leading).sum("index")
    means["concentrated"] = (led / images.end_distance**2).mean("seed")  # distance^2 = |update|^2 / |start|^2
    means["kept"] = (led * start.sum("index") / update.sum("index")).mean("seed")
    return {
        reading: {name: values.sel(start=reading.start, inputs=reading.inputs).values for name, values in means.items()}
        for reading in READINGS
    }


def judge_reading(found: Mapping[str, np.ndarray]) -> Judgement:
    """Figure 2 under one reading: similar to the synthetic data are the trends, and numbers as small as there.

    Parameters
    ----------
    found : mapping of str to ndarray
        One of those that `ends` returns.

    Returns
    -------
    Judgement
    """
    trends = [
        at_least("accuracy", found["accuracy"].min(), 0.9),
        below("growth of the flips with the width", np.diff(found["flipped"]).max(), 0),
        below("growth of the distance with the width", np.diff(found["distance"]).max(), 0),
        above("share of the leading singular values / that at the start", found["concentrated"].min(), 2),
    ]
    close = [
        below("flipped at the largest width", found["flipped"][-1], 0.1),
        below("relative distance at the largest width", found["distance"][-1], 0.1),
    ]
    names = {"accuracy": "accuracy", "flipped": "flipped", "distance": "relative distance"}
    told = "; ".join(f"{said} {', '.join(f'{value:.3f}' for value in found[name])}" for name, said in names.items())
    told += (
        f"; share of the leading singular values / at the start {', '.join(f'{x:.1f}' for x in found['concentrated'])}"
    )
    told += f" (among the kept ones alone {', '.join(f'{x:.2f}' for x in found['kept'])})"
    return decide(told, reproduced=trends + close, only_asymptotic=trends)


def _best(judged: Mapping[Reading, Judgement]) -> Judgement:
    """Judgement of the start of section 7 at the scale of the images, which the paper does not give, that fits best."""
    printed = (found for reading, found in judged.items() if reading.start == "section 7")
    return min(printed, key=lambda found: list(Verdict).index(found.verdict))


def check_s04(record: xr.DataTree) -> Judgement:
    """Figure 2: MNIST, with the start that section 7 prints, at the scale of the images that fits better."""
    judged = {reading: judge_reading(found) for reading, found in ends(record).items()}
    told = "; ".join(
        f"{reading.start} start, {reading.inputs} ({found.verdict}): {found.measured}"
        for reading, found in judged.items()
    )
    return Judgement(f"at m = {numbered(part(record, 'images').width)}, {told}", _best(judged).rules)


def check_s11(record: xr.DataTree) -> Judgement:
    """Section 7: trends in the width, on mixtures and on images apart."""
    synthetic, images = part(record, "synthetic"), ends(record)
    slopes = {name: float(slope(synthetic[f"end_{name}"])) for name in NAMES}
    on_mixtures = [
        *(at_least(f"slope of {name}, synthetic", found, -0.65) for name, found in slopes.items()),
        *(at_most(f"slope of {name}, synthetic", found, -0.35) for name, found in slopes.items()),
    ]
    judged = {}
    for reading, found in images.items():
        falls = [below(f"growth of {name} with the width, MNIST", np.diff(found[name]).max(), 0) for name in NAMES]
        judged[reading] = decide("", reproduced=on_mixtures + falls, only_asymptotic=on_mixtures)
    widths = part(record, "images").width.values
    told = "; ".join(
        f"MNIST, {reading.start} start, {reading.inputs}, "
        + ", ".join(f"{log_slope(widths, found[name]):.2f} {name}" for name in NAMES)
        for reading, found in images.items()
    )
    text = f"slopes in m: synthetic {', '.join(f'{found:.2f} {name}' for name, found in slopes.items())}; {told}"
    return Judgement(text, _best(judged).rules)


CLAIMS = (
    Claim(
        "S04",
        check_s04,
        "MNIST, with the start that section 7 prints: as on the synthetic data, less significant, and more so with "
        "more neurons",
        "with norm 1 or with pixels over sqrt(d): accuracy >= 0.9; flips and distance fall with every width and "
        "are below 0.1 at the largest, else only asymptotic; leading 20 singular values hold over twice the share they "
        "hold at the start; (A3)'s start is told, and does not count",
    ),
    Claim(
        "S11",
        check_s11,
        "distance and flips fall like m^-1/2 on the synthetic data, and fall on MNIST with the start that section 7 "
        "prints",
        "synthetic slopes in -0.5 +- 0.15; on MNIST, with norm 1 or with pixels over sqrt(d), lower with every width, "
        "else only asymptotic",
    ),
)
