"""Right-hand sides of the lemmas of Cao and Gu (2019), sec. 5 and app. B, one function each, named after its place.

Absolute constants are 1, or what the proof has where that is said. m is the least width, L the number of hidden layers.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor

from ntkbook.expect import expects
from ntkbook.wants import each, not_negative, number, probability


@expects(surrogate_error=not_negative)
def lemma_5_1(width: int, surrogate_error: float = 1.0) -> float:
    """Bound sqrt(m) E_S on |grad_{W_l} L_S|_F, and with E_S = 1 on |grad_{W_l} f(x_i)|_F at the start.

    Parameters
    ----------
    width : int
        m.
    surrogate_error : float
        E_S.

    Returns
    -------
    float
    """
    return math.sqrt(width) * surrogate_error


@expects(radius=not_negative, movements=each(not_negative))
def lemma_5_2_gap(radius: float, width: int, depth: int, movements: Sequence[float]) -> float:
    """Bound L^2 tau^(1/3) sqrt(m log m) sum_l |W^_l - W~_l|_2 on the gap of f to its linearisation.

    At W~, as in the proof; the lemma as printed differentiates at W^ and bounds a quantity of first order. The proof's
    I_1 has L^(8/3) for L^2.

    Parameters
    ----------
    radius : float
        tau, which bounds the distance of both nets from the start in every layer.
    width, depth : int
        m and L.
    movements : sequence of L floats
        |W^_l - W~_l|_2.

    Returns
    -------
    float
    """
    return depth**2 * radius ** (1 / 3) * math.sqrt(width * math.log(width)) * sum(movements)


@expects(radius=not_negative, movements=each(not_negative), surrogate_error=not_negative, first_order=number)
def lemma_5_2_loss(
    radius: float, width: int, depth: int, movements: Sequence[float], surrogate_error: float, first_order: float
) -> float:
    """Bound on L_S(W^) - L_S(W~): the gap's bound times E_S(W~), first order, and m L^3 sum_l |W^_l - W~_l|_2^2.

    With constants 1 it cannot fail: use `loss_increase`.

    Parameters
    ----------
    radius, width, depth, movements
        As in `lemma_5_2_gap`.
    surrogate_error : float
        E_S(W~).
    first_order : float
        <W^ - W~, grad L_S(W~)>.

    Returns
    -------
    float
    """
    square = width * depth**3 * sum(movement**2 for movement in movements)
    return lemma_5_2_gap(radius, width, depth, movements) * surrogate_error + first_order + square


@expects(slopes="n", gaps="n", changes="n", first_order=number)
def loss_increase(slopes: Tensor, gaps: Tensor, changes: Tensor, first_order: float) -> float:
    """Bound <W^ - W~, grad L_S(W~)> + mean(a |gap|) + mean(change^2) / 8 on L_S(W^) - L_S(W~), without constants.

    Eq. (B.1) with l'' <= 1/4, where the paper has 1/2: l(z + d) <= l(z) + l'(z) d + d^2 / 8.

    Parameters
    ----------
    slopes : Tensor (n,)
        a_i = -l'(y_i f(x_i)) at W~.
    gaps, changes : Tensor (n,)
        `Linearisation.gap` and `.change` from W~ to W^.
    first_order : float
        <W^ - W~, grad L_S(W~)>.

    Returns
    -------
    float
    """
    return first_order + float((slopes * gaps.abs()).mean() + changes.square().mean() / 8)


@expects(delta=probability)
def lemma_5_3(n: int, delta: float) -> float:
    """Bound sqrt(log(n/delta)) on max_i |f(x_i)| at the start, whose r.m.s. is sqrt(1 - 1/pi).

    Parameters
    ----------
    n : int
        Samples.
    delta : float
        Failure probability.

    Returns
    -------
    float
    """
    return math.sqrt(math.log(n / delta))


@expects()
def lemma_5_4(depth: int, margin: float) -> float:
    """B = 2^-(L+2) gamma of eq. (4.1) under assumption 4.10, with the proof's constant; for L >= 2.

    At L = 1 the proof needs the margin of the inputs themselves, which assumption 4.10 does not bound.

    Parameters
    ----------
    depth : int
        L.
    margin : float
        gamma of assumption 4.10.

    Returns
    -------
    float
    """
    return 2.0 ** -(depth + 2) * margin


@expects()
def lemma_5_5(margin: float) -> float:
    """B = gamma of eq. (4.1) under assumption 4.12, with constant 1.

    Parameters
    ----------
    margin : float
        gamma of assumption 4.12, the margin of kappa^(L-1).

    Returns
    -------
    float
    """
    return margin


@expects()
def lemma_b_2(layer: int, margin: float) -> float:
    """Margin 2^-(l+1) gamma that the outputs of hidden layer l keep.

    Parameters
    ----------
    layer : int
        l, from 1.
    margin : float
        gamma of assumption 4.10.

    Returns
    -------
    float
    """
    return 2.0 ** -(layer + 1) * margin


@expects()
def lemma_b_3(depth: int, margin: float) -> float:
    """Bound 4^-L gamma^2 / 8 on sum_j |sum_i a_i y_i 1{w_Lj.x_i > 0} x_i|^2 / m_L, x_i in layer L-1, for sum_i a_i = 1.

    The least value of the left-hand side over all a is the square of `margins.gradient_certificate` at equal widths.
    Like Lemma 5.4 it lacks a margin of the inputs at L = 1: for one class on the sphere the left-hand side is near
    1 / (2 pi d), and the bound, with gamma = 1 / sqrt(2 pi), is 1 / (64 pi).

    Parameters
    ----------
    depth : int
        L.
    margin : float
        gamma of assumption 4.10.

    Returns
    -------
    float
    """
    return 4.0**-depth * margin**2 / 8


@dataclass(frozen=True)
class NetworkBounds:
    """Right-hand sides of Lemma B.1 (ii) to (vi), with constant 1; those of (i) are 1."""

    product: float
    """L, for |prod_{r=l}^L Sigma_r W_r'|_2, (ii)."""
    shift: float
    """sqrt(L) sum_r |W^_r - W~_r|_2, for |x^_l - x~_l|, (iii)."""
    flips: float
    """L^(4/3) tau^(2/3) m, for the number of gates that differ, (iv)."""
    sparse_pull: float
    """L^(2/3) tau^(1/3) sqrt(m log m), for |v' prod_{r=l}^L Sigma_r W_r' a| over unit a with `flips` entries, (v)."""
    pull: float
    """sqrt(m), for |v' prod_{r=l}^L Sigma_r W_r'|, (vi)."""


@expects(radius=not_negative, movements=each(not_negative))
def lemma_b_1(radius: float, width: int, depth: int, movements: Sequence[float]) -> NetworkBounds:
    """Norms of activations and products, and flips, within a distance tau of the start: Lemma B.1.

    Parameters
    ----------
    radius : float
        tau.
    width, depth : int
        m and L.
    movements : sequence of L floats
        |W^_l - W~_l|_2.

    Returns
    -------
    NetworkBounds
    """
    return NetworkBounds(
        product=depth,
        shift=math.sqrt(depth) * sum(movements),
        flips=depth ** (4 / 3) * radius ** (2 / 3) * width,
        sparse_pull=depth ** (2 / 3) * radius ** (1 / 3) * math.sqrt(width * math.log(width)),
        pull=math.sqrt(width),
    )
