"""What the chapter on a million steps quotes from a record: its numbers, and its table."""

import json

import numpy as np
import xarray as xr

from ntkbook.experiments.experiment import Number, settings
from ntkbook.experiments.problem import LABELS
from ntkbook.figures.tables import Table
from ntkbook.records import part


def readings(record: xr.DataTree) -> dict[str, Number]:
    """Every number that the chapter quotes, by the key under which it does; of the first data set.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `million_steps`.

    Returns
    -------
    dict of str to number
    """
    runs, used = part(record, "runs").isel(data=0, seed=0), settings(record)
    found: dict[str, Number] = {"n": used["n"], "axis": used["runs"]["n_steps"], "rtol": used["runs"]["rtol"]}
    for kind in LABELS:
        run = runs.sel(labels=kind)
        reached = run.where(run.measured, drop=True)
        found |= {
            f"reached-{kind}": int(reached.step[-1]),
            f"loss-{kind}": float(reached.loss[-1]),
            f"gradients-{kind}": int(run.evaluations),
            f"error-{kind}": float(run.distance_of_mean),
            f"exact-{kind}": int(run.exact_steps),
            f"slower-{kind}": float(np.abs(reached.residual - reached.predicted).max()) * 100,
        }
    true = runs.sel(labels="true")
    found |= {"leaps-true": int(true.leaps), "longest-true": float(true.window.max())}
    return found | _of_sessions(record, str(runs["data"].values))


def _of_sessions(record: xr.DataTree, name: str) -> dict[str, Number]:
    """Numbers of a record that was put together from several sessions; NaN in another."""
    step, gap = norm_gap(record, name, "true")
    seconds = [curve["seconds"] for curve in _curves(record) if (curve["data"], curve["labels"]) == (name, "true")]
    return {"minutes-true": float(seconds[0]) / 60 if seconds else np.nan, "norms-step": step, "norms-gap": gap}


def _curves(record: xr.DataTree) -> list[dict[str, str]]:
    """What the record says of each of its curves, if it was put together from several sessions."""
    return json.loads(record.attrs.get("curves", "[]"))


def norm_gap(record: xr.DataTree, name: str, labels: str) -> tuple[int, float]:
    """How far the norms of a run's residuals are from those of exact gradient descent that the record has beside it.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `million_steps`.
    name, labels : str
        Data set and labels.

    Returns
    -------
    int, float
        The last step compared, and the largest difference in units of |y - u(0)|; 0 and NaN if there is none.
    """
    if "exact" not in record.children:  # as in the record of one run
        return 0, np.nan
    run, exact = (part(record, key).isel(seed=0).sel(data=name, labels=labels) for key in ("runs", "exact"))
    run, exact = (rows.residual.where(rows.measured, drop=True) for rows in (run, exact))
    gap = np.abs(run - exact)  # at the steps that both have
    if not gap.size:
        return 0, np.nan
    return int(gap.step[-1]), float(gap.max() / exact[0])


def costs(record: xr.DataTree) -> Table:
    """What each run cost, and how far it is from exact gradient descent, in units of |y - u(0)|.

    Of a run that was not compared as it ran the norms are, if the record has those of exact gradient descent.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `million_steps`.

    Returns
    -------
    Table
    """
    runs, rows = part(record, "runs").isel(seed=0), []
    for name in runs.data.values:
        for kind in LABELS:
            run = runs.sel(data=name, labels=kind)
            counts = [f"{int(run[key]):,}" for key in ("last_step", "leaps", "rejected", "evaluations", "exact_steps")]
            estimated = run.estimated_error.where(run.distance.notnull()).max()  # where it is compared
            distances = estimated, *(run[key] for key in ("distance_of_mean", "error_of_mean", "error"))
            gaps = [f"{float(gap):.0e}" for gap in distances]
            step, gap = norm_gap(record, str(name), kind)
            if run.exact_steps == 0 < step:
                counts[-1], gaps = f"{step:,} (norms)", [*["nan"] * 3, f"{gap:.0e}"]
            rows.append((f"{name}, {kind}", *counts, *(gap.replace("nan", "\N{EN DASH}") for gap in gaps)))
    head = ("labels", "steps", "leaps", "rejected", "products", "compared to step")
    head += ("estimated", "distance of the mean", "of its norms", "of the norms")
    return Table(head, rows)


def origins(record: xr.DataTree) -> Table:
    """Which curve of a record that was put together from several sessions was made where, how, and in what time.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `million_steps`.

    Returns
    -------
    Table
        Without rows for a record that one run made.
    """
    rows = []
    for curve in _curves(record):
        threads = f", {curve['threads']} threads" if "threads" in curve else ""
        names = f"{curve['data']}, {curve['labels']}", curve["device"] + threads
        rows.append((*names, curve["commit"], curve["rtol"], f"{float(curve['seconds']) / 60:,.0f}"))
    return Table(("labels", "device", "code", "rtol", "minutes"), rows)
