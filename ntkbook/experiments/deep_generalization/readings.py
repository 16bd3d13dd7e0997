"""What the chapter on generalisation of deep nets quotes from a record: its numbers, and its tables."""

import math
from collections.abc import Callable

import numpy as np
import xarray as xr

from ntkbook.adversarial import GAP
from ntkbook.bounds import cao2019 as bounds
from ntkbook.experiments.deep_generalization.claims import (
    EASY,
    HARD,
    MARGIN_DATA,
    PROJECTED,
    certificate_slopes,
    close_slopes,
    of_all_nets,
    theorem_bound,
)
from ntkbook.experiments.experiment import Number, settings
from ntkbook.experiments.judging import slope
from ntkbook.figures.tables import Table
from ntkbook.records import part

_KEYS = {
    "0/1": "easy",
    "3/8": "hard",
    "3/8, random labels": "random",
    MARGIN_DATA: "margin",
    "sphere, odd": "odd",
}
_EPSILON, _DELTA = 0.1, 0.1


def readings(record: xr.DataTree) -> dict[str, Number]:
    """Every number that the chapter quotes, by the key under which it does.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `deep_generalization`.

    Returns
    -------
    dict of str to number
    """
    return {
        **_of_margins(record),
        **_of_certificates(record),
        **_of_nets(record),
        **_of_bounds(record),
    }


def _of_margins(record: xr.DataTree) -> dict[str, Number]:
    config, margin = settings(record), part(record, "margins").margin
    scaled = (2 ** (margin.layer / 2) * margin).mean("seed")
    features, one_class = part(record, "features"), part(record, "one_class").ratio.mean("seed")
    gamma, ceiling = features.gamma.mean("seed").isel(count=-1), features.ceiling.mean("seed").isel(count=-1)
    b_2 = (features.layer_margin / (2.0 ** -(features.layer + 1) * ceiling)).min()
    highest = int(one_class.dim[-1])
    return {
        "n": config["margins"]["n"],
        "seeds": config["n_seeds"],
        "layers": int(margin.layer[-1]),
        **{
            f"change-{key}": float(scaled.sel(task=task).isel(layer=-1) / scaled.sel(task=task, layer=1))
            for task, key in _KEYS.items()
        },
        "first-easy": float(scaled.sel(task=EASY, layer=1) / scaled.sel(task=EASY, layer=0)),
        "first-hard": float(scaled.sel(task="3/8", layer=1) / scaled.sel(task="3/8", layer=0)),
        "n-features": config["features"]["n"],
        "count": int(features["count"][-1]),
        "gamma-low": float(gamma.sel(task=EASY)),
        "gamma-high": float(ceiling.sel(task=EASY)),
        "gamma-random": float(ceiling.sel(task="3/8, random labels")),
        "layer-ratio": float(b_2),
        "d-max": highest,
        "one-64": float(one_class.sel(dim=64, depth=1)),
        "one-max": float(one_class.sel(dim=highest, depth=1)),
        "two-layers": float(one_class.sel(depth=2).min()),
    }


def _of_certificates(record: xr.DataTree) -> dict[str, Number]:
    certificates, slopes = part(record, "certificates"), certificate_slopes(record).mean("depth")
    promise = (1 / (certificates.certificate.mean("seed") * np.sqrt(certificates.n))).sel(task="3/8", depth=1)
    wide, narrow = close_slopes(record)
    few = slopes.portion[1]
    return {
        "n-first": int(certificates.n[0]),
        "n-last": int(certificates.n[-1]),
        "few": 100 * float(few),
        "slope-true": float(slopes.sel(task="3/8", portion=0)),
        "slope-random": float(slopes.sel(task="3/8", portion=1)),
        "slope-margin": float(slopes.sel(task=MARGIN_DATA, portion=0)),
        "slope-margin-few": float(slopes.sel(task=MARGIN_DATA, portion=few)),
        "slope-margin-random": float(slopes.sel(task=MARGIN_DATA, portion=1)),
        **{
            f"promise-{name}-{place}": float(promise.sel(portion=portion)[index])
            for name, portion in (("true", 0), ("random", 1))
            for place, index in (("first", 0), ("last", -1))
        },
        "slope-wide": float(wide.mean()),
        "slope-narrow": float(narrow.mean()),
    }


def _of_nets(record: xr.DataTree) -> dict[str, Number]:
    samples, widths = part(record, "samples"), part(record, "widths")
    error = 100 * samples.test_error.mean(["seed", "depth"])
    by_width = 100 * widths.test_error.mean(["seed", "depth"]).sel(task="3/8")
    sharp, gaps = samples.sharp_bound.sel(task=EASY).mean("seed").isel(n=-1), samples.adversarial_gap.sel(task=EASY)
    reach = np.array(settings(record)["by_size"]["reach"])
    worst = gaps.mean(["seed", "n"])
    curved = 100 * (samples.gap.sel(task=EASY) / gaps).mean("seed").isel(n=-1)
    found: dict[str, Number] = {
        "train-n-first": int(samples.n[0]),
        "train-n-last": int(samples.n[-1]),
        "train-m": settings(record)["train_width"],
        "width-n": settings(record)["train_size"],
        "m-first": int(widths.width[0]),
        "m-last": int(widths.width[-1]),
        "error-m-first": float(by_width[0]),
        "error-m-last": float(by_width[-1]),
    }
    for name, key in (("test_error", "fall"), ("test_error_fixed", "fixed")):
        mean = samples[name].sel(task=list(HARD)).mean("seed")
        ratio = mean.isel(n=-1) / mean.isel(n=0)
        found[f"{key}-least"], found[f"{key}-most"] = float(ratio.min()), float(ratio.max())
    found["allowed"] = float(samples.n[0] / samples.n[-1]) ** 0.25
    for name, value in zip(("one", "two", "three"), reach, strict=False):
        found[f"reach-{name}"] = float(value)
    for task, key in zip(HARD, ("38", "49"), strict=True):
        found[f"error-{key}-first"], found[f"error-{key}-last"] = (float(error.sel(task=task)[i]) for i in (0, -1))
    for depth in (int(samples.depth[0]), int(samples.depth[-1])):
        place = "shallow" if depth == 1 else "deep"
        room = max(1 - float(sharp.sel(depth=depth)), 0.01)
        found[f"sharp-{place}"] = float(sharp.sel(depth=depth))
        found[f"adversarial-{place}"] = float(worst.sel(depth=depth))
        found[f"curved-{place}"] = float(curved.sel(depth=depth))
        found[f"needed-{place}"] = math.log10((GAP / 2 * reach[depth - 1] ** (4 / 3) / room) ** 6)
    return found


