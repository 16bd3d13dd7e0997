"""What the experiment `generalization` measures about its theory: balls around a start, eq. (11), two close inputs.

Kept apart from the checks and profiles, so that finished cells stay valid when only those change.
"""

from dataclasses import dataclass

import numpy as np
import torch
import xarray as xr

from ntkbook import data, dynamics, rademacher
from ntkbook.bounds import arora2019_generalization as bounds
from ntkbook.experiments.generalization_runs import (
    DIRECTION,
    LABELS,
    SIGNS,
    TEST_LABELS,
    WEIGHTS,
    Config,
    losses,
)
from ntkbook.experiments.sweep import cell_generator
from ntkbook.kernels import empirical_gram, h_infinity
from ntkbook.label_norm import label_norms
from ntkbook.networks import TwoLayer
from ntkbook.spectrum import eigendecompose
from ntkbook.training import gradient_descent

_MONTE_CARLO = 400  # sign vectors behind the mean of |Z(0) eps|
_AUXILIARY = 40, 200  # samples and neurons of the auxiliary sequence


@dataclass(frozen=True)
class Ball:
    """One net of the sweep over widths, and the ball around its start in which it ends."""

    init_scale: float
    width: int
    labels: str
    seed: int


@dataclass(frozen=True)
class Pair:
    """One net trained on two inputs of opposite label at a small angle, among others."""

    angle: float


def train_ball(cell: Ball, config: Config, sample: data.Sample, device: str) -> xr.Dataset:
    """Train one net to convergence, and take every term of Lemma 5.4 for the smallest ball that holds it.

    Parameters
    ----------
    cell : Ball
        Scale of initialisation, width, labels and seed.
    config : Config
        Settings.
    sample : Sample
        Images.
    device : str
        Where to train.

    Returns
    -------
    xarray.Dataset
        Movement, test losses, and the Rademacher complexity of the ball from several sides.
    """
    portion = 0.0 if cell.labels == "true" else 1.0
    y_train = data.randomise_portion(sample.y_train, portion, cell_generator(config.seed, LABELS, 0))
    y_test = data.randomise_portion(sample.y_test, portion, cell_generator(config.seed, TEST_LABELS, 0))
    x, y = torch.tensor(sample.x_train, device=device), torch.tensor(y_train, device=device)
    n, x_float = len(x), x.float()
    spectrum = eigendecompose(h_infinity(x))
    step_size = min(config.step_scale / n, config.max_sharpness / spectrum.lambda_max)
    frozen = dynamics.linear_convergence_step(spectrum, y, step_size, (2 * n * config.stop_loss) ** 0.5)
    rng = cell_generator(config.seed, WEIGHTS, cell.width, cell.seed)
    start = _start(x.shape[1], cell, rng, device)
    path = gradient_descent(
        start,
        x_float,
        y.float(),
        step_size=step_size,
        n_steps=config.max_steps,
        stop_loss=config.stop_loss,
        record_at=(),
        x_test=torch.tensor(sample.x_test, device=device, dtype=torch.float32),
    )
    total, neuron = path.movement.total[-1], path.movement.neurons[-1].max()
    gram_0 = empirical_gram(x_float, start.weights).double()
    flips = cell_generator(config.seed, SIGNS, cell.seed).choice([-1.0, 1.0], (n, _MONTE_CARLO))
    signs = torch.tensor(flips, device=device)
    suprema = rademacher.linear_suprema(gram_0, signs, total)
    ascended = rademacher.ascended_suprema(
        start, x_float, signs[:, : config.n_signs].float(), neuron_radius=neuron, total_radius=total
    )
    net = {"width": cell.width, "init_scale": cell.init_scale, "delta": config.delta, "copies": _copies(cell)}
    bound = bounds.lemma_5_4_rademacher(neuron, total, n, **net)
    in_reach = rademacher.inputs_in_reach(x_float, start.weights, neuron)
    share = float(in_reach.double().mean()) / n
    measured = {
        **{f"ball_{name}": value for name, value in losses(path.test_outputs[-1], y_test).items()},
        "ball_movement": total,
        "ball_neuron_movement": neuron,
        "ball_norm": (spectrum.project(y).square() / spectrum.eigenvalues).sum().sqrt(),
        "ball_linear_movement": dynamics.linear_movement(spectrum, y, step_size, torch.tensor([frozen], device=device)),
        "ball_steps": path.steps[-1],
        "ball_loss": path.loss[-1] / n,
        "ball_linear": suprema.mean(),
        "ball_linear_error": suprema.std() / _MONTE_CARLO**0.5,
        "ball_jensen": total * gram_0.diagonal().sum().sqrt() / n,
        "ball_linear_term": bound.linear,
        "ball_flips_term": bound.flips,
        "ball_deviation_term": bound.deviation,
        "ball_bound": bound.total,
        "ball_share": share,
        "ball_share_bound": bounds.lemma_5_4_events(neuron, **net),
        "ball_flips_counted": 2 * neuron * cell.width**0.5 * share,
        "ball_flips_capped": rademacher.flips_capped(in_reach, n, total),
        "ball_ascended": ascended.mean(),
        "ball_ascended_linear": suprema[: config.n_signs].mean(),
    }
    return xr.Dataset({name: float(value) for name, value in measured.items()})


