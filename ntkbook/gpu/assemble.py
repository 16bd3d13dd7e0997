"""The record of the experiment `million_steps` from what sessions left."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import xarray as xr

from ntkbook import records
from ntkbook.experiments.million_steps.runs import Cell
from ntkbook.experiments.problem import LABELS
from ntkbook.experiments.sweep import table
from ntkbook.gpu.plan import DATA
from ntkbook.provenance import PROVENANCE


def assemble(folders: Sequence[Path]) -> xr.DataTree:
    """Put the long runs of sessions side by side: of each curve the one that came farthest.

    Parameters
    ----------
    folders : sequence of Path
        Of sessions in which the three runs of a data set ended, between them, for at least one data set.

    Returns
    -------
    xarray.DataTree
        As the experiment makes it; where a run came to an end before the others it is not `measured`. Beside the "runs"
        it has the norms of "exact" gradient descent, as far as the sessions followed it. Device, code and data of all
        runs are in its provenance, the rest of which is that of the first; the attribute "curves" tells that of each.

    Raises
    ------
    FileNotFoundError
        If there is no data set with all three kinds of labels.
    ValueError
        If the runs have other sizes, seeds or images.
    """
    cells, runs = [], []
    for name in DATA:
        found = [_farthest(folders, f"long-{name}-{labels}.nc") for labels in LABELS]
        if all(run is not None for run in found):
            cells += [Cell(name, labels, 0) for labels in LABELS]
            runs += [run for run in found if run is not None]
    if not runs:
        raise FileNotFoundError(
            f"folders: expected long-DATA-{{{','.join(LABELS)}}}.nc of {' or '.join(DATA)}, found no such set of files "
            f"in {', '.join(map(str, folders))}; run `ntkbook gpu` for the labels that are missing"
        )
    followed = [_farthest(folders, f"exact-{cell.data}-{cell.labels}.nc") for cell in cells]
    _check_alike([*runs, *(run for run in followed if run is not None)])
    aligned = xr.align(*map(_norms, followed), join="outer")
    norms = [run.assign(measured=run.residual.notnull()) for run in aligned]
    record = xr.DataTree.from_dict({"runs": table(cells, runs), "exact": table(cells, norms)})
    sources = {run.attrs["data_names"]: run.attrs for run in runs}
    record.attrs = {key: str(runs[0].attrs[key]) for key in PROVENANCE if key in runs[0].attrs} | {
        "data": "; ".join(attrs["data"] for attrs in sources.values()),
        "data_names": "; ".join(sources),
        "data_sha256": "; ".join(attrs["data_sha256"] for attrs in sources.values()),
        "device": _each(runs, "device"),
        "commit": _each(runs, "commit"),
        "created": max(run.attrs["created"] for run in runs),
        "seconds": f"{sum(float(run.attrs['seconds']) for run in runs):.1f}",
        "curves": json.dumps([_told(cell, run) for cell, run in zip(cells, runs, strict=True)]),
    }
    return record


def _check_alike(runs: Sequence[xr.Dataset]) -> None:
    """Refuse runs of other sizes, and those of a data set on other images."""
    kept: dict[str, str] = {}
    for run in runs:
        config = json.loads(run.attrs["config"])
        config["runs"].pop("rtol", None)
        own = {
            "config": json.dumps(config, sort_keys=True),
            f"images of {run.attrs['data_names']}": run.attrs["data_sha256"],
        }
        for key, value in own.items():
            if kept.setdefault(key, value) != value:
                raise ValueError(
                    f"folders: expected runs with the same {key}, found {kept[key]} and {value}, the latter for "
                    f"{run.attrs['cell']}; leave the folder of one out"
                )


def _farthest(folders: Sequence[Path], name: str) -> xr.Dataset | None:
    """Of the runs that exist the one that reached the largest step."""
    paths = (Path(folder) / name for folder in folders)
    return max((records.load_cell(path) for path in paths if path.exists()), key=_last_step, default=None)


def _last_step(run: xr.Dataset) -> int:
    return int(run.last_step if "last_step" in run else run.step.max())


def _norms(exact: xr.Dataset | None) -> xr.Dataset:
    """|r| / sqrt(n) of exact gradient descent over its steps, of which there may be none."""
    if exact is None:
        return xr.Dataset({"residual": ("step", np.zeros(0))}, {"step": np.zeros(0, dtype=np.int64)})
    return xr.Dataset({"residual": ("step", exact.residual.values)}, {"step": exact.step.values.astype(np.int64)})


def _each(runs: Sequence[xr.Dataset], key: str) -> str:
    """What the runs have in an attribute, once each."""
    return "; ".join(dict.fromkeys(str(run.attrs[key]) for run in runs))


def _told(cell: Cell, run: xr.Dataset) -> dict[str, str]:
    """Where one curve comes from."""
    rtol = json.loads(run.attrs["config"])["runs"]["rtol"]
    kept = {key: str(run.attrs[key]) for key in ("device", "threads", "commit", "seconds") if key in run.attrs}
    return {"data": cell.data, "labels": cell.labels, "rtol": f"{rtol:g}"} | kept
