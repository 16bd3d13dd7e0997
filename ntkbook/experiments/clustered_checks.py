"""What decides the claims S01 to S12 of the experiment `clustered_data`."""

import numpy as np
import xarray as xr

from ntkbook.claims import Judgement, Verdict
from ntkbook.experiments.sweep import log_slope


def steps_to(accuracy: xr.DataArray, threshold: float) -> xr.DataArray:
    """Steps until an accuracy is reached for the first time, interpolated between recorded steps.

    Parameters
    ----------
    accuracy : xarray.DataArray (..., step)
        Along runs; its last dimension ends in "_step".
    threshold : float
        What is to be reached.

    Returns
    -------
    xarray.DataArray
        Without the dimension of steps; infinite where it was never reached.
    """
    (dim,) = (str(name) for name in accuracy.dims if str(name).endswith("_step"))
    steps = accuracy[dim].values.astype(float)

    def first(values: np.ndarray) -> float:
        reached = np.flatnonzero(values >= threshold)
        if not len(reached):
            return np.inf
        i = int(reached[0])
        return float(np.interp(threshold, values[i - 1 : i + 1], steps[i - 1 : i + 1])) if i else steps[0]

    return xr.apply_ufunc(first, accuracy, input_core_dims=[[dim]], vectorize=True)


def neighbour_ratios(spectrum: xr.DataArray, count: int) -> np.ndarray:
    """Ratios s_j / s_j+1 for j = 1..2 count of a mean spectrum, with count = k l.

    Parameters
    ----------
    spectrum : xarray.DataArray (seed, index)
        Singular values, largest first.
    count : int
        Where the gap is expected.

    Returns
    -------
    ndarray (2 count,)
    """
    values = spectrum.mean("seed").values
    return values[: 2 * count] / values[1 : 2 * count + 1]


def trend(values: xr.DataArray) -> float:
    """Slope in the width, on log-log axes, of the mean over seeds.

    Parameters
    ----------
    values : xarray.DataArray (width, seed)
        Positive numbers; the width may be called "width" or "width_images".

    Returns
    -------
    float
    """
    mean = values.mean("seed")
    return log_slope(mean[mean.dims[0]].values, mean.values)


def _verdict(ok: bool) -> Verdict:
    return Verdict.REPRODUCED if ok else Verdict.NOT_REPRODUCED


def _falls(values: xr.DataArray) -> bool:
    """Whether the mean over seeds falls with every width."""
    mean = values.mean("seed")
    return bool((mean.diff(mean.dims[0]) < 0).all())


def _listed(values: xr.DataArray, digits: str) -> str:
    return ", ".join(f"{float(value):{digits}}" for value in values.mean("seed"))


def _ends(values: xr.DataArray) -> str:
    return ", ".join(f"{value:g}" for value in values)


def _meets(record: xr.Dataset, name: str) -> bool:
    row = record.sel(set=name)
    unit = max(abs(float(row.set_norm_min) - 1), abs(float(row.set_norm_max) - 1)) <= 1e-9
    return unit and float(row.set_lambda) <= float(row.set_allowed)


def check_s01(record: xr.Dataset) -> Judgement:
    """(A1), (A2) and the XOR data."""
    accuracy = record.xor_accuracy
    learned = bool((accuracy.sel(xor="lifted, 0.02") >= 0.999).all())
    planar = float(accuracy.sel(xor="planar").max())
    ok = _meets(record, "separated") and _meets(record, "XOR, lifted, 0.02") and learned and planar < 0.99
    told = "; ".join(
        f"{name} {float(row.set_lambda):.3f} of {float(row.set_allowed):.4f}"
        for name, row in ((str(name), record.sel(set=name)) for name in record["set"].values)
    )
    return Judgement(
        _verdict(ok),
        f"lambda, and what is allowed: {told}; accuracy on XOR: planar {float(accuracy.sel(xor='planar').mean()):.3f}, "
        f"lifted {float(accuracy.sel(xor='lifted, 0.02').mean()):.4f}",
    )


def check_s02(record: xr.Dataset) -> Judgement:
    """Theorem 4.1: steps against the width."""
    times = {level: steps_to(record.synthetic_accuracy, level).mean("seed") for level in (0.95, 0.99)}
    spread = max(float(steps.max() / steps.min()) for steps in times.values())
    ok = spread <= 1.5 and bool((record.synthetic_end_accuracy >= 0.99).all())
    told = "; ".join(
        f"steps to {100 * level:.0f} %: {', '.join(f'{float(t):.0f}' for t in steps)}" for level, steps in times.items()
    )
    return Judgement(_verdict(ok), f"{told}, at m = {_ends(record.width)}; largest ratio over m {spread:.2f}")


