"""Experiment `learnable_functions`: the norm sqrt(y'H^-1 y) of functions on the sphere, and nets trained on them.

Claims A17 to A19, A21, A22 and A24.
"""

import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
import xarray as xr

from ntkbook import data, records
from ntkbook.bounds import arora2019 as bounds
from ntkbook.experiments.learnable_claims import CLAIMS
from ntkbook.experiments.sweep import cell_generator, sweep, table
from ntkbook.kernels import h_infinity
from ntkbook.kernels.sphere import (
    h_infinity_profile,
    h_infinity_profile_with_bias,
    multiplicities,
    ridge_norm,
    zonal_eigenvalues,
)
from ntkbook.label_norm import label_norms
from ntkbook.networks import TwoLayer
from ntkbook.training import gradient_descent

__all__ = ["CLAIMS", "PROFILES", "Config", "run"]

POWERS = (1, 2, 3, 4, 5, 6, 8)
TRAINED = ("linear", "quadratic", "cosine", "cubic")
_INPUTS, _FORMS, _NETS, _TEST = range(4)  # purposes of the random streams


@dataclass(frozen=True)
class Config:
    """Settings, checked at construction."""

    profile: str
    """Name of the profile."""
    dims: tuple[int, ...]
    """Dimensions d of the inputs, each >= 3."""
    sizes: tuple[int, ...]
    """Sample sizes n, increasing; the smaller samples are part of the larger."""
    n_seeds: int
    """Draws of the inputs."""
    train_sizes: tuple[int, ...]
    """Sample sizes on which nets are trained, in dimension `train_dim`."""
    width: int
    """Neurons m of these nets; half are copies with the opposite sign, so that the net starts at zero."""
    n_steps: int
    """Steps of gradient descent, with eta = 1 / lambda_max."""
    train_dim: int = 10
    """Dimension of the inputs on which nets are trained."""
    lengths: tuple[float, ...] = (0.5, 1.0, 2.0, 4.0)
    """|beta| in cos(beta.x) - 1."""
    seed: int = 0
    """Root of every random stream."""

    def __post_init__(self):
        if min(self.dims) < 3 or len(self.sizes) < 2 or list(self.sizes) != sorted(set(self.sizes)) or self.n_seeds < 1:
            raise ValueError(
                f"Config: expected dims >= 3, at least two increasing sizes and a seed, "
                f"found {self.dims}, {self.sizes} and {self.n_seeds}"
            )


PROFILES = {
    "quick": Config(
        "quick",
        dims=(3, 10, 30),
        sizes=(125, 250, 500, 1000),
        n_seeds=2,
        train_sizes=(50, 100, 200, 400),
        width=2000,
        n_steps=500,
    ),
    "laptop": Config(
        "laptop",
        dims=(3, 5, 10, 30),
        sizes=(125, 250, 500, 1000, 2000, 4000),
        n_seeds=3,
        train_sizes=(50, 100, 200, 400, 800, 1600),
        width=4000,
        n_steps=1000,
    ),
    "paper": Config(
        "paper",
        dims=(3, 5, 10, 30, 100),
        sizes=(125, 250, 500, 1000, 2000, 4000, 8000, 16_000),
        n_seeds=5,
        train_sizes=(50, 100, 200, 400, 800, 1600, 3200, 6400),
        width=10_000,
        n_steps=10_000,
    ),
}


@dataclass(frozen=True)
class Sphere:
    """One draw of inputs."""

    dim: int
    seed: int


@dataclass(frozen=True)
class Net:
    """One trained net."""

    target: str
    train_size: int
    seed: int


def run(config: Config, *, device: str = "cpu", n_jobs: int | None = None, store: Path | None = None) -> xr.Dataset:
    """Run the experiment.

    Parameters
    ----------
    config : Config
        Such as `PROFILES["quick"]`.
    device : str
        Where Gram matrices are factorised and nets trained.
    n_jobs : int, optional
        Processes, see `sweep`.
    store : Path, optional
        Folder for finished cells, which a second run takes up.

    Returns
    -------
    xarray.Dataset
        Norms by function, dimension, sample size and seed with their bounds and limits; test errors of trained nets;
        provenance in the attributes.
    """
    start = time.perf_counter()
    shared = {"n_jobs": n_jobs, "store": store}
    spheres = [Sphere(dim, seed) for dim in config.dims for seed in range(config.n_seeds)]
    settings = [config.seed, device, config.sizes, config.lengths]
    record = table(spheres, sweep(measure_norms, spheres, config, device, identity=settings, **shared))
    nets = [Net(name, n, seed) for name in TRAINED for n in config.train_sizes for seed in range(config.n_seeds)]
    settings = [config.seed, device, config.train_dim, config.width, config.n_steps]
    trained = table(nets, sweep(train_net, nets, config, device, identity=settings, **shared)).rename(target="learned")
    record = xr.merge([record, trained, _references(config), _rival()])
    record.attrs = records.provenance(
        experiment="learnable_functions",
        profile=config.profile,
        config=asdict(config),
        seeds=range(config.n_seeds),
        data={"uniform on the sphere": f"seed {config.seed}"},
        device=device,
        dtype="float32 training, float64 kernels",
        seconds=time.perf_counter() - start,
    )
    return record


