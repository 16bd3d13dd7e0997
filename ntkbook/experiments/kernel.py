"""Experiment `kernel`: H-infinity as a limit, its least eigenvalue, its power series. Claims A01, A02, A20."""

import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
import xarray as xr

from ntkbook import data, records
from ntkbook.bounds import arora2019 as bounds
from ntkbook.claims import Claim, Judgement, Verdict
from ntkbook.experiments.sweep import cell_generator, found_datasets, log_slope, sweep, table
from ntkbook.kernels import even_coefficients, h_infinity, h_infinity_series, monte_carlo_gram
from ntkbook.spectrum import eigendecompose

_DATA, _WEIGHTS, _PAIRS, _ORDER, _PROFILE = range(5)  # purposes of the random streams


@dataclass(frozen=True)
class Config:
    """Settings of the experiment; checked at construction."""

    profile: str
    """Name of the profile."""
    n: int
    """Training images, of the classes 0 and 1."""
    widths: tuple[int, ...]
    """Numbers of neurons m at which H(0) is compared with its limit."""
    n_seeds: int
    """Initialisations at each width."""
    n_terms: int
    """Even powers kept in the power series."""
    n_orders: int
    """Random pairs A <= B on which Lemma E.1 is tried."""
    datasets: tuple[str, ...] = ("mnist", "cifar10")
    """Data sets; those that are not found are left out."""
    angles: tuple[float, ...] = (1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1)
    """Angles in radians of the nearly parallel pairs."""
    delta: float = 0.1
    """Failure probability in Lemma C.3."""
    seed: int = 0
    """Root of every random stream."""

    def __post_init__(self):
        if self.n < 2 or self.n_seeds < 1 or len(self.widths) < 2 or min(self.widths) < 1:
            raise ValueError(
                f"Config: expected n >= 2, n_seeds >= 1 and at least two widths >= 1, "
                f"found n = {self.n}, n_seeds = {self.n_seeds}, widths = {self.widths}"
            )
        if not 0 < self.delta < 1:
            raise ValueError(f"delta: expected a probability in (0, 1), found {self.delta}")


PROFILES = {
    "quick": Config("quick", n=200, widths=(64, 256, 1024, 4096, 16384), n_seeds=5, n_terms=200, n_orders=50),
    "laptop": Config(
        "laptop", n=1000, widths=(64, 256, 1024, 4096, 16384, 65536), n_seeds=5, n_terms=2000, n_orders=500
    ),
    "paper": Config("paper", n=10_000, widths=(100, 1000, 10_000), n_seeds=3, n_terms=2000, n_orders=500),
}


@dataclass(frozen=True)
class Cell:
    """One initialisation."""

    data: str
    width: int
    seed: int


