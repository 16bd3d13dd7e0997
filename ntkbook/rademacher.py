"""Rademacher complexity of the nets near an initialisation: what Lemma 5.4 of Arora et al. (2019) bounds."""

import torch
from torch import Tensor

from ntkbook.expect import expects
from ntkbook.networks import TwoLayer
from ntkbook.wants import not_negative, signs, steps, symmetric


@expects(gram=symmetric("n n"), signs=signs("n s"), total_radius=not_negative)
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


@expects(x="n d", weights="d m", neuron_radius=not_negative)
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


@expects(in_reach="m", total_radius=not_negative)
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


@expects(x="n d", signs=signs("n s"), neuron_radius=not_negative, total_radius=not_negative, n_steps=steps)
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
    products, base = x @ x.T, x @ start.weights
    output_0 = base.clamp(min=0) @ a * scale
    best = []
    for eps in signs.T:
        # A displacement in the span of the inputs, X'C, known by C and K C with K = X X': both (n, m).
        moved, image, attained = torch.zeros_like(base), torch.zeros_like(base), [0.0]
        for step in range(n_steps):
            pulls = (base + image >= 0).to(x.dtype).mul_(eps[:, None]).mul_(a * scale)  # G; X'G = d/dW sum eps_i f(x_i)
            pushed = products @ pulls
            size = float(_squared_norms(pulls, pushed).sum()) ** 0.5
            rate = total_radius / (4 if step else 1) / max(size, 1e-30)
            moved.add_(pulls, alpha=rate)
            image.add_(pushed, alpha=rate)
            inside = _inside(_squared_norms(moved, image).sqrt(), neuron_radius, total_radius)
            moved *= inside
            image *= inside
            output = (base + image).clamp_(min=0) @ a * scale
            attained.append(float(eps @ (output - output_0)) / len(x))
        best.append(max(attained))
    return torch.tensor(best, dtype=x.dtype, device=x.device)


def _squared_norms(coefficients: Tensor, image: Tensor) -> Tensor:
    """|X'c_r|^2 = c_r'K c_r of each column (m,), given C and K C."""
    return (coefficients * image).sum(0).clamp_(min=0)


def _inside(norms: Tensor, neuron_radius: float, total_radius: float) -> Tensor:
    """Factors (m,), at most 1, that bring neurons which moved by these norms (m,) inside both balls."""
    factors = (neuron_radius / norms.clamp(min=1e-30)).clamp(max=1)
    return factors * min(1.0, total_radius / max(float((norms * factors).norm()), 1e-30))
