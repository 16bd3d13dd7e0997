"""What the experiment `convergence` measures in one cell: a spectrum, a long run, a short run.

Kept apart from the checks and profiles, so that finished cells stay valid when only those change.
"""

from dataclasses import dataclass

import numpy as np
import torch
import xarray as xr

from ntkbook import data, dynamics
from ntkbook.bounds import arora2019 as bounds
from ntkbook.diagnostics import gram_drift, gram_times
from ntkbook.experiments.sweep import cell_generator
from ntkbook.kernels import empirical_gram, h_infinity
from ntkbook.networks import TwoLayer
from ntkbook.spectrum import Spectrum, eigendecompose, energy_share, worst_case_labels
from ntkbook.training import DescentSnapshot, gradient_descent, log_grid

LABELS = ("true", "random", "worst")
_RANDOM_LABELS, _WEIGHTS = 1, 2  # purposes of the random streams


@dataclass(frozen=True)
class Config:
    """Settings, checked at construction. The step size is eta = min(step_scale / n, max_sharpness / lambda_max)."""

    profile: str
    """Name of the profile."""
    n_spectrum: int
    """Training images in the spectrum."""
    n_curves: int
    """Training images in the long runs."""
    width_curves: int
    """Neurons m in the long runs."""
    steps_curves: int
    """Steps of the long runs."""
    n_widths: int
    """Training images in the sweep over widths."""
    widths: tuple[int, ...]
    """Numbers of neurons m in that sweep."""
    steps_widths: int
    """Steps of that sweep."""
    n_seeds: int
    """Initialisations at each width; also draws of random labels in the spectrum."""
    datasets: tuple[str, ...] = ("mnist", "cifar10")
    """Data sets of the spectrum and the long runs; those not found are left out. The first serves the widths."""
    init_scales: tuple[float, ...] = (1.0, 0.01)
    """kappa in the sweep: the theory's 1, the paper's 0.01. The long runs take the last one."""
    step_scale: float = 10.0
    """n eta: 10 is the paper's eta = 1e-3 at its n = 10,000."""
    max_sharpness: float = 1.5
    """Cap on eta lambda_max, where 2 is the edge of stability: MNIST stays below it, raw CIFAR-10 would be at 3.4."""
    horizon: int = 1_000_000
    """Steps up to which the prediction is drawn, as in the paper's Figure 1(a)."""
    per_decade: int = 4
    """Recorded steps for each factor of ten."""
    seed: int = 0
    """Root of every random stream."""

    def __post_init__(self):
        least = min(self.n_spectrum, self.n_curves, self.n_widths)
        if least < 2 or self.n_seeds < 1 or len(self.widths) < 2:
            raise ValueError(
                f"Config: expected at least 2 images, 1 seed and 2 widths, "
                f"found {least}, {self.n_seeds} and {len(self.widths)}"
            )
        if not self.step_scale > 0 or not 0 < self.max_sharpness < 2:
            raise ValueError(
                f"step_scale, max_sharpness: expected a positive number and one in (0, 2), "
                f"found {self.step_scale} and {self.max_sharpness}"
            )


@dataclass(frozen=True)
class Curve:
    """One long run."""

    data: str
    labels: str


@dataclass(frozen=True)
class Cell:
    """One short run."""

    init_scale: float
    width: int
    labels: str
    seed: int


@dataclass(frozen=True)
class Problem:
    """Inputs, the three label vectors and the spectrum of H-infinity; float64."""

    x: torch.Tensor
    labels: dict[str, torch.Tensor]
    spectrum: Spectrum
    step_size: float


def problem(config: Config, sample: data.Sample, device: str) -> Problem:
    """Labels, spectrum and step size for a set of inputs.

    Parameters
    ----------
    config : Config
        Settings.
    sample : Sample
        Training data.
    device : str
        Where the tensors go.

    Returns
    -------
    Problem
    """
    x = torch.tensor(sample.x_train, device=device)
    spectrum = eigendecompose(h_infinity(x))
    random = data.random_labels(len(x), cell_generator(config.seed, _RANDOM_LABELS, 0))
    labels = {
        "true": torch.tensor(sample.y_train, device=device),
        "random": torch.tensor(random, device=device),
        "worst": worst_case_labels(spectrum),
    }
    return Problem(x, labels, spectrum, min(config.step_scale / len(x), config.max_sharpness / spectrum.lambda_max))


def spectrum_of_labels(config: Config, sample: data.Sample) -> xr.Dataset:
    """Eigenvalues of H-infinity and the labels in its eigenbasis: Figure 1(b), 1(d)."""
    spectrum = eigendecompose(h_infinity(torch.tensor(sample.x_train)))
    true = spectrum.project(torch.tensor(sample.y_train))
    streams = [cell_generator(config.seed, _RANDOM_LABELS, seed) for seed in range(config.n_seeds)]
    random = spectrum.project(torch.stack([torch.tensor(data.random_labels(len(true), rng)) for rng in streams], dim=1))
    fractions = [0.001, 0.01, 0.1]
    return xr.Dataset(
        {
            "eigenvalue": ("index", spectrum.eigenvalues.numpy()),
            "true_projection": ("index", true.abs().numpy()),
            "random_projection": ("index", random[:, 0].abs().numpy()),
            "true_share": ("fraction", [float(energy_share(true, f)) for f in fractions]),
            "random_share": (("fraction", "seed"), [energy_share(random, f).tolist() for f in fractions]),
        },
        {"index": np.arange(1, len(true) + 1), "fraction": fractions, "seed": range(config.n_seeds)},
    )


