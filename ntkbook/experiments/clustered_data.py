"""Experiment `clustered_data`: SGD on clustered data, close to its start.

Claims S01 to S12. Parts: the assumptions on each data set; nets on the synthetic data and on MNIST at several widths;
mixtures of more or less structure; true and arbitrary labels; XOR data; the lemmas in setting (S).
"""

import time
from collections.abc import Callable, Hashable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import joblib
import xarray as xr

from ntkbook import data, records
from ntkbook.experiments.clustered_claims import CLAIMS
from ntkbook.experiments.clustered_config import Config
from ntkbook.experiments.clustered_runs import (
    XORS,
    Labels,
    Net,
    Structure,
    Xor,
    images_run,
    labels_run,
    structure_run,
    synthetic_run,
    xor_run,
)
from ntkbook.experiments.clustered_simple import Pair, Simple, arrays_run, assumptions, pair_run, simple_run
from ntkbook.experiments.clustered_training import nets_at_once, tensors
from ntkbook.experiments.sweep import cell_generator, sweep, table

__all__ = ["CLAIMS", "PROFILES", "Config", "run"]

_IMAGES = 20  # purpose of the random stream that draws the images
ARRAYS = ("one entry", "signs", "uniform", "rank one")
DISTANCES = (1.0, 0.3, 0.1, 0.03)

