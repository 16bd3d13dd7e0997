"""Sweeps over independent cells: parallel, resumable, with a progress bar."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import torch
import xarray as xr
from tqdm import tqdm

from ntkbook import data, records
from ntkbook.fingerprint import closure_of, digest


def sweep(
    measure: Callable[..., Any],
    cells: Sequence[Any],
    *common: Any,
    identity: Any,
    n_jobs: int | None = None,
    store: Path | None = None,
    together: Callable[[Any], tuple[Hashable, int]] | None = None,
) -> list[xr.Dataset]:
    """Measure every cell, through joblib, and keep each finished one.

    A cell already in `store` is read instead of run, if it was made by the same code from the same data; so a run
    that was killed goes on where it stopped. Inside `joblib.parallel_config("dask")` the cells go to that cluster.

    Parameters
    ----------
    measure : callable
        measure(cell, *common) -> xarray.Dataset, a module-level function; with `together`
        measure(list of cells, *common) -> list of xarray.Dataset.
    cells : sequence of dataclass
        What varies.
    *common
        Passed to every call: data, device.
    identity : JSON-able
        What identifies `common` (hashes, not arrays) in the key of a stored cell.
    n_jobs : int, optional
        Processes, in joblib's sense; one when left out. More than one share this process's threads between them.
    store : Path, optional
        Folder for finished cells. Cells that are measured together are kept together, when all are finished.
    together : callable, optional
        Of a cell, what it must share with the cells that one call measures together, and how many these may be, >= 1.

    Returns
    -------
    list of xarray.Dataset
        In the order of `cells`.
    """
    code = None if store is None else digest(closure_of(measure))
    paths = [
        None if store is None else Path(store) / f"{digest(measure.__qualname__, asdict(cell), identity, code)[:32]}.nc"
        for cell in cells
    ]
    results = {i: records.load(path) for i, path in enumerate(paths) if path is not None and path.exists()}
    missing = [i for i in range(len(cells)) if i not in results]
    if together is None:
        measure_all, groups = partial(_one_by_one, measure), [[i] for i in missing]
    else:
        measure_all, groups = measure, _groups({i: together(cells[i]) for i in missing})
    parallel = joblib.Parallel(n_jobs=n_jobs, return_as="generator")
    threads = max(1, torch.get_num_threads() // joblib.effective_n_jobs(parallel.n_jobs))
    measure_and_keep = joblib.delayed(partial(_measure_and_keep, measure_all, common, threads))
    found: Any = parallel(measure_and_keep([cells[i] for i in group], [paths[i] for i in group]) for group in groups)
    with tqdm(total=len(cells), initial=len(results), desc=measure.__name__.strip("_"), unit="cell") as bar:
        for group, measured in zip(groups, found, strict=True):
            results.update(zip(group, measured, strict=True))
            bar.update(len(group))
    return [results[i] for i in range(len(cells))]


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
    results = measure_all(cells, *common)
    for result, path in zip(results, paths, strict=True):
        if path is not None:
            records.save(result, path, cell=True)
    return results


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
        NaN where the grid has no cell.
    """
    names = list(asdict(cells[0]))
    rows = xr.concat(
        list(results), dim="cell", join="exact", coords="minimal", compat="override", combine_attrs="override"
    )
    rows = rows.assign_coords({name: ("cell", [getattr(cell, name) for cell in cells]) for name in names})
    indexed = rows.set_index(cell=names)
    grid = indexed.unstack("cell") if len(names) > 1 else indexed.rename(cell=names[0])
    order = {name: list(dict.fromkeys(getattr(cell, name) for cell in cells)) for name in names}
    return grid.sel(order).transpose(*names, ...)


def found_datasets(names: Sequence[str]) -> list[str]:
    """Data sets that can be loaded without a download.

    Parameters
    ----------
    names : sequence of str
        Wanted, in the sense of `ntkbook.data.load`.

    Returns
    -------
    list of str
        Those of them that are found, in the same order.

    Raises
    ------
    ValueError
        If none is found.
    """
    found = [name for name in names if data.available(name)]
    if not found:
        raise ValueError(
            f"datasets: expected one of {', '.join(names)}, found none of their files; "
            "set NTKBOOK_DATA to a folder that holds them"
        )
    return found


def cell_generator(*key: int) -> np.random.Generator:
    """Generator of its own for a cell: independent streams for different keys.

    Parameters
    ----------
    *key : int
        Seed of the experiment, then whole numbers that name the purpose and the cell.

    Returns
    -------
    numpy.random.Generator
    """
    return np.random.default_rng(np.random.SeedSequence(key[0], spawn_key=key[1:]))


def log_slope(x: np.ndarray, y: np.ndarray) -> float:
    """Least-squares slope of log y against log x.

    Parameters
    ----------
    x, y : ndarray (n,)
        Positive numbers, n >= 2.

    Returns
    -------
    float
    """
    return float(np.polyfit(np.log(x), np.log(y), 1)[0])
