"""Experiment `generalization`: the complexity measure, test error under label noise, and the steps of the proof.

Claims A08 to A13 and A23. Five parts: eq. (10) alone (measure); nets trained on noisy labels (noisy); a sweep over
widths with the ball in which each net ends (ball); the sequence of eq. (11) (auxiliary); two close inputs of opposite
label (pair).
"""

import time
from dataclasses import asdict
from pathlib import Path

import xarray as xr

from ntkbook import data, records
from ntkbook.experiments.generalization_claims import CLAIMS
from ntkbook.experiments.generalization_runs import IMAGES, Config, Noisy, measure_labels, train_noisy
from ntkbook.experiments.generalization_theory import Ball, Pair, auxiliary, train_ball, train_pair
from ntkbook.experiments.sweep import cell_generator, found_datasets, sweep, table

__all__ = ["CLAIMS", "PROFILES", "Config", "run"]

TENTHS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)

PROFILES = {
    "quick": Config(
        "quick",
        n_measure=1000,
        n_train=150,
        n_test=850,  # with them all 1,000 images of zeros and ones that a dependency ships
        width=1500,
        portions=(0.0, 0.5, 1.0),
        n_draws=(1, 1),
        n_widths=100,
        widths=(250, 1000, 2000),
        n_seeds=2,
        pair_steps=20_000,
    ),
    "laptop": Config(
        "laptop",
        n_measure=10_000,
        n_train=1000,
        n_test=2000,
        width=200,
        portions=TENTHS,
        n_draws=(2, 2),
        n_widths=100,
        widths=(1000, 4000, 16_000),
        n_seeds=3,
        angles=(1.0, 0.3, 0.1, 0.03, 0.01, 0.003),
        pair_steps=200_000,
    ),
    "paper": Config(
        "paper",
        n_measure=10_000,
        n_train=10_000,
        n_test=2000,
        width=10_000,
        portions=TENTHS,
        n_draws=(5, 5),
        n_widths=100,
        widths=(1000, 4000, 16_000, 64_000),
        n_seeds=5,
        angles=(1.0, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001),
        pair_steps=1_000_000,
        max_steps=10_000_000,
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
        `measure*`, `noisy_*`, `ball_*`, `auxiliary_*` and `pair_*`, see the module's docstring; provenance in the
        attributes.
    """
    start = time.perf_counter()
    names = found_datasets(config.datasets)

    def sample(name: str, n_train: int, draw: int, n_test: int = config.n_test) -> data.Sample:
        return data.load(name, n_train=n_train, n_test=n_test, rng=cell_generator(config.seed, IMAGES, draw))

    draws = dict(zip(config.trained, config.n_draws, strict=True))
    trained = found_datasets(config.trained)
    noisy = {(name, draw): sample(name, config.n_train, draw) for name in trained for draw in range(draws[name])}
    widths, close = sample(names[0], config.n_widths, 0), sample(names[0], config.n_pair, 0)
    measured = {name: sample(name, config.n_measure, 0, 0) for name in names}
    shared = {"n_jobs": n_jobs, "store": store}
    common = [config.seed, device, config.step_scale, config.max_sharpness, config.stop_loss, config.max_steps]

    record = xr.concat([measure_labels(config, measured[name]) for name in names], dim=xr.Variable("data", names))
    balls = [
        Ball(scale, m, labels, seed)
        for scale in config.init_scales
        for m in config.widths
        for labels in ("true", "random")
        for seed in range(config.n_seeds)
    ]
    identity = [*common, "ball", widths.sha256, config.n_signs, config.delta]
    record = record.merge(table(balls, sweep(train_ball, balls, config, widths, device, identity=identity, **shared)))

    pairs = [Pair(angle) for angle in config.angles]
    identity = [*common, "pair", close.sha256, config.init_scale, config.pair_width, config.pair_steps]
    record = record.merge(table(pairs, sweep(train_pair, pairs, config, close, device, identity=identity, **shared)))
    noisy_cells, results = [], []
    for (name, draw), images in noisy.items():
        cells = [Noisy(name, portion, draw) for portion in config.portions]
        identity = [*common, "noisy", images.sha256, config.width, config.init_scale, config.delta]
        results += sweep(train_noisy, cells, config, noisy, device, identity=identity, **shared)
        noisy_cells += cells
    record = record.merge(table(noisy_cells, results))
    record = record.merge(auxiliary(config, widths))
    record.attrs = records.provenance(
        experiment="generalization",
        profile=config.profile,
        config=asdict(config),
        seeds=range(max(config.n_seeds, *(draws[name] for name in trained))),
        data={
            measured[name].source: " ".join(
                [f"{config.n_measure}:{measured[name].sha256}"]
                + [f"{config.n_train}:{s.sha256}" for (of, _), s in noisy.items() if of == name]
                + (
                    [f"{config.n_widths}:{widths.sha256}", f"{config.n_pair}:{close.sha256}"]
                    if name == names[0]
                    else []
                )
            )
            for name in names
        },
        device=device,
        dtype="float32 training, float64 kernels",
        seconds=time.perf_counter() - start,
    )
    return record