def check_s03(record: xr.Dataset) -> Judgement:
    """Figure 1: the synthetic data."""
    flipped, distance = record.synthetic_end_flipped, record.synthetic_end_distance
    accuracy, count = record.synthetic_end_accuracy, int(record.components)
    gaps = [neighbour_ratios(record.synthetic_spectrum_update.sel(width=m), count)[count - 1] for m in record.width]
    ok = (
        bool((accuracy.mean("seed") >= 0.995).all())
        and bool((flipped.mean("seed") < 0.1).all())
        and bool((distance.mean("seed") < 0.1).all())
        and bool(np.min(gaps) >= 2)
    )
    return Judgement(
        _verdict(ok),
        f"at m = {_ends(record.width)}: accuracy {_listed(accuracy, '.4f')}; flipped {_listed(flipped, '.3f')}; "
        f"relative distance {_listed(distance, '.3f')}; singular value {count} / {count + 1}: "
        f"{', '.join(f'{gap:.1f}' for gap in gaps)}",
    )


def check_s04(record: xr.Dataset) -> Judgement:
    """Figure 2: MNIST."""
    text, verdicts = [], {}
    for arm in ("printed", "gentle"):
        accuracy, flipped, distance = (record[f"{arm}_end_{name}"] for name in ("accuracy", "flipped", "distance"))
        update, start = (_energy(record[f"{arm}_spectrum_{name}"], record) for name in ("update", "start"))
        widest = {"width_images": -1}
        trends = (
            bool((accuracy.mean("seed") >= 0.9).all())
            and _falls(flipped)
            and _falls(distance)
            and bool((update > 2 * start).all())
        )
        close = float(flipped[widest].mean()) < 0.1 and float(distance[widest].mean()) < 0.1
        verdicts[arm] = (
            Verdict.NOT_REPRODUCED if not trends else Verdict.REPRODUCED if close else Verdict.ONLY_ASYMPTOTIC
        )
        text.append(
            f"{arm} rate ({verdicts[arm]}): accuracy {_listed(accuracy, '.3f')}; flipped {_listed(flipped, '.3f')}; "
            f"relative distance {_listed(distance, '.3f')}"
        )
    return Judgement(verdicts["printed"], f"at m = {_ends(record.width_images)}, " + "; ".join(text))


def _energy(spectrum: xr.DataArray, record: xr.Dataset) -> xr.DataArray:
    """Share of the leading k l squared singular values in those that were kept, mean over seeds."""
    dim = str(spectrum.dims[-1])
    squares = spectrum**2
    return (squares.isel({dim: slice(int(record.components))}).sum(dim) / squares.sum(dim)).mean("seed")


def check_s05(record: xr.Dataset) -> Judgement:
    """Lemma 5.1: coupled neurons."""
    above = bool((record.slow_coupled >= record.slow_bound).all())
    says = bool((record.slow_bound > 0).all())
    vacuous = bool((record.paper_bound.isel(paper_step=slice(1, None)) <= 0).all())
    verdict = Verdict.NOT_REPRODUCED if not above else Verdict.REPRODUCED if says and vacuous else Verdict.VACUOUS
    first = record.isel(paper_step=1)
    return Judgement(
        verdict,
        f"slow steps, at the last: coupled {float(record.slow_coupled.isel(slow_step=-1).min()):.3f} or more, bound "
        f"{float(record.slow_bound.isel(slow_step=-1).mean()):.3f}; least margin over all steps "
        f"{float((record.slow_coupled - record.slow_bound).isel(slow_step=slice(1, None)).min()):.4f}; "
        f"at the paper's step size after step 1: coupled {float(first.paper_coupled.mean()):.3f}, "
        f"bound {float(first.paper_bound.mean()):.2f}",
    )


def check_s06(record: xr.Dataset) -> Judgement:
    """Lemma 5.2: large pseudo-gradients."""
    reach = {
        "slow run": record.slow_reach,
        "paper's step size": record.paper_reach,
        "arrays": record.array_reach,
        "pairs": record.pair_reach,
    }
    ok = all(bool((values >= 1).all()) for values in reach.values())
    told = ", ".join(f"{name} {float(values.min(skipna=False)):.1f}" for name, values in reach.items())
    return Judgement(_verdict(ok), f"least c such that the share delta / (2 k l) reaches c v delta / (k l): {told}")


def check_s07(record: xr.Dataset) -> Judgement:
    """Section 5.1: f and the pseudo-network."""
    gap, slope = record.synthetic_end_pseudo_gap, trend(record.synthetic_end_pseudo_gap)
    relative = (gap / record.synthetic_end_output).mean("seed")
    falls, close = slope <= -0.25, bool(relative[-1] <= 0.1)
    verdict = Verdict.NOT_REPRODUCED if not falls else Verdict.REPRODUCED if close else Verdict.ONLY_ASYMPTOTIC
    return Judgement(
        verdict,
        f"largest gap {_listed(gap, '.2f')} at m = {_ends(record.width)}, slope {slope:.2f}; "
        f"over the largest output {', '.join(f'{float(value):.3f}' for value in relative)}",
    )


