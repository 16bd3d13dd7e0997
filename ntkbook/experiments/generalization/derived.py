"""What checks, readings and figures derive from a record of `generalization`."""

import numpy as np
import xarray as xr
from scipy.stats import rankdata

from ntkbook.experiments.experiment import settings
from ntkbook.records import part


def rank_correlation(record: xr.DataTree, error: str) -> dict[str, float]:
    """Spearman's rank correlation over the portions between eq. (10) and a test error, means over draws.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `generalization`.
    error : str
        Variable of the nets, such as "l1".

    Returns
    -------
    dict of str to float
        By data set.
    """
    nets = part(record, "nets")
    means = [nets[name].mean("draw") for name in ("measure", error)]
    ranks = {name: [rankdata(mean.sel(data=name)) for mean in means] for name in nets["data"].values}
    return {str(name): float(np.corrcoef(pair)[0, 1]) for name, pair in ranks.items()}


def pooled_correlation(record: xr.DataTree, error: str) -> float:
    """Rank correlation between eq. (10) and a test error over all data sets and portions together.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `generalization`.
    error : str
        Variable of the nets, such as "l1".

    Returns
    -------
    float
    """
    nets = part(record, "nets")
    return float(np.corrcoef([rankdata(nets[name].mean("draw")) for name in ("measure", error)])[0, 1])


def movement_ratio(record: xr.DataTree, to: str = "norm") -> xr.DataArray:
    """|W(k) - W(0)|_F / sqrt(y'H^-1 y) at the largest width, mean over seeds: at most 1 + o(1) by Lemma 5.3.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `generalization`.
    to : str
        "norm", or "linear_movement" for the distance that frozen gates would reach at the same loss.

    Returns
    -------
    xarray.DataArray (init_scale, labels)
    """
    balls = part(record, "balls")
    return (balls.movement / balls[to]).isel(width=-1).mean("seed")


def theorem_bound(record: xr.DataTree) -> xr.DataArray:
    """Right-hand side of eq. (9) with explicit constants, for each net with noisy labels.

    The remainder holds 1 / sqrt(n) for the training loss, as for Phi <= 1/2: Arora et al. (2019), app. D.3. The nets
    stop earlier, so sqrt(2 Phi / n) stands in its place.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `generalization`.

    Returns
    -------
    xarray.DataArray (data, portion, draw)
    """
    nets, n = part(record, "nets"), settings(record)["n_train"]
    return nets.measure + nets.remainder - n**-0.5 + (2 * nets.loss) ** 0.5


def runs(record: xr.DataTree) -> xr.Dataset:
    """Nets with noisy labels, and their bounds, along one dimension without the draws that a data set does not have.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `generalization`.

    Returns
    -------
    xarray.Dataset (net)
    """
    nets = part(record, "nets").assign(bound=theorem_bound(record)).stack(net=("data", "portion", "draw"))
    return nets.isel(net=nets.measured.values) if "measured" in nets else nets


def fitted(record: xr.DataTree) -> xr.DataArray:
    """Which of the nets with two close inputs came to the loss at which training stops.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `generalization`.

    Returns
    -------
    xarray.DataArray (angle,), bool
    """
    stop_loss = settings(record)["descent"]["stop_loss"]
    return part(record, "pairs").loss <= stop_loss * (1 + 1e-4)  # the run counts in float32
