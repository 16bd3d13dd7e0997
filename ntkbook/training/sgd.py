"""Minibatch SGD on the first layer of a two-layer classifier: Li and Liang (2018), sec. 3."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
from torch import Tensor

from ntkbook.expect import expects
from ntkbook.networks import TwoLayerClassifier
from ntkbook.training.checks import SPACES
from ntkbook.training.sgd_ensemble import SgdSnapshot, SgdTrajectory, sgd_ensemble
from ntkbook.wants import classes, one_of, steps, vast


@expects(
    "batch_size n_steps", x="n d", classes=classes("n", below="k"), step_size=vast, n_steps=steps, space=one_of(*SPACES)
)
def sgd(
    network: TwoLayerClassifier,
    x: Tensor,
    classes: Tensor,
    *,
    step_size: float,
    batch_size: int,
    n_steps: int,
    rng: np.random.Generator,
    record_at: Iterable[int] | None = None,
    observe: Callable[[SgdSnapshot], Mapping[str, Any]] | None = None,
    space: str = "auto",
    block_points: int | None = None,
    progress: bool = False,
) -> SgdTrajectory:
    """Train the first layer by minibatch SGD on the softmax cross-entropy.

    Each step is w_r -= (eta / B) sum_s sum_i a_ir (o_i - 1{i = y_s}) 1{w_r.x_s >= 0} x_s over the batch, eq. (1), with
    no autograd. The batches are cut from one random order of the points: while n >= B T each point is seen at most
    once, as in the paper; then a new random order follows, and a batch at the seam takes from both.

    Steps are taken in blocks that read and write the weights once (see `ntkbook.training.blocks`); the iterates are
    those of single steps, to rounding.

    Parameters
    ----------
    network : TwoLayerClassifier
        Start; left as it is. Its dtype and device are those of the run.
    x : Tensor (n, d)
        Inputs.
    classes : Tensor (n,), int64
        Classes 0..k-1.
    step_size : float
        eta, for the mean loss of a batch; the paper's is of order 1 / m.
    batch_size : int
        B, from 1 to n; at n this is full-batch gradient descent.
    n_steps : int
        T, >= 1.
    rng : numpy.random.Generator
        Source of the order of the points.
    record_at : iterable of int, optional
        Steps at which `observe` is called, in 0..n_steps; `log_grid(n_steps)` when left out. Step 0 and the last one
        are always among them.
    observe : callable, optional
        Takes a `SgdSnapshot`; returns named numbers or vectors to be stacked into `observations`.
    space : {"auto", "weights", "preactivations"}
        Where to update; "auto" counts the operations. Pre-activations pay where few points recur often.
    block_points : int, optional
        Points in a block of steps; one step at a time below 2 B. When left out 256, or fewer where d (in weight space)
        or n (in pre-activation space) is so small that corrections within a block would cost more than they save.
    progress : bool
        Show a progress bar.

    Returns
    -------
    SgdTrajectory

    Raises
    ------
    ValueError
        If a shape, dtype, device, size or name is wrong; says which and what to do.
    FloatingPointError
        If the loss stops being finite, which means that the step size is too large.
    """
    (path,) = sgd_ensemble(
        [network],
        [x],
        [classes],
        step_size=step_size,
        batch_size=batch_size,
        n_steps=n_steps,
        rngs=[rng],
        record_at=record_at,
        observers=None if observe is None else [observe],
        space=space,
        block_points=block_points,
        progress=progress,
    )
    return path