def _grid(n_steps: int, per_decade: int) -> np.ndarray:
    """Recorded steps: a logarithmic grid and the step after each of its points, so that one-step changes are seen."""
    grid = log_grid(n_steps, per_decade)
    return np.unique(np.concatenate([grid, grid[:-1] + 1]))


def long_run(curve: Curve, config: Config, problems: dict[str, Problem]) -> xr.Dataset:
    """One long run in the paper's setting beside the prediction of eq. (8)."""
    problem = problems[curve.data]
    x, y = problem.x.float(), problem.labels[curve.labels]
    rng = cell_generator(config.seed, _WEIGHTS, config.width_curves, 0)
    start = TwoLayer.initialise(
        x.shape[1], config.width_curves, rng, init_scale=config.init_scales[-1], device=x.device
    )
    grid = _grid(config.steps_curves, config.per_decade)
    path = gradient_descent(
        start, x, y.float(), step_size=problem.step_size, n_steps=config.steps_curves, record_at=grid
    )
    horizon = np.unique(np.concatenate([[0], np.geomspace(1, config.horizon, 200).round()])).astype(np.int64)
    n = len(x)

    def predict(steps: np.ndarray) -> np.ndarray:
        k = torch.as_tensor(steps, device=x.device)
        return dynamics.linear_residual_norms(problem.spectrum, y, problem.step_size, k).cpu().numpy() / n**0.5

    return xr.Dataset(
        {
            "curve_loss": ("step", path.loss / n),
            "curve_residual": ("step", path.residual_norms / n**0.5),
            "curve_predicted": ("step", predict(grid)),
            "curve_flipped": ("step", path.movement.flipped),
            "curve_neuron_movement": ("step", path.movement.neurons.max(1)),
            "curve_movement": ("step", path.movement.total),
            "curve_horizon_loss": ("horizon", predict(horizon) ** 2 / 2),
            "curve_lambda_min": problem.spectrum.lambda_min,
            "curve_lambda_max": problem.spectrum.lambda_max,
            "curve_step_size": problem.step_size,
            "curve_init_norm": float(torch.linalg.vector_norm(start.weights, dim=0).mean()),
        },
        {"step": grid, "horizon": horizon},
    )


def short_run(cell: Cell, config: Config, problem: Problem) -> xr.Dataset:
    """One short run: distance from the frozen kernel, drift of the kernel, and the bounds on both."""
    x, y = problem.x.float(), problem.labels[cell.labels].float()
    rng = cell_generator(config.seed, _WEIGHTS, cell.width, cell.seed)
    start = TwoLayer.initialise(x.shape[1], cell.width, rng, init_scale=cell.init_scale, device=x.device)
    products, gram_0 = x @ x.T, empirical_gram(x, start.weights)
    grid = _grid(config.steps_widths, config.per_decade)

    def observe(now: DescentSnapshot) -> dict[str, torch.Tensor]:
        return {"gram_times_residual": gram_times(products, now.preactivations, now.residual)}

    path = gradient_descent(
        start, x, y, step_size=problem.step_size, n_steps=config.steps_widths, record_at=grid, observe=observe
    )
    n, norms = len(x), path.residual_norms
    first = np.flatnonzero(np.diff(grid) == 1)
    linear = problem.step_size * path.observations["gram_times_residual"][first]
    error = path.residuals[first] - path.residuals[first + 1] - linear  # eps(k) of eq. (24)
    steps, residual_0 = torch.as_tensor(grid, device=x.device), torch.as_tensor(path.residuals[0], device=x.device)
    frozen = dynamics.linear_residual_norms(problem.spectrum, residual_0, problem.step_size, steps)
    label_only = dynamics.linear_residual_norms(problem.spectrum, y.double(), problem.step_size, steps)
    bound = bounds.lemma_c1_movement(n, cell.width, problem.spectrum.lambda_min, norms[0])
    factor = bounds.theorem_3_1_rate(problem.step_size, problem.spectrum.lambda_min)
    rates = path.loss[first + 1] / path.loss[first]
    size = float(torch.linalg.vector_norm(y))
    return xr.Dataset(
        {
            "width_residual": ("width_step", norms / size),
            "width_frozen": ("width_step", frozen.cpu().numpy() / size),
            "width_label_only": ("width_step", label_only.cpu().numpy() / size),
            "width_flipped": ("width_step", path.movement.flipped),
            "width_rate_max": float(rates.max()),
            "width_rate_bound": factor,
            "width_rate_violations": float((rates > factor).mean()),
            "width_movement_ratio": float(path.movement.neurons.max() / bound),
            "width_neuron_movement": float(path.movement.neurons.max()),
            "width_gram_drift": gram_drift(gram_0, path.network.weights, x),
            "width_feature_drift": float((n * path.movement.flipped[-1]) ** 0.5),
            "width_linearisation_error": float(
                np.median(np.linalg.norm(error, axis=1) / np.linalg.norm(linear, axis=1))
            ),
        },
        {"width_step": grid},
    )


def linear_dynamics(config: Config, problem: Problem) -> xr.Dataset:
    """The iteration of eq. (7) against the sum of eq. (8), for each kind of labels: a pointwise identity."""
    gram = h_infinity(problem.x)
    steps = torch.arange(config.steps_widths + 1, device=problem.x.device)
    error = []
    for y in problem.labels.values():
        iterated = y - dynamics.linear_predictions(gram, y, problem.step_size, config.steps_widths)
        closed = dynamics.linear_residual_norms(problem.spectrum, y, problem.step_size, steps)
        error.append(float((torch.linalg.vector_norm(iterated, dim=1) - closed).abs().max()))
    return xr.Dataset({"identity_error": ("label", error)}, {"label": list(LABELS)})
