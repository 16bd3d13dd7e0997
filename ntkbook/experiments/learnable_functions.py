"""Experiment `learnable_functions`: the norm sqrt(y'H^-1 y) of functions on the sphere, and nets trained on them.

Claims A17 to A19, A21, A22 and A24.
"""

import time
from dataclasses import asdict
from pathlib import Path

import xarray as xr

from ntkbook import records
from ntkbook.experiments.learnable_claims import CLAIMS
from ntkbook.experiments.learnable_runs import (
    TRAINED,
    Config,
    Net,
    Sphere,
    measure_norms,
    references,
    rival,
    train_net,
)
from ntkbook.experiments.sweep import sweep, table

__all__ = ["CLAIMS", "PROFILES", "Config", "run"]

PROFILES = {
    "quick": Config(
        "quick",
        dims=(3, 10, 30),
        sizes=(125, 250, 500, 1000),
        n_seeds=2,
        train_sizes=(50, 100, 200, 400),
        width=1000,
        n_steps=500,
    ),
    "laptop": Config(
        "laptop",
        dims=(3, 5, 10, 30),
        sizes=(125, 250, 500, 1000, 2000, 4000),
        n_seeds=3,
        train_sizes=(50, 100, 200, 400, 800, 1600),
        width=4000,
        n_steps=1000,
    ),
    "paper": Config(
        "paper",
        dims=(3, 5, 10, 30, 100),
        sizes=(125, 250, 500, 1000, 2000, 4000, 8000, 16_000),
        n_seeds=5,
        train_sizes=(50, 100, 200, 400, 800, 1600, 3200, 6400),
        width=10_000,
        n_steps=10_000,
    ),
}


def run(config: Config, *, device: str = "cpu", n_jobs: int | None = None, store: Path | None = None) -> xr.Dataset:
    """Run the experiment.

    Parameters
    ----------
    config : Config
        Such as `PROFILES["quick"]`.
    device : str
        Where Gram matrices are factorised and nets trained.
    n_jobs : int, optional
        Processes, see `sweep`.
    store : Path, optional
        Folder for finished cells, which a second run takes up.

    Returns
    -------
    xarray.Dataset
        Norms by function, dimension, sample size and seed with their bounds and limits; test errors of trained nets;
        provenance in the attributes.
    """
    start = time.perf_counter()
    shared = {"n_jobs": n_jobs, "store": store}
    spheres = [Sphere(dim, seed) for dim in config.dims for seed in range(config.n_seeds)]
    settings = [config.seed, device, config.sizes, config.lengths]
    record = table(spheres, sweep(measure_norms, spheres, config, device, identity=settings, **shared))
    nets = [Net(name, n, seed) for name in TRAINED for n in config.train_sizes for seed in range(config.n_seeds)]
    settings = [config.seed, device, config.train_dim, config.width, config.n_steps]
    trained = table(nets, sweep(train_net, nets, config, device, identity=settings, **shared)).rename(target="learned")
    record = xr.merge([record, trained, references(config), rival()])
    record.attrs = records.provenance(
        experiment="learnable_functions",
        profile=config.profile,
        config=asdict(config),
        seeds=range(config.n_seeds),
        data={"uniform on the sphere": f"seed {config.seed}"},
        device=device,
        dtype="float32 training, float64 kernels",
        seconds=time.perf_counter() - start,
    )
    return record
