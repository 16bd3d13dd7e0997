"""Gradient descent on all layers of a deep ReLU net: against its own matrix products, and against autograd.

The targets are for one thread, OMP_NUM_THREADS=1.
"""

from collections.abc import Callable

import numpy as np
import torch

from benchmarks.measure import Row, extra_memory, seconds, show
from ntkbook.networks import DeepReLU
from ntkbook.training import deep_gradient_descent
from ntkbook.training.deep_state import DeepState

N, D = 1000, 784
N_MEMORY = 4000
WIDTHS = ((1024,), (1024, 1024, 1024))
STEP_SIZE = 1e-3


def problem(
    n: int, d: int, widths: tuple[int, ...], device: str = "cpu"
) -> tuple[DeepReLU, torch.Tensor, torch.Tensor]:
    rng = np.random.default_rng(0)
    x = torch.nn.functional.normalize(torch.from_numpy(rng.standard_normal((n, d), dtype=np.float32)))
    y = torch.from_numpy(rng.choice(np.array([-1, 1], dtype=np.float32), n))
    return DeepReLU.initialise(d, widths, rng, device=device), x.to(device), y.to(device)


def closed_form(network: DeepReLU, x: torch.Tensor, y: torch.Tensor) -> tuple[Callable[[], object], DeepState]:
    """One step as `deep_gradient_descent` takes it, with its surrogate error, and the state it acts on."""
    state = DeepState(network, x, y, STEP_SIZE)
    errors = x.new_empty(1)

    def step() -> None:
        state.step()
        errors[0] = state.surrogate_error()

    return step, state


def own_products(network: DeepReLU, x: torch.Tensor) -> Callable[[], object]:
    """The matrix products of that step and nothing else: forward, back to the second layer, and the updates."""
    weights = [w.clone() for w in network.weights]
    hidden = network.hidden(x)
    above = [torch.empty_like(h) for h in hidden]
    pulls = network.pulls(hidden)
    below = [torch.empty_like(b) for b in pulls]

    def products() -> None:
        for w, h, out in zip(weights, hidden, above[1:], strict=False):
            torch.mm(h, w, out=out)
        torch.mv(hidden[-1], network.output_weights)
        for layer in reversed(range(len(weights))):
            if layer > 0:
                torch.mm(pulls[layer], weights[layer].T, out=below[layer - 1])
            weights[layer].addmm_(hidden[layer].T, pulls[layer], alpha=1e-9)

    return products


def autograd(
    network: DeepReLU, x: torch.Tensor, y: torch.Tensor
) -> tuple[Callable[[], object], list[torch.nn.Parameter]]:
    """The same step as one would write it in torch, and the weights it acts on."""
    weights = [torch.nn.Parameter(w.clone()) for w in network.weights]
    optimiser = torch.optim.SGD(weights, lr=STEP_SIZE)

    def step() -> None:
        optimiser.zero_grad()
        h = x
        for w in weights:
            h = torch.relu(h @ w)
        torch.nn.functional.softplus(-y * (h @ network.output_weights)).mean().backward()
        optimiser.step()

    return step, weights


def prepare(case: str) -> Callable[[], object]:
    """Inputs of a run of three steps on the deepest net; there is one case."""
    network, x, y = problem(N_MEMORY, D, WIDTHS[-1])
    return lambda: deep_gradient_descent(network, x, y, step_size=STEP_SIZE, n_steps=3, record_at=())


def rows(
    n: int = N,
    d: int = D,
    widths: tuple[tuple[int, ...], ...] = WIDTHS,
    repeats: int = 15,
    *,
    memory: bool = True,
    device: str = "cpu",
) -> list[Row]:
    found = []
    for layers in widths:
        network, x, y = problem(n, d, layers, device)
        size = f"L = {len(layers)}, m = {layers[0]}, n = {n}"
        ours, _ = closed_form(network, x, y)
        peer, _ = autograd(network, x, y)
        with torch.no_grad():
            step, products = seconds(ours, own_products(network, x), repeats=repeats, summary=min)
        taken, other = seconds(torch.no_grad()(ours), peer, repeats=repeats, summary=min)
        found += [
            Row(f"deep GD step / its matrix products, {size}", step / products, 1.05),
            Row(f"autograd + SGD step / deep GD step, {size}", other / taken, 1, at_most=False),
        ]
    if memory and device == "cpu":
        widest = WIDTHS[-1]
        floats = N_MEMORY * (sum(widest) + 2 * max(widest)) + sum(w.numel() for w in problem(1, D, widest)[0].weights)
        extra = extra_memory("deep_gradient_descent", "run")
        found.append(Row("deep GD run: extra memory / (weights + outputs + two pulls)", extra / (4 * floats), 1.5))
    return found


if __name__ == "__main__":
    show(rows())
