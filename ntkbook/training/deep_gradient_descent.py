"""Full-batch gradient descent on all hidden layers of a deep ReLU net: Cao and Gu (2019), Algorithm 1."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ntkbook.expect import expects
from ntkbook.networks import DeepReLU
from ntkbook.training.deep_state import DeepState
from ntkbook.training.progress import tqdm
from ntkbook.training.recording import Array, recorded_steps, row, stacked, to_numpy
from ntkbook.training.trajectory import Snapshot, Trajectory
from ntkbook.wants import between, signs, steps, vast


@dataclass(frozen=True)
class DeepSnapshot(Snapshot):
    """Gradient descent on a deep net at a recorded step k."""

    network: DeepReLU
    """The net of this step; its weights change in place."""
    hidden: tuple[Tensor, ...]
    """Outputs of all layers at the training inputs, x_0 (n, d) to x_L (n, m_L)."""
    margins: Tensor
    """z_i = y_i f(x_i) (n,)."""
    surrogate_error: Tensor
    """E_S, a number."""
    gradient_norms: Tensor
    """|grad_{W_l} L_S|_F (L,)."""


@dataclass(frozen=True)
class LayerMovement:
    """The layers' ways from their start at s recorded steps."""

    total: Array
    """|W_l(k) - W_l(0)|_F (s, L)."""
    flipped: Array
    """Share of each layer's n m_l gates that differ from the start (s, L)."""


@dataclass(frozen=True, kw_only=True)
class DeepTrajectory(Trajectory):
    """A run of gradient descent on a deep net; its step size is on the mean loss L_S."""

    margins: Array
    """z_i = y_i f(x_i) (s, n)."""
    surrogate_errors: Array
    """E_S of every step taken, recorded or not, from 0 to the last one (K,)."""
    gradient_norms: Array
    """|grad_{W_l} L_S|_F (s, L)."""
    movement: LayerMovement
    """How far each layer moved, and its gates."""
    network: DeepReLU
    """The net at the last step."""
    predicted: Array | None = None
    """Outputs f at the test inputs (s, t), None without them; read it as `test_outputs`."""

    @property
    def loss(self) -> Array:
        """L_S = mean of log(1 + e^-z_i) (s,)."""
        return np.logaddexp(0, -self.margins).mean(axis=1)

    @property
    def surrogate_error(self) -> Array:
        """E_S at the recorded steps (s,)."""
        return self.surrogate_errors[self.steps]

    @property
    def best_step(self) -> int:
        """k*, the step of the least surrogate error: Algorithm 1. Its K iterates are all those of this run."""
        return int(self.surrogate_errors.argmin())

    @property
    def times(self) -> Array:
        """Time eta m k at the recorded steps (s,), m the least width: wide nets at unlike step sizes agree in it."""
        return self.steps.astype(np.float64) * (self.step_size * min(self.network.widths))

    @property
    def test_outputs(self) -> Array:
        """Outputs f at the test inputs (s, t); a `ValueError` if there were none."""
        if self.predicted is None:
            raise ValueError("test_outputs: expected a run with x_test, found none; run it again with the test inputs")
        return self.predicted


