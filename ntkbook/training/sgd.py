"""Minibatch SGD on the first layer of a two-layer classifier: Li and Liang (2018), sec. 3."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from tqdm import tqdm

from ntkbook.networks import TwoLayerClassifier
from ntkbook.training.blocks import PreactivationBlocks, WeightBlocks
from ntkbook.training.trajectory import Array, log_grid

_BLOCK_POINTS = 256  # at most this many points in a block of steps: large products, small corrections


@dataclass(frozen=True)
class State:
    """What `observe` is handed at a recorded step. Read it, do not keep it: the tensors change with the next step."""

    step: int
    """t."""
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


@dataclass(frozen=True)
class SgdPath:
    """A run of SGD; NumPy arrays."""

    steps: NDArray[np.int64]
    """Recorded steps t (s,), increasing, with 0 first."""
    batch_losses: Array
    """Mean loss of the batch of each step, before the step (T,). In the first pass over the data a batch is fresh."""
    step_size: float
    """eta, on the mean loss of a batch."""
    space: str
    """"weights" or "preactivations": where the updates were made."""
    network: TwoLayerClassifier
    """The net after the last step."""
    observations: Mapping[str, Array] = field(default_factory=dict)
    """What the caller's `observe` returned, stacked along the first axis (s, ...)."""


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
    observe: Callable[[State], Mapping[str, Any]] | None = None,
    space: str = "auto",
    block_points: int | None = None,
    progress: bool = False,
) -> SgdPath:
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
        Takes a `State`; returns named numbers or vectors to be stacked into `observations`.
    space : {"auto", "weights", "preactivations"}
        Where to update; "auto" counts the operations. Pre-activations pay where few points recur often.
    block_points : int, optional
        Points in a block of steps; one step at a time below 2 B. When left out 256, or fewer where d (in weight space)
        or n (in pre-activation space) is so small that corrections within a block would cost more than they save.
    progress : bool
        Show a progress bar.

    Returns
    -------
    SgdPath

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
    observers: Sequence[Callable[[State], Mapping[str, Any]]] | None = None,
    space: str = "auto",
    block_points: int | None = None,
    progress: bool = False,
) -> list[SgdPath]:
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
    list of SgdPath
        In the order of the nets.

    Raises
    ------
    ValueError
        As `sgd`; also if the numbers or the shapes of nets and data do not agree.
    FloatingPointError
        If a loss stops being finite.
    """
    _check_ensemble(networks, x=x, classes=classes, rngs=rngs, observers=networks if observers is None else observers)
    for network, points, labels in zip(networks, x, classes, strict=True):
        _check(network, points, labels, step_size, batch_size, n_steps, space)
    grid = _recorded(record_at, n_steps)
    (n, d), count = x[0].shape, batch_size * n_steps
    if space == "auto":
        space = _cheaper_space(n, d, count, len(grid) if observers is not None else 0)
    blocks, inner = (WeightBlocks, d) if space == "weights" else (PreactivationBlocks, n)
    size = max(1, (min(_BLOCK_POINTS, inner) if block_points is None else block_points) // batch_size)
    with torch.no_grad():
        state = blocks(
            [network.weights for network in networks],
            _stack([network.output_weights for network in networks]),
            _stack(x),
            _stack(classes),
            step_size,
            batch_size,
        )
        order = np.stack([_order(n, count, rng) for rng in rngs])
        rows, losses = [[] for _ in networks], []
        bar = tqdm(total=n_steps, desc="SGD", unit="step", disable=not progress)
        for begin, end in zip([0, *grid], grid, strict=False):
            for first, last in _cut(begin, end, size):
                chosen = torch.from_numpy(order[:, first * batch_size : last * batch_size]).to(x[0].device)
                losses.append(state.advance(chosen).view(len(networks), last - first, batch_size).mean(2))
                bar.update(last - first)
            if losses and not bool(torch.isfinite(losses[-1]).all()):
                raise FloatingPointError(
                    f"step_size: the loss of a net is no longer finite before step {end} with step_size = "
                    f"{step_size:g}; take a smaller one"
                )
            for net, seen in enumerate(rows):
                found = {} if observers is None else observers[net](State(int(end), state, net))
                seen.append({name: _numpy(torch.as_tensor(value)) for name, value in found.items()})
        bar.close()
        return [
            SgdPath(
                steps=grid,
                batch_losses=_numpy(of_net),
                step_size=step_size,
                space=space,
                network=TwoLayerClassifier(_own(state.weights(net)), networks[net].output_weights),
                observations={name: np.stack([row[name] for row in rows[net]]) for name in rows[net][0]},
            )
            for net, of_net in enumerate(torch.cat(losses, dim=1))
        ]


def _own(view: Tensor) -> Tensor:
    """The tensor itself if it has its memory alone, otherwise a copy, so that a net that is kept keeps no other."""
    return view if view.untyped_storage().nbytes() == view.nbytes else view.clone()


def _stack(tensors: Sequence[Tensor]) -> Tensor:
    """Tensors along a new first axis; a view where they are all the same one."""
    first = tensors[0]
    if all(tensor is first for tensor in tensors):
        return first.expand(len(tensors), *first.shape)
    return torch.stack(list(tensors))


def _cheaper_space(n: int, d: int, points: int, looks: int) -> str:
    """Fewer multiplications, over m: 2 d for each point in weight space; n each, and n d a look, in the other."""
    return "preactivations" if n * (points + d * (2 + looks)) < 2 * d * points else "weights"


def _order(n: int, count: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Concatenated random orders of 0..n-1, cut to `count` entries."""
    return np.concatenate([rng.permutation(n) for _ in range(-(-count // n))])[:count]


def _cut(begin: int, end: int, size: int) -> Iterator[tuple[int, int]]:
    return ((first, min(first + size, end)) for first in range(begin, end, size))


def _recorded(record_at: Iterable[int] | None, n_steps: int) -> NDArray[np.int64]:
    grid = log_grid(n_steps) if record_at is None else np.asarray(list(record_at), dtype=np.int64)
    grid = np.unique(np.concatenate([[0], grid, [n_steps]]))
    if grid[0] < 0 or grid[-1] > n_steps:
        raise ValueError(f"record_at: expected steps in 0..{n_steps} (n_steps), found {grid[0]}..{grid[-1]}")
    return grid


def _check_ensemble(networks: Sequence[TwoLayerClassifier], **others: Sequence[Any]) -> None:
    if not networks:
        raise ValueError("networks: expected at least one, found none")
    for name, values in others.items():
        if len(values) != len(networks):
            raise ValueError(f"{name}: expected one for each of the {len(networks)} networks, found {len(values)}")
    kinds = {
        "networks": {f"{_kind(net.weights)} with {net.n_classes} classes" for net in networks},
        "x": {_kind(points) for points in others["x"]},
    }
    for name, found in kinds.items():
        if len(found) > 1:
            raise ValueError(
                f"{name}: expected one shape, dtype and device for all, found {', '.join(sorted(found))}; "
                "train the others on their own"
            )


def _kind(tensor: Tensor) -> str:
    return f"{tuple(tensor.shape)} {tensor.dtype} on {tensor.device}"


def _check(
    network: TwoLayerClassifier,
    x: Tensor,
    classes: Tensor,
    step_size: float,
    batch_size: int,
    n_steps: int,
    space: str,
) -> None:
    w, k = network.weights, network.n_classes
    if x.ndim != 2 or x.shape[1] != len(w) or not len(x):
        raise ValueError(f"x: expected shape (n, {len(w)}) with n >= 1 to match the network, found {tuple(x.shape)}")
    if x.dtype != w.dtype or x.device != w.device:
        raise ValueError(
            f"x: expected {w.dtype} on {w.device} as the network, found {x.dtype} on {x.device}; "
            "convert with .to(network.weights)"
        )
    if not bool(torch.isfinite(x).all()):
        raise ValueError("x: expected finite numbers, found a NaN or an infinity; clean the data first")
    if classes.shape != x.shape[:1] or classes.dtype != torch.int64 or classes.device != x.device:
        raise ValueError(
            f"classes: expected int64 of shape ({len(x)},) on {x.device}, one for each row of x, "
            f"found {classes.dtype} of shape {tuple(classes.shape)} on {classes.device}"
        )
    if bool((classes < 0).any()) or bool((classes >= k).any()):
        raise ValueError(
            f"classes: expected whole numbers 0..{k - 1}, as the network has {k} outputs, "
            f"found {int(classes.min())}..{int(classes.max())}"
        )
    if not (step_size > 0 and np.isfinite(step_size)):
        raise ValueError(f"step_size: expected a positive number, found {step_size}")
    if not 1 <= batch_size <= len(x):
        raise ValueError(f"batch_size: expected a whole number from 1 to n = {len(x)}, found {batch_size}")
    if n_steps < 1:
        raise ValueError(f"n_steps: expected a whole number >= 1, found {n_steps}")
    if space not in ("auto", "weights", "preactivations"):
        raise ValueError(f'space: expected "auto", "weights" or "preactivations", found {space!r}')


def _numpy(value: Tensor) -> np.ndarray:
    return value.detach().to("cpu", torch.float64, copy=True).numpy()