def run(config: Config, *, device: str = "cpu", n_jobs: int | None = None, store: Path | None = None) -> xr.Dataset:
    """Run the experiment.

    Parameters
    ----------
    config : Config
        Such as `PROFILES["quick"]`.
    device : str
        Where the Gram matrices are computed.
    n_jobs : int, optional
        Processes, see `sweep`.
    store : Path, optional
        Folder for finished cells, which a second run takes up.

    Returns
    -------
    xarray.Dataset
        Deviations of H(0) from its limit by data set, width and seed; least eigenvalues by data set and of
        constructed inputs; power series; provenance in the attributes.
    """
    start = time.perf_counter()
    samples = {
        name: data.load(name, n_train=config.n, n_test=0, rng=cell_generator(config.seed, _DATA))
        for name in found_datasets(config.datasets)
    }
    inputs = {name: torch.tensor(sample.x_train, device=device) for name, sample in samples.items()}
    grams = {name: h_infinity(x) for name, x in inputs.items()}
    cells = [Cell(name, m, seed) for name in samples for m in config.widths for seed in range(config.n_seeds)]
    identity = [config.seed, device, {name: sample.sha256 for name, sample in samples.items()}]
    results = sweep(_deviation, cells, config.seed, inputs, grams, identity=identity, n_jobs=n_jobs, store=store)
    record = table(cells, results)
    record["lemma_c3"] = "width", [bounds.lemma_c3_gram_deviation(config.n, m, config.delta) for m in config.widths]
    variance = [float((inputs[name] @ inputs[name].T * gram - gram.square()).sum()) for name, gram in grams.items()]
    record["deviation_expected"] = np.sqrt(xr.DataArray(variance, dims="data") / record.width)  # E|H(0) - H|_F^2, exact
    spectra = {name: eigendecompose(gram) for name, gram in grams.items()}
    record["lambda_min"] = "data", [spectrum.lambda_min for spectrum in spectra.values()]
    record["lambda_max"] = "data", [spectrum.lambda_max for spectrum in spectra.values()]
    record["least_angle"] = "data", [_least_angle(gram) for gram in grams.values()]
    parts = (
        _constructed_inputs(config),
        _power_series(config, inputs, grams),
        _matrix_order(config),
        _angle_profile(config),
    )
    record = xr.merge([record, *parts])
    record.attrs = records.provenance(
        experiment="kernel",
        profile=config.profile,
        config=asdict(config),
        seeds=range(config.n_seeds),
        data={sample.source: sample.sha256 for sample in samples.values()},
        device=device,
        dtype="float64",
        seconds=time.perf_counter() - start,
    )
    return record


def _deviation(cell: Cell, seed: int, inputs: dict[str, torch.Tensor], grams: dict[str, torch.Tensor]) -> xr.Dataset:
    """Distance of H(0) at one initialisation from H-infinity: Lemma C.3."""
    rng = cell_generator(seed, _WEIGHTS, cell.width, cell.seed)
    gap = monte_carlo_gram(inputs[cell.data], cell.width, rng) - grams[cell.data]
    return xr.Dataset({"max_deviation": float(gap.abs().max()), "deviation": float(torch.linalg.matrix_norm(gap))})


def _least_angle(gram: torch.Tensor) -> float:
    """Least angle between two unit inputs, from the largest entry x.x'(pi - theta)/(2 pi) off the diagonal."""
    largest = float(gram.clone().fill_diagonal_(-1.0).max())
    grid = torch.linspace(0, np.pi / 2, 100_001, dtype=torch.float64)
    values = torch.cos(grid) * (np.pi - grid) / (2 * np.pi)  # decreasing in theta
    return float(np.interp(-largest, -values.numpy(), grid.numpy()))


def _constructed_inputs(config: Config) -> xr.Dataset:
    """Least eigenvalue for a pair at a small angle, an exact duplicate, and antipodal pairs: Remark 5.1."""
    rng = cell_generator(config.seed, _PAIRS)
    pairs = [data.near_parallel_pair(angle, 10, rng) for angle in config.angles]
    d = 5
    half = data.sphere(d + 1, d, rng)
    antipodal = np.stack([half[0], -half[0]])
    duplicate = np.stack([half[0], half[0]])
    all_pairs = np.concatenate([half, -half])

    def least(x: np.ndarray) -> float:
        return eigendecompose(h_infinity(torch.from_numpy(x))).lambda_min

    return xr.Dataset(
        {
            "pair_lambda_min": ("angle", [least(x) for x in pairs]),
            "pair_lambda_min_naive": ("angle", [_least_naively(x) for x in pairs]),
            "duplicate_lambda_min": least(duplicate),
            "antipodal_lambda_min": least(antipodal),
            "many_antipodal_lambda_min": least(all_pairs),
        },
        {"angle": list(config.angles)},
    )


def _least_naively(x: np.ndarray) -> float:
    """What float32 inputs, arccos and clipping make of the least eigenvalue; for the figure that warns of it."""
    cosines = np.clip(x.astype(np.float32) @ x.astype(np.float32).T, -1, 1)
    return float(np.linalg.eigvalsh(cosines * (np.pi - np.arccos(cosines)) / (2 * np.pi))[0])


