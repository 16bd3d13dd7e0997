"""What the chapter on clustered data quotes from a record: its numbers, and its tables."""

from collections.abc import Iterator

import numpy as np
import xarray as xr

from ntkbook.bounds import li2018 as bounds
from ntkbook.experiments.clustered_data.claims_distance import check_s02, components, update_ratios
from ntkbook.experiments.clustered_data.claims_images import check_s04, ends, judge_reading
from ntkbook.experiments.clustered_data.claims_lemmas import LEARNED, NEAR, check_s05, edge_scores
from ntkbook.experiments.clustered_data.claims_structure import check_s09, off_the_sphere
from ntkbook.experiments.clustered_data.measures import (
    NAMES,
    places_off,
    steps_to,
)
from ntkbook.experiments.clustered_data.xor import DISCS
from ntkbook.experiments.experiment import Number, settings
from ntkbook.experiments.judging import log_slope, slope
from ntkbook.figures.tables import Table
from ntkbook.records import part


def readings(record: xr.DataTree) -> dict[str, Number]:
    """Every number that the chapter quotes, by the key under which it does.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `clustered_data`.

    Returns
    -------
    dict of str to number
        Shares in per cent; "narrow" and "wide" are the ends of a range, means over seeds.
    """
    return _sets(record) | _synthetic(record) | _lemmas(record) | _images(record) | _structure(record)


def sets(record: xr.DataTree) -> Table:
    """(A1) and (A2) on every set of points.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `clustered_data`.

    Returns
    -------
    Table
    """
    measured, rows = part(record, "sets"), []
    for name in map(str, measured.data.values):
        points = measured.sel(data=name)
        delta, lam, allowed, least, largest = (
            float(points[key]) for key in ("delta", "lam", "allowed", "norm_min", "norm_max")
        )
        unit = bool(off_the_sphere(points) <= 1e-9)
        norms = "1" if unit else f"{least:.2f} to {largest:.2f}"
        met = ("yes" if lam <= allowed else "no"), norms, ("yes" if unit else "no")
        rows.append((name, f"{delta:.3f}", f"{lam:.3f}", f"{allowed:.4f}", *met))
    return Table(("points", "delta", "lambda", "allowed", "(A1)", "norms", "(A2)"), rows)


def nets(*records: xr.DataTree) -> Table:
    """Nets on the synthetic data after their last step, by run and width.

    Parameters
    ----------
    *records : xarray.DataTree
        Runs of the experiment `clustered_data`.

    Returns
    -------
    Table
        Means and standard deviations over seeds.
    """
    count, rows = components(records[0]), []
    for record in records:
        measured = part(record, "synthetic")
        for width in measured.width.values:
            net = measured.sel(width=width)
            gap = net.spectrum_update.isel(index=count - 1) / net.spectrum_update.isel(index=count)
            rows.append((record.attrs["profile"], f"{width:,}", *_ended(net), _told(gap)))
    last = f"singular values {count} / {count + 1}"
    return Table(("run", "m", "accuracy, %", "flipped, %", "distance, %", last), rows)


def two_starts(record: xr.DataTree) -> Table:
    """Nets on images after their last step, under each reading of the experiment.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `clustered_data`.

    Returns
    -------
    Table
        Means and standard deviations over seeds.
    """
    measured, rows = part(record, "images"), []
    for reading, found in ends(record).items():
        fits, nets = str(judge_reading(found).verdict), measured.sel(start=reading.start, inputs=reading.inputs)
        rows += [(*reading, f"{m:,}", *_ended(nets.sel(width=m)), fits) for m in measured.width.values]
    return Table(("start", "images", "m", "accuracy, %", "flipped, %", "distance, %", "this reading"), rows)


def _ended(net: xr.Dataset) -> Iterator[str]:
    return (_told(100 * net[f"end_{key}"]) for key in ("accuracy", "flipped", "distance"))


def _told(values: xr.DataArray) -> str:
    return f"{float(values.mean('seed')):.1f} +- {float(values.std('seed')):.1f}"


def _ends(key: str, values: xr.DataArray, factor: float = 1.0) -> dict[str, Number]:
    """Means over seeds at both ends of what is varied."""
    mean = factor * values.mean("seed")
    return {f"{key}-narrow": float(mean[0]), f"{key}-wide": float(mean[-1])}


def _sets(record: xr.DataTree) -> dict[str, Number]:
    xor = part(record, "xor")
    planar = xor.sel(discs="planar")
    return {
        "lambda-digits": float(part(record, "sets").lam.sel(data="MNIST, a digit one component")),
        "xor-ceiling": 100 * bounds.xor_ceiling(DISCS["planar"][0]),
        "xor-planar": 100 * float(planar.accuracy.mean()),
        "xor-planar-max": 100 * float(planar.accuracy.max()),
        "xor-origin": 100 * float(planar.component_accuracy.sel(component=0).mean()),
        "xor-lifted": 100 * float(xor.accuracy.sel(discs="lifted, 0.02").mean()),
    }


