"""Records of experiments: labelled arrays with the provenance of every number, as netCDF files."""

import json
import os
import platform
import subprocess
import time
from collections.abc import Iterable, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

import xarray as xr

from ntkbook.atomic import replacing
from ntkbook.profiles import Profile

PROVENANCE = (
    "experiment",
    "profile",
    "config",
    "seeds",
    "data",
    "data_sha256",
    "device",
    "dtype",
    "versions",
    "commit",
    "created",
    "seconds",
)
"""Attributes every record carries, as strings."""


def provenance(
    *,
    experiment: str,
    profile: str,
    config: Mapping[str, Any],
    seeds: Iterable[int],
    data: Mapping[str, str],
    device: str,
    dtype: str,
    seconds: float,
) -> dict[str, str]:
    """Attributes that let a number be traced to the run that made it.

    Parameters
    ----------
    experiment, profile : str
        Names.
    config : mapping
        All settings, as JSON can hold them.
    seeds : iterable of int
        Seeds of the runs.
    data : mapping of str to str
        Source of each data set, in words, to the hash of the arrays used.
    device, dtype : str
        Of training.
    seconds : float
        Run time.

    Returns
    -------
    dict of str to str
        With the keys `PROVENANCE`.
    """
    packages = ("torch", "numpy", "scipy", "xarray", "ntkbook")
    versions = {"python": platform.python_version()} | {name: metadata.version(name) for name in packages}
    return {
        "experiment": experiment,
        "profile": profile,
        "config": json.dumps(config, sort_keys=True),
        "seeds": ", ".join(str(seed) for seed in seeds),
        "data": "; ".join(data),
        "data_sha256": "; ".join(data.values()),
        "device": device,
        "dtype": dtype,
        "versions": json.dumps(versions),
        "commit": commit(),
        "created": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "seconds": f"{seconds:.1f}",
    }


def commit() -> str:
    """Commit of the code that is running, "-dirty" appended when tracked files differ; "unknown" outside a checkout.

    A package that was installed may lie inside a repository that does not track it: that one's commit says nothing.

    Returns
    -------
    str
    """
    source = Path(__file__)
    tracked = ["git", "ls-files", "--error-unmatch", source.name]
    describe = ["git", "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"]
    try:
        for command in (tracked, describe):
            answer = subprocess.run(command, cwd=source.parent, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return answer.stdout.strip()


def path(experiment: str, profile: str) -> Path:
    """Where a run keeps its record: in the folder named by NTKBOOK_RECORDS, else in .ntkbook/records.

    Parameters
    ----------
    experiment, profile : str
        Names.

    Returns
    -------
    Path
    """
    return Path(os.environ.get("NTKBOOK_RECORDS", ".ntkbook/records")) / f"{experiment}-{profile}.nc"


def cell_folder() -> Path:
    """Where a sweep keeps its finished cells: the folder named by NTKBOOK_CELLS, else .ntkbook/cells.

    Returns
    -------
    Path
    """
    return Path(os.environ.get("NTKBOOK_CELLS", ".ntkbook/cells"))


def save(dataset: xr.Dataset, path: Path, *, cell: bool = False) -> None:
    """Write a dataset as netCDF, atomically: a killed run leaves the old file or none.

    Parameters
    ----------
    dataset : xarray.Dataset
        Numbers and strings; no Python objects.
    path : Path
        Target, by custom ending in .nc; folders are made.
    cell : bool
        Whether it is one of the many small parts of a sweep: netCDF-3, not compressed, is written and read 20 times as
        fast as compressed netCDF-4. Whole numbers must then fit into 32 bits.
    """
    with replacing(path) as part:
        if cell:
            dataset.to_netcdf(part, engine="scipy")
        else:
            variables = dataset.variables.items()
            numeric = [name for name, variable in variables if variable.dtype.kind in "fiub" and variable.ndim]
            dataset.to_netcdf(part, engine="h5netcdf", encoding={name: {"zlib": True} for name in numeric})


def load(path: Path) -> xr.Dataset:
    """Read a dataset written by `save` into memory. netCDF holds data only, so reading runs no code.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    xarray.Dataset

    Raises
    ------
    FileNotFoundError
        If there is none; says how to make it.
    ValueError
        If the file is damaged.
    """
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(f"{path}: no such record; make it with `ntkbook run EXPERIMENT --profile PROFILE`")
    try:
        with path.open("rb") as file:
            engine = "scipy" if file.read(3) == b"CDF" else "h5netcdf"
        return xr.load_dataset(path, engine=engine)
    except (OSError, KeyError, ValueError, TypeError, IndexError) as error:
        raise ValueError(
            f"{path}: expected a netCDF record, found a damaged file ({error}); delete it and run again"
        ) from error


RESULTS = Path(__file__).parent / "results"
"""Folder of the committed records; they are part of the package, so an installed one has them."""


def load_best(experiment: str, folder: Path = RESULTS) -> xr.Dataset | None:
    """Read the largest committed run of an experiment: the paper profile if there is one, else the laptop one.

    Parameters
    ----------
    experiment : str
        Name.
    folder : Path
        Where committed records are.

    Returns
    -------
    xarray.Dataset or None
        None when nothing was recorded.
    """
    for profile in (Profile.PAPER, Profile.LAPTOP):
        candidate = Path(folder) / f"{experiment}-{profile}.nc"
        if candidate.exists():
            return load(candidate)
    return None
