"""Gates over a window of many steps: open, shut, crossing once, or held at their kink with a share of the time open.

The pre-activation P_i of a neuron drifts by v_i over the window while its gate is shut, and by v_i + q_i while it is
open: q_i < 0 where opening pushes it down. If v_i > 0 > v_i + q_i it can leave its kink in neither direction. Steps of
gradient descent then open and shut the gate in turn, and the share of the time that holds it there is -v_i / q_i: a
sliding mode. The v_i of a neuron depend on its other gates through K = X X', and P_i at the end, g_i, obey

    P_i >= 0 if g_i = high_i,   P_i = 0 if low_i < g_i < high_i,   P_i <= 0 if g_i = low_i,

a complementarity problem with the bounds of `bounds`, which depend on when a gate comes to its kink; where opening
pushes up low_i = high_i, and P_i is what it is. Where opening pushes down and for fixed bounds it is the optimality of
a convex quadratic, of which each update of `slide` is the exact minimum in one coordinate. Filippov (1988), sec. 4, for
sliding modes.

Where opening pushes up there are several solutions: gates that push each other open can all stay shut, too. Gradient
descent takes the one that it comes to first, so the window is gone through in parts, each from the end of the last.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import torch
from torch import Tensor

_PARTS = 8  # of a window; with one alone a neuron in a hundred ends far from where gradient descent takes it
_SWEEPS = 4  # at most, of each part: it begins with the solution of the one before
AT_KINK = 1e-3
"""Of what an open gate moves it by: a pre-activation as near to its kink as that is at it, on whichever side."""
_CHUNK_ELEMENTS = {"cpu": 2**24, "cuda": 2**29}  # of K at the flagged entries of some neurons


def bounds(start: Tensor, end: Tensor, push: Tensor, share: Tensor) -> tuple[Tensor, Tensor]:
    """Least and largest share of a window in which a gate can be open.

    A gate that is open at the start stays so until its pre-activation has come to the kink; one that is shut, too.
    Between the bounds the end of the window is at the kink. Where opening pushes up nothing holds a gate there; where
    it pushes down a gate that starts at its kink may be open for any share.

    Parameters
    ----------
    start, end : Tensor
        Pre-activation p at the start of the window, and at its end with the share given.
    push : Tensor
        q, by how much an open gate moves it.
    share : Tensor
        g, in which the gate is open now.

    Returns
    -------
    Tensor, Tensor
        In [0, 1].
    """
    shut = end - start - push * share  # v
    speed = torch.where(start >= 0, shut + push, shut)
    away = (speed >= 0) == (start >= 0)
    when = torch.where(away, 1, (-start / torch.where(away, 1, speed)).clamp(max=1))  # it comes to the kink, or the end
    low = torch.where(start >= 0, when, 0)
    high = torch.where(start >= 0, 1, 1 - when)
    alone, free = push >= 0, start.abs() <= -AT_KINK * push
    low, high = torch.where(alone & (start < 0), high, low), torch.where(alone & (start >= 0), low, high)
    return torch.where(free, 0, low), torch.where(free, 1, high)


@dataclass(frozen=True)
class Entries:
    """Entries (i, r) of P whose gates are unknown, one after the other, neuron by neuron."""

    samples: Tensor
    """i (e,), int64."""
    neurons: Tensor
    """r (e,), int64, ascending."""
    start: Tensor
    """Pre-activations at the start of the window (e,)."""
    end: Tensor
    """At its end with the gates given (e,)."""
    push: Tensor
    """Impulse of an open gate (e,): over the window K push is added to the neuron's pre-activations."""
    gates: Tensor
    """First guess of the shares of the window in which they are open (e,)."""

    def each(self, change: Callable[[Tensor], Tensor]) -> "Entries":
        """The same change of all parts."""
        return Entries(*(change(part) for part in vars(self).values()))


