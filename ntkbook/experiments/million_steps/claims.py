"""The claim that the experiment `million_steps` decides: A05."""

import numpy as np
import xarray as xr

from ntkbook.claims import Claim, Judgement
from ntkbook.experiments.judging import below, decide
from ntkbook.records import part

LEARNT = 1e-6
"""Phi / n at which a kind of labels counts as learnt, and the comparison ends."""


def until_learnt(runs: xr.Dataset) -> xr.DataArray:
    """Losses of one data set from step 1 to the last that all kinds reached, or until one of them is learnt.

    Parameters
    ----------
    runs : xarray.Dataset
        `loss` and `measured` over labels, seed and step.

    Returns
    -------
    xarray.DataArray (labels, seed, step)
    """
    reached = runs.measured.all(["labels", "seed"]).values
    loss = runs.loss.isel(step=np.flatnonzero(reached)[1:])
    learnt = (loss <= LEARNT).any(["labels", "seed"]).values
    return loss.isel(step=slice(0, int(np.argmax(learnt)) + 1)) if learnt.any() else loss


def check_a05(record: xr.DataTree) -> Judgement:
    """Figures 1(a) and 1(c): the order of the labels."""
    runs = part(record, "runs")
    losses = {str(name): until_learnt(runs.sel(data=name)) for name in runs.data.values}

    def worst_ratio(faster: str, slower: str) -> xr.DataArray:
        ratios = [
            (loss.sel(labels=faster) / loss.sel(labels=slower)).max("step", skipna=False) for loss in losses.values()
        ]
        return xr.concat(ratios, dim="data", join="exact").max("data", skipna=False)

    told = []
    for name, loss in losses.items():
        last = loss.isel(step=-1).mean("seed")
        values = ", ".join(f"{float(last.sel(labels=kind)):.1e} {kind}" for kind in last.labels.values)
        told.append(f"{name} at k = {int(loss.step[-1])}: {values}")
    return decide(
        "Phi/n " + "; ".join(told),
        reproduced=[
            below("loss of true labels / of random ones", worst_ratio("true", "random"), 1),
            below("loss of random labels / of worst-case ones", worst_ratio("random", "worst"), 1),
        ],
    )


CLAIMS = (
    Claim(
        "A05",
        check_a05,
        "loss(true) < loss(random) < loss(worst case) at every recorded step from 1 until one reaches 1e-6, "
        "or to the end of the runs",
        "strict order, on each data set",
    ),
)
