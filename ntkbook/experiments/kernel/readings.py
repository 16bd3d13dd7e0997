"""What the chapter on the kernel quotes from a record: its numbers, and its tables."""

import numpy as np
import xarray as xr

from ntkbook.experiments.experiment import Number, settings
from ntkbook.experiments.kernel.claims import width_slopes
from ntkbook.figures.tables import Table
from ntkbook.records import part


def readings(record: xr.DataTree) -> dict[str, Number]:
    """Every number that the chapter quotes, by the key under which it does.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `kernel`. What depends on the images is read from its first data set: MNIST, in every profile.

    Returns
    -------
    dict of str to number
    """
    deviations, images = part(record, "deviations").isel(data=0), part(record, "images").isel(data=0)
    size = np.sqrt((deviations.frobenius**2).mean("seed"))
    used = settings(record)
    n, two_sided = used["n"], np.log(2 / used["delta"])
    exact = float((deviations.expected * np.sqrt(deviations.width)).isel(width=0)) / n  # r.m.s. of an entry, m = 1
    return {
        "n": n,
        "seeds": deviations.sizes["seed"],
        "slope": float(width_slopes(record)[0]),
        "bound-ratio": float((deviations.bound / size).mean()),
        "slack-confidence": float(np.sqrt(two_sided / 2) / 0.5),  # Hoeffding at 1 - delta over a coin's deviation
        "slack-union": float(np.sqrt(np.log(2 * n**2 / used["delta"]) / two_sided)),
        "slack-variance": 0.5 / exact,
        "exact-ratio": 100 * float(np.abs(size / deviations.expected - 1).max()),
        "lambda-min": float(images.lambda_min),
        "lambda-max": float(images.lambda_max),
        "condition": float(images.lambda_max / images.lambda_min),
        "least-angle": float(np.degrees(images.least_angle)),
    }


def least_eigenvalues(record: xr.DataTree) -> Table:
    """Least eigenvalues of constructed inputs and of images, beside what is expected.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `kernel`.

    Returns
    -------
    Table
    """
    parallel, lambda_min, n = part(record, "parallel"), part(record, "images").lambda_min, settings(record)["n"]
    angle = float(parallel.angle[0])
    rows = [
        (f"a pair at angle {angle:.0e}", f"{float(parallel.pair[0]):.6e}", f"{angle / (2 * np.pi):.6e}"),
        ("an exact duplicate", f"{float(parallel.duplicate):.0e}", "0"),
        ("one antipodal pair", f"{float(parallel.antipodal):.6f}", "1/2"),
        ("6 antipodal pairs in 5 dimensions", f"{float(parallel.many_antipodal):.0e}", "0"),
    ]
    rows += [
        (f"{n} images, {name}", f"{float(lambda_min.sel(data=name)):.4f}", "> 0") for name in lambda_min["data"].values
    ]
    return Table(("inputs", "least eigenvalue", "expected"), rows)


def power_series(record: xr.DataTree) -> Table:
    """Error of the power series, and least eigenvalues of what should be positive semidefinite.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `kernel`.

    Returns
    -------
    Table
    """
    series, order = part(record, "series"), part(record, "matrix_order").least_eigenvalue
    rows = [
        (
            f"series with {settings(record)['n_terms']} even terms, largest error",
            *(f"{v:.1e}" for v in series.error.values),
        ),
        ("the most that it can lack, and rounding", *(f"{v:.1e}" for v in series.left_out.values)),
        ("least eigenvalue of H - K/4", *(f"{v:.4f}" for v in series.minus_linear.values)),
    ]
    for k in series.half_degree.values:
        name = f"least eigenvalue of H - K^{2 * k} / (2 pi {(2 * k - 1) ** 2})"
        rows.append((name, *(f"{v:.4f}" for v in series.minus_power.sel(half_degree=k).values)))
    name = f"Lemma E.1 on {order.sizes['pair']} random pairs, least relative eigenvalue"
    rows.append((name, f"{float(order.min()):.0e}", *[""] * (series.sizes["data"] - 1)))
    return Table(("quantity", *series.data.values), rows)
