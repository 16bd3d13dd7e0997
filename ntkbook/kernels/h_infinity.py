"""The Gram matrix H-infinity of the two-layer ReLU net, Arora et al. (2019), eq. (3)."""

import math

import torch
from torch import Tensor

from ntkbook.kernels.angles import angles_from_cosines, unit_and_norms

_BLOCK_ELEMENTS = 2**20  # 8 MB of float64: a block stays in the cache while the elementwise passes run over it


def h_infinity(x: Tensor, other: Tensor | None = None) -> Tensor:
    """Gram matrix H_ij = E_w[x_i.x_j 1{w.x_i >= 0} 1{w.x_j >= 0}] = x_i.x_j (pi - theta_ij) / (2 pi).

    Arora et al. (2019), eq. (3), for w ~ N(0, I). Where the paper has unit inputs and writes arccos(x_i.x_j), theta
    is the angle between the inputs, so that any non-zero inputs are allowed. The diagonal |x_i|^2 / 2 is exact, and
    nearly parallel pairs keep their digits. Works in place in blocks: beyond the result it needs a few megabytes.

    Parameters
    ----------
    x : Tensor (n, d)
        Inputs; float64 unless you know why not.
    other : Tensor (n2, d), optional
        Second set of inputs, for predictions; `x` itself when left out.

    Returns
    -------
    Tensor (n, n) or (n, n2)
        In the dtype and on the device of `x`; exactly symmetric when `other` is left out.

    Raises
    ------
    TypeError
        If an argument is not a floating-point tensor.
    ValueError
        If a shape is wrong, or an input is zero or not finite.
    """
    unit, norms = unit_and_norms(x, "x")
    if other is None:
        return _symmetric(unit, norms)
    unit_other, norms_other = unit_and_norms(other, "other")
    if other.shape[1] != x.shape[1]:
        raise ValueError(f"other: expected {x.shape[1]} columns as in x, found {other.shape[1]}")
    gram = x.new_empty(len(x), len(other))
    for rows in _row_blocks(*gram.shape):
        _fill(gram[rows], unit[rows], unit_other, norms[rows], norms_other)
    return gram


def _symmetric(unit: Tensor, norms: Tensor) -> Tensor:
    n = len(unit)
    gram = unit.new_empty(n, n)
    for rows in _row_blocks(n, n):
        block = gram[rows, rows.start :]  # on and right of the diagonal; the rest is its mirror image
        _fill(block, unit[rows], unit[rows.start :], norms[rows], norms[rows.start :])
        height = rows.stop - rows.start
        square = block[:, :height]
        square.copy_(torch.triu(square) + torch.triu(square, 1).T)
        gram[rows.stop :, rows] = block[:, height:].T
    gram.diagonal().copy_(norms.square() / 2)
    return gram


def _fill(block: Tensor, rows: Tensor, columns: Tensor, row_norms: Tensor, column_norms: Tensor) -> None:
    """Write |x| |y| cos theta (pi - theta) / (2 pi) into `block` (r, c) for unit `rows` (r, d) and `columns` (c, d)."""
    torch.mm(rows, columns.T, out=block)
    angles = angles_from_cosines(block, rows, columns)
    block.mul_(angles.neg_().add_(math.pi).mul_(1 / (2 * math.pi)))
    block.mul_(row_norms[:, None]).mul_(column_norms)


def _row_blocks(n_rows: int, n_columns: int) -> list[slice]:
    size = max(1, _BLOCK_ELEMENTS // n_columns)
    return [slice(start, min(start + size, n_rows)) for start in range(0, n_rows, size)]
