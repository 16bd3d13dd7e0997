"""Experiment `convergence`: how fast gradient descent fits true, random and worst-case labels.

Claims A03 to A07 and A14 to A16. Three parts: the spectrum and the labels in it; long runs in the paper's setting
(curves); short runs over widths, seeds and two scales of initialisation (widths).
"""

import time
from dataclasses import asdict
from pathlib import Path

import xarray as xr

from ntkbook import data, records
from ntkbook.experiments.convergence_claims import CLAIMS
from ntkbook.experiments.convergence_runs import (
    LABELS,
    Cell,
    Config,
    Curve,
    linear_dynamics,
    long_run,
    problem,
    short_run,
    spectrum_of_labels,
)
from ntkbook.experiments.sweep import cell_generator, found_datasets, sweep, table

__all__ = ["CLAIMS", "LABELS", "PROFILES", "Config", "run"]

_DATA = 0  # purpose of the random stream that draws the images

PROFILES = {
    "quick": Config(
        "quick",
        n_spectrum=800,
        n_curves=200,
        width_curves=2000,
        steps_curves=1500,
        n_widths=100,
        widths=(500, 2000, 8000),
        steps_widths=300,
        n_seeds=3,
    ),
    "laptop": Config(
        "laptop",
        n_spectrum=10_000,
        n_curves=800,
        width_curves=10_000,
        steps_curves=1000,
        n_widths=100,
        widths=(1000, 4000, 16_000, 64_000),
        steps_widths=500,
        n_seeds=3,
        per_decade=8,
    ),
    "paper": Config(
        "paper",
        n_spectrum=10_000,
        n_curves=10_000,
        width_curves=10_000,
        steps_curves=1_000_000,
        n_widths=100,
        widths=(1000, 4000, 16_000, 64_000),
        steps_widths=5000,
        n_seeds=5,
        per_decade=8,
    ),
}


def run(config: Config, *, device: str = "cpu", n_jobs: int | None = None, store: Path | None = None) -> xr.Dataset:
    """Run the experiment.

    Parameters
    ----------
    config : Config
        Such as `PROFILES["quick"]`.
    device : str
        Where the nets are trained.
    n_jobs : int, optional
        Processes, see `sweep`.
    store : Path, optional
        Folder for finished cells, which a second run takes up.

    Returns
    -------
    xarray.Dataset
        Variables without prefix: the spectrum; `curve_*`: the long runs; `width_*`: the sweep; provenance in the
        attributes.
    """
    start = time.perf_counter()
    names = found_datasets(config.datasets)
    samples = {
        (name, n): data.load(name, n_train=n, n_test=0, rng=cell_generator(config.seed, _DATA))
        for name in names
        for n in {config.n_spectrum, config.n_curves, config.n_widths}
    }
    identity = [config.seed, device, sorted(sample.sha256 for sample in samples.values())]
    shared = {"n_jobs": n_jobs, "store": store}
    record = xr.concat(
        [spectrum_of_labels(config, samples[name, config.n_spectrum]) for name in names],
        dim=xr.Variable("data", names),
        join="outer",
    )

    problems = {name: problem(config, samples[name, config.n_curves], device) for name in names}
    curves = [Curve(name, labels) for name in names for labels in LABELS]
    settings = [
        config.width_curves,
        config.steps_curves,
        config.step_scale,
        config.max_sharpness,
        config.horizon,
        config.per_decade,
    ]
    results = sweep(
        long_run, curves, config, problems, identity=[*identity, "curve", config.init_scales[-1], *settings], **shared
    )
    record = record.merge(table(curves, results).rename(labels="label"))

    short = problem(config, samples[names[0], config.n_widths], device)
    cells = [
        Cell(scale, m, labels, seed)
        for scale in config.init_scales
        for m in config.widths
        for labels in LABELS
        for seed in range(config.n_seeds)
    ]
    settings = [config.n_widths, config.steps_widths, config.step_scale, config.max_sharpness, config.per_decade]
    results = sweep(short_run, cells, config, short, identity=[*identity, "width", *settings], **shared)
    record = record.merge(table(cells, results).rename(labels="label")).merge(linear_dynamics(config, short))
    record.attrs = records.provenance(
        experiment="convergence",
        profile=config.profile,
        config=asdict(config),
        seeds=range(config.n_seeds),
        data={
            samples[name, config.n_curves].source: " ".join(
                f"{n}:{sample.sha256}" for (of, n), sample in samples.items() if of == name
            )
            for name in names
        },
        device=device,
        dtype="float32 training, float64 spectra",
        seconds=time.perf_counter() - start,
    )
    return record
