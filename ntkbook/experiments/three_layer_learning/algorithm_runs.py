"""Runs of Algorithm 1 on the target of figure 1, side by side: what is drawn, what is chosen, what is measured."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
import xarray as xr
from torch import Tensor

from ntkbook import data
from ntkbook.data.composite_targets import figure_1_target
from ntkbook.expect import expects
from ntkbook.kernels.finite_width import finite_tangent_kernel
from ntkbook.networks import ThreeLayer, quadratic_term
from ntkbook.streams import Streams
from ntkbook.training import (
    RoundSnapshot,
    SecondVariant,
    SecondVariantTrajectory,
    second_variant_sgd_ensemble,
    step_unit,
)
from ntkbook.training.convergence import last_quarter_slope
from ntkbook.wants import between, not_negative

Watch = Callable[[RoundSnapshot], dict[str, Tensor]]
Sets = tuple[Tensor, Tensor, Tensor, Tensor]
"""Training inputs (n, 4) and targets (n,), and those of the test set."""

_N_TEST, _N_UNIT, _N_SIGNS = 2000, 1000, 20


@expects(
    final_scale=between(0, 1, below=False), smoothing=not_negative, gradient_noise=not_negative, penalty=not_negative
)
@dataclass(frozen=True)
class Constants:
    """Every symbol that Algorithm 1 leaves open."""

    n_rounds: int
    """T, >= 4."""
    inner_steps: int
    """T_w, steps of noisy SGD in a round."""
    step: float = 0.2
    """eta as the step size, in units of `training.step_unit` of the net's own kernel at the start."""
    batch_size: int = 50
    """Points that a step sees."""
    final_scale: float = 0.5
    """lambda_T, which fixes eta as the weight decay."""
    smoothing: float = 0.1
    """sigma_w and sigma_v, over the standard deviations of W(0) and V(0)."""
    gradient_noise: float = 0.1
    """Standard deviation of the noise on a gradient, over that of V(0)."""
    penalty: float = 1e-3
    """lambda_w and lambda_v."""
    candidates: int = 10
    """Smoothings among which j* is chosen."""

    def __post_init__(self):
        if self.n_rounds < 4 or not 0 < self.final_scale <= 1:
            raise ValueError(
                f"n_rounds, final_scale: expected at least 4 rounds and a number in (0, 1], "
                f"found {self.n_rounds} and {self.final_scale}"
            )

    def full(self, width: int, unit: float) -> SecondVariant:
        """All ingredients of Algorithm 1 for a net with m_1 = m_2 = m.

        Parameters
        ----------
        width : int
            m.
        unit : float
            Unit of the step size.

        Returns
        -------
        SecondVariant
        """
        start = width**-0.5  # standard deviation of the entries of W(0) and V(0)
        return SecondVariant(
            n_rounds=self.n_rounds,
            inner_steps=self.inner_steps,
            step_size=self.step * unit,
            batch_size=self.batch_size,
            shrinkage=1 - self.final_scale ** (1 / (self.n_rounds - 1)),
            smoothing_first=self.smoothing * start,
            smoothing_second=self.smoothing * start,
            penalty_first=self.penalty,
            penalty_second=self.penalty,
            gradient_noise=self.gradient_noise * start,
            candidates=self.candidates,
        )


NO_GAUSSIANS = {"smoothing_first": 0.0, "smoothing_second": 0.0, "gradient_noise": 0.0, "candidates": 1}
"""Algorithm 1 without what footnote 10 believes unnecessary: smoothing, with the choice of j*, and gradient noise."""


@dataclass(frozen=True)
class Run:
    """One run."""

    n: int
    """Training points N."""
    width: int
    """m_1 = m_2 = m."""
    seed: int
    noise: float
    """Standard deviation of Gaussian noise on training targets."""
    constants: Constants
    changes: Mapping[str, float | bool]
    """Settings of `SecondVariant` that are not those of Algorithm 1 in full."""


def measure_runs(runs: Sequence[Run], streams: Streams, device: str) -> list[xr.Dataset]:
    """Train nets of one width on sets of one size side by side.

    Runs of one seed share data, start, orders and signs, so that they differ by what was changed.

    Parameters
    ----------
    runs : sequence of Run
        With one n, width and number of steps.
    streams : Streams
        Random streams.
    device : str
        Where to train.

    Returns
    -------
    list of xarray.Dataset
        Of each run: mean square on clean test targets with one Sigma-hat (`test_error`) and of the mean output over 20
        Sigma (`averaged_error`); on the training set (`train_error`, `train_slope`, d log error / d log t over the last
        quarter); over the rounds the same, where a single Sigma is the mean over 20; `sign_noise`, the variance over
        Sigma of the output; `identity_gap`, see there; and `movement`, |W_T|_F and |V_T|_F.
    """
    sets = [_sets(run, streams, device) for run in runs]
    starts = [
        ThreeLayer.initialise(
            4, (run.width, run.width), streams("algorithm weights", run.width, run.seed), device=device
        )
        for run in runs
    ]
    settings = []
    for run, start, (x, *_) in zip(runs, starts, sets, strict=True):
        unit = step_unit(finite_tangent_kernel(start, x[:_N_UNIT]), run.constants.batch_size)
        settings.append(replace(run.constants.full(run.width, unit), **run.changes))
    paths = second_variant_sgd_ensemble(
        starts,
        [x for x, *_ in sets],
        [y for _, y, *_ in sets],
        settings,
        rngs=[streams("algorithm", run.width, run.seed) for run in runs],
        observers=[
            _watch(of_run, run.width, setting.signs, streams("algorithm signs", run.seed))
            for run, of_run, setting in zip(runs, sets, settings, strict=True)
        ],
    )
    return [
        _dataset(path, start, of_run, streams("identity", run.seed))
        for run, path, start, of_run in zip(runs, paths, starts, sets, strict=True)
    ]


