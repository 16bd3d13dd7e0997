"""How far moved nets are from their linearisation: along the gradient and adversarially. Lemmas 5.2 and B.1."""

from dataclasses import dataclass

import numpy as np
import torch
import xarray as xr
from torch import Tensor

from ntkbook import data
from ntkbook.adversarial import adversarial_shift, most_flips
from ntkbook.bounds import cao2019_lemmas as lemmas
from ntkbook.expect import expects
from ntkbook.losses import logistic, surrogate_error
from ntkbook.networks import DeepReLU, layer_product, linearise, loss_gradient
from ntkbook.streams import Streams


@expects()
@dataclass(frozen=True)
class Settings:
    """What every cell receives."""

    radii: tuple[float, ...]
    """tau, increasing."""
    n: int = 40
    """Inputs, with random labels."""
    dim: int = 50
    """Their dimension."""
    n_probes: int = 8
    """Inputs for each of which an adversarial movement is made."""

    def __post_init__(self):
        if len(self.radii) < 2 or list(self.radii) != sorted(set(self.radii)) or not self.radii[0] > 0:
            raise ValueError(f"radii: expected at least two increasing positive numbers, found {self.radii}")
        if not 1 <= self.n_probes <= self.n:
            raise ValueError(f"n_probes: expected a number from 1 to n = {self.n}, found {self.n_probes}")


@dataclass(frozen=True)
class Cell:
    """One net."""

    depth: int
    width: int
    seed: int


def measure(cell: Cell, settings: Settings, streams: Streams, device: str) -> xr.Dataset:
    """Move one net by tau along the gradient of its loss, and adversarially in its last layer, for every tau.

    Parameters
    ----------
    cell : Cell
        Depth, width and seed.
    settings : Settings
        Of the part.
    streams : Streams
        Random streams.
    device : str
        Where to compute.

    Returns
    -------
    xarray.Dataset
        By tau: r.m.s. gap over inputs along the gradient, with gradients at the start and, as printed, at the end;
        flips; gap and flips adversarially, means over probes; right-hand sides; and what Lemma B.1 bounds, over its
        bounds with constant 1.
    """
    m, depth = cell.width, cell.depth
    rng = streams("weights of linearity", depth, m, cell.seed)
    start = DeepReLU.initialise(settings.dim, (m,) * depth, rng, dtype=torch.float64, device=device)
    x = torch.tensor(data.sphere(settings.n, settings.dim, streams("inputs of linearity", cell.seed)), device=device)
    y = torch.tensor(data.random_labels(settings.n, streams("labels of linearity", cell.seed)), device=device)
    descent = [-gradient for gradient in loss_gradient(start, x, y)]
    largest = max(float(step.norm()) for step in descent)
    unit = [step / largest for step in descent]  # max_l |.|_F = 1
    spectral = [_spectral_norm(step) for step in unit]
    rows, moved = [], start
    for tau in settings.radii:
        pairs = zip(start.weights, unit, strict=True)
        moved = DeepReLU(tuple(w + tau * step for w, step in pairs), start.output_weights)
        found = _along(moved, start, x, y, tau, [tau * norm for norm in spectral])
        found |= _against(start, x[: settings.n_probes], tau)
        worst = adversarial_shift(start, x[0], tau).network
        other = _along(worst, start, x, y, tau, [0.0] * (depth - 1) + [tau])  # a rank-one movement of the last layer
        found |= {name: max(found[name], other[name]) for name in ("excess", "constant_needed", "shift")}
        rows.append(found | _norms(moved, x, tau))
    by_tau = {name: ("tau", [row[name] for row in rows]) for name in rows[0]}
    return xr.Dataset(by_tau | _spectra(moved, x[0]), {"tau": list(settings.radii)})


