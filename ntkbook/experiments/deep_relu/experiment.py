"""The experiment `deep_relu`: descent on deep nets, margins, movements, starts, antipodal pairs, large steps."""

from dataclasses import replace
from functools import partial

import xarray as xr

from ntkbook import data
from ntkbook.experiments.deep_relu import (
    antipodal,
    certificates,
    descent,
    formulas,
    large_steps,
    linearity,
    start,
    tasks,
)
from ntkbook.experiments.deep_relu.claims import CLAIMS
from ntkbook.experiments.deep_relu.config import PROFILES, Config
from ntkbook.experiments.deep_relu.readings import readings
from ntkbook.experiments.experiment import Experiment
from ntkbook.experiments.lab import Lab


def measure(config: Config, lab: Lab) -> dict[str, xr.Dataset]:
    """Measure the parts.

    Parameters
    ----------
    config : Config
        Settings.
    lab : Lab
        Where to compute.

    Returns
    -------
    dict of str to xarray.Dataset
        "formulas" against autograd; runs at all "widths", "long" ones and those on samples of all "sizes";
        "certificates", the margins; "linearity"; nets at their "start"; "antipodal" pairs; "large_steps".
    """
    seeds = range(config.n_seeds)
    of_runs = {config.short.n, config.long.n, config.large_steps.n, *config.run_sizes}
    samples = {n: _samples(n, config, lab) for n in sorted(of_runs)}
    most = _samples(config.sizes[-1], config, lab)
    lab.note("sphere", "uniform on the sphere", f"seed {config.seed}")
    wide = [
        descent.Cell(task, depth, m, seed)
        for task in tasks.TASKS[:2]
        for depth in config.depths
        for m in config.widths
        for seed in seeds
    ]
    long = [
        descent.Cell(task, depth, config.long_width, seed)
        for task in tasks.TASKS
        for depth in config.long_depths
        for seed in seeds
    ]
    sized = [
        descent.Cell(task, depth, config.run_width, seed)
        for task in tasks.TASKS
        for depth in config.depths
        for seed in seeds
    ]
    margins = [
        certificates.Cell(task, depth, n, seed)
        for task in tasks.TASKS
        for depth in config.depths
        for n in config.sizes
        for seed in seeds
    ]
    moved = [linearity.Cell(depth, m, seed) for depth, m in config.shapes for seed in seeds]
    fresh = [
        start.Cell(depth, m, seed)
        for depth in config.start_depths
        for m in config.start_widths
        for seed in range(config.n_start_seeds)
    ]
    pairs = [antipodal.Cell(depth, seed) for depth in config.depths for seed in seeds]
    fast = [large_steps.Cell(rate, seed) for rate in config.rates for seed in seeds]
    common = lab.streams, lab.device
    by_size = [
        lab.sweep(descent.measure, sized, replace(config.short, n=n), samples[n], *common).squeeze("width", drop=True)
        for n in config.run_sizes
    ]
    return {
        "formulas": lab.sweep(formulas.measure, [formulas.Cell(seed) for seed in seeds], config.formulas, *common),
        "widths": lab.sweep(descent.measure, wide, config.short, samples[config.short.n], *common),
        "long": lab.sweep(descent.measure, long, config.long, samples[config.long.n], *common),
        "sizes": xr.concat(by_size, xr.DataArray(list(config.run_sizes), dims="n", name="n"), coords="minimal"),
        "certificates": lab.sweep(certificates.measure, margins, config.certificates, most, *common),
        "linearity": lab.sweep(linearity.measure, moved, config.linearity, *common),
        "start": lab.sweep(start.measure, fresh, config.start, *common),
        "antipodal": lab.sweep(antipodal.measure, pairs, config.antipodal, *common),
        "large_steps": lab.sweep(large_steps.measure, fast, config.large_steps, samples[config.large_steps.n], *common),
    }


def _samples(n: int, config: Config, lab: Lab) -> dict[str, data.Sample]:
    """Images of two classes and points with a margin, n of each, from which the tasks are made."""
    load = partial(data.load, classes=config.classes)
    gapped = config.gap.sample(n, lab.streams)
    lab.note(tasks.GAPPED, gapped.source, f"{n}:{gapped.sha256}")
    return {tasks.IMAGES: lab.sample(config.dataset, n_train=n, load=load), tasks.GAPPED: gapped}


EXPERIMENT = Experiment(
    name="deep_relu",
    summary="Gradient descent on deep ReLU nets near their start: gradients, margins, movement, linearity.",
    profiles=PROFILES,
    measure=measure,
    claims=CLAIMS,
    readings=readings,
    dtype="float32 training, float64 margins and movements",
)
