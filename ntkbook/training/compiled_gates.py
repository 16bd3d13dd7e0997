"""The loop of `ntkbook.training.sliding_gates` in machine code, neuron by neuron; needs Numba (`ntkbook[fast]`).

The same sweeps in the same order, until the neuron has settled and not its chunk. What is gained is that an entry that
stays where it is costs nothing, and that K is read only at the rows of entries that moved.
"""

from concurrent.futures import ThreadPoolExecutor

import numba
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ntkbook.training.sliding_gates import Entries

_PARTS = 16  # of the neurons, for each thread: some have far more entries than others


def slide(entries: Entries, inner_products: Tensor, tolerance: float, n_sweeps: int) -> Tensor:
    """As `ntkbook.training.sliding_gates.slide`, on a CPU, in at most `n_sweeps` sweeps."""
    neurons, push = entries.neurons.numpy(), entries.push
    first = np.flatnonzero(np.diff(neurons, prepend=-1))
    last = np.append(first[1:], len(neurons))
    order = np.argsort(first - last)  # neurons with many entries first
    impulse, now = (push * entries.gates).numpy(), entries.end.numpy().copy()
    k, samples, start, pushes = (part.numpy() for part in (inner_products, entries.samples, entries.start, push))
    arrays = k, samples, start, pushes, now, impulse
    n_threads = torch.get_num_threads()
    parts = [order[part :: _PARTS * n_threads] for part in range(_PARTS * n_threads)]
    with ThreadPoolExecutor(n_threads) as pool:
        list(pool.map(lambda part: _sweep(first[part], last[part], *arrays, tolerance, n_sweeps), parts))
    return torch.from_numpy(impulse) / push.where(push != 0, 1)


@numba.njit(nogil=True, cache=True, error_model="numpy", fastmath={"contract"})
def _sweep(
    first: NDArray[np.int64],
    last: NDArray[np.int64],
    inner_products: NDArray[np.floating],
    samples: NDArray[np.int64],
    start: NDArray[np.floating],
    push: NDArray[np.floating],
    end: NDArray[np.floating],
    impulse: NDArray[np.floating],
    tolerance: float,
    n_sweeps: int,
) -> None:
    """Bring the impulses of some neurons, entries first[j]..last[j] - 1, to their solution, and the ends with them."""
    zero, one = end.dtype.type(0), end.dtype.type(1)
    for a, b in zip(first, last):  # noqa: B905 - Numba has no strict=
        s, at = b - a, samples[a:b]
        p, now, u = start[a:b], end[a:b], impulse[a:b]
        products, known = np.empty((s, s), end.dtype), np.zeros(s, np.bool_)
        least, most = np.empty(s, end.dtype), np.empty(s, end.dtype)
        for _ in range(n_sweeps):
            for k in range(s):
                norm = inner_products[at[k], at[k]]
                own, is_open = push[a + k] * norm, p[k] >= 0
                speed = now[k] - p[k] - u[k] * norm
                if is_open:
                    speed += own
                away = (speed >= 0) == is_open
                when = one if away else min(-p[k] / speed, one)
                low, high = (when, one) if is_open else (zero, one - when)
                if own >= 0 and is_open:
                    high = low
                elif own >= 0:
                    low = high
                least[k] = min(push[a + k] * low, push[a + k] * high)
                most[k] = max(push[a + k] * low, push[a + k] * high)
            change = zero
            for k in range(s):
                norm = inner_products[at[k], at[k]]
                wanted = u[k] - now[k] / norm if norm > 0 else u[k]  # brings P_k to 0
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
                    now[other] += row[other] * step
                u[k] = wanted
                change = max(change, abs(step))
            if change < tolerance:
                break
