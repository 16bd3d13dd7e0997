"""Minibatch SGD on the first layers of two-layer classifiers of one shape, side by side."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ntkbook.expect import expects
from ntkbook.networks import TwoLayerClassifier
from ntkbook.training.batches import cut, order_of_points
from ntkbook.training.blocks import PreactivationBlocks, WeightBlocks, cheaper_space
from ntkbook.training.checks import SPACES, check_batch_size, check_classes, check_inputs
from ntkbook.training.progress import tqdm
from ntkbook.training.recording import Array, recorded_steps, row, stacked, to_numpy
from ntkbook.training.side_by_side import check_counts, check_one_kind, kind, own, stack
from ntkbook.training.trajectory import Snapshot, Trajectory
from ntkbook.wants import classes, each, one_of, steps, vast

_BLOCK_POINTS = 256  # at most this many points in a block of steps: large products, small corrections


@dataclass(frozen=True)
class SgdSnapshot(Snapshot):
    """SGD at a recorded step t."""

    _space: WeightBlocks | PreactivationBlocks
    _net: int

    @property
    def weights(self) -> Tensor:
        """W(t) (d, m); made anew in pre-activation space, so take it once."""
        return self._space.weights(self._net)

    @property
    def preactivations(self) -> Tensor:
        """X W(t) at the training points (n, m); made anew in weight space."""
        return self._space.preactivations(self._net)


@dataclass(frozen=True, kw_only=True)
class SgdTrajectory(Trajectory):
    """A run of SGD; its step size is on the mean loss of a batch."""

    batch_losses: Array
    """Mean loss of the batch of each step, before the step (T,). In the first pass over the data a batch is fresh."""
    network: TwoLayerClassifier
    """The net after the last step."""


@expects("batch_size n_steps", classes=each(classes("?")), step_size=vast, n_steps=steps, space=one_of(*SPACES))
def sgd_ensemble(
    networks: Sequence[TwoLayerClassifier],
    x: Sequence[Tensor],
    classes: Sequence[Tensor],
    *,
    step_size: float,
    batch_size: int,
    n_steps: int,
    rngs: Sequence[np.random.Generator],
    record_at: Iterable[int] | None = None,
    observers: Sequence[Callable[[SgdSnapshot], Mapping[str, Any]]] | None = None,
    space: str = "auto",
    block_points: int | None = None,
    progress: bool = False,
) -> list[SgdTrajectory]:
    """Train nets of one shape side by side, each on its own data and batches, as `sgd` would one after another.

    Every product becomes one batched product, which is how small nets fill a GPU. On a CPU nothing is gained.

    Parameters
    ----------
    networks, x, classes, rngs
        As for `sgd`, one of each for a net, in shapes that agree. Data that nets share, the same tensor, are kept once.
    step_size, batch_size, n_steps, record_at, space, block_points, progress
        As for `sgd`, for all nets.
    observers : sequence of callable, optional
        `observe` of each net.

    Returns
    -------
    list of SgdTrajectory
        In the order of the nets.

    Raises
    ------
    ValueError
        As `sgd`; also if the numbers or the shapes of nets and data do not agree.
    FloatingPointError
        If a loss stops being finite.
    """
    one_each = {"x": x, "classes": classes, "rngs": rngs}
    check_counts(networks, one_each if observers is None else {**one_each, "observers": observers})
    check_one_kind("networks", [f"{kind(net.weights)} with {net.n_classes} classes" for net in networks])
    check_one_kind("x", [kind(points) for points in x])
    for network, points, labels in zip(networks, x, classes, strict=True):
        check_inputs("x", points, network.weights)
        check_classes(labels, points, network.n_classes)
    check_batch_size(batch_size, len(x[0]))
    grid = recorded_steps(record_at, n_steps)
    (n, d), count = x[0].shape, batch_size * n_steps
    if space == "auto":
        space = cheaper_space(n, d, count, len(grid) if observers is not None else 0)
    blocks, inner = (WeightBlocks, d) if space == "weights" else (PreactivationBlocks, n)
    size = max(1, (min(_BLOCK_POINTS, inner) if block_points is None else block_points) // batch_size)
    with torch.no_grad():
        state = blocks(
            [network.weights for network in networks],
            stack([network.output_weights for network in networks]),
            stack(x),
            stack(classes),
            step_size,
            batch_size,
        )
        order = np.stack([order_of_points(n, count, rng) for rng in rngs])
        rows, losses = [[] for _ in networks], []
        bar = tqdm(total=n_steps, desc="SGD", unit="step", disable=not progress)
        for begin, end in zip([0, *grid], grid, strict=False):
            for first, last in cut(begin, end, size):
                chosen = torch.from_numpy(order[:, first * batch_size : last * batch_size]).to(x[0].device)
                losses.append(state.advance(chosen).view(len(networks), last - first, batch_size).mean(2))
                bar.update(last - first)
            if losses and not bool(torch.isfinite(losses[-1]).all()):
                raise FloatingPointError(
                    f"step_size: the loss of a net is no longer finite before step {end} with step_size = "
                    f"{step_size:g}; take a smaller one"
                )
            for net, seen in enumerate(rows):
                found = {} if observers is None else observers[net](SgdSnapshot(int(end), state, net))
                seen.append(row(found))
        bar.close()
        return [
            SgdTrajectory(
                steps=grid,
                batch_losses=to_numpy(of_net),
                step_size=step_size,
                space=space,
                network=TwoLayerClassifier(own(state.weights(net)), networks[net].output_weights),
                observations=stacked(rows[net]),
            )
            for net, of_net in enumerate(torch.cat(losses, dim=1))
        ]
