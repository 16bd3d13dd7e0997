"""The loop of `ntkbook.training.sliding_gates` in machine code, neuron by neuron; needs Numba (`ntkbook[fast]`).

The same sweeps in the same order, until the neuron has settled and not its chunk. What is gained is that an entry that
stays where it is moves no other, and that K is read only at the rows of entries that moved.
"""

from concurrent.futures import ThreadPoolExecutor

import numba
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ntkbook.training.sliding_gates import AT_KINK, Entries

_SHARES = 16  # of the neurons, for each thread: some have far more entries than others


def slide(
    entries: Entries, inner_products: Tensor, tolerance: float, n_parts: int, n_sweeps: int
) -> tuple[Tensor, Tensor]:
    """As `ntkbook.training.sliding_gates.slide`, on a CPU."""
    neurons, push = entries.neurons.numpy(), entries.push / n_parts
    first = np.flatnonzero(np.diff(neurons, prepend=-1))
    last = np.append(first[1:], len(neurons))
    order = np.argsort(first - last)  # neurons with many entries first
    p, impulse = entries.start.numpy().copy(), (push * entries.gates).numpy()
    move, total = ((entries.end - entries.start) / n_parts).numpy(), np.zeros_like(impulse)
    arrays = inner_products.numpy(), entries.samples.numpy(), push.numpy(), p, move, impulse, total
    n_threads = torch.get_num_threads()
    shares = [order[share :: _SHARES * n_threads] for share in range(_SHARES * n_threads)]
    with ThreadPoolExecutor(n_threads) as pool:
        list(pool.map(lambda share: _march(first[share], last[share], *arrays, tolerance, n_parts, n_sweeps), shares))
    per_push = push.where(push != 0, 1)
    return torch.from_numpy(total) / (n_parts * per_push), torch.from_numpy(impulse) / per_push


@numba.njit(nogil=True, cache=True, error_model="numpy", fastmath={"contract"})
def _march(
    first: NDArray[np.int64],
    last: NDArray[np.int64],
    inner_products: NDArray[np.floating],
    samples: NDArray[np.int64],
    push: NDArray[np.floating],
    p: NDArray[np.floating],
    move: NDArray[np.floating],
    impulse: NDArray[np.floating],
    total: NDArray[np.floating],
    tolerance: float,
    n_parts: int,
    n_sweeps: int,
) -> None:
    """Take some neurons, entries first[j]..last[j] - 1, through the parts: pre-activations p, and their impulses."""
    zero, one = p.dtype.type(0), p.dtype.type(1)
    for a, b in zip(first, last):  # noqa: B905 - Numba has no strict=
        s, at = b - a, samples[a:b]
        products, known = np.empty((s, s), p.dtype), np.zeros(s, np.bool_)
        least, most = np.empty(s, p.dtype), np.empty(s, p.dtype)
        here, q, v, u = p[a:b], push[a:b], move[a:b], impulse[a:b]
        for _ in range(n_parts):
            for _ in range(n_sweeps):
                for k in range(s):
                    norm = inner_products[at[k], at[k]]
                    own, is_open = q[k] * norm, here[k] >= 0
                    speed = v[k] - u[k] * norm
                    if is_open:
                        speed += own
                    away = (speed >= 0) == is_open
                    when = one if away else min(-here[k] / speed, one)
                    low, high = (when, one) if is_open else (zero, one - when)
                    if own >= 0 and is_open:
                        high = low
                    elif own >= 0:
                        low = high
                    elif abs(here[k]) <= -AT_KINK * own:
                        low, high = zero, one
                    least[k] = min(q[k] * low, q[k] * high)
                    most[k] = max(q[k] * low, q[k] * high)
                change = zero
                for k in range(s):
                    norm = inner_products[at[k], at[k]]
                    wanted = u[k] - (here[k] + v[k]) / norm if norm > 0 else u[k]  # brings P_k to 0
                    wanted = min(max(wanted, least[k]), most[k])
                    step = wanted - u[k]
                    if step == 0:
                        continue
                    if not known[k]:
                        known[k], row = True, inner_products[at[k]]
                        for other in range(s):
                            products[k, other] = row[at[other]]
                    row = products[k]
                    for other in range(s):
                        v[other] += row[other] * step
                    u[k] = wanted
                    change = max(change, abs(step))
                if change < tolerance:
                    break
            for k in range(s):
                here[k] += v[k]
                total[a + k] += u[k]
