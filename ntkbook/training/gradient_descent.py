"""Full-batch gradient descent on the first layer of a two-layer net: Arora et al. (2019), eq. (6)."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from ntkbook.networks import TwoLayer
from ntkbook.training.spaces import PreactivationSpace, WeightSpace
from ntkbook.training.trajectory import Trajectory, log_grid

_BLOCK_ELEMENTS = 2**20  # of the temporaries made when movement is recorded, so that they stay small beside n x m


@dataclass(frozen=True)
class Snapshot:
    """The state handed to `observe`. Read it, do not keep it: the tensors change in place with the next step."""

    step: int
    """k."""
    residual: Tensor
    """y - u(k) (n,)."""
    preactivations: Tensor
    """P = X W(k) (n, m)."""


def gradient_descent(
    network: TwoLayer,
    x: Tensor,
    y: Tensor,
    *,
    step_size: float,
    n_steps: int,
    stop_loss: float | None = None,
    record_at: Iterable[int] | None = None,
    space: str = "auto",
    track_movement: bool = True,
    x_test: Tensor | None = None,
    observe: Callable[[Snapshot], Mapping[str, Any]] | None = None,
    progress: bool = False,
) -> Trajectory:
    """Train the first layer by full-batch gradient descent on Phi = 1/2 sum_i (y_i - f(x_i))^2.

    Each step is W += (eta / sqrt(m)) X' diag(y - u) M diag(a), M the gates: Arora et al. (2019), eq. (5)-(6), with
    no autograd. In pre-activation space the same step is P += (eta / sqrt(m)) X X' diag(y - u) M diag(a), one
    product of n^2 m instead of two of n d m. The two agree to rounding.

    Parameters
    ----------
    network : TwoLayer
        Start; left as it is. Its dtype and device are those of the run.
    x : Tensor (n, d)
        Inputs.
    y : Tensor (n,)
        Targets.
    step_size : float
        eta, for the half-sum loss; stable below about 2 / lambda_max(H).
    n_steps : int
        Number of steps, >= 1; at most so many with `stop_loss`.
    stop_loss : float, optional
        Stop at the first step at which the mean loss Phi / n is no larger. That step is recorded as the last one.
    record_at : iterable of int, optional
        Steps to record, in 0..n_steps; `log_grid(n_steps)` when left out. Step 0 is always recorded.
    space : {"auto", "weights", "preactivations"}
        Where to update; "auto" takes the cheaper one, pre-activations when n < 2 d.
    track_movement : bool
        Record movement and flipped gates and return the final net; needs a third n x m buffer in pre-activation
        space.
    x_test : Tensor (t, d), optional
        Inputs whose predictions are recorded; needs `track_movement`.
    observe : callable, optional
        Called with a `Snapshot` at each recorded step; returns named numbers or vectors to be stacked into
        `observations`.
    progress : bool
        Show a progress bar.

    Returns
    -------
    Trajectory

    Raises
    ------
    ValueError
        If a shape, dtype, device, size or name is wrong; says which and what to do.
    FloatingPointError
        If the loss stops being finite, which means that the step size is too large.
    """
    _check(network, x, y, step_size, n_steps, stop_loss, space, track_movement, x_test)
    grid = _record_steps(record_at, n_steps)
    if space == "auto":
        space = "preactivations" if len(x) < 2 * x.shape[1] else "weights"
    with torch.no_grad():
        state = (
            WeightSpace(network, x, step_size)
            if space == "weights"
            else PreactivationSpace(network, x, step_size, keep_coefficients=track_movement)
        )
        rows = list(_records(state, y, grid, stop_loss, track_movement, x_test, observe, progress))
        final = TwoLayer(state.weights(slice(None)), network.output_weights) if track_movement else None
    stacked = {name: np.stack([row[name] for row in rows]) for name in rows[0]}
    known = {
        name: stacked.pop(name)
        for name in ("steps", "residuals", "flipped", "neuron_movement", "test_outputs")
        if name in stacked
    }
    return Trajectory(step_size=step_size, space=space, network=final, observations=stacked, **known)


def _records(
    state: WeightSpace | PreactivationSpace,
    y: Tensor,
    grid: np.ndarray,
    stop_loss: float | None,
    track_movement: bool,
    x_test: Tensor | None,
    observe: Callable[[Snapshot], Mapping[str, Any]] | None,
    progress: bool,
) -> Iterator[dict[str, np.ndarray]]:
    """Step from one recorded step to the next, and yield what is seen there."""

    def converged() -> bool:
        return stop_loss is not None and float(residual.square().sum()) <= 2 * len(y) * stop_loss

    residual, k = y - state.predict(), 0
    done = converged()
    bar = tqdm(total=int(grid[-1]), desc="gradient descent", unit="step", disable=not progress)
    for target in grid:
        while k < target and not done:
            residual = y - state.step(residual)
            k += 1
            bar.update()
            done = converged()
        if not bool(torch.isfinite(residual).all()):
            raise FloatingPointError(
                f"step_size: the loss is no longer finite at step {k} with step_size = {state.step_size:g}; "
                "take it below 2 / lambda_max of the Gram matrix"
            )
        row = {"steps": np.int64(k), "residuals": _numpy(residual)}
        if track_movement:
            row |= _movement(state, x_test)
        if observe is not None:
            seen = observe(Snapshot(k, residual, state.preactivations))
            row |= {name: _numpy(torch.as_tensor(value)) for name, value in seen.items()}
        yield row
        if done:
            break
    bar.close()


def _movement(state: WeightSpace | PreactivationSpace, x_test: Tensor | None) -> dict[str, np.ndarray]:
    """Movement of each neuron, share of flipped gates, and test predictions, in blocks of neurons."""
    n, width = state.preactivations.shape
    moved, flips = [], 0
    outputs = None if x_test is None else x_test.new_zeros(len(x_test))
    size = max(1, _BLOCK_ELEMENTS // max(n, state.x.shape[1]))
    for start in range(0, width, size):
        block = slice(start, start + size)
        displacement = state.displacement(block)
        moved.append(torch.linalg.vector_norm(displacement, dim=0))
        gates_0 = state.x @ state.start[:, block] >= 0
        flips += int(((state.preactivations[:, block] >= 0) ^ gates_0).sum())
        if x_test is not None:
            hidden = (x_test @ state.weights(block)).clamp_(min=0)
            outputs += hidden @ state.output_weights[block] / state.root_width
    row = {"neuron_movement": _numpy(torch.cat(moved)), "flipped": np.float64(flips / (n * width))}
    return row if outputs is None else row | {"test_outputs": _numpy(outputs)}


def _record_steps(record_at: Iterable[int] | None, n_steps: int) -> np.ndarray:
    if record_at is None:
        return log_grid(n_steps)
    grid = np.unique(np.asarray([0, *record_at], dtype=np.int64))
    if grid[0] < 0 or grid[-1] > n_steps:
        raise ValueError(f"record_at: expected steps in 0..{n_steps} (n_steps), found {grid[0]}..{grid[-1]}")
    return grid if grid[-1] == n_steps else np.append(grid, n_steps)


def _check(
    network: TwoLayer,
    x: Tensor,
    y: Tensor,
    step_size: float,
    n_steps: int,
    stop_loss: float | None,
    space: str,
    track_movement: bool,
    x_test: Tensor | None,
) -> None:
    d = network.weights.shape[0]
    if x.ndim != 2 or x.shape[1] != d or not len(x):
        raise ValueError(f"x: expected shape (n, {d}) with n >= 1 to match the network, found {tuple(x.shape)}")
    if y.shape != x.shape[:1]:
        raise ValueError(f"y: expected shape ({len(x)},) as x has {len(x)} rows, found {tuple(y.shape)}")
    tensors = {"x": x, "y": y} | ({} if x_test is None else {"x_test": x_test})
    for name, value in tensors.items():
        if value.dtype != network.weights.dtype or value.device != network.weights.device:
            raise ValueError(
                f"{name}: expected {network.weights.dtype} on {network.weights.device} as the network, "
                f"found {value.dtype} on {value.device}; convert with .to(network.weights)"
            )
        if not bool(torch.isfinite(value).all()):
            raise ValueError(f"{name}: expected finite numbers, found a NaN or an infinity; clean the data first")
    if x_test is not None and (x_test.ndim != 2 or x_test.shape[1] != d):
        raise ValueError(f"x_test: expected shape (t, {d}), found {tuple(x_test.shape)}")
    if x_test is not None and not track_movement:
        raise ValueError("x_test: test predictions need the weights; expected track_movement=True, found False")
    if not (step_size > 0 and np.isfinite(step_size)):
        raise ValueError(f"step_size: expected a positive number, found {step_size}")
    if n_steps < 1:
        raise ValueError(f"n_steps: expected a whole number >= 1, found {n_steps}")
    if stop_loss is not None and not stop_loss > 0:
        raise ValueError(f"stop_loss: expected a positive number or None, found {stop_loss}")
    if space not in ("auto", "weights", "preactivations"):
        raise ValueError(f'space: expected "auto", "weights" or "preactivations", found {space!r}')


def _numpy(value: Tensor) -> np.ndarray:
    return value.detach().to("cpu", torch.float64, copy=True).numpy()
