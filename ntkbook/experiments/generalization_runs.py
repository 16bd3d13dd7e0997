"""What the experiment `generalization` measures: the complexity of noisy labels, and nets trained on them.

Kept apart from the checks and profiles, so that finished cells stay valid when only those change.
"""

from dataclasses import dataclass

import numpy as np
import torch
import xarray as xr

from ntkbook import data, dynamics
from ntkbook.bounds import arora2019 as bounds
from ntkbook.bounds import arora2019_generalization as generalization
from ntkbook.experiments.sweep import cell_generator
from ntkbook.kernels import empirical_gram, h_infinity
from ntkbook.label_norm import label_norms
from ntkbook.networks import TwoLayer
from ntkbook.spectrum import eigendecompose
from ntkbook.training import gradient_descent

IMAGES, LABELS, TEST_LABELS, WEIGHTS, SIGNS, DIRECTION = range(6)
"""Purposes of the random streams."""


@dataclass(frozen=True)
class Config:
    """Settings, checked at construction. The step size is eta = min(step_scale / n, max_sharpness / lambda_max)."""

    profile: str
    """Name of the profile."""
    n_measure: int
    """Training images on which eq. (10) alone is computed."""
    n_train: int
    """Training images of the nets with noisy labels."""
    n_test: int
    """Test images."""
    width: int
    """Neurons m of these nets."""
    portions: tuple[float, ...]
    """Portions of random labels, from 0 to 1, on which nets are trained."""
    n_draws: tuple[int, ...]
    """Draws of images, labels and weights for each portion, one number for each data set in `trained`."""
    n_widths: int
    """Training images in the sweep over widths."""
    widths: tuple[int, ...]
    """Numbers of neurons m in that sweep; even."""
    n_seeds: int
    """Initialisations at each width; also draws of labels for eq. (10)."""
    n_signs: int = 3
    """Sign vectors for which the supremum of Lemma 5.4 is searched."""
    angles: tuple[float, ...] = (1.0, 0.3, 0.1, 0.03, 0.01)
    """Angles between two inputs of opposite label, in radians."""
    n_pair: int = 50
    """Training images beside that pair."""
    pair_width: int = 500
    """Neurons m of the nets trained with it."""
    pair_steps: int = 30_000
    """Steps after which that training is cut off."""
    max_steps: int = 300_000
    """Steps after which any other training is cut off."""
    datasets: tuple[str, ...] = ("mnist", "cifar10")
    """Data sets of eq. (10); those not found are left out. The first serves the sweep over widths and the pair."""
    trained: tuple[str, ...] = ("mnist", "cifar10")
    """Those of them on whose noisy labels nets are trained."""
    init_scale: float = 0.01
    """kappa of the nets with noisy labels: the paper's."""
    init_scales: tuple[float, ...] = (1.0, 0.01)
    """kappa in the sweep over widths: the theory's 1, with a net that starts at zero, and the paper's."""
    step_scale: float = 10.0
    """n eta: 10 is the paper's eta = 1e-3 at its n = 10,000."""
    max_sharpness: float = 1.5
    """Cap on eta lambda_max."""
    stop_loss: float = 5e-3
    """Training stops at the first step with Phi / n at most this."""
    delta: float = 0.1
    """Failure probability in the bounds."""
    seed: int = 0
    """Root of every random stream."""

    def __post_init__(self):
        least = min(self.n_measure, self.n_train, self.n_test, self.n_widths, self.n_pair)
        if least < 2 or min(self.n_seeds, self.n_signs) < 1:
            raise ValueError(f"Config: expected at least 2 images, 1 seed and 1 sign vector, found {least}, "
                             f"{self.n_seeds} and {self.n_signs}")  # fmt: skip
        if not self.trained or not set(self.trained) <= set(self.datasets):
            raise ValueError(f"trained: expected some of {', '.join(self.datasets)}, found {self.trained}")
        if len(self.n_draws) != len(self.trained) or min(self.n_draws) < 1:
            raise ValueError(f"n_draws: expected a number >= 1 for each of {self.trained}, found {self.n_draws}")
        if len(self.portions) < 3 or list(self.portions) != sorted(set(self.portions)) or self.portions[0] != 0:
            raise ValueError(f"portions: expected at least 3 increasing numbers from 0 on, found {self.portions}")
        if self.portions[-1] != 1:
            raise ValueError(f"portions: expected the last one to be 1, found {self.portions[-1]}")
        if len(self.widths) < 2 or any(width < 2 or width % 2 for width in self.widths):
            raise ValueError(f"widths: expected at least two even numbers, found {self.widths}")
        if not 0 < self.stop_loss < 0.5 or not 0 < self.max_sharpness < 2 or not 0 < self.delta < 1:
            raise ValueError(f"stop_loss, max_sharpness, delta: expected numbers in (0, 0.5), (0, 2) and (0, 1), "
                             f"found {self.stop_loss}, {self.max_sharpness} and {self.delta}")  # fmt: skip


@dataclass(frozen=True)
class Noisy:
    """One net trained on labels of which a portion is random."""

    trained: str
    portion: float
    draw: int


