"""Records of experiments: labelled arrays with the provenance of every number, as netCDF files."""

import json
import os
import platform
import subprocess
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from ntkbook.atomic import replacing
from ntkbook.checksum import checksum
from ntkbook.profiles import Profile

PROVENANCE = (
    "experiment",
    "profile",
    "config",
    "seeds",
    "data",
    "data_names",
    "data_sha256",
    "device",
    "dtype",
    "versions",
    "commit",
    "created",
    "seconds",
)
"""Attributes every record carries, as strings."""
CHECKSUM = "content_sha256"
"""Attribute of a file: the checksum of what was written into it."""


def provenance(
    *,
    experiment: str,
    profile: str,
    config: Mapping[str, Any],
    seeds: Iterable[int],
    data: Mapping[str, tuple[str, str]],
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
    data : mapping of str to (str, str)
        Name of each data set to its source, in words, and the hashes of what was drawn from it.
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
    versions = {"python": platform.python_version()} | {name: _version(name) for name in packages}
    return {
        "experiment": experiment,
        "profile": profile,
        "config": json.dumps(config, sort_keys=True),
        "seeds": ", ".join(str(seed) for seed in seeds),
        "data": "; ".join(source for source, _ in data.values()),
        "data_names": "; ".join(data),
        "data_sha256": "; ".join(sha256 for _, sha256 in data.values()),
        "device": device,
        "dtype": dtype,
        "versions": json.dumps(versions),
        "commit": commit(),
        "created": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "seconds": f"{seconds:.1f}",
    }


def commit() -> str:
    """Commit of the code that is running, "-dirty" appended when tracked files differ.

    Outside a checkout it is what NTKBOOK_COMMIT says, for a plain copy of the tree on another machine, else "unknown".
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
        return os.environ.get("NTKBOOK_COMMIT") or "unknown"
    return answer.stdout.strip()


def _version(package: str) -> str:
    """Version of an installed package; of a plain copy of the tree there is none."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not installed"


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


def save(record: xr.DataTree, path: Path) -> None:
    """Write a record as netCDF, a group for each part, atomically: a killed run leaves the old file or none.

    The file carries a checksum of its content, which `load` compares.

    Parameters
    ----------
    record : xarray.DataTree
        Numbers and strings; no Python objects.
    path : Path
        Target, by custom ending in .nc; folders are made.
    """
    encoding = {
        part.path: {name: {"zlib": True} for name, values in part.data_vars.items() if _is_packed(values)}
        for part in record.subtree
    }
    stamped = record.copy()
    stamped.attrs = record.attrs | {CHECKSUM: checksum(record)}
    with replacing(path) as scratch:
        stamped.to_netcdf(scratch, engine="h5netcdf", encoding=encoding)


def load(path: Path) -> xr.DataTree:
    """Read a record into memory.

    Parameters
    ----------
    path : Path
        Written by `save`.

    Returns
    -------
    xarray.DataTree

    Raises
    ------
    FileNotFoundError
        If there is none; says how to make it.
    ValueError
        If the file is damaged, or is not what was written: its checksum is another one, or there is none.
    """
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(f"{path}: no such record; make it with `ntkbook run EXPERIMENT --profile PROFILE`")
    with _damage(path), xr.open_datatree(path, engine="h5netcdf") as record:
        found = record.load()
    written = found.attrs.pop(CHECKSUM, None)
    if written != checksum(found):
        what = "none" if written is None else "another one"
        raise ValueError(
            f"{path}: expected the content that was written, by its checksum, found {what}: the file was changed or "
            "comes from an older version; restore it, or delete it and run again"
        )
    return found


def save_cell(cell: xr.Dataset, path: Path) -> None:
    """Write one of the many small parts of a sweep: netCDF-3, which is written and read 20 times as fast as netCDF-4.

    The file carries a checksum of its content and its name, which `load_cell` compares.

    Parameters
    ----------
    cell : xarray.Dataset
        Whole numbers in it must fit into 32 bits.
    path : Path
        Target; folders are made.
    """
    stamped = cell.assign_attrs({CHECKSUM: checksum(cell, Path(path).name)})
    with replacing(path) as scratch:
        stamped.to_netcdf(scratch, engine="scipy")


def load_cell(path: Path) -> xr.Dataset:
    """Read a finished cell into memory.

    Parameters
    ----------
    path : Path
        Written by `save_cell`.

    Returns
    -------
    xarray.Dataset
        As it was saved: whole numbers have 64 bits again.

    Raises
    ------
    ValueError
        If the file is damaged, is not what was written, or was written under another name.
    """
    with _damage(path):
        cell = xr.load_dataset(path, engine="scipy")
    if cell.attrs.pop(CHECKSUM, None) != checksum(cell, Path(path).name):
        raise ValueError(f"{path}: expected the cell that was written under this name, found another")
    wide = {np.dtype(np.int32): np.int64, np.dtype(object): str}  # what netCDF-3 makes of whole numbers and words
    found = {name: cell[name].astype(wide[cell[name].dtype]) for name in cell.variables if cell[name].dtype in wide}
    return cell.assign({name: values for name, values in found.items() if name in cell.data_vars}).assign_coords(
        {name: values for name, values in found.items() if name in cell.coords}
    )


def part(record: xr.DataTree, name: str) -> xr.Dataset:
    """One part of a record.

    Parameters
    ----------
    record : xarray.DataTree
        Of an experiment.
    name : str
        Of the part.

    Returns
    -------
    xarray.Dataset
    """
    return record.children[name].to_dataset()


@contextmanager
def _damage(path: Path) -> Iterator[None]:
    """Turn whatever a library says of a damaged file into one message."""
    try:
        yield
    except (OSError, KeyError, ValueError, TypeError, IndexError) as error:
        told = " ".join(str(error).split())
        raise ValueError(
            f"{path}: expected a netCDF record, found a damaged file ({told}); delete it and run again"
        ) from error


def _is_packed(values: xr.DataArray) -> bool:
    return values.dtype.kind in "fiub" and values.ndim > 0


RESULTS = Path(__file__).parent / "results"
"""Folder of the committed records, which an installed package has too."""


def load_best(experiment: str, folder: Path = RESULTS) -> xr.DataTree | None:
    """Read the largest committed run of an experiment: the paper profile if there is one, else the laptop one.

    Parameters
    ----------
    experiment : str
        Name.
    folder : Path
        Where committed records are.

    Returns
    -------
    xarray.DataTree or None
        None when nothing was recorded.
    """
    for profile in (Profile.PAPER, Profile.LAPTOP):
        candidate = Path(folder) / f"{experiment}-{profile}.nc"
        if candidate.exists():
            return load(candidate)
    return None