def _angle_profile(config: Config) -> xr.Dataset:
    """The kernel of two unit inputs against their angle: closed form, power series, nets of finite width."""
    angles = np.linspace(0, np.pi, 37)
    closed = np.cos(angles) * (np.pi - angles) / (2 * np.pi)
    cosines = torch.from_numpy(np.cos(angles))
    widths, terms = (64, 4096), (0, 4)
    series = [(cosines / 4 if count == 0 else h_infinity_series(cosines, count)).numpy() for count in terms]
    fan = torch.from_numpy(np.stack([np.cos(angles), np.sin(angles)], axis=1))  # entry (0, j): inputs at angle j
    nets = [monte_carlo_gram(fan, m, cell_generator(config.seed, _PROFILE, m))[0].numpy() for m in widths]
    return xr.Dataset(
        {
            "profile_closed": ("pair_angle", closed),
            "profile_series": (("profile_terms", "pair_angle"), series),
            "profile_net": (("profile_width", "pair_angle"), nets),
        },
        {"pair_angle": angles, "profile_terms": list(terms), "profile_width": list(widths)},
    )


def _power_series(config: Config, inputs: dict[str, torch.Tensor], grams: dict[str, torch.Tensor]) -> xr.Dataset:
    """Power series against closed form, and the two lower bounds H >= K/4, H >= K^{o 2l} / (2 pi (2l-1)^2)."""
    degrees = [1, 2, 3, 4, 5]
    error, linear, powers = [], [], []
    for name, x in inputs.items():
        product = (x @ x.T).clamp(-1, 1).fill_diagonal_(1.0)
        off_diagonal = (h_infinity_series(product, config.n_terms) - grams[name]).fill_diagonal_(0.0)
        error.append(float(off_diagonal.abs().max()))
        linear.append(float(torch.linalg.eigvalsh(grams[name] - product / 4)[0]))
        powers.append(
            [
                float(torch.linalg.eigvalsh(grams[name] - product ** (2 * k) / (2 * np.pi * (2 * k - 1) ** 2))[0])
                for k in degrees
            ]
        )
    tail = 0.25 - float(even_coefficients(config.n_terms).sum())  # what the series lacks where |K_ij| = 1
    return xr.Dataset(
        {
            "series_error": ("data", error),
            "series_tail": tail,
            "linear_order": ("data", linear),
            "power_order": (("data", "degree"), powers),
            "series_coefficient": ("term", even_coefficients(8).numpy()),
        },
        {"data": list(inputs), "degree": degrees, "term": np.arange(1, 9)},
    )


def _matrix_order(config: Config) -> xr.Dataset:
    """Lemma E.1, A+ >= P_A B+ P_A for B >= A >= 0, on random singular A and B: least eigenvalue of the difference."""
    rng = cell_generator(config.seed, _ORDER)
    least = []
    for _ in range(config.n_orders):
        n = int(rng.integers(2, 12))
        factor = rng.standard_normal((n, rng.integers(1, n + 1)))
        extra = rng.standard_normal((n, rng.integers(1, n + 1)))
        a = factor @ factor.T
        b = a + extra @ extra.T
        a_inverse = np.linalg.pinv(a, hermitian=True, rcond=1e-10)
        projection = a @ a_inverse
        gap = a_inverse - projection @ np.linalg.pinv(b, hermitian=True, rcond=1e-10) @ projection
        least.append(np.linalg.eigvalsh((gap + gap.T) / 2)[0] / np.linalg.norm(a_inverse, 2))
    return xr.Dataset({"matrix_order": ("trial", least)})


