"""What the chapter on a million steps quotes from a record: its numbers, and its table."""

import xarray as xr

from ntkbook.experiments.convergence.problem import LABELS
from ntkbook.experiments.experiment import Number, settings
from ntkbook.figures.tables import Table
from ntkbook.records import part


def readings(record: xr.DataTree) -> dict[str, Number]:
    """Every number that the chapter quotes, by the key under which it does.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `million_steps`. Keys that name no data set are of its first one.

    Returns
    -------
    dict of str to number
    """
    runs, used = part(record, "runs").isel(data=0, seed=0), settings(record)
    return {
        "n": used["n"],
        "width": used["runs"]["width"],
        "steps": used["runs"]["n_steps"],
        "rtol": used["runs"]["rtol"],
        "exact-steps": int(runs.exact_steps.min()),
        **{f"error-{kind}": float(runs.error_of_mean.sel(labels=kind)) for kind in LABELS},
        **{f"gradients-{kind}": int(runs.evaluations.sel(labels=kind)) for kind in LABELS},
        **{f"leaps-{kind}": int(runs.leaps.sel(labels=kind)) for kind in LABELS},
    }


def leaps(record: xr.DataTree) -> Table:
    """What each run cost, and how far it is from exact gradient descent.

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
            counts = (f"{int(run[key])}" for key in ("last_step", "leaps", "rejected", "evaluations", "exact_steps"))
            rows.append((f"{name}, {kind}", *counts, f"{float(run.error_of_mean):.1e}", f"{float(run.error):.1e}"))
    head = ("labels", "steps", "leaps", "rejected", "gradients", "exact steps", "error, mean residual", "error")
    return Table(head, rows)
