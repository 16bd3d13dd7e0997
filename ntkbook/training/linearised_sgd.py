"""SGD on a linearised net in the dual: B n multiplications a step, whatever the width."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ntkbook.expect import expects
from ntkbook.training.batches import order_of_points
from ntkbook.training.checks import check_batch_size
from ntkbook.training.recording import to_numpy
from ntkbook.training.regression import RegressionTrajectory, decayed, regression_grid, training_times
from ntkbook.wants import between, not_negative, steps, symmetric, vast


@dataclass(frozen=True, kw_only=True)
class LinearTrajectory(RegressionTrajectory):
    """A run of SGD on a model that is linear in its weights."""

    coefficients: Tensor
    """alpha (n,) after the last step; f(x) = f_0(x) + sum_i alpha_i K(x, x_i)."""


@expects(
    "batch_size n_steps",
    gram=symmetric("n n"),
    y="n",
    step_size=vast,
    n_steps=steps,
    momentum=between(0, 1, above=False),
    weight_decay=not_negative,
)
def linearised_sgd(
    gram: Tensor,
    y: Tensor,
    *,
    step_size: float,
    batch_size: int,
    n_steps: int,
    rng: np.random.Generator,
    momentum: float = 0.0,
    weight_decay: float = 0.0,
    record_at: Iterable[int] | None = None,
) -> LinearTrajectory:
    """The steps of `regression_sgd` on a model f(x) = f_0(x) + phi(x).theta, theta from 0, through its kernel alone.

    All gradients lie in the span of the n features, so theta = sum_i alpha_i phi(x_i), and a step of SGD changes alpha:
    nu = beta nu + (f - y) / B on the batch + decay alpha, then alpha -= eta nu. What decays is the movement theta, not
    the weights. Run to its end this is kernel regression with ridge n decay: alpha = (K + n decay I)^-1 y.

    Parameters
    ----------
    gram : Tensor (n, n)
        K_ij = phi(x_i).phi(x_j), the tangent kernel of a net at its start or the kernel of its last layer. Its dtype
        and device are those of the run.
    y : Tensor (n,)
        Targets less f_0 at the inputs.
    step_size, batch_size, n_steps, rng, momentum, weight_decay, record_at
        As for `regression_sgd`, which takes the same orders of points from the same `rng`. A recorded step costs n^2.

    Returns
    -------
    LinearTrajectory
        Its train errors are those of f.

    Raises
    ------
    ValueError
        If a shape, dtype, device or size is wrong; says which and what to do.
    FloatingPointError
        If the train error stops being finite, which means that the step size is too large.
    """
    check_batch_size(batch_size, n := len(gram))
    grid, factors = regression_grid(record_at, n_steps), decayed(n_steps)
    order = order_of_points(n, batch_size * n_steps, rng).reshape(n_steps, batch_size)
    alpha, velocity = torch.zeros_like(y), torch.zeros_like(y)
    errors, rows = y.new_empty(len(grid), dtype=torch.float64), y.new_empty(batch_size, n)
    with torch.no_grad():
        for record, (begin, end) in enumerate(zip([0, *grid], grid, strict=False)):
            for batch, factor in zip(torch.from_numpy(order[begin:end]).to(y.device), factors[begin:end], strict=True):
                torch.index_select(gram, 0, batch, out=rows)
                slopes = torch.mv(rows, alpha).sub_(y[batch]).div_(batch_size)  # (f - y) / B
                velocity.mul_(momentum).add_(alpha, alpha=weight_decay).index_add_(0, batch, slopes)
                alpha.sub_(velocity, alpha=step_size * factor)
            errors[record] = torch.mv(gram, alpha).sub_(y).square_().mean(dtype=torch.float64)
    path = LinearTrajectory(
        steps=grid,
        step_size=step_size,
        space="dual",
        times=training_times(step_size, factors, grid),
        train_errors=to_numpy(errors),
        target_variance=float(y.double().var(correction=0)),
        coefficients=alpha,
    )
    if path.diverged:
        raise FloatingPointError(
            f"step_size: the train error is no longer finite after {n_steps} steps with step_size = {step_size:g}; "
            "take a smaller one, in units of step_unit"
        )
    return path