def functions(config: Config) -> dict[str, tuple]:
    """Ridge functions whose norm is measured, by name, as functions of t = beta.x with |beta| = 1, and their bounds.

    Parameters
    ----------
    config : Config
        Settings.

    Returns
    -------
    dict of str to (callable, float, float)
        Function, bound of Theorem 6.1 or its corollary, and the proof's sharper bound (the same where there is none).
    """
    known = {}
    for p in POWERS:
        covered = p == 1 or p % 2 == 0
        bound = bounds.theorem_6_1_norm(p, 1.0, 1.0) if covered else np.inf
        sharp = bounds.theorem_6_1_norm_in_proof(p, 1.0, 1.0) if covered else np.inf
        known[f"power {p}"] = (lambda t, p=p: t**p), bound, sharp
    for b in config.lengths:
        known[f"cosine {b:g}"] = (lambda t, b=b: np.cos(b * t) - 1), *[bounds.example_6_3_norm(b)] * 2
    known["arctan"] = (lambda t: t * np.arctan(t / 2)), *[bounds.example_6_4_norm(1.0)] * 2
    return known


def measure_norms(cell: Sphere, config: Config, device: str) -> xr.Dataset:
    """Compute sqrt(y'H^-1 y) for every function on growing samples of one draw of inputs.

    Parameters
    ----------
    cell : Sphere
        The draw.
    config : Config
        Settings.
    device : str
        Where to compute.

    Returns
    -------
    xarray.Dataset
        Norms by sample size and function.
    """
    x = data.sphere(config.sizes[-1], cell.dim, cell_generator(config.seed, _INPUTS, cell.dim, cell.seed))
    rng = cell_generator(config.seed, _FORMS, cell.dim, cell.seed)
    known = functions(config)
    ridge = np.stack([function(x[:, 0]) for function, _, _ in known.values()], axis=1)
    form = rng.standard_normal((cell.dim, cell.dim))
    form = (form + form.T) / np.abs(np.linalg.eigvalsh(form + form.T)).sum()  # trace norm 1
    quadratic = data.quadratic(x, form)
    powers, amplitudes = rng.choice([1, 2, 4, 6], size=5), rng.standard_normal(5)
    directions = rng.standard_normal((5, cell.dim)) / cell.dim**0.5
    total = sum(data.power(x, b, int(p), a) for b, p, a in zip(directions, powers, amplitudes, strict=True))
    sum_bound = sum(
        bounds.theorem_6_1_norm(int(p), a, float(np.linalg.norm(b)))
        for b, p, a in zip(directions, powers, amplitudes, strict=True)
    )
    labels = torch.tensor(np.column_stack([ridge, quadratic, 10 * quadratic, total]), device=device)
    biased = data.unit_rows(np.column_stack([x, np.ones(len(x))]))
    cubic = torch.tensor(x[:, 0] ** 3, device=device)
    norms, with_bias, least = [], [], []
    for n in config.sizes:
        found = label_norms(h_infinity(torch.tensor(x[:n], device=device)), labels[:n])
        norms.append(found.values.cpu().numpy())
        least.append(found.lambda_min)
        with_bias.append(float(label_norms(h_infinity(torch.tensor(biased[:n], device=device)), cubic[:n]).values))
    norms = np.array(norms)
    count = len(known)
    return xr.Dataset(
        {
            "norm": (("size", "function"), norms[:, :count]),
            "quadratic_norm": ("size", norms[:, count]),
            "quadratic_norm_times_10": ("size", norms[:, count + 1]),
            "sum_norm": ("size", norms[:, count + 2]),
            "sum_bound": float(sum_bound),
            "cubic_norm_with_bias": ("size", with_bias),
            "sphere_lambda_min": ("size", least),
        },
        {"size": list(config.sizes), "function": list(known)},
    )