def _check_a01(record: xr.Dataset) -> Judgement:
    size = np.sqrt((record.deviation**2).mean("seed"))  # E|H(0) - H|_F^2 is exactly proportional to 1/m
    slopes = [log_slope(record.width.values, size.sel(data=name).values) for name in record.data.values]
    scaled = float((record.max_deviation * np.sqrt(record.width)).max())
    below = bool((record.deviation <= record.lemma_c3).all())
    ratio = float((record.deviation / record.lemma_c3).max())
    entries = np.sqrt(np.log(2 * json.loads(record.attrs["config"])["n"] ** 2 / 0.01) / 2)  # Hoeffding, 99 %
    ok = below and scaled <= entries and all(abs(slope + 0.5) <= 0.1 for slope in slopes)
    text = "slope " + ", ".join(f"{s:.3f} ({name})" for s, name in zip(slopes, record.data.values, strict=True))
    return Judgement(
        Verdict.REPRODUCED if ok else Verdict.NOT_REPRODUCED,
        f"{text}; largest entry error times sqrt(m) {scaled:.2f} "
        f"(allowed {entries:.2f}); at most {ratio:.2f} of the lemma's bound",
    )


def _check_a02(record: xr.Dataset) -> Judgement:
    small = record.pair_lambda_min.sel(angle=slice(None, 1e-2))
    slope = log_slope(small.angle.values, small.values)
    law = float(np.abs(record.pair_lambda_min * 2 * np.pi / record.angle - 1).sel(angle=slice(None, 1e-3)).max())
    ok = (
        bool((record.lambda_min > 0).all())
        and abs(slope - 1) <= 0.01
        and law <= 1e-2
        and abs(float(record.duplicate_lambda_min)) <= 1e-15
        and abs(float(record.antipodal_lambda_min) - 0.5) <= 1e-12
        and abs(float(record.many_antipodal_lambda_min)) <= 1e-12
    )
    on_data = ", ".join(f"{float(record.lambda_min.sel(data=name)):.4f} ({name})" for name in record.data.values)
    return Judgement(
        Verdict.REPRODUCED if ok else Verdict.NOT_REPRODUCED,
        f"lambda_0 {on_data}; pair at angle t: slope {slope:.4f}, off t/(2 pi) by at most {law:.1e} for t <= 1e-3; "
        f"duplicate {float(record.duplicate_lambda_min):.0e}; "
        f"one antipodal pair {float(record.antipodal_lambda_min):.3f}; "
        f"6 of them in 5 dimensions {float(record.many_antipodal_lambda_min):.0e}",
    )


def _check_a20(record: xr.Dataset) -> Judgement:
    least = min(float(record.linear_order.min()), float(record.power_order.min()))
    series, tail = float(record.series_error.max()), float(record.series_tail)
    order = float(record.matrix_order.min())
    ok = least >= -1e-10 and series <= tail and order >= -1e-10
    return Judgement(
        Verdict.REPRODUCED if ok else Verdict.NOT_REPRODUCED,
        f"least eigenvalue of the differences {least:.1e}; series off by {series:.1e} (allowed {tail:.1e}); "
        f"Lemma E.1 on {record.sizes['trial']} random pairs: least relative eigenvalue {order:.0e}",
    )


CLAIMS = (
    Claim(
        "A01",
        _check_a01,
        "|H(0) - H|_F falls as m^-1/2 and stays under n sqrt(log(2 n^2/delta)/(2 m))",
        "slope within 0.1; no seed above the bound; entry error times sqrt(m) within Hoeffding's 99 % bound",
    ),
    Claim(
        "A02",
        _check_a02,
        "lambda_0 > 0 on data; angle/(2 pi) for a near-parallel pair; 0 for a duplicate; 1/2 for an antipodal pair; "
        "0 for more than d antipodal pairs",
        "slope within 0.01, law within 1 % for angles down to 1e-6; zeros to 1e-15 and 1e-12",
    ),
    Claim(
        "A20",
        _check_a20,
        "closed form = power series; H - K/4 and H - K^(o2l)/(2 pi (2l-1)^2) positive semidefinite; Lemma E.1",
        "eigenvalues >= -1e-10; series within the sum of the terms left out",
    ),
)
