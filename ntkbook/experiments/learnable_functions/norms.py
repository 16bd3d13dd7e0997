"""Norms sqrt(y'H^-1 y) of functions on growing samples of the sphere, beside their bounds and limits."""

from dataclasses import dataclass

import numpy as np
import torch
import xarray as xr

from ntkbook import data
from ntkbook.bounds import arora2019 as bounds
from ntkbook.expect import expects
from ntkbook.kernels import h_infinity
from ntkbook.kernels.sphere import (
    h_infinity_profile,
    h_infinity_profile_with_bias,
    multiplicities,
    ridge_norm,
    zonal_eigenvalues,
)
from ntkbook.label_norm import label_norms
from ntkbook.streams import Streams

POWERS = (1, 2, 3, 4, 5, 6, 8)


@expects()
@dataclass(frozen=True)
class Settings:
    """What every cell receives."""

    sizes: tuple[int, ...]
    """Sample sizes n, each twice the one before; the smaller samples are part of the larger."""
    lengths: tuple[float, ...] = (0.5, 1.0, 2.0, 4.0)
    """|beta| in cos(beta.x) - 1."""

    def __post_init__(self):
        doubled = tuple(2 * n for n in self.sizes[:-1])
        if len(self.sizes) < 2 or min(self.sizes) < 1 or self.sizes[1:] != doubled:
            raise ValueError(f"sizes: expected at least two, each twice the one before, found {self.sizes}")


@dataclass(frozen=True)
class Cell:
    """One draw of inputs."""

    dim: int
    seed: int


def functions(settings: Settings) -> dict[str, tuple]:
    """Ridge functions whose norm is measured, by name, as functions of t = beta.x with |beta| = 1, and their bounds.

    Parameters
    ----------
    settings : Settings
        Of the part.

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
    for b in settings.lengths:
        known[f"cosine {b:g}"] = (lambda t, b=b: np.cos(b * t) - 1), *[bounds.example_6_3_norm(b)] * 2
    known["arctan"] = (lambda t: t * np.arctan(t / 2)), *[bounds.example_6_4_norm(1.0)] * 2
    return known


def measure(cell: Cell, settings: Settings, streams: Streams, device: str) -> xr.Dataset:
    """Compute sqrt(y'H^-1 y) for every function on growing samples of one draw of inputs.

    Parameters
    ----------
    cell : Cell
        The draw.
    settings : Settings
        Of the part.
    streams : Streams
        Random streams.
    device : str
        Where to compute.

    Returns
    -------
    xarray.Dataset
        Norms by sample size and function.
    """
    x = data.sphere(settings.sizes[-1], cell.dim, streams("inputs", cell.dim, cell.seed))
    rng = streams("forms", cell.dim, cell.seed)
    known = functions(settings)
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
    for n in settings.sizes:
        found = label_norms(h_infinity(torch.tensor(x[:n], device=device)), labels[:n])
        norms.append(found.values.cpu().numpy())
        least.append(found.lambda_min)
        with_bias.append(float(label_norms(h_infinity(torch.tensor(biased[:n], device=device)), cubic[:n]).values))
    norms = np.array(norms)
    count = len(known)
    return xr.Dataset(
        {
            "norm": (("n", "function"), norms[:, :count]),
            "quadratic_norm": ("n", norms[:, count]),
            "quadratic_norm_times_10": ("n", norms[:, count + 1]),
            "sum_norm": ("n", norms[:, count + 2]),
            "sum_bound": float(sum_bound),
            "cubic_norm_with_bias": ("n", with_bias),
            "lambda_min": ("n", least),
        },
        {"n": list(settings.sizes), "function": list(known)},
    )


def references(settings: Settings, dims: tuple[int, ...]) -> xr.Dataset:
    """Bounds, and the limits of the norms by the Funk-Hecke formula.

    Parameters
    ----------
    settings : Settings
        Of the part.
    dims : tuple of int
        Dimensions of the inputs.

    Returns
    -------
    xarray.Dataset
        By function and dimension.
    """
    known = functions(settings)
    return xr.Dataset(
        {
            "bound": ("function", [bound for _, bound, _ in known.values()]),
            "bound_in_proof": ("function", [sharp for _, _, sharp in known.values()]),
            "limit": (("dim", "function"), [[ridge_norm(f, d) for f, _, _ in known.values()] for d in dims]),
            "cubic_limit_with_bias": (
                "dim",
                [ridge_norm(lambda t: t**3, d, h_infinity_profile_with_bias) for d in dims],
            ),
        },
        {"function": list(known), "dim": list(dims)},
    )


def degrees() -> xr.Dataset:
    """Weight of each degree in the kernel on the sphere in three dimensions, without and with a constant coordinate."""
    profiles = {"plain": h_infinity_profile, "with bias": h_infinity_profile_with_bias}
    weights = [multiplicities(3, 10) * zonal_eigenvalues(profile, 3, 10) for profile in profiles.values()]
    return xr.Dataset(
        {"weight": (("profile", "degree"), weights)}, {"profile": list(profiles), "degree": np.arange(11)}
    )
