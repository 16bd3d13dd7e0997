"""SGD on a two-layer classifier: against the bare products of one step, against autograd, and what probing costs."""

from collections.abc import Callable

import numpy as np
import torch

from benchmarks.measure import Row, seconds, show
from ntkbook.diagnostics import Probe
from ntkbook.networks import TwoLayerClassifier
from ntkbook.training import SgdSnapshot, log_grid, sgd
from ntkbook.training.blocks import PreactivationBlocks, WeightBlocks

CASES = ((16_000, 1000, 16), (10_000, 784, 64))
POINTS = 1000
CLASSES = 10
N_STEPS = 16
BLOCK_POINTS = 256
N_PROBE = 128
RATE = 10.0


def problem(
    d: int, m: int, n: int = POINTS, device: str = "cpu"
) -> tuple[TwoLayerClassifier, torch.Tensor, torch.Tensor]:
    rng = np.random.default_rng(0)
    x = torch.nn.functional.normalize(torch.from_numpy(rng.standard_normal((n, d), dtype=np.float32)))
    y = torch.from_numpy(rng.integers(CLASSES, size=n))
    return TwoLayerClassifier.initialise(d, m, CLASSES, rng, device=device), x.to(device), y.to(device)


def order(n: int, count: int) -> torch.Tensor:
    """The points in the order in which `sgd` takes them with this generator."""
    rng = np.random.default_rng(1)
    return torch.from_numpy(np.concatenate([rng.permutation(n) for _ in range(-(-count // n))])[:count])


def ours(
    network: TwoLayerClassifier, x: torch.Tensor, y: torch.Tensor, batch: int, *, size: int, recurring: bool = False
) -> tuple[Callable[[], object], WeightBlocks | PreactivationBlocks]:
    """`N_STEPS` steps as `sgd` takes them, in blocks of `size` steps, and the state they act on."""
    kind = PreactivationBlocks if recurring else WeightBlocks
    start = [network.weights], network.output_weights[None]
    state = kind(*start, x[None], y[None], RATE / network.width, batch)
    blocks = order(len(x), N_STEPS * batch)[None].to(x.device).split(size * batch, dim=1)
    return lambda: [state.advance(chosen) for chosen in blocks], state


def bare_products(network: TwoLayerClassifier, x: torch.Tensor, batch: int) -> Callable[[], object]:
    """The products of as many single steps and nothing else: x W, and W += x' g in place."""
    weights, pull = network.weights.clone(), x.new_zeros(batch, network.width)
    rows = x[:batch]

    def steps() -> None:
        for _ in range(N_STEPS):
            torch.mm(rows, weights)
            weights.addmm_(rows.T, pull)

    return steps


def autograd(
    network: TwoLayerClassifier, x: torch.Tensor, y: torch.Tensor, batch: int
) -> tuple[Callable[[], object], torch.Tensor]:
    """The same steps as one would write them in torch, and the weights they act on."""
    weights = torch.nn.Parameter(network.weights.clone())
    optimiser = torch.optim.SGD([weights], lr=RATE / network.width)

    def steps() -> None:
        for chosen in order(len(x), N_STEPS * batch).to(x.device).split(batch):
            optimiser.zero_grad()
            outputs = torch.relu(x[chosen] @ weights) @ network.output_weights.T
            torch.nn.functional.cross_entropy(outputs, y[chosen]).backward()
            optimiser.step()

    return steps, weights


def run(
    network: TwoLayerClassifier, x: torch.Tensor, y: torch.Tensor, n_steps: int, *, probed: bool
) -> Callable[[], object]:
    """A run on the synthetic data's sizes, looked at on a logarithmic grid as in the experiment, or not at all."""
    probe = Probe(network, x[:N_PROBE], y[:N_PROBE])

    def look(now: SgdSnapshot) -> dict[str, float]:
        return probe(now.weights)

    observe = look if probed else None
    return lambda: sgd(
        network,
        x,
        y,
        step_size=RATE / network.width,
        batch_size=16,
        n_steps=n_steps,
        rng=np.random.default_rng(1),
        record_at=log_grid(n_steps, 4) if probed else (),
        observe=observe,
        space="weights",
    )


def rows(
    cases: tuple[tuple[int, int, int], ...] = CASES,
    repeats: int = 3,
    *,
    n_steps: int = 400,
    points: int = POINTS,
    device: str = "cpu",
) -> list[Row]:
    found = []
    for m, d, batch in cases:
        network, x, y = problem(d, m, points, device)
        size = f"m = {m}, d = {d}, B = {batch}"
        block = max(1, BLOCK_POINTS // batch)
        (many, _), (one, _), (recurring, _) = (
            ours(network, x, y, batch, size=block),
            ours(network, x, y, batch, size=1),
            ours(network, x, y, batch, size=block, recurring=True),
        )
        with torch.no_grad():
            taken = seconds(many, one, recurring, bare_products(network, x, batch), repeats=repeats)
        blocks, single, other, products = taken
        blocks_again, peer = seconds(torch.no_grad()(many), autograd(network, x, y, batch)[0], repeats=repeats)
        found += [
            Row(f"SGD step in blocks / its bare products, {size}", blocks / products, 1.15),
            Row(f"SGD step, one at a time / its bare products, {size}", single / products, 1.15),
            Row(f"SGD step in pre-activation space / bare products, n = {points}, {size}", other / products, 1.15),
            Row(f"autograd + SGD / SGD step in blocks, {size}", peer / blocks_again, 2 if batch <= 16 else 1, False),
        ]
    m, d, _ = cases[0]
    network, x, y = problem(d, m, points, device)
    looked, plain = seconds(
        *(run(network, x, y, n_steps, probed=probed) for probed in (True, False)), repeats=max(1, repeats // 2)
    )
    found.append(Row(f"SGD, {n_steps} steps: share of the time spent on diagnostics", 1 - plain / looked, 0.2))
    return found


if __name__ == "__main__":
    show(rows())