def _synthetic(record: xr.DataTree) -> dict[str, Number]:
    nets, dimension = part(record, "synthetic"), part(record, "dimension")
    count = components(record)
    gaps = [ratios[count - 1] for ratios in update_ratios(record)]
    steps = steps_to(dimension.accuracy.sel(mixture="separated"), 0.99).mean("seed")
    separated, edges = part(record, "separated"), edge_scores(record)
    early = nets.sel(step=5).mean("seed")
    return {
        "seeds": nets.sizes["seed"],
        "m-min": int(nets.width[0]),
        "m-max": int(nets.width[-1]),
        **_ends("accuracy", nets.end_accuracy, 100),
        **_ends("flipped", nets.end_flipped, 100),
        **_ends("distance", nets.end_distance, 100),
        **_ends("steps-99", steps_to(nets.accuracy, 0.99)),
        **_ends("apart-95", steps_to(separated.accuracy, 0.95)),
        **_ends("apart-99", steps_to(separated.accuracy, 0.99)),
        "verdict-s02": str(check_s02(record).verdict),
        "early-accuracy": 100 * float(early.accuracy.min()),
        "early-share": 100 * float((early.distance / nets.distance.isel(step=-1).mean("seed")).min()),
        "edge-narrow": float(edges[0]),
        "edge-wide": float(edges[-1]),
        **{f"slope-{name}": float(slope(nets[f"end_{name}"])) for name in NAMES},
        "slope-gap": float(slope(nets.end_pseudo_gap)),
        "gap-relative-wide": 100 * float((nets.end_pseudo_gap / nets.end_output).mean("seed")[-1]),
        "agree": 100 * float(nets.end_pseudo_agree.mean("seed")[-1]),
        "gap-min": float(min(gaps)),
        "gap-max": float(max(gaps)),
        "d-min": int(dimension.dim[0]),
        "d-max": int(dimension.dim[-1]),
        "d-steps-min": float(steps.min()),
        "d-steps-max": float(steps.max()),
    }


def _lemmas(record: xr.DataTree) -> dict[str, Number]:
    slow, paper, config = part(record, "slow"), part(record, "paper"), settings(record)
    clusters = config["simple"]["clusters"]
    k, parts = clusters["n_classes"], clusters["n_components"]
    end, first = slow.isel(step=-1), paper.isel(step=1)
    learned = (
        paper.where(paper.step == paper.step.where(paper.accuracy >= LEARNED).min("step")).max("step").mean("seed")
    )
    given_up = float(1 - learned.bound)
    v = paper.v.mean("seed")
    return {
        "simple-m": config["simple"]["width"],
        "slow-left": 100 * float(1 - end.coupled.mean()),
        "slow-bound": 100 * float(1 - end.bound.mean()),
        "paper-left": 100 * float(1 - first.coupled.mean()),
        "paper-bound": float(1 - first.bound.mean()),
        "slow-accuracy-first": 100 * float(slow.accuracy.isel(step=0).mean()),
        "slow-accuracy": 100 * float(end.accuracy.mean()),
        "learned-step": float(paper.step.where(paper.accuracy >= LEARNED).min("step").mean()),
        "learned-bound": given_up,
        "learned-left": 100 * float(1 - learned.coupled),
        "learned-m": config["simple"]["width"] * given_up**2,
        "verdict-s05": str(check_s05(record).verdict),
        "paper-left-end": 100 * float(1 - paper.coupled.mean("seed")[-1]),
        "vacuous-m": float((np.e * config["paper"]["rate"] * k * parts) ** 2),
        "lemma-width": float(bounds.lemma_5_2_width(float(paper.delta.mean()), k, parts)),
        "v-first": float(v[0]),
        "v-last": float(v[-1]),
        "reach-runs": min(float(slow.reach.min()), float(paper.reach.min())),
        "reach-arrays": float(part(record, "arrays").reach.min()),
        "reach-pairs": float(part(record, "pairs").reach.min()),
    }


def _images(record: xr.DataTree) -> dict[str, Number]:
    images = part(record, "images")
    found: dict[str, Number] = {
        "mnist-m-min": int(images.width[0]),
        "mnist-m-max": int(images.width[-1]),
        "mnist-steps": int(images.step[-1]),
        "mnist-seeds": images.sizes["seed"],
        "verdict-s04": str(check_s04(record).verdict),
    }
    keys = {"(A3)": "a3", "section 7": "s7"}
    for (start, inputs), nets in ends(record).items():
        key = f"{keys[start]}-{'pixels' if inputs == 'pixels' else 'unit'}"
        found |= {f"{key}-{name}-wide": 100 * float(nets[name][-1]) for name in NAMES}
        if inputs == "pixels":
            found |= {f"{key}-{name}-narrow": 100 * float(nets[name][0]) for name in NAMES}
            found[f"{key}-accuracy-wide"] = 100 * float(nets["accuracy"][-1])
            found[f"{key}-slope"] = log_slope(images.width.values, nets["distance"])
    return found


def _structure(record: xr.DataTree) -> dict[str, Number]:
    classes, of_class, labels = (part(record, name) for name in ("classes", "components", "labels"))
    found: dict[str, Number] = {
        "gap-at-k": 100 * float((places_off(classes) <= NEAR).mean()),
        "gap-at-l": 100 * float((places_off(of_class) <= NEAR).mean()),
        **_ends("k-flipped", classes.end_flipped, 100),
        **_ends("k-steps", steps_to(classes.accuracy, 0.99)),
        **_ends("l-flipped", of_class.end_flipped, 100),
        **_ends("l-distance", of_class.end_distance, 100),
        "verdict-s09": str(check_s09(record).verdict),
        "labels-m": settings(record)["labels"]["width"],
        "labels-steps": int(labels.step[-1]),
    }
    for kind in map(str, labels.labels.values):
        net = labels.sel(labels=kind)
        for key, values in (
            ("fitted", net.end_fitted),
            ("test", net.end_accuracy),
            ("distance", net.end_distance),
            ("flipped", net.end_flipped),
        ):
            found[f"{kind}-{key}"] = 100 * float(values.mean())
    return found