PROFILES = {
    "quick": Config(
        "quick",
        widths=(250, 1000, 2000),
        n_seeds=3,
        n_images=4000,
        n_images_test=500,
        widths_images=(250, 1000),
        n_steps_printed=100,
        n_steps_gentle=200,
        width_structure=400,
        sigmas=(0.5, 1.0, 2.0, 4.0),
        ks=(5, 10, 20),
        ls=(1, 2, 4, 8),
        dims=(50, 200, 800),
        n_steps_labels=3000,
        width_simple=10_000,
        width_xor=500,
        n_steps_xor=1000,
        dim_structure=400,
    ),
    "laptop": Config(
        "laptop",
        widths=(250, 1000, 4000, 16_000),
        n_seeds=5,
        n_images=60_000,
        n_images_test=10_000,
        widths_images=(250, 1000, 2000),
        n_steps_printed=20_000,
        n_steps_gentle=4000,
        width_structure=2000,
        sigmas=(0.5, 1.0, 2.0, 4.0),
        ks=(5, 10, 20, 40),
        ls=(1, 2, 4, 8),
        dims=(50, 200, 800, 3200),
        n_steps_labels=5000,
        width_simple=16_000,
    ),
    "paper": Config(
        "paper",
        widths=(250, 1000, 4000, 16_000, 64_000),
        n_seeds=5,
        n_images=60_000,
        n_images_test=10_000,
        widths_images=(250, 1000, 4000, 16_000),
        n_steps_printed=20_000,
        n_steps_gentle=20_000,
        width_structure=16_000,
        sigmas=(0.5, 1.0, 2.0, 4.0),
        ks=(5, 10, 20, 40),
        ls=(1, 2, 4, 8),
        dims=(50, 200, 800, 3200, 12_800),
        n_steps_labels=10_000,
        width_simple=64_000,
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
        `set_*`: the assumptions; `synthetic_*`, `printed_*`, `gentle_*`: nets on the synthetic data and, at two step
        sizes, on MNIST; `structure_*`, `labels_*`, `xor_*`; `slow_*`, `paper_*`, `array_*`, `pair_*`: setting (S);
        provenance in the attributes.
    """
    start = time.perf_counter()
    seeds = range(config.n_seeds)

    def grid(measure: Callable[..., Any], cells: Sequence[Any], *common: Any, **settings: Any) -> xr.Dataset:
        return table(cells, sweep(measure, cells, *common, n_jobs=n_jobs, store=store, **settings))

    def seeds_together(kind: Hashable, dim: int, width: int) -> tuple[Hashable, int]:
        return kind, nets_at_once(device, dim, width, config.n_points, joblib.effective_n_jobs(n_jobs or 1))

    # Of the settings, those that change nothing in a cell are left out of its key, so that finished cells serve again.
    lists = ("profile", "n_seeds", "widths", "widths_images", "sigmas", "ks", "ls", "dims")
    settings = {name: value for name, value in asdict(config).items() if name not in lists} | {"device": device}
    images = data.load_classes(
        config.images,
        n_train=config.n_images,
        n_test=config.n_images_test,
        rng=cell_generator(config.seed, _IMAGES),
    )
    nets = [Net(m, seed) for m in config.widths for seed in seeds]
    parts = [assumptions(config, images)]
    parts.append(
        grid(
            synthetic_run,
            nets,
            config,
            device,
            identity=settings,
            together=lambda net: seeds_together(net.width, config.dim, net.width),
        )
    )

    cells = [
        Structure(varied, float(value), seed)
        for varied, values in _sweeps(config).items()
        for value in values
        for seed in seeds
    ]
    found = sweep(
        structure_run,
        cells,
        config,
        device,
        identity=settings,
        n_jobs=n_jobs,
        store=store,
        together=lambda cell: seeds_together(
            (cell.varied, cell.value),
            int(cell.value) if cell.varied.startswith("d") else config.dim_structure,
            config.width_structure,
        ),
    )
    for varied, values in _sweeps(config).items():
        chosen = [i for i, cell in enumerate(cells) if cell.varied == varied]
        part = table([cells[i] for i in chosen], [found[i] for i in chosen]).isel(varied=0, drop=True)
        name = varied.replace(", ", "_")
        renamed = {old: str(old).replace("structure", name) for old in part.data_vars} | {"value": name}
        parts.append(part.rename(renamed).assign_coords({name: list(map(float, values))}))

    kinds = [Labels(labels, seed) for labels in ("true", "random") for seed in seeds]
    parts.append(
        grid(
            labels_run,
            kinds,
            config,
            device,
            identity=settings,
            together=lambda cell: seeds_together("labels", config.dim_structure, config.width_structure),
        )
    )
    parts.append(
        grid(
            xor_run,
            [Xor(xor, seed) for xor in XORS for seed in seeds],
            config,
            device,
            identity=settings,
            together=lambda cell: seeds_together(cell.xor, 3, config.width_xor),
        )
    )
    for pace in ("slow", "paper"):
        part = grid(simple_run, [Simple(pace, seed) for seed in seeds], config, device, identity=settings)
        parts.append(part.isel(pace=0, drop=True))
    arrays = [Simple(kind, seed) for kind in ARRAYS for seed in seeds]
    parts.append(grid(arrays_run, arrays, config, device, identity=settings).rename(pace="array"))
    pairs = [Pair(distance, seed) for distance in DISTANCES for seed in seeds]
    parts.append(grid(pair_run, pairs, config, device, identity=settings).rename(distance="pair"))

    tensor = *tensors(images.x_train, images.y_train, device), *tensors(images.x_test, images.y_test, device)
    nets = [Net(m, seed) for m in config.widths_images for seed in seeds]
    for prefix, n_steps, rate in (
        ("gentle", config.n_steps_gentle, config.rate_gentle),
        ("printed", config.n_steps_printed, config.rate_printed),
    ):
        told = {
            "batch_size": config.batch_size_images,
            "n_steps": n_steps,
            "rate": rate,
            "per_decade": config.per_decade,
            "n_probe": config.n_images_test,
        }
        identity = [images.sha256, prefix, told, device, config.seed]
        part = grid(
            images_run,
            nets,
            tensor,
            told,
            prefix,
            config.seed,
            identity=identity,
            together=lambda net: seeds_together(net.width, images.x_train.shape[1], net.width),
        )
        parts.append(part.rename(width="width_images"))

    record = xr.merge(parts, join="exact", compat="no_conflicts")
    record = record.assign(components=config.n_classes * config.n_components).assign_coords(data=["mixtures", "images"])
    record.attrs = records.provenance(
        experiment="clustered_data",
        profile=config.profile,
        config=asdict(config),
        seeds=seeds,
        data={"points drawn from mixtures": f"seed {config.seed}", images.source: images.sha256},
        device=device,
        dtype="float32 training, float64 in setting (S)",
        seconds=time.perf_counter() - start,
    )
    return record


def _sweeps(config: Config) -> dict[str, tuple[float, ...]]:
    """What is varied in the sweep over structure, and its values."""
    return {
        "sigma": config.sigmas,
        "k": config.ks,
        "l": config.ls,
        "d": config.dims,
        "d, separated": config.dims,
    }
