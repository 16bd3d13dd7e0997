"""Rademacher complexity of the nets near an initialisation: what Lemma 5.4 of Arora et al. (2019) bounds."""

import torch
from torch import Tensor

from ntkbook.networks import TwoLayer


def linear_suprema(gram: Tensor, signs: Tensor, total_radius: float) -> Tensor:
    """Suprema (1/n) sup sum_i eps_i <Z_i, V> = B |Z eps| / n of the net with frozen gates over the ball |V|_F <= B.

    Arora et al. (2019), app. D.2. Their mean over random signs is the Rademacher complexity of that linear class.

    Parameters
    ----------
    gram : Tensor (n, n)
        H(0) = Z'Z.
    signs : Tensor (n, s)
        Sign vectors eps, as columns.
    total_radius : float
        B.

    Returns
    -------
    Tensor (s,)
        B sqrt(eps' H(0) eps) / n.
    """
    squared = (signs * (gram @ signs)).sum(0).clamp(min=0)  # |Z eps|^2                (s,)
    return total_radius * squared.sqrt() / len(gram)


def inputs_in_reach(x: Tensor, weights: Tensor, neuron_radius: float) -> Tensor:
    """Number of inputs with |w_r(0).x_i| <= R for each neuron, the events A_ri: gates that a movement of R can flip.

    Parameters
    ----------
    x : Tensor (n, d)
        Unit inputs.
    weights : Tensor (d, m)
        First layer at the start.
    neuron_radius : float
        R.

    Returns
    -------
    Tensor (m,)
        n_r, from 0 to n, in the dtype of `x`.
    """
    return ((x @ weights).abs_() <= neuron_radius).to(x.dtype).sum(0)


def flips_capped(in_reach: Tensor, n: int, total_radius: float) -> float:
    """Bound B sqrt(sum_r n_r^2) / (n sqrt(m)) on what flipping gates add to the frozen net's Rademacher complexity.

    Ours, in the place of the 2 R per gate of Arora et al. (2019), app. D.2: a gate in reach changes its summand by at
    most |w_r - w_r(0)|, and by Cauchy-Schwarz sum_r n_r |w_r - w_r(0)| <= B sqrt(sum_r n_r^2).

    Parameters
    ----------
    in_reach : Tensor (m,)
        n_r from `inputs_in_reach`.
    n : int
        Number of inputs, of unit norm.
    total_radius : float
        B.

    Returns
    -------
    float
    """
    return total_radius * float(in_reach.square().sum().sqrt()) / (n * len(in_reach) ** 0.5)


def ascended_suprema(
    start: TwoLayer,
    x: Tensor,
    signs: Tensor,
    *,
    neuron_radius: float,
    total_radius: float,
    n_steps: int = 20,
) -> Tensor:
    """Lower bounds on (1/n) sup sum_i eps_i f_W(x_i) over |w_r - w_r(0)| <= R, |W - W(0)|_F <= B.

    Projected gradient ascent from the start; every value is attained by a net of the ball, so it is a lower bound,
    however far from the supremum. The start's own sum, whose mean over signs is 0, is left out to save noise.

    Parameters
    ----------
    start : TwoLayer
        W(0), a.
    x : Tensor (n, d)
        Inputs, in the dtype and on the device of the net.
    signs : Tensor (n, s)
        Sign vectors eps, as columns.
    neuron_radius, total_radius : float
        R and B.
    n_steps : int
        Steps for each sign vector; the first has length B, the others B/4.

    Returns
    -------
    Tensor (s,)
        The best value on each path.
    """
    a, scale = start.output_weights, start.width**-0.5
    base = x @ start.weights
    output_0 = base.clamp(min=0) @ a * scale
    best = []
    for eps in signs.T:
        moved, attained = torch.zeros_like(start.weights), [0.0]
        for step in range(n_steps):
            gates = (base + x @ moved >= 0).to(x.dtype)
            gradient = x.T @ (gates * eps[:, None] * (a * scale))  # d/dW sum_i eps_i f(x_i)      (d, m)
            length = total_radius / (4 if step else 1)
            moved += gradient * (length / gradient.norm().clamp(min=1e-30))
            _project(moved, neuron_radius, total_radius)
            output = (base + x @ moved).clamp_(min=0) @ a * scale
            attained.append(float(eps @ (output - output_0)) / len(x))
        best.append(max(attained))
    return torch.tensor(best, dtype=x.dtype, device=x.device)


def _project(moved: Tensor, neuron_radius: float, total_radius: float) -> None:
    """Scale a displacement (d, m) down, in place, until it is inside both balls."""
    moved *= (neuron_radius / moved.norm(dim=0).clamp(min=1e-30)).clamp(max=1)
    moved *= min(1.0, total_radius / max(float(moved.norm()), 1e-30))
