"""Kernels that are a function of the angle times both norms, computed in blocks of rows."""

from collections.abc import Callable

import numpy as np
import torch
from scipy.linalg import get_blas_funcs
from torch import Tensor

from ntkbook.kernels.angles import angles_from_cosines, unit_and_norms

_BLOCK_ELEMENTS = 2**19  # 4 MB of float64: a block stays in the cache while the elementwise passes run over it

_SYRK_ROWS = 8192  # OpenBLAS's syrk on two threads crashed on 16,000 rows of 784 numbers, and not on 12,000

AngleKernel = Callable[[Tensor, Tensor], Tensor]
"""kernel(cosines, angles) -> values for unit inputs, 1 at angle 0, elementwise; may overwrite its arguments."""


def kernel_matrix(x: Tensor, other: Tensor | None, kernel: AngleKernel, *, scale: float) -> Tensor:
    """Fill k_ij = scale |x_i| |x'_j| kernel(cos theta_ij, theta_ij), with little memory beyond the result.

    Parameters
    ----------
    x : Tensor (n, d)
        Inputs.
    other : Tensor (n2, d) or None
        Second set of inputs; None for `x` itself, of which half the entries are then mirror images.
    kernel : callable
        The value for unit inputs over `scale`, from the cosine and the angle.
    scale : float
        The value of a unit input with itself; scale |x_i|^2 is written on the diagonal exactly.

    Returns
    -------
    Tensor (n, n) or (n, n2)
        In the dtype and on the device of `x`; exactly symmetric when `other` is None.

    Raises
    ------
    TypeError
        If an argument is not a floating-point tensor.
    ValueError
        If a shape is wrong, or an input is zero or not finite.
    """
    unit, norms = unit_and_norms(x, "x")
    if other is None:
        return _symmetric(unit, norms, kernel, scale)
    unit_other, norms_other = unit_and_norms(other, "other")
    if other.shape[1] != x.shape[1]:
        raise ValueError(f"other: expected {x.shape[1]} columns as in x, found {other.shape[1]}")
    gram, scaled_norms = x.new_empty(len(x), len(other)), norms * scale
    for rows in _row_blocks(*gram.shape):
        cosines = torch.mm(unit[rows], unit_other.T, out=gram[rows])
        _apply(cosines, unit[rows], unit_other, scaled_norms[rows], norms_other, kernel)
    return gram


def _symmetric(unit: Tensor, norms: Tensor, kernel: AngleKernel, scale: float) -> Tensor:
    scaled_norms, gram = norms * scale, _products(unit)
    for rows in _row_blocks(*gram.shape):
        block = gram[rows, : rows.stop]  # on and left of the diagonal; the rest is its mirror image
        square = block[:, rows.start :]
        square.tril_(-1)  # the diagonal is set below; a pair of equals would only look nearly parallel
        _apply(block, unit[rows], unit[: rows.stop], scaled_norms[rows], norms[: rows.stop], kernel)
        square.copy_(torch.tril(square) + torch.tril(square, -1).T)
        gram[: rows.start, rows] = block[:, : rows.start].T
    gram.diagonal().copy_(norms.square() * scale)
    return gram


def _products(unit: Tensor) -> Tensor:
    """Inner products of the rows of `unit` (n, d), on and below the diagonal; what is above has no meaning."""
    if unit.device.type != "cpu" or unit.dtype not in (torch.float32, torch.float64):
        return unit @ unit.T
    if len(unit) <= _SYRK_ROWS:
        return _syrk(unit)
    gram = unit.new_empty(len(unit), len(unit))
    for start in range(0, len(unit), _SYRK_ROWS):
        rows = slice(start, start + _SYRK_ROWS)
        gram[rows, rows] = _syrk(unit[rows])
        if start:
            torch.mm(unit[rows], unit[:start].T, out=gram[rows, :start])
    return gram


def _syrk(unit: Tensor) -> Tensor:
    columns = unit.numpy().T  # as Fortran stores a matrix, like all arrays here
    gram = np.empty((len(unit), len(unit)), columns.dtype)  # NumPy asks for huge pages, which are written sooner
    (syrk,) = get_blas_funcs(("syrk",), (columns,))  # half of the product, and BLAS's upper half is our lower
    return torch.from_numpy(syrk(1.0, columns, trans=1, c=gram.T, overwrite_c=True).T)


def _apply(
    cosines: Tensor, rows: Tensor, columns: Tensor, row_norms: Tensor, column_norms: Tensor, kernel: AngleKernel
) -> None:
    """Overwrite the inner products of unit `rows` (r, d) and `columns` (c, d) with the kernel times both norms."""
    values = kernel(cosines, angles_from_cosines(cosines, rows, columns))
    torch.mul(values, row_norms[:, None], out=cosines)
    cosines.mul_(column_norms)


def _row_blocks(n_rows: int, n_columns: int) -> list[slice]:
    size = max(1, _BLOCK_ELEMENTS // n_columns)
    return [slice(start, min(start + size, n_rows)) for start in range(0, n_rows, size)]
