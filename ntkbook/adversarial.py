"""Movements of one layer that bend a deep ReLU net most: where Lemma 5.2 and B.1 (iv) of Cao and Gu (2019) are tight.

Let z_j = w_j.h be the pre-activation of neuron j of layer l at one input, h = x_{l-1}, and let f change by g_j per unit
of what the neuron gives. Moving w_j by s_j h / |h|^2, a rank-one change of W_l, shifts z_j by s_j and costs s_j^2 /
|h|^2 in |dW_l|_F^2; other movements cost more for the same shifts. The gap of f to its linearisation is the sum of
g_j |z_j + s_j| over neurons that change sides. So for g_j > 0 shift by c g_j across 0, if |z_j| < c g_j / 2, and leave
the others: the maximiser of sum_j g_j (|s_j| - |z_j|)_+ at a given sum_j s_j^2, with 1/c the multiplier.

In the last layer of a fresh net g = v = +-1 and z_j ~ N(0, 2 |h|^2 / m), of density sqrt(m / (4 pi)) / |h| at 0. The
m/2 neurons with v_j = +1 have

    N = (m/2) c sqrt(m / (4 pi)) / |h|  of them within c/2 of 0,   tau^2 = N c^2 / |h|^2,

and a shifted neuron adds c - |z_j|, which is 3c/4 on average. Eliminating c,

    c = (4 sqrt(pi))^(1/3) tau^(2/3) m^(-1/2) |h|
    flips = N = (4 sqrt(pi))^(-2/3) m tau^(2/3) = 0.271 m tau^(2/3)
    gap = (3/4) N c = (3/4) (4 sqrt(pi))^(-1/3) sqrt(m) tau^(4/3) |h| = 0.390 sqrt(m) tau^(4/3) |h|,

while N is large and c is small against the spread of z, sqrt(2 / m). Below the last layer g is nearly N(0, 1): in the
same way the gap is (3/4) (E[g_+^3] / (2 sqrt(pi)))^(1/3) sqrt(m) tau^(4/3) |h|, with E[g_+^3] = sqrt(2 / pi) for 1/2,
which is 0.456 for 0.390.

The most gates that a movement of this size can flip at one input are those of all neurons with |z_j| < a, shifted to
0. There are M = 2 m a sqrt(m / (4 pi)) / |h| of them, at tau^2 = M a^2 / (3 |h|^2), so that
M = (3 sqrt(pi))^(1/3) pi^(-1/2) m tau^(2/3) = 0.985 m tau^(2/3). Throughout, m is the width of the layer that moves.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from ntkbook.expect import expects
from ntkbook.networks import DeepReLU

GAP = 0.75 * (4 * math.sqrt(math.pi)) ** (-1 / 3)
"""The gap over sqrt(m) tau^(4/3) in the last layer, 0.390."""
FLIPS = (4 * math.sqrt(math.pi)) ** (-2 / 3)
"""Flips over m tau^(2/3) in the same direction, 0.271."""
GAP_BELOW = 0.75 * (2**-0.5 / math.pi) ** (1 / 3)
"""The gap over sqrt(m) tau^(4/3) in a layer below the last, 0.456."""
MOST_FLIPS = (3 * math.sqrt(math.pi)) ** (1 / 3) / math.sqrt(math.pi)
"""The most flips, over m tau^(2/3), that any movement of a fresh layer makes at one input, 0.985."""


@dataclass(frozen=True)
class Shift:
    """A net moved adversarially in one layer, and what that does at the input it was made for."""

    network: DeepReLU
    """The moved net."""
    gap: float
    """Sum of g_j (|s_j| - |z_j|) over the shifted neurons. It is the gap, exactly in the last layer, and below it while
    the layers above keep their gates."""
    flips: int
    """Number of neurons of the layer that change sides at the input."""


@expects(x="d")
def adversarial_shift(start: DeepReLU, x: Tensor, radius: float, *, layer: int | None = None) -> Shift:
    """Move one layer by |dW_l|_F = tau so that the net departs most from its linearisation at one input.

    Parameters
    ----------
    start : DeepReLU
        Best in float64: the direction is made of neurons that are nearly at 0.
    x : Tensor (d,)
        The input.
    radius : float
        tau, > 0.
    layer : int, optional
        l, from 1 to L; the last one when left out.

    Returns
    -------
    Shift

    Raises
    ------
    ValueError
        If there is no such layer, or the radius is not positive or so small that no neuron can be brought across 0.
    """
    layer = start.depth if layer is None else layer
    if not 1 <= layer <= start.depth:
        raise ValueError(f"layer: expected a whole number from 1 to {start.depth}, found {layer}")
    if not radius > 0:
        raise ValueError(f"radius: expected a positive number, found {radius}")
    hidden = start.hidden(x[None])
    h, weights = hidden[layer - 1][0], start.weights[layer - 1]
    size, z = torch.linalg.vector_norm(h), h @ weights
    g = start.output_weights
    if layer < start.depth:
        g = (start.pulls(hidden)[layer] @ start.weights[layer].T)[0]  # b_{l+1} W_{l+1}': without Sigma_l
    # Neurons by the c at which they join, 2 |z_j| / g_j. With the first k, |s| = tau |h| g / |g|, over these k.
    order = torch.where(g > 0, z.abs() / g, torch.inf).argsort()
    g = g.clamp(min=0)  # the others come last and are shifted by 0
    squares, costs = g[order].square().cumsum(0), (g[order] * z[order].abs()).cumsum(0)
    gaps = radius * size * squares.sqrt() - costs
    count = int(gaps.argmax()) + 1
    gap = float(gaps[count - 1])
    if not gap > 0:
        raise ValueError(f"radius: expected one that brings a neuron across 0, found {radius}; the layer is too narrow")
    chosen = order[:count]
    shifts = torch.zeros_like(z)
    side = torch.where(z[chosen] > 0, -1.0, 1.0).to(z.dtype)
    shifts[chosen] = side * g[chosen] * (radius * size / squares[count - 1].sqrt())
    moved = list(start.weights)
    moved[layer - 1] = weights + torch.outer(h, shifts / size.square())
    flips = int((shifts.abs() > z.abs()).sum())
    return Shift(DeepReLU(tuple(moved), start.output_weights), gap, flips)


@expects(x="d")
def most_flips(start: DeepReLU, x: Tensor, radius: float, layer: int) -> int:
    """Most gates of a layer that a movement |dW_l|_F <= tau of it alone can flip at one input: Lemma B.1 (iv).

    The neurons nearest to 0 come first, at z_j^2 / |x_{l-1}|^2 each.

    Parameters
    ----------
    start : DeepReLU
    x : Tensor (d,)
        The input.
    radius : float
        tau.
    layer : int
        l, from 1 to L.

    Returns
    -------
    int
    """
    h = start.hidden(x[None])[layer - 1][0]
    costs = (h @ start.weights[layer - 1]).square().sort().values.cumsum(0)
    return int((costs <= radius**2 * h.square().sum()).sum())
