"""Minibatch SGD on the squared loss for the two- and three-layer nets of Allen-Zhu, Li and Liang (2019), sec. 1."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ntkbook.expect import expects
from ntkbook.networks import BiasedTwoLayer, ThreeLayer
from ntkbook.training.batches import order_of_points
from ntkbook.training.checks import (
    check_batch_size,
    check_inputs,
    check_targets,
)
from ntkbook.training.layer_state import Layers, LayerState
from ntkbook.training.progress import tqdm
from ntkbook.training.recording import Array, row, stacked
from ntkbook.training.regression import RegressionTrajectory, decayed, regression_grid, training_times
from ntkbook.training.side_by_side import check_counts, check_one_kind, kind, own, stack
from ntkbook.training.trajectory import Snapshot
from ntkbook.wants import between, each, not_negative, steps, vast


@dataclass(frozen=True)
class RegressionSnapshot(Snapshot):
    """SGD on the squared loss at a recorded step t."""

    network: ThreeLayer | BiasedTwoLayer
    """The net of this step; its weights change in place."""


@dataclass(frozen=True, kw_only=True)
class NetTrajectory(RegressionTrajectory):
    """A run of SGD on a net."""

    movement: Array
    """|W_l(t) - W_l(0)|_F of the trained layers (s, L)."""
    network: ThreeLayer | BiasedTwoLayer
    """The net after the last step."""


@expects(
    "batch_size n_steps",
    x="n d",
    y="n",
    step_size=vast,
    n_steps=steps,
    momentum=between(0, 1, above=False),
    weight_decay=not_negative,
)
def regression_sgd(
    network: ThreeLayer | BiasedTwoLayer,
    x: Tensor,
    y: Tensor,
    *,
    step_size: float,
    batch_size: int,
    n_steps: int,
    rng: np.random.Generator,
    momentum: float = 0.0,
    weight_decay: float = 0.0,
    record_at: Iterable[int] | None = None,
    observe: Callable[[RegressionSnapshot], Mapping[str, Any]] | None = None,
    progress: bool = False,
) -> NetTrajectory:
    """Train W, and V if there is one, by SGD on 1/(2 B) sum_i (f(x_i) - y_i)^2 over batches of B points.

    Gradients are in closed form, everything happens in place; b and a stay as drawn. As torch.optim.SGD: velocity =
    beta velocity + gradient + decay W, then W -= eta velocity. From half of the steps on eta is a tenth, from three
    quarters on a hundredth of what it was. Points come in random orders of all n, one after another.

    Parameters
    ----------
    network : ThreeLayer or BiasedTwoLayer
        Start; left as it is. Its dtype and device are those of the run.
    x : Tensor (n, d)
        Inputs.
    y : Tensor (n,)
        Targets.
    step_size : float
        eta at first, for the half mean square of a batch; see `step_unit`.
    batch_size : int
        B, 1..n.
    n_steps : int
        Number of steps, >= 1; an epoch has n / B.
    rng : numpy.random.Generator
        Source of the orders.
    momentum : float
        beta, in [0, 1).
    weight_decay : float
        Decay of W and V towards 0, >= 0; the loss has decay/2 (|W|_F^2 + |V|_F^2) besides.
    record_at : iterable of int, optional
        Steps to record, in 0..n_steps; `log_grid(n_steps)` when left out. Step 0, the last one and eight of the last
        quarter are always recorded. A recorded step costs a forward pass over all points.
    observe : callable, optional
        Called with a `RegressionSnapshot` at each recorded step; returns named numbers or vectors to be stacked into
        `observations`.
    progress : bool
        Show a progress bar.

    Returns
    -------
    NetTrajectory

    Raises
    ------
    ValueError
        If a shape, dtype, device or size is wrong; says which and what to do.
    FloatingPointError
        If the train error stops being finite, which means that the step size is too large.
    """
    (path,) = regression_sgd_ensemble(
        [network],
        [x],
        [y],
        step_sizes=[step_size],
        batch_size=batch_size,
        n_steps=n_steps,
        rngs=[rng],
        momentum=momentum,
        weight_decays=[weight_decay],
        record_at=record_at,
        observers=None if observe is None else [observe],
        progress=progress,
    )
    if path.diverged:
        raise FloatingPointError(
            f"step_size: the train error is no longer finite at step {path.steps[-1]} with step_size = {step_size:g}; "
            "take a smaller one, in units of step_unit"
        )
    return path


@expects(
    "batch_size n_steps",
    weight_decays=each(not_negative),
    step_sizes=each(vast),
    n_steps=steps,
    momentum=between(0, 1, above=False),
)
def regression_sgd_ensemble(
    networks: Sequence[ThreeLayer | BiasedTwoLayer],
    x: Sequence[Tensor],
    y: Sequence[Tensor],
    *,
    step_sizes: Sequence[float],
    batch_size: int,
    n_steps: int,
    rngs: Sequence[np.random.Generator],
    weight_decays: Sequence[float],
    momentum: float = 0.0,
    record_at: Iterable[int] | None = None,
    observers: Sequence[Callable[[RegressionSnapshot], Mapping[str, Any]]] | None = None,
    progress: bool = False,
) -> list[NetTrajectory]:
    """Train nets of one kind and shape side by side, each with its own data, step size, decay and batches.

    Every product becomes one batched product: a grid of settings, or a few seeds, of narrow nets takes less time so
    than one after another.

    Parameters
    ----------
    networks, x, y, step_sizes, rngs, weight_decays
        As for `regression_sgd`, one of each for a net, in shapes that agree. Data that nets share, the same tensor, are
        kept once.
    batch_size, n_steps, momentum, record_at, progress
        As for `regression_sgd`, for all nets.
    observers : sequence of callable, optional
        `observe` of each net.

    Returns
    -------
    list of NetTrajectory
        In the order of the nets. A net that diverged does not stop the others; its `diverged` is true.

    Raises
    ------
    ValueError
        As `regression_sgd`; also if the numbers or the shapes of nets and data do not agree.
    """
    each = {"x": x, "y": y, "step_sizes": step_sizes, "rngs": rngs, "weight_decays": weight_decays}
    check_counts(networks, each if observers is None else {**each, "observers": observers})
    layers = [_layers(network) for network in networks]
    check_one_kind("networks", [", ".join(map(kind, net.weights)) for net in layers])
    check_one_kind("x", [kind(points) for points in x])
    for net, points, targets in zip(layers, x, y, strict=True):
        check_inputs("x", points, net.weights[0])
        check_targets(targets, points)
    check_batch_size(batch_size, n := len(x[0]))
    grid, factors = regression_grid(record_at, n_steps), decayed(n_steps)
    orders = np.stack([order_of_points(n, batch_size * n_steps, rng).reshape(n_steps, batch_size) for rng in rngs])
    device, rows = x[0].device, [[] for _ in networks]
    with torch.no_grad():
        decays, rates = (torch.from_numpy(np.array(v, dtype=float)).to(x[0]) for v in (weight_decays, step_sizes))
        state = LayerState(layers, stack(x), stack(y), decays, momentum, batch_size)
        views = [_network(network, [w[net] for w in state.weights]) for net, network in enumerate(networks)]
        bar = tqdm(total=n_steps, desc="SGD", unit="step", disable=not progress)
        for begin, end in zip([0, *grid], grid, strict=False):
            chosen = torch.from_numpy(orders[:, begin:end]).to(device)
            for batch, factor in zip(chosen.unbind(1), factors[begin:end], strict=True):
                state.step(batch, rates[:, None, None] * factor)
            bar.update(end - begin)
            for net, error in enumerate(state.train_errors()):
                measured = row({"train_errors": error, "movement": state.movement(net)})
                now = RegressionSnapshot(int(end), views[net])
                rows[net].append((measured, row({} if observers is None else observers[net](now))))
        bar.close()
        variances = [float(targets.double().var(correction=0)) for targets in y]
    return [
        NetTrajectory(
            steps=grid,
            step_size=float(eta),
            space="weights",
            times=training_times(float(eta), factors, grid),
            target_variance=variance,
            network=_network(view, [own(w) for w in _layers(view).weights]),
            observations=stacked([observed for _, observed in seen]),
            **stacked([measured for measured, _ in seen]),
        )
        for eta, variance, view, seen in zip(step_sizes, variances, views, rows, strict=True)
    ]


def _layers(network: ThreeLayer | BiasedTwoLayer) -> Layers:
    if isinstance(network, ThreeLayer):
        weights = (network.first_weights, network.second_weights)
        return Layers(weights, (network.first_biases, network.second_biases), network.output_weights)
    return Layers((network.weights,), (network.biases,), network.output_weights)


def _network(like: ThreeLayer | BiasedTwoLayer, weights: Sequence[Tensor]) -> ThreeLayer | BiasedTwoLayer:
    """The net `like` with other trained weights."""
    names = ("first_weights", "second_weights") if isinstance(like, ThreeLayer) else ("weights",)
    return replace(like, **dict(zip(names, weights, strict=True)))
