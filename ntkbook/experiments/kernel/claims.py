"""Claims that the experiment `kernel` decides: A01, A02 and A20."""

import numpy as np
import xarray as xr

from ntkbook.claims import Claim, Judgement
from ntkbook.experiments.experiment import settings
from ntkbook.experiments.judging import above, at_least, at_most, decide, log_slope, slope
from ntkbook.records import part


def width_slopes(record: xr.DataTree) -> xr.DataArray:
    """Slopes of the root mean square of |H(0) - H|_F over seeds, against the width on log-log axes.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment.

    Returns
    -------
    xarray.DataArray (data,)
    """
    return slope(part(record, "deviations").frobenius ** 2) / 2  # E|H(0) - H|_F^2 is exactly proportional to 1/m


def check_a01(record: xr.DataTree) -> Judgement:
    """Lemma C.3: the Gram matrix concentrates."""
    deviations, slopes = part(record, "deviations"), width_slopes(record)
    entries = float((deviations.largest_entry * np.sqrt(deviations.width)).max(skipna=False))
    hoeffding = float(np.sqrt(np.log(2 * settings(record)["n"] ** 2 / 0.01) / 2))  # for all entries, at 99 %
    ratio = float((deviations.frobenius / deviations.bound).max(skipna=False))
    told = ", ".join(f"{float(found):.3f} ({name})" for found, name in zip(slopes, slopes["data"].values, strict=True))
    return decide(
        f"slope {told}; largest entry error times sqrt(m) {entries:.2f} "
        f"(allowed {hoeffding:.2f}); at most {ratio:.2f} of the lemma's bound",
        reproduced=[
            at_most("|slope + 1/2|", abs(slopes + 0.5), 0.1),
            at_most("|H(0) - H|_F / bound", ratio, 1),
            at_most("entry error times sqrt(m)", entries, hoeffding),
        ],
    )


def check_a02(record: xr.DataTree) -> Judgement:
    """Remark 5.1: which inputs are degenerate."""
    lambda_min, parallel = part(record, "images").lambda_min, part(record, "parallel")
    small = parallel.pair.sel(angle=slice(None, 1e-2))
    exponent = log_slope(small.angle, small)
    law = np.abs(parallel.pair * 2 * np.pi / parallel.angle - 1).sel(angle=slice(None, 1e-3))
    duplicate, antipodal, many = (float(parallel[name]) for name in ("duplicate", "antipodal", "many_antipodal"))
    on_data = ", ".join(f"{float(lambda_min.sel(data=name)):.4f} ({name})" for name in lambda_min["data"].values)
    return decide(
        f"lambda_0 {on_data}; pair at angle t: slope {exponent:.4f}, "
        f"off t/(2 pi) by at most {float(law.max(skipna=False)):.1e} for t <= 1e-3; "
        f"duplicate {duplicate:.0e}; one antipodal pair {antipodal:.3f}; 6 of them in 5 dimensions {many:.0e}",
        reproduced=[
            above("lambda_0 on data", lambda_min, 0, exact=True),
            at_most("near-parallel pair, |slope - 1|", abs(exponent - 1), 0.01, exact=True),
            at_most("near-parallel pair, off the law", law, 1e-2, exact=True),
            at_most("duplicate, |lambda_0|", abs(duplicate), 1e-15, exact=True),
            at_most("antipodal pair, |lambda_0 - 1/2|", abs(antipodal - 0.5), 1e-12, exact=True),
            at_most("antipodal pairs, |lambda_0|", abs(many), 1e-12, exact=True),
        ],
    )


def check_a20(record: xr.DataTree) -> Judgement:
    """Power series, the lower bounds that follow, and Lemma E.1."""
    series, order = part(record, "series"), part(record, "matrix_order").least_eigenvalue
    linear, power = (float(series[name].min(skipna=False)) for name in ("minus_linear", "minus_power"))
    told = ", ".join(
        f"{float(error):.1e} (allowed {float(most):.1e}, {name})"
        for error, most, name in zip(series.error, series.left_out, series["data"].values, strict=True)
    )
    return decide(
        f"least eigenvalue of the differences {np.minimum(linear, power):.1e}; "
        f"series off by {told}; "
        f"Lemma E.1 on {order.sizes['pair']} random pairs: "
        f"least relative eigenvalue {float(order.min(skipna=False)):.0e}",
        reproduced=[
            at_least("least eigenvalue of H - K/4", linear, -1e-10, exact=True),
            at_least("least eigenvalue of H - K^(o2l)/(2 pi (2l-1)^2)", power, -1e-10, exact=True),
            at_most("error of the series / the most that it can lack", series.error / series.left_out, 1, exact=True),
            at_least("Lemma E.1, relative eigenvalue", order, -1e-10, exact=True),
        ],
    )


CLAIMS = (
    Claim(
        "A01",
        check_a01,
        "|H(0) - H|_F falls as m^-1/2 and stays under n sqrt(log(2 n^2/delta)/(2 m))",
        "slope within 0.1; no seed above the bound; entry error times sqrt(m) within Hoeffding's 99 % bound",
    ),
    Claim(
        "A02",
        check_a02,
        "lambda_0 > 0 on data; angle/(2 pi) for a near-parallel pair; 0 for a duplicate; 1/2 for an antipodal pair; "
        "0 for more than d antipodal pairs",
        "slope within 0.01, law within 1 % for angles down to 1e-6; zeros to 1e-15 and 1e-12",
    ),
    Claim(
        "A20",
        check_a20,
        "closed form = power series; H - K/4 and H - K^(o2l)/(2 pi (2l-1)^2) positive semidefinite; Lemma E.1",
        "eigenvalues >= -1e-10; with L even terms the series within max |K_ij|^(2L+2) times the coefficients left out, "
        "off the diagonal, and 1e-12 for rounding",
    ),
)