def targets(x: np.ndarray) -> dict[str, np.ndarray]:
    """Targets that nets are trained on; the cubic has its linear part removed.

    Parameters
    ----------
    x : ndarray (n, d)
        Unit inputs.

    Returns
    -------
    dict of str to ndarray (n,)
    """
    first, second = x[:, 0], x[:, 1]
    return {
        "linear": first,
        "quadratic": first**2 - second**2,
        "cosine": np.cos(3 * first) - 1,
        "cubic": first**3 - 3 * first / (x.shape[1] + 2),  # the part of degree 3 of (beta.x)^3
    }


def train_net(cell: Net, config: Config, device: str) -> xr.Dataset:
    """Train a wide net that starts at zero on one target, and measure its test error beside the bound.

    Parameters
    ----------
    cell : Net
        Target, sample size and seed.
    config : Config
        Settings.
    device : str
        Where to train.

    Returns
    -------
    xarray.Dataset
        Mean absolute test error, that of predicting zero, that of kernel regression, and sqrt(2 y'H^-1 y / n).
    """
    d, n = config.train_dim, cell.train_size
    x = data.sphere(n, d, cell_generator(config.seed, _INPUTS, d, cell.seed, n))
    x_test = data.sphere(2000, d, cell_generator(config.seed, _TEST, d, cell.seed))
    y, y_test = targets(x)[cell.target], targets(x_test)[cell.target]
    gram = h_infinity(torch.tensor(x, device=device))
    labels = torch.tensor(y, device=device)
    found = label_norms(gram, labels)
    weights = torch.cholesky_solve(labels[:, None], found.factor)[:, 0]
    kernel_outputs = (h_infinity(torch.tensor(x_test, device=device), torch.tensor(x, device=device)) @ weights).cpu()
    half = TwoLayer.initialise(d, config.width // 2, cell_generator(config.seed, _NETS, cell.seed), device=device)
    start = TwoLayer(
        torch.cat([half.weights, half.weights], dim=1), torch.cat([half.output_weights, -half.output_weights])
    )
    path = gradient_descent(
        start,
        torch.tensor(x, device=device, dtype=torch.float32),
        labels.float(),
        step_size=1 / found.lambda_max,
        n_steps=config.n_steps,
        record_at=(),
        x_test=torch.tensor(x_test, device=device, dtype=torch.float32),
    )
    assert path.test_outputs is not None
    return xr.Dataset(
        {
            "test_error": float(np.abs(path.test_outputs[-1] - y_test).mean()),
            "zero_error": float(np.abs(y_test).mean()),
            "kernel_error": float(np.abs(kernel_outputs.numpy() - y_test).mean()),
            "train_loss": float(path.loss[-1] / path.loss[0]),
            "leading_term": float(found.values * (2 / n) ** 0.5),
        }
    )


def _references(config: Config) -> xr.Dataset:
    """Bounds, and the limits of the norms by the Funk-Hecke formula."""
    known = functions(config)
    return xr.Dataset(
        {
            "bound": ("function", [bound for _, bound, _ in known.values()]),
            "bound_in_proof": ("function", [sharp for _, _, sharp in known.values()]),
            "limit": (("dim", "function"), [[ridge_norm(f, d) for f, _, _ in known.values()] for d in config.dims]),
            "cubic_limit_with_bias": (
                "dim",
                [ridge_norm(lambda t: t**3, d, h_infinity_profile_with_bias) for d in config.dims],
            ),
            "degree_eigenvalue": (
                ("profile", "degree"),
                [
                    multiplicities(config.dims[0], 10) * zonal_eigenvalues(profile, config.dims[0], 10)
                    for profile in (h_infinity_profile, h_infinity_profile_with_bias)
                ],
            ),
        },
        {
            "function": list(known),
            "dim": list(config.dims),
            "profile": ["plain", "with bias"],
            "degree": np.arange(11),
        },
    )


def _rival() -> xr.Dataset:
    """Terms of the two smoothness requirements for z arctan(z/2), |beta| = 1: Example 6.4."""
    constants, terms, epsilon = (0.5, 1.0, 2.0, 4.0), 40, 0.1
    ours = [3 * 2 * j * 2.0 ** (1 - 2 * j) / (2 * j - 1) for j in range(1, terms + 1)]
    return xr.Dataset(
        {
            "our_terms": ("term", ours),
            "rival_terms": (
                ("constant", "term"),
                [bounds.example_6_4_rival_terms(c, epsilon, terms) for c in constants],
            ),
            "rival_ratio": ("constant", [c**2 * np.log(1 / epsilon) / 4 for c in constants]),
        },
        {"term": np.arange(1, terms + 1), "constant": list(constants)},
    )
