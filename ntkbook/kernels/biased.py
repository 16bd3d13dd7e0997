"""Limits at infinite width of the learners of Allen-Zhu, Li and Liang (2019), secs. 3 and 4: fixed biases.

All neurons of a layer have weights and a bias of one variance, 1 / m_l. So a layer sees its input h with a coordinate 1
appended, and halves the norm: h_l(x).h_l(x') -> (1/2) |(h, 1)| |(h', 1)| arc_cosine_1(theta), theta the angle of (h, 1)
and (h', 1). Angles run as in `ntkbook.kernels.recursions`, by formulas that keep the digits of nearly parallel inputs.
"""

import torch
from torch import Tensor

from ntkbook.expect import expects, inside
from ntkbook.kernels.angles import angles_from_cosines, arc_cosine_0, unit_and_norms
from ntkbook.kernels.recursions import relu_layer_angle
from ntkbook.wants import at_least, coarse

_BLOCK_ELEMENTS = 2**20
_on_twice, _next_angle = inside(arc_cosine_0), inside(relu_layer_angle)


@expects(x=coarse("n d"), depth=at_least(1, most=10_000), other=coarse("n2 d"))
def biased_conjugate_kernel(x: Tensor, depth: int, other: Tensor | None = None, *, biases: bool = True) -> Tensor:
    """Limit of the last-layer kernel h_L(x).h_L(x') of `BiasedTwoLayer` (depth 1) and `ThreeLayer` (depth 2).

    Parameters
    ----------
    x : Tensor (n, d)
        Inputs, float64, of any length but 0.
    depth : int
        Number of hidden layers L, >= 1.
    other : Tensor (n2, d), optional
        Second set of inputs; `x` itself when left out.
    biases : bool
        False for nets without biases: 2^-L times `conjugate_kernel`.

    Returns
    -------
    Tensor (n, n) or (n, n2)
        Computed in blocks, with little memory beyond the result.

    Raises
    ------
    TypeError, ValueError
        If an input is not a floating-point matrix of finite non-zero rows, or `depth` is not a whole number >= 1.
    """
    return _kernel(x, depth, other, biases, which=0)


@expects(x=coarse("n d"), depth=at_least(1, most=10_000), other=coarse("n2 d"))
def biased_tangent_kernel(x: Tensor, depth: int, other: Tensor | None = None, *, biases: bool = True) -> Tensor:
    """Limit of the tangent kernel of the hidden weights, over m: biases and output weights are not trained.

    For hidden layers of one width m and output weights N(0, 1), `finite_tangent_kernel` over m tends to
    Theta_L, where Theta_l = (Theta_{l-1} + Sigma_{l-1}) arc_cosine_0(theta_{l-1}) / 2 and Theta_0 = 0, with Sigma_l the
    conjugate kernel and Sigma_0 = x.x'.

    Parameters
    ----------
    x, depth, other, biases
        As in `biased_conjugate_kernel`. Without biases it is 2^-L times `neural_tangent_kernel` less
        `conjugate_kernel`, the share of the output weights.

    Returns
    -------
    Tensor (n, n) or (n, n2)
        Computed in blocks, with little memory beyond the result.

    Raises
    ------
    TypeError, ValueError
        As `biased_conjugate_kernel`.
    """
    return _kernel(x, depth, other, biases, which=1)


def _kernel(x: Tensor, depth: int, other: Tensor | None, biases: bool, *, which: int) -> Tensor:
    unit, norms = unit_and_norms(x, "x")
    unit_other, norms_other = (unit, norms) if other is None else unit_and_norms(other, "other")
    if unit_other.shape[1] != x.shape[1]:
        raise ValueError(f"other: expected {x.shape[1]} columns as in x, found {unit_other.shape[1]}")
    gram = x.new_empty(len(unit), len(unit_other))
    for rows in _row_blocks(*gram.shape):
        angles = angles_from_cosines(unit[rows] @ unit_other.T, unit[rows], unit_other)
        gram[rows] = _layers(angles, norms[rows, None], norms_other, depth, biases)[which]
    return gram


def _layers(angles: Tensor, p: Tensor, q: Tensor, depth: int, biases: bool) -> tuple[Tensor, Tensor]:
    """Conjugate and tangent kernel of inputs of lengths p (r, 1) and q (c,) at `angles` (r, c)."""
    tangent = torch.zeros_like(angles)
    for _ in range(depth):
        inner = p * q * torch.cos(angles)  # Sigma_l
        if biases:
            angles, p, q = _append_one(angles, p, q)
        tangent = (tangent + inner) * _on_twice(angles) / 2
        angles, p, q = _next_angle(angles), p / 2**0.5, q / 2**0.5
    return p * q * torch.cos(angles), tangent


def _append_one(angles: Tensor, p: Tensor, q: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Angle and lengths P, Q of (u, 1) and (v, 1), from those of u and v.

    4 P Q sin^2(theta / 2) = |u - v|^2 - (P - Q)^2 with |u - v|^2 = (p - q)^2 + 4 p q sin^2(angle / 2) and
    P - Q = (p - q) (p + q) / (P + Q). In 1 - ((p + q) / (P + Q))^2 the differences P - p = 1 / (P + p) are written out.
    """
    longer_p, longer_q = (p.square() + 1).sqrt(), (q.square() + 1).sqrt()
    total = longer_p + longer_q
    shrink = (1 / (longer_p + p) + 1 / (longer_q + q)) * (total + p + q) / total.square()
    square = 4 * p * q * torch.sin(angles / 2).square() + (p - q).square() * shrink
    sine = (square / (4 * longer_p * longer_q)).clamp(0.0, 1.0).sqrt()
    return 2 * torch.asin(sine), longer_p, longer_q


def _row_blocks(n_rows: int, n_columns: int) -> list[slice]:
    size = max(1, _BLOCK_ELEMENTS // n_columns)
    return [slice(start, min(start + size, n_rows)) for start in range(0, n_rows, size)]
