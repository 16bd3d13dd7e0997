"""Full-batch gradient descent on the first layer of a two-layer net: Arora et al. (2019), eq. (6)."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ntkbook.expect import expects
from ntkbook.networks import TwoLayer
from ntkbook.training.checks import SPACES
from ntkbook.training.movement import Movement, MovementProbe
from ntkbook.training.progress import tqdm
from ntkbook.training.recording import Array, recorded_steps, row, stacked
from ntkbook.training.spaces import PreactivationSpace, WeightSpace
from ntkbook.training.trajectory import Snapshot, Trajectory
from ntkbook.wants import one_of, steps, vast


@dataclass(frozen=True)
class DescentSnapshot(Snapshot):
    """Gradient descent at a recorded step k."""

    residual: Tensor
    """y - u(k) (n,)."""
    preactivations: Tensor
    """P = X W(k) (n, m)."""


@dataclass(frozen=True, kw_only=True)
class DescentTrajectory(Trajectory):
    """A run of gradient descent; its step size is on the half-sum loss 1/2 |y - u|^2."""

    residuals: Array
    """y - u(k) (s, n)."""
    tracked: Movement | None = None
    """None unless movement was tracked; read it as `movement`."""
    predicted: Array | None = None
    """Predictions at the test inputs (s, t), None without them; read it as `test_outputs`."""

    @property
    def residual_norms(self) -> Array:
        """|y - u(k)| (s,)."""
        return np.linalg.norm(self.residuals, axis=1)

    @property
    def loss(self) -> Array:
        """Phi(k) = 1/2 |y - u(k)|^2 (s,); divide by n for the paper's figures."""
        return self.residual_norms**2 / 2

    @property
    def movement(self) -> Movement:
        """How the first layer moved; a `ValueError` if it was not tracked."""
        if self.tracked is None:
            raise ValueError("movement: expected a run with track_movement=True, found False; run it again with True")
        return self.tracked

    @property
    def network(self) -> TwoLayer:
        """The net at the last step; a `ValueError` if movement was not tracked."""
        return self.movement.network

    @property
    def test_outputs(self) -> Array:
        """Predictions at the test inputs (s, t); a `ValueError` if there were none."""
        if self.predicted is None:
            raise ValueError("test_outputs: expected a run with x_test, found none; run it again with the test inputs")
        return self.predicted


@expects(x="n d", y="n", step_size=vast, n_steps=steps, stop_loss=vast, space=one_of(*SPACES), x_test="t d")
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
    observe: Callable[[DescentSnapshot], Mapping[str, Any]] | None = None,
    progress: bool = False,
) -> DescentTrajectory:
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
        Called with a `DescentSnapshot` at each recorded step; returns named numbers or vectors to be stacked into
        `observations`.
    progress : bool
        Show a progress bar.

    Returns
    -------
    DescentTrajectory

    Raises
    ------
    ValueError
        If a shape, dtype, device, size or name is wrong; says which and what to do.
    FloatingPointError
        If the loss stops being finite, which means that the step size is too large.
    """
    if x_test is not None and not track_movement:
        raise ValueError("x_test: test predictions need the weights; expected track_movement=True, found False")
    grid = recorded_steps(record_at, n_steps)
    if space == "auto":
        space = "preactivations" if len(x) < 2 * x.shape[1] else "weights"
    with torch.no_grad():
        state = (
            WeightSpace(network, x, step_size)
            if space == "weights"
            else PreactivationSpace(network, x, step_size, keep_coefficients=track_movement)
        )
        probe = MovementProbe(state, x_test) if track_movement else None
        records = list(_records(state, y, grid, stop_loss, probe, observe, progress))
        final = TwoLayer(state.last_weights(), network.output_weights) if track_movement else None
    found = stacked([measured for _, measured, _ in records])
    return DescentTrajectory(
        steps=np.array([k for k, _, _ in records], dtype=np.int64),
        step_size=step_size,
        space=space,
        residuals=found["residuals"],
        tracked=None if final is None else Movement(found["neurons"], found["flipped"], final),
        predicted=found.get("test_outputs"),
        observations=stacked([observed for _, _, observed in records]),
    )


def _records(
    state: WeightSpace | PreactivationSpace,
    y: Tensor,
    grid: np.ndarray,
    stop_loss: float | None,
    probe: MovementProbe | None,
    observe: Callable[[DescentSnapshot], Mapping[str, Any]] | None,
    progress: bool,
) -> Iterator[tuple[int, dict[str, Array], dict[str, Array]]]:
    """Step from one recorded step to the next; yield its number, what is measured there, and what is observed."""

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
        moved = {} if probe is None else probe()
        seen = {} if observe is None else observe(DescentSnapshot(k, residual, state.preactivations))
        yield k, row({"residuals": residual} | moved), row(seen)
        if done:
            break
    bar.close()