def check_s08(record: xr.Dataset) -> Judgement:
    """Section 6: rank of the update."""
    count = int(record.components)
    ratios = [neighbour_ratios(record.synthetic_spectrum_update.sel(width=m), count) for m in record.width]
    places = [int(np.argmax(ratio)) + 1 for ratio in ratios]
    final = neighbour_ratios(record.synthetic_spectrum_weights.isel(width=-1), count).max()
    main = all(place == count for place in places) and min(ratio.max() for ratio in ratios) >= 2 and final <= 1.1
    at_count = [float((record[f"{name}_widest_gap"] == record[f"{name}_components"]).mean()) for name in ("k", "l")]
    verdict = (
        Verdict.NOT_REPRODUCED if not main else Verdict.REPRODUCED if min(at_count) >= 1 else Verdict.ONLY_ASYMPTOTIC
    )
    return Judgement(
        verdict,
        f"widest gap of the update after singular value {', '.join(map(str, places))} at m = {_ends(record.width)}, "
        f"of ratio {', '.join(f'{ratio.max():.1f}' for ratio in ratios)}; of the final weights {final:.3f} at most; "
        f"gap at k l in {100 * at_count[0]:.0f} % of the nets where k varies, {100 * at_count[1]:.0f} % where l does",
    )


def check_s09(record: xr.Dataset) -> Judgement:
    """Section 6: less structure."""
    ok, text = True, []
    for name in ("sigma", "k", "l"):
        for what in ("distance", "flipped"):
            mean = record[f"{name}_{what}"].mean("seed")
            ok &= bool((mean.diff(name) > 0).all())
            text.append(f"{what} {', '.join(f'{float(value):.4f}' for value in mean)} at {name} = {_ends(mean[name])}")
    return Judgement(_verdict(ok), "; ".join(text))


def check_s10(record: xr.Dataset) -> Judgement:
    """Section 4: arbitrary labels."""
    true, random = record.sel(labels="true"), record.sel(labels="random")
    ok = (
        bool((record.labels_end_fitted >= 0.99).all())
        and bool((random.labels_distance > true.labels_distance).all())
        and bool((random.labels_flipped > true.labels_flipped).all())
        and bool((true.labels_end_accuracy >= 0.99).all())
        and bool((random.labels_end_accuracy <= 0.2).all())
    )
    return Judgement(
        _verdict(ok),
        "; ".join(
            f"{name} labels: fitted {float(row.labels_end_fitted.mean()):.3f}, "
            f"test {float(row.labels_end_accuracy.mean()):.3f}, "
            f"distance {float(row.labels_distance.mean()):.3f}, flipped {float(row.labels_flipped.mean()):.3f}"
            for name, row in (("true", true), ("random", random))
        ),
    )


def check_s11(record: xr.Dataset) -> Judgement:
    """Section 7: trends in the width."""
    names = ("distance", "flipped")
    slopes = {name: trend(record[f"synthetic_end_{name}"]) for name in names}
    images = {(arm, name): record[f"{arm}_end_{name}"] for arm in ("printed", "gentle") for name in names}
    ok = all(-0.65 <= slope <= -0.35 for slope in slopes.values()) and all(_falls(values) for values in images.values())
    return Judgement(
        _verdict(ok),
        f"slopes in m: synthetic {', '.join(f'{slope:.2f} {name}' for name, slope in slopes.items())}; "
        + "; ".join(f"MNIST, {arm} rate, {name} {trend(values):.2f}" for (arm, name), values in images.items()),
    )


def check_s12(record: xr.Dataset) -> Judgement:
    """Theorem 4.1: steps against the dimension."""
    separated = {level: steps_to(record.d_separated_accuracy, level).mean("seed") for level in (0.95, 0.99)}
    gaussian = steps_to(record.d_accuracy, 0.99).mean("seed")
    spread = max(float(steps.max() / steps.min()) for steps in separated.values())
    ok = spread <= 1.5 and bool((record.d_separated_end_accuracy >= 0.99).all())
    told = "; ".join(
        f"steps to {100 * level:.0f} %: {', '.join(f'{float(t):.0f}' for t in steps)}"
        for level, steps in separated.items()
    )
    return Judgement(
        _verdict(ok),
        f"separated mixture at d = {_ends(record.d_separated)}: {told}; largest ratio {spread:.2f}; "
        f"Gaussian mixture, to 99 %: {', '.join(f'{float(t):.0f}' for t in gaussian)}",
    )
