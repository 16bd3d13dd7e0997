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
"""

from dataclasses import dataclass

import torch
from torch import Tensor

_SWEEPS = 10  # at most
_CHUNK_ELEMENTS = {"cpu": 2**24, "cuda": 2**29}  # of K at the flagged entries of some neurons


def bounds(start: Tensor, end: Tensor, push: Tensor, share: Tensor) -> tuple[Tensor, Tensor]:
    """Least and largest share of a window in which a gate can be open.

    A gate that is open at the start stays so until its pre-activation has come to the kink; one that is shut, too.
    Between the bounds the end of the window is at the kink. Where opening pushes up nothing holds a gate there.

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
    alone = push >= 0
    return torch.where(alone & (start < 0), high, low), torch.where(alone & (start >= 0), low, high)


@dataclass
class Flagged:
    """Entries (i, r) of P that cross or slide, in chunks of neurons padded to a common count s."""

    samples: Tensor
    """i (s, c); 0 where there is none."""
    neurons: Tensor
    """r (c,)."""
    there: Tensor
    """Which are entries and which are padding (s, c)."""


def flagged(mask: Tensor) -> list[Flagged]:
    """Entries of a mask (n, m), neuron by neuron; neurons with many of them first.

    Parameters
    ----------
    mask : Tensor (n, m), bool
        Entries whose gates are unknown.

    Returns
    -------
    list of Flagged
    """
    neurons, samples = mask.T.nonzero(as_tuple=True)  # sorted by neuron
    counts = torch.bincount(neurons, minlength=mask.shape[1])
    place = torch.arange(len(neurons), device=mask.device) - (counts.cumsum(0) - counts)[neurons]
    counts, order = counts.sort(descending=True)
    rank = torch.empty_like(order).scatter_(0, order, torch.arange(len(order), device=mask.device))[neurons]
    chunks, first, sizes, most = [], 0, counts.tolist(), _CHUNK_ELEMENTS.get(mask.device.type, 2**24)
    while first < len(sizes) and sizes[first]:
        size = sizes[first]
        width = min(max(1, most // size**2), len(sizes) - first)
        while 2 * sizes[first + width - 1] < size:
            width -= 1
        inside = (rank >= first) & (rank < first + width)
        where = place[inside], rank[inside] - first
        table = samples.new_zeros(size, width).index_put_(where, samples[inside])
        there = mask.new_zeros(size, width).index_put_(where, mask.new_ones(()))
        chunks.append(Flagged(table, order[first : first + width], there))
        first += width
    return chunks


def slide(
    chunk: Flagged, inner_products: Tensor, start: Tensor, end: Tensor, push: Tensor, gates: Tensor, tolerance: float
) -> Tensor:
    """Solve for the gates of some entries, all neurons of a chunk side by side: projected Gauss-Seidel.

    Parameters
    ----------
    chunk : Flagged
        Entries whose gates are unknown.
    inner_products : Tensor (n, n)
        K.
    start, end : Tensor (s, c)
        Pre-activations of the entries at the start of the window, and at its end with the gates given.
    push : Tensor (s, c)
        Impulse of an open gate: over the window K push is added to the neuron's pre-activations.
    gates : Tensor (s, c)
        First guess.
    tolerance : float
        Sweeps end when no impulse changes by more.

    Returns
    -------
    Tensor (s, c)
        Shares of the window in which the gates are open.
    """
    products = inner_products[chunk.samples[:, None], chunk.samples[None]]  # K at the entries      (s, s, c)
    diagonal = inner_products.diagonal()[chunk.samples]
    push = torch.where(chunk.there, push, 0)
    per_impulse, own = torch.where(diagonal > 0, 1 / diagonal, 0), push * diagonal
    impulse, now = push * gates, end.clone()
    for _ in range(_SWEEPS):
        low, high = (push * bound for bound in bounds(start, now, own, impulse / push.where(push != 0, 1)))
        low, high = torch.minimum(low, high), torch.maximum(low, high)
        before = impulse.clone()
        for k in range(len(now)):
            wanted = torch.addcmul(impulse[k], now[k], per_impulse[k], value=-1)  # brings P_k to 0
            wanted = wanted.clamp_(low[k], high[k])
            now.addcmul_(products[k], wanted - impulse[k])
            impulse[k] = wanted
        if float((impulse - before).abs().max()) < tolerance:
            break
    return impulse / push.where(push != 0, 1)
