"""A deep ReLU net seen through its gradients and its linearisation: Cao and Gu (2019), app. A and Lemma 5.2.

Every gradient by one layer is an outer product x_{l-1} b_l', so norms, inner products and directional derivatives
come from the layers' outputs and pulls; no Jacobian is formed.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from ntkbook.expect import expects
from ntkbook.losses import logistic_derivative
from ntkbook.networks.deep_relu import DeepReLU
from ntkbook.wants import signs


@expects(differentiable=True, x="n d", labels=signs("n"))
def loss_gradient(network: DeepReLU, x: Tensor, labels: Tensor) -> tuple[Tensor, ...]:
    """Gradients grad_{W_l} L_S = (1/n) sum_i l'(y_i f(x_i)) y_i x_{l-1,i} b_{l,i}' of the mean logistic loss.

    Proof of Lemma 5.1.

    Parameters
    ----------
    network : DeepReLU
    x : Tensor (n, d)
        Inputs.
    labels : Tensor (n,)
        y, +-1.

    Returns
    -------
    tuple of L Tensors (m_{l-1}, m_l)
    """
    hidden = network.hidden(x)
    outputs = hidden[-1] @ network.output_weights
    slopes = logistic_derivative(labels * outputs) * labels / len(x)  # l'(y_i f_i) y_i / n     (n,)
    pulls = network.pulls(hidden)
    return tuple(h.T @ (slopes[:, None] * b) for h, b in zip(hidden, pulls, strict=False))


@expects(differentiable=True, x="n d")
def gradient_norms(network: DeepReLU, x: Tensor) -> Tensor:
    """Norms |grad_{W_l} f(x_i)|_F = |x_{l-1,i}| |b_{l,i}| of every layer and input: Lemma 5.1.

    Parameters
    ----------
    network : DeepReLU
    x : Tensor (n, d)
        Inputs.

    Returns
    -------
    Tensor (L, n)
    """
    hidden = network.hidden(x)
    norm = torch.linalg.vector_norm
    pairs = zip(hidden, network.pulls(hidden), strict=False)
    return torch.stack([norm(h, dim=1) * norm(b, dim=1) for h, b in pairs])


@expects(differentiable=True, x="n d")
def tangent_gram(network: DeepReLU, x: Tensor, layer: int) -> Tensor:
    """Inner products <grad_{W_l} f(x_i), grad_{W_l} f(x_j)> = (x_{l-1,i}.x_{l-1,j}) (b_{l,i}.b_{l,j}).

    Parameters
    ----------
    network : DeepReLU
    x : Tensor (n, d)
        Inputs.
    layer : int
        l, from 1 to L.

    Returns
    -------
    Tensor (n, n), float64
        Whatever the dtype of the net: margins rest on its small eigenvalues.
    """
    _check_layer(network, layer)
    hidden = network.hidden(x)
    inputs, pulls = hidden[layer - 1].double(), network.pulls(hidden)[layer - 1].double()
    return (inputs @ inputs.T).mul_(pulls @ pulls.T)


@expects(differentiable=True, x="d")
def layer_product(network: DeepReLU, x: Tensor, first: int) -> Tensor:
    """The matrix prod_{r=first}^L Sigma_r(x) W_r' of one input, of Lemma B.1 (ii), transposed as weights are here.

    Parameters
    ----------
    network : DeepReLU
    x : Tensor (d,)
        One input.
    first : int
        The lowest layer in the product, from 1 to L.

    Returns
    -------
    Tensor (m_{first-1}, m_L)
        P with f(x) = x_{first-1} P v.
    """
    _check_layer(network, first)
    gates = [h[0] > 0 for h in network.hidden(x[None])]
    product = network.weights[first - 1] * gates[first]
    for w, gate in zip(network.weights[first:], gates[first + 1 :], strict=True):
        product = (product @ w) * gate
    return product


@dataclass(frozen=True)
class Linearisation:
    """How far a moved net is from its start, and from its linearisation there."""

    gap: Tensor
    """f_moved(x_i) - f_start(x_i) - <grad f_start(x_i), moved - start> (n,)."""
    change: Tensor
    """f_moved(x_i) - f_start(x_i) (n,)."""
    shifts: Tensor
    """|x_{l,i} of the moved net - x_{l,i} of the start| (L, n)."""
    flips: Tensor
    """Number of neurons of each layer whose gate differs, (L, n), int64."""


@expects(x="n d")
def linearise(moved: DeepReLU, start: DeepReLU, x: Tensor) -> Linearisation:
    """Compare a net with its linearisation at another: the gap of Lemma 5.2 as its proof has it.

    Carried through the layers without cancellation. With D_l the movement of W_l, d_l that of x_l, and e_l the part of
    d_l that is not linear in the movement of the weights, so that the gap is v.e_L:
    movement of the pre-activation = D_l' x_{l-1} + W_l' d_{l-1} + D_l' d_{l-1}, of which W_l' e_{l-1} + D_l' d_{l-1} is
    not linear, and a neuron that changes sides adds |z_l| of the moved net: I_1 and I_2 in the proof of Lemma 5.2. So
    the gap keeps its digits in float32 however small the movement is.

    Parameters
    ----------
    moved, start : DeepReLU
        W~ and W^, of one shape.
    x : Tensor (n, d)
        Inputs.

    Returns
    -------
    Linearisation
    """
    n, at_start = len(x), x
    movement, error = torch.zeros_like(x), torch.zeros_like(x)  # d_l and e_l
    shifts, flips = [], []
    for w, w_moved in zip(start.weights, moved.weights, strict=True):
        stacked = torch.cat([at_start, movement, error])
        before, pushed, curved = (stacked @ w).split(n)
        turned, bent = (stacked[: 2 * n] @ (w_moved - w)).split(n)
        step = turned + pushed + bent
        after = before + step
        gate, flipped = before > 0, (before > 0) ^ (after > 0)
        error = torch.where(flipped, after.abs(), 0) + (curved + bent) * gate
        # relu(after) - relu(before): `step` where both are on, 0 where both are off, and one of the two where one is.
        movement = torch.where(flipped, torch.where(gate, -before, after), step * gate)
        at_start = before.clamp_(min=0)
        shifts.append(torch.linalg.vector_norm(movement, dim=1))
        flips.append(flipped.sum(1))
    v = start.output_weights
    return Linearisation(error @ v, movement @ v, torch.stack(shifts), torch.stack(flips))


def _check_layer(network: DeepReLU, layer: int) -> None:
    if not 1 <= layer <= network.depth:
        raise ValueError(f"layer: expected a whole number from 1 to {network.depth}, found {layer}")
