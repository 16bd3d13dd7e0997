"""What the chapter on a million steps quotes from a record: its numbers, and its table."""

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
    return found


def costs(record: xr.DataTree) -> Table:
    """What each run cost, and how far it is from exact gradient descent, in units of |y - u(0)|.

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
            counts = (f"{int(run[key]):,}" for key in ("last_step", "leaps", "rejected", "evaluations", "exact_steps"))
            gaps = (f"{float(run[key]):.0e}" for key in ("distance_of_mean", "error_of_mean", "error"))
            rows.append((f"{name}, {kind}", *counts, *gaps))
    head = ("labels", "steps", "leaps", "rejected", "products", "compared to step")
    head += ("distance of the mean", "of its norms", "of the norms")
    return Table(head, rows)
