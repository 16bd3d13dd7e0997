"""What the experiment `learnable_functions` measures: norms on one draw of inputs, one trained net, the references.

Kept apart from the checks and profiles, so that finished cells stay valid when only those change.
"""

from dataclasses import dataclass

import numpy as np
import torch
import xarray as xr

from ntkbook import data
from ntkbook.bounds import arora2019 as bounds
from ntkbook.experiments.sweep import cell_generator
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
        if min(self.dims) < 3 or 3 not in self.dims or self.n_seeds < 1:
            raise ValueError(
                f"dims, n_seeds: expected dimensions >= 3, 3 among them, and a seed, "
                f"found {self.dims} and {self.n_seeds}"
            )
        doubled = tuple(2 * n for n in self.sizes[:-1])
        if len(self.sizes) < 2 or min(self.sizes) < 1 or self.sizes[1:] != doubled:
            raise ValueError(f"sizes: expected at least two, each twice the one before, found {self.sizes}")
        if len(self.train_sizes) < 2 or list(self.train_sizes) != sorted(set(self.train_sizes)):
            raise ValueError(f"train_sizes: expected at least two increasing sizes, found {self.train_sizes}")
        if self.width < 2 or self.width % 2 or self.n_steps < 1 or self.train_dim < 3:
            raise ValueError(
                f"width, n_steps, train_dim: expected an even width, a step and a dimension >= 3, "
                f"found {self.width}, {self.n_steps} and {self.train_dim}"
            )


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
    path = gradient_descent(
        half.doubled(),
        torch.tensor(x, device=device, dtype=torch.float32),
        labels.float(),
        step_size=1 / found.lambda_max,
        n_steps=config.n_steps,
        record_at=(),
        x_test=torch.tensor(x_test, device=device, dtype=torch.float32),
    )
    return xr.Dataset(
        {
            "test_error": float(np.abs(path.test_outputs[-1] - y_test).mean()),
            "zero_error": float(np.abs(y_test).mean()),
            "kernel_error": float(np.abs(kernel_outputs.numpy() - y_test).mean()),
            "train_loss": float(path.loss[-1] / path.loss[0]),
            "leading_term": float(found.values * (2 / n) ** 0.5),
        }
    )


def references(config: Config) -> xr.Dataset:
    """Bounds, and the limits of the norms by the Funk-Hecke formula.

    Parameters
    ----------
    config : Config
        Settings.

    Returns
    -------
    xarray.Dataset
        By function and dimension; the weight of each degree in the kernel for d = 3.
    """
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
                    multiplicities(3, 10) * zonal_eigenvalues(profile, 3, 10)
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


def rival() -> xr.Dataset:
    """Terms of the two smoothness requirements for z arctan(z/2), |beta| = 1: Example 6.4.

    Returns
    -------
    xarray.Dataset
        Our terms, and the rival's for several constants C at epsilon = 0.1.
    """
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
