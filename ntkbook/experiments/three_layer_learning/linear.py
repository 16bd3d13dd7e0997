"""Learners that are linear in their weights, in closed form with a tuned ridge: last layers, linearised nets, kernels.

A linearised net starts at zero: f_0, which only adds noise, is left out, as if its rise were small.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import xarray as xr
from torch import Tensor

from ntkbook.experiments.three_layer_learning.learners import KINDS, initial_net
from ntkbook.experiments.three_layer_learning.nets import errors
from ntkbook.experiments.three_layer_learning.targets import task
from ntkbook.kernel_ridge import kernel_ridge
from ntkbook.kernels import (
    biased_conjugate_kernel,
    biased_tangent_kernel,
    finite_conjugate_kernel,
    finite_tangent_kernel,
)
from ntkbook.spectrum import Spectrum, eigendecompose
from ntkbook.streams import Streams
from ntkbook.training import Convergence
from ntkbook.training.recording import to_numpy
from ntkbook.tuning import RIDGE, Choice, Contest, EdgeError, Fit, Grid
from ntkbook.tuning import Settings as Point

Array = np.ndarray
Kernel = Callable[[Tensor, Tensor | None], Tensor]
"""Of inputs (n, d) and others (t, d) or None, float64, their kernel (n, t)."""

LEARNERS = (
    "3 layers (last)",
    "2 layers (last)",
    "3 layers (NTK)",
    "2 layers (NTK)",
    "2 layers, no biases (NTK)",
    "2 layers, constant coordinate (NTK)",
)
GAUSSIAN = "Gaussian"
BANDWIDTHS = (0.05, 0.1, 0.2, 0.35, 0.6, 1.0, 1.7, 3.0, 5.0)
"""Lengths l of exp(-|x - x'|^2 / (2 l^2))."""
_RIDGES = -12.0, 1.0  # exponents of ridges, in units of the largest eigenvalue
_ZERO = 1e20, 1e21  # ridges with which a learner predicts 0; where that is best, the first wins, inside the grid


@dataclass(frozen=True)
class Cell:
    """A linear learner on a sample."""

    learner: str
    target: str
    width: int
    """m, or 0 for the limit of infinite width."""
    n: int
    seed: int


def kernel_of(learner: str, width: int, seed: int, streams: Streams, device: str) -> Kernel:
    """Kernel of a linear learner.

    Parameters
    ----------
    learner : str
        One of `LEARNERS`.
    width : int
        m, or 0 for the limit.
    seed : int
        Number of the draw of the net; it is the one whose training starts there.
    streams : Streams
        Of the starts.
    device : str
        Of the net.

    Returns
    -------
    callable
    """
    name, _, view = learner.removesuffix(")").rpartition(" (")
    kind = KINDS[name]

    def inputs(x: Tensor) -> Tensor:
        """With the constant coordinate of `ntkbook.data.constant_coordinate`, on the device of x."""
        return torch.cat([0.75**0.5 * x, torch.full_like(x[:, :1], 0.5)], dim=1) if kind.constant else x

    if width == 0:
        limit = biased_conjugate_kernel if view == "last" else biased_tangent_kernel
        return lambda x, other: limit(
            inputs(x), kind.layers - 1, None if other is None else inputs(other), biases=kind.biases
        )
    start = initial_net(kind, width, streams("net", width, seed), device)
    net = type(start)(*(tensor.double() for tensor in vars(start).values()))
    finite = finite_conjugate_kernel if view == "last" else finite_tangent_kernel
    return lambda x, other: finite(net, inputs(x), None if other is None else inputs(other))


def gaussian(bandwidth: float) -> Kernel:
    """Kernel exp(-|x - x'|^2 / (2 l^2))."""
    return lambda x, other: torch.exp(torch.cdist(x, x if other is None else other).square() / (-2 * bandwidth**2))


@dataclass(frozen=True)
class Ridge:
    """A learner for `ntkbook.tuning`: kernel regression with ridges in units of the largest eigenvalue."""

    kernel: Callable[[Point], Kernel]
    """Kernel at a setting; of settings that differ in the ridge only it must be one and the same."""
    device: str
    kept: dict[Hashable, Any] | None = None
    """Where spectra and kernels are kept for other labels of the same inputs; None to keep none."""

    def __call__(self, x: Array, y: Array, settings: Sequence[Point]) -> list[Fit | None]:
        """Fit; see `ntkbook.tuning.Learner`."""
        points, labels = (torch.from_numpy(values).to(self.device) for values in (x, y))
        fits: dict[int, Fit] = {}
        kinds = [tuple(sorted((k, v) for k, v in point.items() if k != RIDGE)) for point in settings]
        for kind in dict.fromkeys(kinds):
            places = [i for i, other in enumerate(kinds) if other == kind]
            kernel = self.kernel(settings[places[0]])

            def decompose(kernel: Kernel = kernel) -> Spectrum:
                gram = kernel(points, None)
                return eigendecompose((gram + gram.T) / 2)

            def cross(z: Array, kernel: Kernel = kernel, kind: Hashable = kind) -> Tensor:
                inputs = torch.from_numpy(z).to(self.device)
                return self._once((kind, z.tobytes(), x.tobytes()), lambda: kernel(inputs, points))

            spectrum = self._once((kind, x.tobytes()), decompose)
            ridges = torch.from_numpy(np.array([settings[i][RIDGE] for i in places])).to(self.device)
            outputs = _Outputs(cross, kernel_ridge(spectrum, labels, spectrum.lambda_max * ridges).dual)
            for column, i in enumerate(places):
                error = float(np.square(outputs.at(x)[:, column] - y).mean())
                fits[i] = Fit(
                    lambda z, outputs=outputs, column=column: outputs.at(z)[:, column],
                    Convergence(error, 0.0, float(y.var())),
                )
        return [fits[i] for i in range(len(settings))]

    def _once(self, key: Hashable, compute: Callable[[], Any]) -> Any:
        if self.kept is None:
            return compute()
        if key not in self.kept:
            self.kept[key] = compute()
        return self.kept[key]


class _Outputs:
    """Outputs for all ridges at once, kept for each set of inputs that was asked for."""

    def __init__(self, cross: Callable[[Array], Tensor], dual: Tensor):
        self._cross, self._dual = cross, dual
        self._found: list[tuple[Array, Array]] = []

    def at(self, x: Array) -> Array:
        """Outputs (t, r)."""
        for asked, found in self._found:
            if asked is x:
                return found
        self._found.append((x, to_numpy(self._cross(x) @ self._dual)))
        return self._found[-1][1]


def grid(learner: str, n_trials: int) -> Grid:
    """Ridges of a linear learner, as many as the trained ones have trials; for the Gaussian, with its bandwidths."""
    n_ridges = n_trials // len(BANDWIDTHS) if learner == GAUSSIAN else n_trials
    ridges = {RIDGE: (*map(float, np.logspace(*_RIDGES, n_ridges - len(_ZERO))), *_ZERO)}
    return Grid({"bandwidth": BANDWIDTHS, **ridges} if learner == GAUSSIAN else ridges)


def tuned_ridge(
    cell: Cell, n_trials: int, streams: Streams, device: str, kept: dict[Hashable, Any] | None = None
) -> tuple[Contest, Ridge]:
    """A linear learner tuned on its own sample, and itself.

    Parameters
    ----------
    cell : Cell
        Learner and sample.
    n_trials : int
        As many as the trained learners have.
    streams : Streams
        Of data and starts.
    device : str
        Where to compute.
    kept : dict, optional
        What the same learner has kept of another target.

    Returns
    -------
    tuple of Contest and Ridge
    """
    if cell.learner == GAUSSIAN:
        learner = Ridge(lambda point: gaussian(point["bandwidth"]), device, kept)
    else:
        kernel = kernel_of(cell.learner, cell.width, cell.seed, streams, device)
        learner = Ridge(lambda _: kernel, device, kept)
    asked = grid(cell.learner, n_trials)
    trials = task(cell.target, cell.n, cell.seed, streams).trials(learner, asked.points)
    return Contest({cell.learner: Choice(asked, tuple(trials))}), learner


def together(cell: Cell) -> tuple[Hashable, int]:
    """A learner sees the same inputs whatever the target, so that its spectrum is found once for all of them."""
    return (cell.learner, cell.width, cell.n, cell.seed), 100


def measure(cells: Sequence[Cell], n_trials: int, streams: Streams, device: str) -> list[xr.Dataset]:
    """Errors of a linear learner with its chosen ridge, as fractions of the target's variance.

    Parameters
    ----------
    cells : sequence of Cell
        One learner on one sample of several targets.
    n_trials : int
        Points of its grid.
    streams : Streams
        Of data and starts.
    device : str
        Where to compute.

    Returns
    -------
    list of xarray.Dataset
        test_error, even_error, odd_error, and the ridge in units of the largest eigenvalue; infinite where the
        harness refuses the choice.
    """
    kept: dict[Hashable, Any] | None = {} if len(cells) > 1 else None
    return [_measure(cell, n_trials, streams, device, kept) for cell in cells]


def _measure(cell: Cell, n_trials: int, streams: Streams, device: str, kept: dict[Hashable, Any] | None) -> xr.Dataset:
    try:
        contest, learner = tuned_ridge(cell, n_trials, streams, device, kept)
    except EdgeError:
        return xr.Dataset(dict.fromkeys(("test_error", "even_error", "odd_error", "ridge"), ((), np.inf)))
    found = errors(contest, cell.learner, learner, cell.target, cell.n, cell.seed, streams)
    kept_errors = found[["test_error", "even_error", "odd_error"]]
    return kept_errors.assign(ridge=((), contest.choices[cell.learner].settings[RIDGE]))
