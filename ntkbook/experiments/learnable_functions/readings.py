"""What the chapter on learnable functions quotes from a record: its numbers, and its tables."""

import xarray as xr

from ntkbook.experiments.experiment import Number, settings
from ntkbook.experiments.learnable_functions.claims import LEARNABLE, doubling, relative_square
from ntkbook.figures.tables import Table
from ntkbook.records import part


def readings(record: xr.DataTree) -> dict[str, Number]:
    """Every number that the chapter quotes, by the key under which it does.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `learnable_functions`.

    Returns
    -------
    dict of str to number
    """
    norms, nets = part(record, "norms"), part(record, "nets")
    mean, highest = norms.norm.mean("seed"), int(norms.dim[-1])
    cube, biased = mean.sel(function="power 3", dim=3), norms.cubic_norm_with_bias.mean("seed").sel(dim=3)
    relative = 100 * relative_square(record) ** 0.5
    over_kernel = (relative_square(record) / relative_square(record, "kernel")).sel(target=list(LEARNABLE)) ** 0.5
    linear = nets.sel(target="linear").isel(n=-1).mean("seed")
    return {
        "n-min": int(norms.n[0]),
        "n-max": int(norms.n[-1]),
        "d-max": highest,
        "square": float(mean.sel(function="power 2", dim=3)[-1]),
        "square-limit": float(norms.limit.sel(function="power 2", dim=3)),
        "eight": float(mean.sel(function="power 8", dim=3)[-1]),
        "eight-high": float(mean.sel(function="power 8", dim=highest)[-1]),
        "eight-limit": float(norms.limit.sel(function="power 8", dim=highest)),
        "cube-min": float(cube[0]),
        "cube-max": float(cube[-1]),
        "cube-growth": float(doubling(norms.norm.sel(function="power 3", dim=3))),
        "bias-min": float(biased[0]),
        "bias-max": float(biased[-1]),
        "bias-limit": float(norms.cubic_limit_with_bias.sel(dim=3)),
        "width": settings(record)["nets"]["width"],
        "train-max": int(nets.n[-1]),
        "stop": settings(record)["nets"]["stop"],
        **{f"error-{name}": float(relative.sel(target=name)[-1]) for name in map(str, nets.target.values)},
        **{f"error-min-{name}": float(relative.sel(target=name)[0]) for name in LEARNABLE},
        **{f"over-kernel-{name}": float(over_kernel.sel(target=name)[-1]) for name in LEARNABLE},
        "over-kernel-before": float(over_kernel.isel(n=slice(None, -1)).max()),
        "leading": float(linear.leading_term),
        "remainder": float(linear.remainder),
        "our-sum": float(part(record, "rival").ours.sum()),
    }


def examples(record: xr.DataTree) -> Table:
    """Largest norms of the examples of Corollary 6.2 beside limits and bounds.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `learnable_functions`.

    Returns
    -------
    Table
    """
    norms = part(record, "norms")
    largest = norms.norm.max(["seed", "n", "dim"])
    rows = []
    for name in map(str, norms.function.values):
        if not name.startswith("power"):
            called = f"cos(beta.x) - 1, |beta| = {name[7:]}" if name != "arctan" else "z arctan(z/2), |beta| = 1"
            numbers = largest.sel(function=name), norms.limit.sel(function=name).max(), norms.bound.sel(function=name)
            rows.append((called, *(f"{float(x):.{digits}f}" for x, digits in zip(numbers, (3, 3, 2), strict=True))))
    rows += [
        ("quadratic forms, trace norm 1", f"{float(norms.quadratic_norm.max()):.3f}", "", "6.00"),
        (
            "random sums of five powers, over their bound",
            f"{float((norms.sum_norm / norms.sum_bound).max()):.3f}",
            "",
            "1.00",
        ),
    ]
    return Table(("function", "largest price measured", "largest limit (Funk-Hecke)", "bound"), rows)


def rival_terms(record: xr.DataTree) -> Table:
    """Growth of the rival's terms by its constant C.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `learnable_functions`.

    Returns
    -------
    Table
    """
    rival = part(record, "rival")
    header = ("C", "ratio of successive terms, in the limit", f"first {rival.sizes['term']} terms sum to")
    sums = rival.theirs.sum("term")
    rows = zip(rival.constant.values, rival.ratio.values, sums.values, strict=True)
    return Table(header, [(f"{c:g}", f"{ratio:.2f}", f"{total:.1e}") for c, ratio, total in rows])
