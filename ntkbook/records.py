"""Records of experiments: labelled arrays with the provenance of every number, as netCDF files."""

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import xarray as xr

from ntkbook.atomic import replacing
from ntkbook.checksum import checksum
from ntkbook.containment import check_contained
from ntkbook.expect import expects
from ntkbook.profiles import Profile
from ntkbook.seal import check_seal, sealed
from ntkbook.wants import pathlike


class MissingPartError(ValueError):
    """A record lacks a part that is asked for, as one does that is older than its experiment."""


CHECKSUM = "content_sha256"
"""Attribute of a file: the checksum of what was written into it."""


@expects()
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


@expects(path=pathlike)
def save(record: xr.DataTree, path: Path) -> None:
    """Write a record as netCDF, a group for each part, atomically: a killed run leaves the old file or none.

    The file carries a checksum of its content, and one of its bytes, which `load` compares.

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
    content = bytes(stamped.to_netcdf(engine="h5netcdf", encoding=encoding))  # HDF5 may crash where a file cannot grow
    with replacing(path) as scratch:
        scratch.write_bytes(sealed(content))


@expects(path=pathlike)
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
        If the file is damaged, refers to other files, or is not what was written: its checksum is another one, or
        there is none.
    """
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(f"{path}: no such record; make it with `ntkbook run EXPERIMENT --profile PROFILE`")
    content = path.read_bytes()
    with _damage(path):
        check_seal(content)
        check_contained(content)
        with xr.open_datatree(io.BytesIO(content), engine="h5netcdf") as record:
            parts = {part.path: part.to_dataset(inherit=False).load() for part in record.subtree}
        found = xr.DataTree.from_dict(parts)
        written = found.attrs.pop(CHECKSUM, None)
        changed = written != checksum(found)
    if changed:
        what = "none" if written is None else "another one"
        raise ValueError(
            f"{path}: expected the content that was written, by its checksum, found {what}: the file was changed or "
            "comes from an older version; restore it, or delete it and run again"
        )
    return found


@expects(path=pathlike)
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
    content = _encoded(cell.assign_attrs({CHECKSUM: checksum(cell, Path(path).name)}))
    with replacing(path) as scratch:
        scratch.write_bytes(content)


@expects(path=pathlike)
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
    content = Path(path).read_bytes()
    with _damage(path):
        cell = _decoded(content)
        written, found = cell.attrs.pop(CHECKSUM, None), checksum(cell, Path(path).name)
    if written != found:
        raise ValueError(f"{path}: expected the cell that was written under this name, found another")
    return cell


@expects()
def as_saved(cell: xr.Dataset) -> xr.Dataset:
    """What would be read if a cell were saved: then it makes no difference to what follows whether it was.

    Parameters
    ----------
    cell : xarray.Dataset
        As `save_cell` takes it.

    Returns
    -------
    xarray.Dataset
        As `load_cell` returns it.
    """
    return _decoded(_encoded(cell))


def _encoded(cell: xr.Dataset) -> bytes:
    return bytes(cell.to_netcdf(engine="scipy"))


def _decoded(content: bytes) -> xr.Dataset:
    cell = xr.load_dataset(io.BytesIO(content), engine="scipy")
    wide = {np.dtype(np.int32): np.int64, np.dtype(object): str}  # what netCDF-3 makes of whole numbers and words
    found = {name: cell[name].astype(wide[cell[name].dtype]) for name in cell.variables if cell[name].dtype in wide}
    return cell.assign({name: values for name, values in found.items() if name in cell.data_vars}).assign_coords(
        {name: values for name, values in found.items() if name in cell.coords}
    )


@expects()
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

    Raises
    ------
    MissingPartError
        If there is no such part, as in a record that is older than its experiment.
    """
    if name not in record.children:
        there = ", ".join(record.children) or "none"
        raise MissingPartError(
            f"name: expected a part of the record, found {name!r} beside {there}; run the experiment again"
        )
    return record.children[name].to_dataset()


@contextmanager
def _damage(path: Path) -> Iterator[None]:
    """Turn whatever a library says of a damaged file into one message; what it says, and how, depends on the damage."""
    try:
        yield
    except Exception as error:
        told = " ".join(str(error).split())
        raise ValueError(
            f"{path}: expected a netCDF record, found a damaged file ({told}); delete it and run again"
        ) from error


def _is_packed(values: xr.DataArray) -> bool:
    return values.dtype.kind in "fiub" and values.ndim > 0


RESULTS = Path(__file__).parent / "results"
"""Folder of the committed records, which an installed package has too."""


@expects(folder=pathlike)
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