@expects(x="n d", y=signs("n"), step_size=vast, n_steps=steps, stop_surrogate=between(0, 1), x_test="t d")
def deep_gradient_descent(
    network: DeepReLU,
    x: Tensor,
    y: Tensor,
    *,
    step_size: float,
    n_steps: int,
    stop_surrogate: float | None = None,
    stop_time: float | None = None,
    record_at: Iterable[int] | None = None,
    x_test: Tensor | None = None,
    observe: Callable[[DeepSnapshot], Mapping[str, Any]] | None = None,
    progress: bool = False,
) -> DeepTrajectory:
    """Train all hidden layers by full-batch gradient descent on L_S = (1/n) sum_i log(1 + exp(-y_i f(x_i))).

    Each step is W_l += (eta / n) sum_i -l'(y_i f(x_i)) y_i x_{l-1,i} b_{l,i}' for all l, the gradients of Cao and Gu
    (2019), app. A, with no autograd; v stays fixed. In wide nets it is the time eta m k that counts. Here m is the
    least width, as in their assumption 4.2. Steps are stable up to about eta = 16 / m.

    Parameters
    ----------
    network : DeepReLU
        Start; left as it is. Its dtype and device are those of the run.
    x : Tensor (n, d)
        Inputs; the paper's have norm 1.
    y : Tensor (n,)
        Labels, +1 or -1.
    step_size : float
        eta, for the mean loss.
    n_steps : int
        Number of steps, >= 1; at most so many with `stop_surrogate` or `stop_time`.
    stop_surrogate : float, optional
        Stop at the first step at which the surrogate error E_S is no larger; in (0, 1). That step is recorded as the
        last one. On a GPU this waits for every step.
    stop_time : float, optional
        Stop at the first step at which eta m k is no smaller. That step is recorded as the last one.
    record_at : iterable of int, optional
        Steps to record, in 0..n_steps; `log_grid(n_steps)` when left out. Step 0 is always recorded. A recorded step
        costs about one step more.
    x_test : Tensor (t, d), optional
        Inputs whose outputs are recorded.
    observe : callable, optional
        Called with a `DeepSnapshot` at each recorded step; returns named numbers or vectors to be stacked into
        `observations`.
    progress : bool
        Show a progress bar.

    Returns
    -------
    DeepTrajectory

    Raises
    ------
    ValueError
        If a shape, dtype, device, size or label is wrong; says which and what to do.
    FloatingPointError
        If the loss stops being finite, which means that the step size is too large.

    Examples
    --------
    The constant B of eq. (4.1), |grad_{W_L} L_S|_F = B sqrt(m) E_S, on the way:

    >>> net = DeepReLU.initialise(3, (64, 64), np.random.default_rng(0))
    >>> x, y = torch.eye(3), torch.tensor([1.0, -1.0, 1.0])
    >>> def constant(now):
    ...     return {"B": now.gradient_norms[-1] / (64**0.5 * now.surrogate_error)}
    >>> path = deep_gradient_descent(net, x, y, step_size=8 / 64, n_steps=20, record_at=(10,), observe=constant)
    >>> path.steps.tolist(), path.observations["B"].shape
    ([0, 10, 20], (3,))
    """
    grid = recorded_steps(record_at, n_steps)
    if stop_time is not None:
        steps_to_time = stop_time / (step_size * min(network.widths)) * (1 - 1e-12)  # no step more for a rounding
        last = math.ceil(min(n_steps, steps_to_time))
        grid = np.append(grid[grid < last], last)
    with torch.no_grad():
        state, surrogate_errors = DeepState(network, x, y, step_size), x.new_empty(int(grid[-1]) + 1)
        records = list(_records(state, surrogate_errors, grid, stop_surrogate, x_test, observe, progress))
    steps = np.array([k for k, _, _ in records], dtype=np.int64)
    found = stacked([measured for _, measured, _ in records])
    return DeepTrajectory(
        steps=steps,
        step_size=step_size,
        space="weights",
        margins=found["margins"],
        surrogate_errors=to_numpy(surrogate_errors[: steps[-1] + 1]),
        gradient_norms=found["gradient_norms"],
        movement=LayerMovement(found["total"], found["flipped"]),
        network=state.network,
        predicted=found.get("test_outputs"),
        observations=stacked([observed for _, _, observed in records]),
    )


def _records(
    state: DeepState,
    surrogate_errors: Tensor,
    grid: np.ndarray,
    stop_surrogate: float | None,
    x_test: Tensor | None,
    observe: Callable[[DeepSnapshot], Mapping[str, Any]] | None,
    progress: bool,
) -> Iterator[tuple[int, dict[str, Array], dict[str, Array]]]:
    """Step from one recorded step to the next; yield its number, what is measured there, and what is observed.

    `surrogate_errors` (n_steps + 1,) is filled on the way, on the device, so that no step waits for its number.
    """

    def arrive() -> bool:
        surrogate_errors[k] = state.surrogate_error()
        return stop_surrogate is not None and float(surrogate_errors[k]) <= stop_surrogate

    k = 0
    done = arrive()
    bar = tqdm(total=int(grid[-1]), desc="gradient descent", unit="step", disable=not progress)
    for target in grid:
        while k < target and not done:
            state.step()
            k += 1
            bar.update()
            done = arrive()
        if not bool(torch.isfinite(state.margins).all()):
            raise FloatingPointError(
                f"step_size: the loss is no longer finite at step {k} with step_size = {state.step_size:g}; "
                f"take it below 16 / m = {16 / min(state.network.widths):g}"
            )
        norms = state.gradient_norms()
        measured = {
            "margins": state.margins,
            "gradient_norms": norms,
            "total": state.movement(),
            "flipped": state.flipped(),
        }
        if x_test is not None:
            measured["test_outputs"] = state.network(x_test)
        now = DeepSnapshot(k, state.network, state.hidden, state.margins, surrogate_errors[k], norms)
        yield k, row(measured), row({} if observe is None else observe(now))
        if done:
            break
    bar.close()
