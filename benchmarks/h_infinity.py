"""H-infinity against the formula in NumPy, both from the inputs; peak memory against the size of the result."""

from collections.abc import Callable

import numpy as np
import torch

from benchmarks.measure import Row, extra_memory, seconds, show
from ntkbook.kernels import h_infinity

N, D = 4000, 784


def inputs(n: int, d: int) -> np.ndarray:
    x = np.abs(np.random.default_rng(0).standard_normal((n, d)))  # angles as between images, below 90 degrees
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def numpy_formula(x: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore"):  # some diagonal entries of K exceed 1 by rounding
        k = x @ x.T
        return k * (np.pi - np.arccos(k)) / (2 * np.pi)


def prepare(case: str) -> Callable[[], object]:
    """The inputs; there is one case."""
    x = torch.from_numpy(inputs(N, D))
    return lambda: h_infinity(x)


def rows(n: int = N, d: int = D, repeats: int = 5, *, memory: bool = True, device: str = "cpu") -> list[Row]:
    x = inputs(n, d)
    tensor = torch.from_numpy(x).to(device)
    ours, peer = seconds(lambda: h_infinity(tensor), lambda: numpy_formula(x), repeats=repeats)
    found = [Row(f"H-infinity / NumPy formula, n = {n}, d = {d}, float64", ours / peer, 0.8)]
    if memory and device == "cpu":
        found.append(Row("H-infinity: extra memory / result", extra_memory("h_infinity", "all") / (N * N * 8), 1.5))
    return found


if __name__ == "__main__":
    show(rows())