def slide(
    entries: Entries,
    inner_products: Tensor,
    tolerance: float,
    *,
    n_parts: int = _PARTS,
    n_sweeps: int = _SWEEPS,
) -> tuple[Tensor, Tensor]:
    """Solve for the gates of some entries, part by part: projected Gauss-Seidel, in compiled code where there is Numba.

    Compiled code runs on the CPU, of a GPU's machine too: on a GPU each of the many small updates waits for its launch.

    Parameters
    ----------
    entries : Entries
        Whose gates are unknown.
    inner_products : Tensor (n, n)
        K.
    tolerance : float
        Sweeps end when no impulse changes by more: of a neuron in compiled code, of a chunk of them otherwise.
    n_parts : int
        Into which the window is divided; what other entries do is spread evenly over them.
    n_sweeps : int
        At most, of each part.

    Returns
    -------
    Tensor (e,), Tensor (e,)
        Shares of the window, and of its last part, in which the gates are open.
    """
    gates = entries.gates
    if not len(gates):
        return gates, gates
    if (compiled := _compiled()) is not None:
        whole, last = compiled(entries.each(Tensor.cpu), at_hand(inner_products), tolerance, n_parts, n_sweeps)
        return whole.to(gates.device), last.to(gates.device)
    whole, last = gates.clone(), gates.clone()
    for chunk in chunks(entries.neurons):
        at, there = chunk.entries, chunk.there
        own = entries.each(lambda part, at=at: part[at])
        over, late = _march(own, there, inner_products, tolerance, n_parts, n_sweeps)
        whole[at[there]], last[at[there]] = over[there], late[there]
    return whole, last


def at_hand(inner_products: Tensor) -> Tensor:
    """K (n, n) where `slide` reads it: on the CPU if there is compiled code. For who calls it often on a GPU."""
    return inner_products if _compiled() is None else inner_products.cpu()


@cache
def _compiled() -> Callable[..., tuple[Tensor, Tensor]] | None:
    """The compiled loop; None without Numba, with one that does not fit this NumPy, or without a place for its code."""
    try:
        from ntkbook.training.compiled_gates import slide as compiled  # an optional extra, and half a second to import
    except (ImportError, RuntimeError):
        return None
    return compiled


@dataclass
class Chunk:
    """Entries of c neurons, a column each, padded to a common count s."""

    entries: Tensor
    """Number of the entry (s, c); 0 where there is none."""
    there: Tensor
    """Which are entries and which are padding (s, c)."""


def chunks(neurons: Tensor) -> list[Chunk]:
    """Put entries side by side, those of neurons with many of them first.

    Parameters
    ----------
    neurons : Tensor (e,), int64
        Of each entry, in ascending order.

    Returns
    -------
    list of Chunk
    """
    counts = torch.bincount(neurons)
    place = torch.arange(len(neurons), device=neurons.device) - (counts.cumsum(0) - counts)[neurons]
    counts, order = counts.sort(descending=True)
    rank = torch.empty_like(order).scatter_(0, order, torch.arange(len(order), device=neurons.device))[neurons]
    found, first, sizes = [], 0, counts.tolist()
    most = _CHUNK_ELEMENTS.get(neurons.device.type, 2**24)
    while first < len(sizes) and sizes[first]:
        size = sizes[first]
        width = min(max(1, most // size**2), len(sizes) - first)
        while 2 * sizes[first + width - 1] < size:
            width -= 1
        inside = ((rank >= first) & (rank < first + width)).nonzero()[:, 0]
        where = place[inside], rank[inside] - first
        table = inside.new_zeros(size, width).index_put_(where, inside)
        there = torch.zeros_like(table, dtype=torch.bool).index_put_(where, torch.ones_like(inside, dtype=torch.bool))
        found.append(Chunk(table, there))
        first += width
    return found


def _march(
    chunk: Entries, there: Tensor, inner_products: Tensor, tolerance: float, n_parts: int, n_sweeps: int
) -> tuple[Tensor, Tensor]:
    """Gates of a chunk (s, c), all its neurons side by side, over the window and in its last part."""
    samples, p = chunk.samples, chunk.start.clone()
    products = inner_products[samples[:, None], samples[None]]  # K at the entries      (s, s, c)
    diagonal = inner_products.diagonal()[samples]
    push = torch.where(there, chunk.push / n_parts, 0)
    per_impulse, own, per_push = torch.where(diagonal > 0, 1 / diagonal, 0), push * diagonal, push.where(push != 0, 1)
    impulse, move, total = push * chunk.gates, (chunk.end - p) / n_parts, torch.zeros_like(push)
    for _ in range(n_parts):
        for _ in range(n_sweeps):
            low, high = (push * bound for bound in bounds(p, p + move, own, impulse / per_push))
            low, high = torch.minimum(low, high), torch.maximum(low, high)
            before = impulse.clone()
            for k in range(len(p)):
                wanted = torch.addcmul(impulse[k], p[k] + move[k], per_impulse[k], value=-1)  # brings P_k to 0
                wanted = wanted.clamp_(low[k], high[k])
                move.addcmul_(products[k], wanted - impulse[k])
                impulse[k] = wanted
            if float((impulse - before).abs().max()) < tolerance:
                break
        p += move
        total += impulse
    return total / (n_parts * per_push), impulse / per_push
