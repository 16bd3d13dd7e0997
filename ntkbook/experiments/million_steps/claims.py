"""The claim that the experiment `million_steps` decides: A05."""

import numpy as np
import xarray as xr

from ntkbook.claims import Claim, Judgement
from ntkbook.experiments.judging import below, decide
from ntkbook.records import part

LEARNT = 1e-6
"""Phi / n at which a kind of labels counts as learnt, and the comparison with the next ends."""


def until_learnt(runs: xr.Dataset, faster: str, slower: str) -> xr.DataArray:
    """Losses of two kinds of labels from step 1 to the last that both reached, or until the faster one is learnt.

    Parameters
    ----------
    runs : xarray.Dataset
        `loss` and `measured` over labels, seed and step, of one data set.
    faster, slower : str
        Labels, in the order that the claim has.

    Returns
    -------
    xarray.DataArray (labels, seed, step)
    """
    runs = runs.sel(labels=[faster, slower])
    reached = runs.measured.all(["labels", "seed"]).values
    loss = runs.loss.isel(step=np.flatnonzero(reached)[1:])
    learnt = (loss.sel(labels=faster) <= LEARNT).any("seed").values
    return loss.isel(step=slice(0, int(np.argmax(learnt)) + 1)) if learnt.any() else loss


def check_a05(record: xr.DataTree) -> Judgement:
    """Figures 1(a) and 1(c): the order of the labels."""
    runs, told, conditions = part(record, "runs"), [], []
    for faster, slower in (("true", "random"), ("random", "worst")):
        ratios: list[xr.DataArray] = []
        for name in runs.data.values:
            loss = until_learnt(runs.sel(data=name), faster, slower)
            ratios.append((loss.sel(labels=faster) / loss.sel(labels=slower)).max("step", skipna=False))
            last = loss.isel(step=-1).mean("seed")
            values = (f"{float(last.sel(labels=kind)):.1e} {kind}" for kind in (faster, slower))
            told.append(f"{name} at k = {int(loss.step[-1])}: {', '.join(values)}")
        largest = xr.concat(ratios, dim="data", join="exact").max("data", skipna=False)
        conditions.append(below(f"loss of {faster} labels / of {slower} ones", largest, 1))
    return decide("Phi/n " + "; ".join(told), reproduced=conditions)


CLAIMS = (
    Claim(
        "A05",
        check_a05,
        "loss(true) < loss(random) < loss(worst case), each pair at every recorded step from 1 until its faster kind "
        "reaches 1e-6, or to the last that both reached",
        "strict order, on each data set",
    ),
)