def identity_gap(start: ThreeLayer, first: Tensor, second: Tensor, x: Tensor, rng: np.random.Generator) -> float:
    """Largest |(f_Sigma + f_{-Sigma}) / 2 - (f_0 + a D_2 V' D_1 W' x)| over the largest output, patterns kept.

    The NTK term is odd in Sigma, so that it is gone from the mean over Sigma and -Sigma already, and so from the mean
    over all Sigma. In float64.

    Parameters
    ----------
    start : ThreeLayer
        With the patterns D_1, D_2.
    first, second : Tensor (d, m_1) and (m_1, m_2)
        W' and V'.
    x : Tensor (n, d)
        Inputs.
    rng : numpy.random.Generator
        Of Sigma.

    Returns
    -------
    float
    """
    start = ThreeLayer(*(tensor.double() for tensor in vars(start).values()))
    first, second, x = first.double(), second.double(), x.double()
    signs = _signs(rng, first.shape[1], x)
    pair = [start.moved(first, second, sigma).frozen(x, start) for sigma in (signs, -signs)]
    expected = start(x) + quadratic_term(start.moved(first, second), start, x)
    return float(((pair[0] + pair[1]) / 2 - expected).abs().max() / expected.abs().max())


def _sets(run: Run, streams: Streams, device: str) -> Sets:
    """Training and clean test set; a smaller training set is part of a larger one."""
    target = figure_1_target()
    x = data.sphere(run.n, 4, streams("algorithm inputs", run.seed))
    x_test = data.sphere(_N_TEST, 4, streams("algorithm test inputs", run.seed))
    y = target(x) + run.noise * streams("algorithm label noise", run.seed).standard_normal(run.n)
    x, y, x_test, y_test = (
        torch.from_numpy(values).to(device, torch.float32) for values in (x, y, x_test, target(x_test))
    )
    return x, y, x_test, y_test


def _watch(
    sets: Sets, width: int, signed: bool, rng: np.random.Generator
) -> Callable[[RoundSnapshot], dict[str, Tensor]]:
    """Errors of the net of a round, for one Sigma in the mean over 20 and of the mean output."""
    x, y, x_test, y_test = sets

    def watch(now: RoundSnapshot) -> dict[str, Tensor]:
        signs = [_signs(rng, width, x) for _ in range(_N_SIGNS)] if signed else [None]
        nets = [now.moved(sigma) for sigma in signs]
        test, train = (torch.stack([net(points) for net in nets]) for points in (x_test, x))
        return {
            "test_path": (test - y_test).square().mean(),
            "averaged_path": (test.mean(0) - y_test).square().mean(),
            "train_path": (train - y).square().mean(),
            "sign_noise": test.var(0, correction=0).mean(),
        }

    return watch


def _signs(rng: np.random.Generator, width: int, like: Tensor) -> Tensor:
    """Diagonal of Sigma (m_1,)."""
    return torch.from_numpy(1.0 - 2 * rng.integers(2, size=width)).to(like)


def _dataset(
    path: SecondVariantTrajectory,
    start: ThreeLayer,
    sets: tuple[Tensor, Tensor, Tensor, Tensor],
    rng: np.random.Generator,
) -> xr.Dataset:
    x, y, x_test, y_test = sets
    seen = path.observations
    return xr.Dataset(
        {
            "test_error": float((path.network(x_test) - y_test).square().mean()),
            "train_error": float((path.network(x) - y).square().mean()),
            "averaged_error": float(seen["averaged_path"][-1]),
            "sign_noise": float(seen["sign_noise"][-1]),
            "train_slope": last_quarter_slope(path.steps, path.steps.astype(float), seen["train_path"]),
            "identity_gap": identity_gap(start, path.first, path.second, x_test, rng),
            "movement": ("layer", path.movement[-1]),
            "scales": ("round", path.scales),
            **{name: ("round", seen[name]) for name in ("test_path", "averaged_path", "train_path")},
        },
        {"round": np.arange(len(path.steps)), "layer": ["W", "V"]},
    )