def _of_bounds(record: xr.DataTree) -> dict[str, Number]:
    nets = part(record, "widths").sel(task=PROJECTED)
    middle = nets.sel(depth=2).mean("seed")
    allowed = of_all_nets(record, lambda nets: nets.movement / nets.allowed_radius)
    demand = bounds.corollary_4_13_width(
        1, float(part(record, "margins").margin.mean("seed").sel(task=EASY, layer=0)), 0.1, 0.1
    )
    return {
        "slope-bartlett": float(slope(nets.bartlett).mean()),
        "slope-neyshabur": float(slope(nets.neyshabur).mean()),
        "slope-ours": float(slope(nets.linear_term).mean()),
        "slope-uncentred": float(slope(nets.bartlett_uncentred).mean()),
        "slope-transposed": round(float(slope(nets.bartlett_transposed).sel(depth=1)), 2) + 0.0,  # not "-0.00"
        "bartlett": float(middle.bartlett[-1]),
        "neyshabur": float(middle.neyshabur[-1]),
        "uncentred": float(middle.bartlett_uncentred[-1]),
        "ours": float(middle.linear_term[-1]),
        "ours-whole": float(theorem_bound(middle)[-1]),
        "error-low": 100 * float(middle.test_error[-1]),
        "allowed-least": float(allowed.min()),
        "allowed-most": float(allowed.max()),
        "whole": float(of_all_nets(record, theorem_bound).min()),
        "demand": math.log10(demand),
    }


def terms(record: xr.DataTree) -> Table:
    """Terms of Theorem 4.5 on zeros and ones at the largest n, with constant 1, and the constants that fit.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `deep_generalization`.

    Returns
    -------
    Table
    """
    samples = part(record, "samples")
    nets = samples.sel(task=EASY).isel(n=-1).mean("seed")
    m, n = settings(record)["train_width"], int(samples.n[-1])
    rows = []
    for depth in map(int, nets.depth.values):
        net = nets.sel(depth=depth)
        radius = float(net.radius)
        first = float(net.rademacher) / (depth * radius * math.sqrt(m / n))
        second = float(net.adversarial_gap) / (depth**4 * math.sqrt(m * math.log(m)) * radius ** (4 / 3))
        numbers = net.test_error, 2 * net.surrogate, net.linear_term, net.curvature_term
        rows.append(
            (
                str(depth),
                *(f"{float(value):.3g}" for value in numbers),
                f"{float(net.movement / net.allowed_radius):,.0f}",
                f"{first:.2f}",
                f"{second:.4f}",
            )
        )
    header = ("L", "test error", "2 E_S", "L tau sqrt(m/n)", "L^4 sqrt(m log m) tau^(4/3)", "tau / allowed")
    return Table((*header, "C of the first", "C of the second"), rows)


def demands(record: xr.DataTree) -> Table:
    """Width and samples that Corollaries 4.11 and 4.13 ask for at eps = 0.1, constants 1, beside what was run.

    The proof of Corollary 4.11 fails at L = 1, so its columns have a dash there.

    Parameters
    ----------
    record : xarray.DataTree
        Of the experiment `deep_generalization`.

    Returns
    -------
    Table
    """
    kernel, features = part(record, "margins").margin.mean("seed"), part(record, "features").gamma.mean("seed")
    run = f"{int(part(record, 'widths').width[-1]):,}", f"{int(part(record, 'samples').n[-1]):,}"
    rows = []
    for task in (EASY, "3/8", "3/8, random labels"):
        for depth in settings(record)["depths"]:
            last = float(kernel.sel(task=task, layer=depth - 1))
            random = float(features.sel(task=task).isel(count=-1))
            asked = (
                (bounds.corollary_4_11_width, random if depth > 1 else None),
                (bounds.corollary_4_13_width, last),
                (bounds.corollary_4_11_samples, random if depth > 1 else None),
                (bounds.corollary_4_13_samples, last),
            )
            shown = [_power_of_ten(formula, depth, margin) for formula, margin in asked]
            rows.append((task, str(depth), *shown[:2], run[0], *shown[2:], run[1]))
    header = ("data", "L", "m, Cor. 4.11", "m, Cor. 4.13", "m run", "n, Cor. 4.11", "n, Cor. 4.13", "n run")
    return Table(header, rows)


def _power_of_ten(formula: Callable[..., float], depth: int, margin: float | None) -> str:
    """What a corollary asks for, as text; a dash where it has no proof."""
    if margin is None:
        return "-"
    return f"1e{math.log10(formula(depth, margin, _EPSILON, _DELTA)):.0f}" if margin > 0 else "no margin"
