"""Sweeps over independent cells: parallel, kept, resumed."""

import os
import sys
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import asdict, fields, is_dataclass
from functools import partial
from pathlib import Path
from typing import Any

import joblib
import torch
import xarray as xr
from joblib.externals.loky.process_executor import TerminatedWorkerError
from tqdm import tqdm

from ntkbook import records
from ntkbook.ending import watch_parent
from ntkbook.expect import expects
from ntkbook.fingerprint import closure_of, digest
from ntkbook.wants import each, jobs, pathlike, record

THREADS = "threads"
"""Attribute of a cell: on how many threads it was computed, on which the last bits of its numbers depend."""


@expects(cells=each(record, empty=True), n_jobs=jobs, store=pathlike)
def sweep(
    measure: Callable[..., Any],
    cells: Sequence[Any],
    *common: Any,
    n_jobs: int | None = None,
    store: Path | None = None,
    together: Callable[[Any], tuple[Hashable, int]] | None = None,
) -> list[xr.Dataset]:
    """Measure every cell, through joblib, and keep each finished one.

    A finished cell is stored under a key made of all that it depends on: the cell, each argument in `common`, and the
    code behind `measure`. A cell whose key is in `store` is read instead of run, so a run that was killed goes on
    where it stopped; one whose file was damaged is measured again. Inside `joblib.parallel_config("dask")` the cells go
    to that cluster.

    Parameters
    ----------
    measure : callable
        measure(cell, *common) -> xarray.Dataset, a module-level function; with `together`
        measure(list of cells, *common) -> list of xarray.Dataset.
    cells : sequence of dataclass
        What varies.
    *common
        Passed to every call: settings, data, device. Plain values, dataclasses of them, and data that know their hash.
    n_jobs : int, optional
        Processes, in joblib's sense; one when left out. More than one share this process's threads between them.
    store : Path, optional
        Folder for finished cells. Cells that are measured together are kept together, when all are finished.
    together : callable, optional
        Of a cell, what it must share with the cells that one call measures together, and how many these may be, >= 1.

    Returns
    -------
    list of xarray.Dataset
        In the order of `cells`, as they are read from `store`, whether they were or not: a record of a run that went
        on where it stopped is the record of an undisturbed one. Their attribute `THREADS` says on how many threads they
        were computed.

    Raises
    ------
    TypeError
        If an argument is neither plain nor carries a hash.
    MemoryError
        If a process was killed from outside, which as a rule the system does when memory runs out.
    """
    shared = [identity(value) for value in common]
    code = None if store is None else digest(closure_of(measure))
    keys = [digest(measure.__qualname__, identity(cell), shared, code)[:32] for cell in cells]
    paths = [None if store is None else Path(store) / f"{key}.nc" for key in keys]
    results = {i: cell for i, path in enumerate(paths) if path is not None and (cell := _kept(path)) is not None}
    missing = [i for i in range(len(cells)) if i not in results]
    if together is None:
        measure_all, groups = partial(_one_by_one, measure), [[i] for i in missing]
    else:
        measure_all, groups = measure, _groups({i: together(cells[i]) for i in missing})
    parallel = joblib.Parallel(n_jobs, return_as="generator", initializer=watch_parent, initargs=(os.getpid(),))
    threads = max(1, torch.get_num_threads() // joblib.effective_n_jobs(parallel.n_jobs))
    measure_and_keep = joblib.delayed(partial(_measure_and_keep, measure_all, common, threads))
    found: Any = parallel(measure_and_keep([cells[i] for i in group], [paths[i] for i in group]) for group in groups)
    with tqdm(total=len(cells), initial=len(results), desc=measure.__module__.rpartition(".")[2], unit="cell") as bar:
        try:
            for group, measured in zip(groups, found, strict=True):
                results.update(zip(group, measured, strict=True))
                bar.update(len(group))
        except TerminatedWorkerError as error:
            raise MemoryError(
                "a process was killed that measured cells, most likely because memory ran out; run fewer at a time "
                "(--jobs 1): finished cells are kept, and the same command goes on from there"
            ) from error
    return [results[i] for i in range(len(cells))]


def identity(value: Any) -> Any:
    """What identifies an argument in the key of a cell, as JSON can hold it.

    Parameters
    ----------
    value
        A number, a string, a boolean, None; a tuple, list or mapping of such values; a dataclass of such values; or
        anything with an attribute `sha256`, which then stands for it.

    Returns
    -------
    JSON-able
        Different for different values of one argument.

    Raises
    ------
    TypeError
        If it is anything else: an array or a tensor has no identity of its own.
    """
    if isinstance(sha256 := getattr(value, "sha256", None), str):
        return {"sha256": sha256}
    if value is None or isinstance(value, (str, bool, int, float)):
        return value
    if isinstance(value, (tuple, list)):
        return [identity(item) for item in value]
    if isinstance(value, Mapping):
        return {"mapping": [[identity(key), identity(item)] for key, item in value.items()]}
    if is_dataclass(value) and not isinstance(value, type):
        return {type(value).__name__: {field.name: identity(getattr(value, field.name)) for field in fields(value)}}
    raise TypeError(
        f"common: expected plain values, dataclasses of them or data with an attribute `sha256`, found "
        f"{type(value).__name__}; give it a hash, or hand the cells what it is made from"
    )


@expects(cells=each(record))
def table(cells: Sequence[Any], results: Sequence[xr.Dataset]) -> xr.Dataset:
    """Put the results of a sweep on a grid whose dimensions are the fields of a cell.

    Parameters
    ----------
    cells : sequence of dataclass
        As given to `sweep`.
    results : sequence of xarray.Dataset
        As it returned them.

    Returns
    -------
    xarray.Dataset
        Where the grid has places without a cell, these are NaN and the variable `measured` is False there.
    """
    if len(results) != len(cells) or len({repr(cell) for cell in cells}) < len(cells):
        raise ValueError(
            f"cells, results: expected cells that all differ and a result of each, found {len(cells)} cells and "
            f"{len(results)} results; measure each cell once"
        )
    names = list(asdict(cells[0]))
    rows = xr.concat(
        list(results), dim="cell", join="exact", coords="minimal", compat="override", combine_attrs="override"
    )
    rows = rows.assign_coords({name: ("cell", [getattr(cell, name) for cell in cells]) for name in names})
    order = {name: list(dict.fromkeys(getattr(cell, name) for cell in cells)) for name in names}
    places = 1
    for values in order.values():
        places *= len(values)
    if places > len(cells):
        rows["measured"] = "cell", [True] * len(cells)
    indexed = rows.set_index(cell=names)
    grid = indexed.unstack("cell") if len(names) > 1 else indexed.rename(cell=names[0])
    if "measured" in grid:
        grid["measured"] = grid["measured"].fillna(False).astype(bool)
    return grid.sel(order).transpose(*names, ...)


def _kept(path: Path) -> xr.Dataset | None:
    """A finished cell; None where there is none, or where the file is not what was written, which is then said."""
    if not path.exists():
        return None
    try:
        return records.load_cell(path)
    except ValueError as error:
        path.unlink()
        if not os.environ.get("TQDM_DISABLE"):  # set where a page is made, which shows what is printed
            tqdm.write(f"{error}. It is measured again.", file=sys.stderr)
        return None


def _one_by_one(measure: Callable[..., xr.Dataset], cells: Sequence[Any], *common: Any) -> list[xr.Dataset]:
    return [measure(cell, *common) for cell in cells]


def _groups(kinds: dict[int, tuple[Hashable, int]]) -> list[list[int]]:
    """Places of alike cells, in groups of at most so many as each of them allows."""
    places: dict[Hashable, list[int]] = {}
    for i, (kind, _) in kinds.items():
        places.setdefault(kind, []).append(i)
    groups = []
    for alike in places.values():
        most = min(kinds[i][1] for i in alike)
        groups += [alike[first : first + most] for first in range(0, len(alike), most)]
    return groups


def _measure_and_keep(
    measure_all: Callable[..., list[xr.Dataset]],
    common: tuple,
    threads: int,
    cells: Sequence[Any],
    paths: Sequence[Path | None],
) -> list[xr.Dataset]:
    if torch.get_num_threads() > threads:  # joblib leaves OMP_NUM_THREADS and its like as they are, where set
        torch.set_num_threads(threads)
    found = {THREADS: str(torch.get_num_threads())}
    results = [result.assign_attrs(found) for result in measure_all(cells, *common)]
    for result, path in zip(results, paths, strict=True):
        if path is not None:
            records.save_cell(result, path)
    return [records.as_saved(result) for result in results]