def _along(
    moved: DeepReLU, start: DeepReLU, x: Tensor, y: Tensor, tau: float, movements: list[float]
) -> dict[str, float]:
    """Gap, flips and both loss inequalities of one movement, |W^_l - W~_l|_2 given."""
    m, depth = start.widths[0], start.depth
    seen, back = linearise(moved, start, x), linearise(start, moved, x)
    before, after = y * start(x), y * moved(x)
    pairs = zip(start.weights, moved.weights, loss_gradient(start, x, y), strict=True)
    first_order = sum(float(((w_moved - w) * gradient).sum()) for w, w_moved, gradient in pairs)
    increase = float((logistic(after) - logistic(before)).mean())
    sharp = lemmas.loss_increase(torch.sigmoid(-before), seen.gap, seen.change, first_order)
    # Lemma 5.2 with C = 1 adds this to the first order.
    added = lemmas.lemma_5_2_loss(tau, m, depth, movements, float(surrogate_error(before)), 0.0)
    return {
        "gap": float(seen.gap.square().mean()) ** 0.5,
        "gap_largest": float(seen.gap.abs().max()),
        "gap_printed": float((back.gap - back.change).square().mean()) ** 0.5,  # <W^ - W~, grad f at W^>
        "flips": float(seen.flips.double().mean(1).max()),
        "bound": lemmas.lemma_5_2_gap(tau, m, depth, movements),
        "excess": increase - sharp,
        "constant_needed": (increase - first_order) / added,
        "shift": float(seen.shifts.max()) / lemmas.lemma_b_1(tau, m, depth, movements).shift,
    }


def _against(start: DeepReLU, x: Tensor, tau: float) -> dict[str, float]:
    """Gap and flips of the movements of the last layer made for each input, means over these."""
    m, depth = start.widths[-1], start.depth
    shifts = [adversarial_shift(start, point, tau) for point in x]
    sizes = torch.linalg.vector_norm(start.hidden(x)[-2], dim=1)
    bound = lemmas.lemma_b_1(tau, m, depth, [tau]).flips
    return {
        "adversarial_gap": float(np.mean([shift.gap for shift in shifts])),
        "adversarial_scale": m**0.5 * tau ** (4 / 3) * float(sizes.mean()),  # sqrt(m) tau^(4/3) |x_{L-1}|
        "adversarial_bound": lemmas.lemma_5_2_gap(tau, m, depth, [tau]),
        "adversarial_flips": float(np.mean([shift.flips for shift in shifts])),
        "most_flips": float(np.mean([most_flips(start, point, tau, depth) for point in x])) / bound,
    }


def _norms(net: DeepReLU, x: Tensor, tau: float) -> dict[str, float]:
    """Outputs of the layers and pulls of a moved net, the largest over layers and inputs: Lemma B.1 (i), (v), (vi)."""
    m, depth = net.widths[0], net.depth
    hidden = net.hidden(x)
    bounds = lemmas.lemma_b_1(tau, m, depth, [0.0])
    rows = [b @ w.T for b, w in zip(net.pulls(hidden), net.weights, strict=True)]  # v' prod_{r>=l} Sigma_r W_r'
    sparse = [row.square().topk(min(max(1, int(bounds.flips)), row.shape[1])).values.sum(1).max() for row in rows]
    return {
        "output_norm": max(float(h.norm(dim=1).max()) for h in hidden),
        "sparse_pull": max(map(float, sparse)) ** 0.5 / bounds.sparse_pull,
        "pull": max(float(row.norm(dim=1).max()) for row in rows) / bounds.pull,
    }


def _spectra(net: DeepReLU, x: Tensor) -> dict[str, float]:
    """Spectral norms of weights and of products at one input, the largest over layers: Lemma B.1 (i), (ii)."""
    products = [_spectral_norm(layer_product(net, x, layer)) for layer in range(1, net.depth + 1)]
    return {"weight_norm": max(map(_spectral_norm, net.weights)), "product": max(products) / net.depth}


def _spectral_norm(matrix: Tensor) -> float:
    """|A|_2 from the smaller of A'A and AA'."""
    small = matrix if matrix.shape[0] <= matrix.shape[1] else matrix.T
    return float(torch.linalg.eigvalsh(small @ small.T)[-1]) ** 0.5
