"""The record of the experiment `million_steps` from what a session left."""

from pathlib import Path

import xarray as xr

from ntkbook import records
from ntkbook.experiments.million_steps.runs import Cell
from ntkbook.experiments.problem import LABELS
from ntkbook.experiments.sweep import table
from ntkbook.provenance import PROVENANCE


def assemble(folder: Path) -> xr.DataTree:
    """Put the long runs of a session side by side.

    Parameters
    ----------
    folder : Path
        Of a session in which the three runs of a data set ended, for at least one data set.

    Returns
    -------
    xarray.DataTree
        As the experiment makes it, with the provenance of the session; where a run came to an end before the others it
        is not `measured`.

    Raises
    ------
    FileNotFoundError
        If there is no data set with all three kinds of labels.
    """
    cells, runs = [], []
    for name in ("mnist", "cifar10"):
        files = [Path(folder) / f"long-{name}-{labels}.nc" for labels in LABELS]
        if all(file.exists() for file in files):
            cells += [Cell(name, labels, 0) for labels in LABELS]
            runs += [records.load_cell(file) for file in files]
    if not runs:
        raise FileNotFoundError(f"{folder}: expected long-mnist-{{{','.join(LABELS)}}}.nc, found no such set of files")
    record = xr.DataTree.from_dict({"runs": table(cells, runs)})
    sources = {run.attrs["data_names"]: run.attrs for run in runs}
    record.attrs = {key: str(runs[0].attrs[key]) for key in PROVENANCE if key in runs[0].attrs} | {
        "data": "; ".join(attrs["data"] for attrs in sources.values()),
        "data_names": "; ".join(sources),
        "data_sha256": "; ".join(attrs["data_sha256"] for attrs in sources.values()),
        "seconds": f"{sum(float(run.attrs['seconds']) for run in runs):.1f}",
    }
    return record