def _copies(cell: Ball) -> int:
    return 2 if cell.init_scale == 1 else 1


def _start(d: int, cell: Ball, rng: np.random.Generator, device: str) -> TwoLayer:
    """Start at zero output where kappa = 1, as Theorem 5.1 wants u(0) small; the paper's start elsewhere."""
    if _copies(cell) == 2:
        return TwoLayer.initialise(d, cell.width // 2, rng, device=device).doubled()
    return TwoLayer.initialise(d, cell.width, rng, init_scale=cell.init_scale, device=device)


def auxiliary(config: Config, sample: data.Sample) -> xr.Dataset:
    """Run the sequence of eq. (11) to its limit and compare its norm with sqrt(y'H(0)^-1 y): sec. 5.2.

    Parameters
    ----------
    config : Config
        Settings.
    sample : Sample
        Images, of which the first few are used.

    Returns
    -------
    xarray.Dataset
        Both norms and the number of steps, for true and random labels.
    """
    n, m = _AUXILIARY
    x = torch.tensor(sample.x_train[:n])
    start = TwoLayer.initialise(x.shape[1], m, cell_generator(config.seed, WEIGHTS, m), dtype=torch.float64)
    gram, gates = empirical_gram(x, start.weights), (x @ start.weights >= 0).double()
    random = data.random_labels(len(x), cell_generator(config.seed, LABELS, 0))
    rows = []
    for labels in (sample.y_train[:n], random):
        y = torch.tensor(labels)
        found = label_norms(gram, y)
        weights, steps = dynamics.auxiliary_sequence(x, gates, start.output_weights, y, 1 / found.lambda_max)
        rows.append((float(weights.norm()), float(found.values), steps))
    norm, expected, steps = np.array(rows).T
    return xr.Dataset(
        {
            "auxiliary_norm": ("labels", norm),
            "auxiliary_expected": ("labels", expected),
            "auxiliary_steps": ("labels", steps),
        },
        {"labels": ["true", "random"]},
    )


def train_pair(cell: Pair, config: Config, sample: data.Sample, device: str) -> xr.Dataset:
    """Add to some images a copy of the first, turned by a small angle and given the opposite label; train on all.

    Parameters
    ----------
    cell : Pair
        The angle.
    config : Config
        Settings.
    sample : Sample
        Images, of which the first `n_pair` are used.
    device : str
        Where to train.

    Returns
    -------
    xarray.Dataset
        The measure, and what training does: steps, movement, residual on the pair, test error.
    """
    images, labels = sample.x_train[: config.n_pair], sample.y_train[: config.n_pair]
    first = images[0]
    aside = cell_generator(config.seed, DIRECTION).standard_normal(len(first))
    aside -= first * (first @ aside)
    twin = np.cos(cell.angle) * first + np.sin(cell.angle) * aside / np.linalg.norm(aside)
    x = torch.tensor(np.vstack([images, twin]), device=device)
    y = torch.tensor(np.append(labels, -labels[0]), device=device)
    spectrum, n = eigendecompose(h_infinity(x)), len(x)
    step_size = min(config.step_scale / n, config.max_sharpness / spectrum.lambda_max)
    norm = float((spectrum.project(y).square() / spectrum.eigenvalues).sum().sqrt())
    rng = cell_generator(config.seed, WEIGHTS, config.pair_width, 0)
    start = TwoLayer.initialise(x.shape[1], config.pair_width, rng, init_scale=config.init_scale, device=device)
    path = gradient_descent(
        start,
        x.float(),
        y.float(),
        step_size=step_size,
        n_steps=config.pair_steps,
        stop_loss=config.stop_loss,
        record_at=(),
        x_test=torch.tensor(sample.x_test, device=device, dtype=torch.float32),
    )
    measured = {
        "pair_measure": norm * (2 / n) ** 0.5,
        "pair_lambda_min": spectrum.lambda_min,
        "pair_steps": path.steps[-1],
        "pair_linear_steps": dynamics.linear_convergence_step(
            spectrum, y, step_size, (2 * n * config.stop_loss) ** 0.5
        ),
        "pair_loss": path.loss[-1] / n,
        "pair_residual": np.abs(path.residuals[-1][[0, -1]]).max(),
        "pair_error": losses(path.test_outputs[-1], sample.y_test)["error"],
        "pair_movement": path.movement.total[-1],
    }
    return xr.Dataset({name: float(value) for name, value in measured.items()})