def measure_labels(config: Config, sample: data.Sample) -> xr.Dataset:
    """Eq. (10) for labels with 0, 10, ..., 100 % of noise, all in one factorisation.

    Parameters
    ----------
    config : Config
        Settings.
    sample : Sample
        Training images.

    Returns
    -------
    xarray.Dataset
        The measure by portion and seed; the root of its mean square over draws, since pairs of labels with one of
        them drawn anew cancel: (1-p)^2 y'H^-1 y + (1 - (1-p)^2) tr H^-1; the extreme eigenvalues of the matrix.
    """
    grid = np.linspace(0, 1, 11).round(1)
    columns = [
        data.randomise_portion(sample.y_train, portion, cell_generator(config.seed, LABELS, seed))
        for portion in grid
        for seed in range(config.n_seeds)
    ]
    found = label_norms(h_infinity(torch.tensor(sample.x_train)), torch.tensor(np.stack(columns, axis=1)))
    measure = found.values.numpy().reshape(len(grid), config.n_seeds) * (2 / len(sample.x_train)) ** 0.5
    true, trace = float(found.values[0] ** 2), float(torch.cholesky_inverse(found.factor).trace())
    kept = (1 - grid) ** 2  # of pairs of labels of which neither was drawn anew
    return xr.Dataset(
        {
            "measure": (("share", "seed"), measure),
            "measure_expected": ("share", ((kept * true + (1 - kept) * trace) * 2 / len(columns[0])) ** 0.5),
            "measure_lambda_min": found.lambda_min,
            "measure_lambda_max": found.lambda_max,
        },
        {"share": grid, "seed": range(config.n_seeds)},
    )


def losses(outputs: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    """Mean losses of predictions: l1, ramp (Arora et al. 2019, app. D.4) and classification error.

    Parameters
    ----------
    outputs, labels : ndarray (t,)
        u, and y from {-1, +1}.

    Returns
    -------
    dict of str to float
        "l1", "ramp" and "error"; ramp is clip(1 - u y, 0, 1), and u y <= 0 is an error.
    """
    margin = outputs * labels
    return {
        "l1": float(np.abs(outputs - labels).mean()),
        "ramp": float(np.clip(1 - margin, 0, 1).mean()),
        "error": float((margin <= 0).mean()),
    }


def train_noisy(cell: Noisy, config: Config, samples: dict[tuple[str, int], data.Sample], device: str) -> xr.Dataset:
    """Train one net in the paper's setting until Phi / n <= `stop_loss`, and measure it beside what needs no training.

    Parameters
    ----------
    cell : Noisy
        Data set, portion and draw.
    config : Config
        Settings.
    samples : dict
        Images by data set and draw.
    device : str
        Where to train.

    Returns
    -------
    xarray.Dataset
        Test losses of the net and of kernel regression, movement, steps, and the quantities of the bounds.
    """
    sample, n = samples[cell.trained, cell.draw], config.n_train
    streams = {p: cell_generator(config.seed, p, cell.draw) for p in (LABELS, TEST_LABELS, WEIGHTS)}
    y_train = data.randomise_portion(sample.y_train, cell.portion, streams[LABELS])
    y_test = data.randomise_portion(sample.y_test, cell.portion, streams[TEST_LABELS])
    x, y = torch.tensor(sample.x_train, device=device), torch.tensor(y_train, device=device)
    x_test = torch.tensor(sample.x_test, device=device)
    spectrum = eigendecompose(gram := h_infinity(x))
    step_size = min(config.step_scale / n, config.max_sharpness / spectrum.lambda_max)
    start = TwoLayer.initialise(x.shape[1], config.width, streams[WEIGHTS], init_scale=config.init_scale, device=device)
    path = gradient_descent(
        start,
        x.float(),
        y.float(),
        step_size=step_size,
        n_steps=config.max_steps,
        stop_loss=config.stop_loss,
        record_at=(),
        x_test=x_test.float(),
    )
    learnt = h_infinity(x_test, x) @ torch.linalg.solve(gram, y)
    test = losses(path.test_outputs[-1], y_test)
    kernel = losses(learnt.cpu().numpy(), y_test)
    norm = float(label_norms(gram, y).values)
    norm_0 = float(label_norms(empirical_gram(x, start.weights.double()), y).values)
    frozen = dynamics.linear_convergence_step(spectrum, y, step_size, (2 * n * config.stop_loss) ** 0.5)
    frozen_movement = dynamics.linear_movement(spectrum, y, step_size, torch.tensor([frozen], device=device))
    c1 = bounds.lemma_c1_movement(n, config.width, spectrum.lambda_min, path.residual_norms[0])
    found = {
        **{f"noisy_{name}": value for name, value in test.items()},
        **{f"noisy_kernel_{name}": value for name, value in kernel.items()},
        "noisy_clean_error": losses(path.test_outputs[-1], sample.y_test)["error"],
        "noisy_train_ramp": losses(y_train - path.residuals[-1], y_train)["ramp"],
        "noisy_loss": path.loss[-1] / n,
        "noisy_steps": float(path.steps[-1]),
        "noisy_linear_steps": frozen,
        "noisy_linear_movement": frozen_movement,
        "noisy_movement": path.movement.total[-1],
        "noisy_neuron_movement": path.movement.neurons[-1].max(),
        "noisy_c1_ratio": path.movement.neurons[-1].max() / c1,
        "noisy_flipped": path.movement.flipped[-1],
        "noisy_norm": norm,
        "noisy_norm_0": norm_0,
        "noisy_measure": norm * (2 / n) ** 0.5,
        "noisy_remainder": generalization.theorem_5_1_remainder(n, spectrum.lambda_min, config.delta),
        "noisy_lambda_min": spectrum.lambda_min,
    }
    return xr.Dataset({name: float(value) for name, value in found.items()})
