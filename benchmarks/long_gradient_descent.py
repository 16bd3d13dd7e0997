"""A long run in leaps: its time against as many steps of gradient descent, timed over a few; and its compiled part."""

import time
from unittest.mock import patch

import numpy as np
import torch

from benchmarks.measure import Row, show
from ntkbook.data import random_labels
from ntkbook.kernels import h_infinity
from ntkbook.networks import TwoLayer
from ntkbook.training import gradient_descent, long_gradient_descent, sliding_gates

N, D, M, N_STEPS, N_TIMED = 100, 784, 1000, 100_000, 200


def problem(n: int, d: int, m: int, device: str = "cpu") -> tuple[TwoLayer, torch.Tensor, dict[str, torch.Tensor]]:
    """Non-negative inputs as images are, with labels along their top directions and labels by chance."""
    rng = np.random.default_rng(0)
    x = torch.nn.functional.normalize(torch.from_numpy(np.abs(rng.standard_normal((n, d), dtype=np.float32))))
    top = torch.linalg.eigh(h_infinity(x.double())).eigenvectors[:, -10:] @ torch.from_numpy(rng.standard_normal(10))
    labels = {"true": top.sign().float(), "random": torch.from_numpy(random_labels(n, rng)).float()}
    network = TwoLayer.initialise(d, m, rng, init_scale=0.01, device=device)
    return network, x.to(device), {kind: y.to(device) for kind, y in labels.items()}


def rows(
    n: int = N, d: int = D, m: int = M, n_steps: int = N_STEPS, repeats: int = N_TIMED, *, device: str = "cpu"
) -> list[Row]:
    network, x, labels = problem(n, d, m, device)
    found = []
    for kind, y in labels.items():
        begin = time.perf_counter()
        gradient_descent(network, x, y, step_size=6 / n, n_steps=repeats, record_at=(), track_movement=False)
        middle = time.perf_counter()
        path = long_gradient_descent(network, x, y, step_size=6 / n, n_steps=n_steps, record_at=(), rtol=1e-2)
        steps, leaps = (middle - begin) * n_steps / repeats, time.perf_counter() - middle
        size = f"{kind} labels, n = {n}, m = {m}, {n_steps} steps"
        found += [
            Row(f"steps / leaps, time, {size}", steps / leaps, 2, at_most=False),
            Row(f"steps / products, {size}", n_steps / path.evaluations, 20, at_most=False),
        ]
    return [*found, *_compiled(x, m)]


def _compiled(x: torch.Tensor, m: int) -> list[Row]:
    """Gates of a window in which seven percent of them are at their kink: without compiled code and with it."""
    if sliding_gates._compiled() is None:
        return []
    rng, n = np.random.default_rng(0), len(x)
    neurons, samples = torch.from_numpy(rng.random((m, n)) < 0.07).nonzero(as_tuple=True)
    drift, push = torch.from_numpy(rng.random((2, len(neurons)))).float()
    kink = torch.zeros_like(drift)
    entries = sliding_gates.Entries(samples, neurons, kink, drift, -push, kink).each(lambda part: part.to(x.device))
    products = x @ x.T

    def seconds() -> float:
        sliding_gates.slide(entries, products, 0.0)  # once to compile
        begin = time.perf_counter()
        sliding_gates.slide(entries, products, 0.0)
        return time.perf_counter() - begin

    compiled = seconds()
    with patch.object(sliding_gates, "_compiled", lambda: None):
        plain = seconds()
    return [Row(f"gates of a window, torch / compiled, n = {n}, m = {m}", plain / compiled, 2, at_most=False)]


if __name__ == "__main__":
    show(rows())
