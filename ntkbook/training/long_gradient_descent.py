"""Full-batch gradient descent over a million steps, in leaps whose error is controlled."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ntkbook.expect import expects
from ntkbook.networks import TwoLayer
from ntkbook.training.gradient_descent import DescentSnapshot, DescentTrajectory
from ntkbook.training.movement import Movement, MovementProbe
from ntkbook.training.pace import Pace, advance
from ntkbook.training.recording import Array, recorded_steps, row, stacked
from ntkbook.training.windows import WindowSpace
from ntkbook.wants import between, pathlike, steps, vast

_VERSION = 4  # of what a checkpoint holds and of how a run goes on from it


@dataclass(frozen=True, kw_only=True)
class LongTrajectory(DescentTrajectory):
    """A run in leaps; what it records is, to its tolerance, what `gradient_descent` records."""

    oscillations: Array
    """|r(k) - 2 r(k-1) + r(k-2)| / 4 (s,): the part of the residual that changes its sign at each step."""
    mean_residuals: Array
    """(r(k) + 2 r(k-1) + r(k-2)) / 4 (s, n): the residual without that part."""
    estimated_errors: Array
    """Of the mean residual (s,), in units of |r(0)|: those of the windows so far, as the frozen kernels of the windows
    after them shrink them, added up as if all windows were wrong in the same way; not shrunk by the last steps."""
    leaps: Array
    """One row a leap (l, 5): step at which its window starts, its length, its error in units of |r(0)|, the length at
    which the error would be what is allowed, 1 if accepted."""
    evaluations: int
    """Products with K, or with X and X', of which a step has one, a round of a window two; its kernel counts as one.
    Not counted: images and pulls of the weights, two a window and five each time gates are watched."""


@expects(
    x="n d", y="n", step_size=vast, n_steps=steps, stop_loss=vast, rtol=between(0, 1), x_test="t d", checkpoint=pathlike
)
def long_gradient_descent(
    network: TwoLayer,
    x: Tensor,
    y: Tensor,
    *,
    step_size: float,
    n_steps: int,
    rtol: float = 1e-3,
    record_at: Iterable[int] | None = None,
    stop_loss: float | None = None,
    x_test: Tensor | None = None,
    observe: Callable[[DescentSnapshot], Mapping[str, Any]] | None = None,
    checkpoint: Path | None = None,
    go_on: Callable[[int], bool] = lambda step: True,
) -> LongTrajectory:
    """Train the first layer as `gradient_descent` does, for so many steps that they cannot all be taken.

    The first 64 steps are steps. Then the run leaps: a window of t steps is solved for at once, whatever t is, see
    `ntkbook.training.windows`. Up to 16 windows follow one another, then 16 steps of gradient descent, which the run
    also takes before each recorded step; where a window would be shorter than 48 steps, it goes on with steps. A sixth
    of what moving gates did in a window, and what solving for it once more would change, is its error, and sets the
    length of the next. Norms are those of the mean residual, see `LongTrajectory`.

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
        Number of steps, >= 1.
    rtol : float
        Error meant for the norm of the mean residual, in units of |r(0)|. A leap may add a tenth of it. What leaps add
        up to is estimated, in `estimated_errors`, but not bounded, and float32 adds to it.
    record_at : iterable of int, optional
        Steps to record, in 0..n_steps; `log_grid(n_steps)` when left out. Step 0 is always recorded.
    stop_loss : float, optional
        Stop at the first recorded step at which the mean loss Phi / n is no larger.
    x_test : Tensor (t, d), optional
        Inputs whose predictions are recorded.
    observe : callable, optional
        As in `gradient_descent`.
    checkpoint : Path, optional
        File (.npz) that the run leaves after each recorded step, and goes on from if it is there.
    go_on : callable, optional
        Asked before each window, or the steps in its place, with the step; once it says False the run records the step
        that it has come to, up to 16 later, and ends.

    Returns
    -------
    LongTrajectory

    Raises
    ------
    ValueError
        If an argument is wrong, or the checkpoint is of another run.
    FloatingPointError
        If the loss stops being finite.
    """
    grid = recorded_steps(record_at, n_steps)
    with torch.no_grad():
        state = WindowSpace(network, x, y, step_size)
        pace = Pace(rtol / 10, float(torch.linalg.vector_norm(state.residual)))
        rows = _resume(checkpoint, state, pace)
        probe = MovementProbe(state, x_test)
        for target in grid[grid >= (rows[-1]["steps"] + 1 if rows else 0)]:
            if rows and _ended(rows[-1]["residuals"], stop_loss):
                break
            going = advance(state, int(target), pace, go_on)
            if rows and rows[-1]["steps"] == state.step_count:
                break  # told to end where it has just recorded
            if not bool(torch.isfinite(state.residual).all()):
                raise FloatingPointError(
                    f"step_size: the loss is no longer finite at step {state.step_count} with step_size = "
                    f"{step_size:g}; take it below 2 / lambda_max of the Gram matrix"
                )
            rows.append(_row(state, probe, observe))
            if checkpoint is not None:
                _leave(checkpoint, state, pace, rows)
            if not going:
                break
        final = TwoLayer(state.last_weights(), network.output_weights)
    found = stacked(rows)
    own = {"steps", "residuals", "mean_residuals", "oscillations", "estimated_errors"}
    own |= {"neurons", "flipped", "test_outputs"}  # of the probe
    return LongTrajectory(
        steps=found["steps"].astype(np.int64),
        step_size=step_size,
        space="weights",
        residuals=found["residuals"],
        tracked=Movement(found["neurons"], found["flipped"], final),
        predicted=found.get("test_outputs"),
        observations={name: values for name, values in found.items() if name not in own},
        oscillations=found["oscillations"],
        mean_residuals=found["mean_residuals"],
        estimated_errors=found["estimated_errors"] / pace.scale,
        leaps=np.array(pace.leaps, dtype=float).reshape(-1, 5),
        evaluations=state.evaluations,
    )


def _ended(residuals: Array, stop_loss: float | None) -> bool:
    """Whether the mean loss Phi / n of some residuals (n,) is small enough to stop."""
    return stop_loss is not None and float(torch.as_tensor(residuals).square().sum()) <= 2 * len(residuals) * stop_loss


def _row(
    state: WindowSpace, probe: MovementProbe, observe: Callable[[DescentSnapshot], Mapping[str, Any]] | None
) -> dict[str, Array]:
    """What is recorded at the present step."""
    seen = {} if observe is None else observe(DescentSnapshot(state.step_count, state.residual, state.preactivations))
    own = {
        "steps": state.step_count,
        "residuals": state.residual,
        "mean_residuals": state.mean_residual,
        "oscillations": state.oscillation,
        "estimated_errors": torch.linalg.vector_norm(state.gap),
    }
    return row(own | probe() | dict(seen))


def _leave(path: Path, state: WindowSpace, pace: Pace, rows: list[dict[str, Array]]) -> None:
    """Write all that a run needs to go on: arrays only."""
    saved = {f"state_{name}": values.cpu().numpy() for name, values in state.save().items()}
    done = {f"row_{name}": values for name, values in stacked(rows).items()}
    paced = {
        "leaps": np.array(pace.leaps, dtype=float).reshape(-1, 5),
        "pace": np.array([pace.length, pace.patience, pace.tolerance, state.evaluations]),
        "start": _mark(state),
        "version": np.array(_VERSION),
    }
    part = Path(path).with_suffix(".part.npz")  # a run that is killed here leaves the old file
    np.savez(part, **saved, **done, **paced)
    part.replace(path)


def _resume(path: Path | None, state: WindowSpace, pace: Pace) -> list[dict[str, Array]]:
    """Bring a run to where its checkpoint left it; the rows recorded so far."""
    if path is None or not Path(path).exists():
        return []
    with np.load(path, allow_pickle=False) as file:
        found = dict(file)
    if found.get("version") != _VERSION:
        raise ValueError(f"checkpoint: expected one of this version, found {path} of another; delete or rename it")
    if not np.allclose(found["start"], _mark(state), rtol=1e-9, atol=1e-9) or found["pace"][2] != pace.tolerance:
        raise ValueError(f"checkpoint: expected one of this run, found {path} of another; delete it or name another")
    device = state.x.device
    state.restore({key[6:]: torch.from_numpy(v).to(device) for key, v in found.items() if key.startswith("state_")})
    pace.length, pace.patience, state.evaluations = found["pace"][[0, 1, 3]].astype(int).tolist()
    pace.leaps = [tuple(leap) for leap in found["leaps"].tolist()]
    columns = {name[4:]: values for name, values in found.items() if name.startswith("row_")}
    return [{name: values[i] for name, values in columns.items()} for i in range(len(columns["steps"]))]


def _mark(state: WindowSpace) -> Array:
    """Numbers that tell one run from another: step size, and weighted sums over its start and data."""
    parts = [part.double().flatten() for part in (state.start, state.output_weights, state.x, state.targets)]
    weights = [torch.linspace(1, 2, len(part), dtype=part.dtype, device=part.device) for part in parts]
    return np.array([state.step_size, *(float(part @ weight) for part, weight in zip(parts, weights, strict=True))])
