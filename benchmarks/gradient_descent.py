"""One step of gradient descent: against its own matrix products, against autograd, and its memory in n x m buffers."""

from collections.abc import Callable

import numpy as np
import torch

from benchmarks.measure import Row, extra_memory, seconds, show
from ntkbook.networks import TwoLayer
from ntkbook.training import gradient_descent
from ntkbook.training.spaces import PreactivationSpace

N, M = 1000, 10_000
STEP_SIZE = 1e-3


def problem(n: int, d: int, m: int, device: str = "cpu") -> tuple[TwoLayer, torch.Tensor, torch.Tensor]:
    rng = np.random.default_rng(0)
    x = torch.nn.functional.normalize(torch.from_numpy(rng.standard_normal((n, d), dtype=np.float32)))
    y = torch.from_numpy(rng.choice(np.array([-1, 1], dtype=np.float32), n))
    return TwoLayer.initialise(d, m, rng, device=device), x.to(device), y.to(device)


def closed_form(network: TwoLayer, x: torch.Tensor, y: torch.Tensor, *, movement: bool) -> Callable[[], object]:
    """One step as `gradient_descent` takes it; `movement` keeps the coefficients from which W follows."""
    space = PreactivationSpace(network, x, STEP_SIZE, keep_coefficients=movement)
    residual = y - space.predict()

    def step() -> None:
        nonlocal residual
        residual = y - space.step(residual)

    return step


def own_products(network: TwoLayer, x: torch.Tensor) -> Callable[[], object]:
    """The matrix products of that step and nothing else: K G, added in place, and the output layer."""
    products, preactivations = x @ x.T, x @ network.weights
    gates = torch.ones_like(preactivations)
    return lambda: (
        preactivations.addmm_(products, gates, alpha=1e-9),
        gates @ network.output_weights,
    )


def autograd(network: TwoLayer, x: torch.Tensor, y: torch.Tensor) -> Callable[[], object]:
    """The same step as one would write it in torch."""
    weights = torch.nn.Parameter(network.weights.clone())
    optimiser = torch.optim.SGD([weights], lr=STEP_SIZE)

    def step() -> None:
        optimiser.zero_grad()
        u = torch.relu(x @ weights) @ network.output_weights / network.width**0.5
        ((y - u).square().sum() / 2).backward()
        optimiser.step()

    return step


def prepare(case: str) -> Callable[[], object]:
    """Inputs of "step", "step with movement", or of "run": a run of three steps that records movement and the net."""
    network, x, y = problem(N, 784, M)
    if case == "run":
        return lambda: gradient_descent(network, x, y, step_size=STEP_SIZE, n_steps=3, record_at=())
    return lambda: closed_form(network, x, y, movement=case == "step with movement")()


def rows(n: int = N, m: int = M, repeats: int = 7, *, memory: bool = True, device: str = "cpu") -> list[Row]:
    size = f"n = {n}, m = {m}"
    found = []
    for d, target in ((784, 2.3), (3072, 5.0)):
        network, x, y = problem(n, d, m, device)
        lean, moving = (closed_form(network, x, y, movement=movement) for movement in (False, True))
        with torch.no_grad():
            step, tracked, products = seconds(lean, moving, own_products(network, x), repeats=repeats)
        taken, peer = seconds(lean, autograd(network, x, y), repeats=repeats)
        found += [
            Row(f"GD step / its matrix products, {size}, d = {d}", step / products, 1.15),
            Row(f"GD step with movement / its matrix products, d = {d}", tracked / products, 1.15),
            Row(f"autograd + SGD step / GD step, d = {d}", peer / taken, target, at_most=False),
        ]
    if memory and device == "cpu":
        buffer = N * M * 4
        for case in ("step", "step with movement", "run"):
            extra = extra_memory("gradient_descent", case)
            found.append(Row(f"GD {case}: extra memory / (n x m)", extra / buffer, 3))
    return found


if __name__ == "__main__":
    show(rows())
