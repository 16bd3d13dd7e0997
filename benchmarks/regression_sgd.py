"""SGD on a three-layer net: against the matrix products of one step, against autograd, and nets side by side.

The targets are for one thread, OMP_NUM_THREADS=1.
"""

from collections.abc import Callable

import numpy as np
import torch

from benchmarks.measure import Row, seconds, show
from ntkbook.networks import ThreeLayer
from ntkbook.training.layer_state import Layers, LayerState

WIDTH, BATCH, D = 2000, 50, 4
TOGETHER = ((50, 27), (100, 27))
"""Widths, and how many nets side by side: a grid of three settings with three values each."""
RATE, MOMENTUM = 1e-4, 0.9


def problem(m: int, n: int = 1000, device: str = "cpu") -> tuple[ThreeLayer, torch.Tensor, torch.Tensor]:
    rng = np.random.default_rng(0)
    x = torch.nn.functional.normalize(torch.from_numpy(rng.standard_normal((n, D), dtype=np.float32)))
    y = torch.from_numpy(rng.standard_normal(n, dtype=np.float32))
    return ThreeLayer.initialise(D, (m, m), rng, device=device), x.to(device), y.to(device)


def closed_form(
    network: ThreeLayer, x: torch.Tensor, y: torch.Tensor, batch: int, *, decay: float = 0.0, nets: int = 1
) -> tuple[Callable[[], object], LayerState]:
    """One step as `regression_sgd` takes it on the first points, and the state it acts on."""
    weights, biases = (network.first_weights, network.second_weights), (network.first_biases, network.second_biases)
    layers, e = [Layers(weights, biases, network.output_weights)] * nets, nets
    state = LayerState(layers, x.expand(e, -1, -1), y.expand(e, -1), x.new_full((e,), decay), MOMENTUM, batch)
    chosen, rates = torch.arange(batch, device=x.device).expand(e, -1), x.new_full((e, 1, 1), RATE)
    return lambda: state.step(chosen, rates), state


def own_products(network: ThreeLayer, x: torch.Tensor, batch: int) -> Callable[[], object]:
    """The matrix products of that step and nothing else: forward, back to the first layer, and gradients."""
    points, (_, h_1, h_2) = x[:batch], network.hidden(x[:batch])
    p_1, p_2 = (torch.randn_like(h) for h in (h_1, h_2))
    w, v = network.first_weights, network.second_weights
    velocities = [torch.zeros_like(w), torch.zeros_like(v)]
    out_1, out_2, below = torch.empty_like(h_1), torch.empty_like(h_2), torch.empty_like(p_1)

    def products() -> None:
        torch.mm(points, w, out=out_1)
        torch.mm(h_1, v, out=out_2)
        torch.mv(h_2, network.output_weights)
        torch.mm(p_2, v.T, out=below)
        velocities[1].addmm_(h_1.T, p_2, beta=MOMENTUM)
        velocities[0].addmm_(points.T, p_1, beta=MOMENTUM)

    return products


def autograd(
    network: ThreeLayer, x: torch.Tensor, y: torch.Tensor, batch: int
) -> tuple[Callable[[], object], list[torch.nn.Parameter]]:
    """The same step as one would write it in torch, and the weights it acts on."""
    w, v = weights = [torch.nn.Parameter(w.clone()) for w in (network.first_weights, network.second_weights)]
    optimiser = torch.optim.SGD(weights, lr=RATE, momentum=MOMENTUM)
    points, targets = x[:batch], y[:batch]

    def step() -> None:
        optimiser.zero_grad()
        h = torch.relu(torch.addmm(network.first_biases, points, w))
        f = torch.relu(torch.addmm(network.second_biases, h, v)) @ network.output_weights
        (torch.nn.functional.mse_loss(f, targets) / 2).backward()
        optimiser.step()

    return step, weights


def rows(
    m: int = WIDTH,
    batch: int = BATCH,
    together: tuple[tuple[int, int], ...] = TOGETHER,
    repeats: int = 25,
    *,
    device: str = "cpu",
) -> list[Row]:
    network, x, y = problem(m, device=device)
    size = f"m = {m}, B = {batch}"
    ours, _ = closed_form(network, x, y, batch)
    decaying, _ = closed_form(network, x, y, batch, decay=1e-6)
    peer, _ = autograd(network, x, y, batch)
    with torch.no_grad():
        step, slower, products = seconds(ours, decaying, own_products(network, x, batch), repeats=repeats, summary=min)
    taken, other = seconds(torch.no_grad()(ours), peer, repeats=repeats, summary=min)
    found = [
        Row(f"three-layer SGD step / its matrix products, {size}", step / products, 1.2),
        Row(f"three-layer SGD step with weight decay / its matrix products, {size}", slower / products, 1.3),
        Row(f"autograd + SGD step / three-layer SGD step, {size}", other / taken, 1, at_most=False),
    ]
    for width, nets in together:
        network, x, y = problem(width, device=device)
        one, _ = closed_form(network, x, y, batch)
        all_of_them, _ = closed_form(network, x, y, batch, nets=nets)

        def one_after_another(step: Callable[[], object] = one, nets: int = nets) -> None:
            for _ in range(nets):
                step()

        with torch.no_grad():
            apart, beside = seconds(one_after_another, all_of_them, repeats=repeats, summary=min)
        what = f"three-layer SGD, {nets} nets one after another / side by side, m = {width}"
        found.append(Row(what, apart / beside, 1, at_most=False))
    return found


if __name__ == "__main__":
    show(rows())
