"""Products with the inputs X in float32 accuracy at the speed of a GPU's matrix units.

These units round each factor to 11 bits and add in float32. A float32 number is the sum of two such numbers, hi + lo,
so three products make one of float32: Ootomo & Yokota (2022). Gates are 0 or 1 and need no second part. Elsewhere than
on CUDA in float32 a product is a product.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor

_ACCURATE = 4e-6  # relative error of a product that counts as one of float32
_LOW_BITS = 13  # of a float32's 23, those that the matrix units drop


def split(values: Tensor) -> tuple[Tensor, Tensor]:
    """Float32 numbers as hi + lo, exactly, where hi has 11 significant bits.

    Parameters
    ----------
    values : Tensor, float32
        Any shape.

    Returns
    -------
    Tensor, Tensor
        hi and lo.
    """
    high = (values.contiguous().view(torch.int32) & -(1 << _LOW_BITS)).view(torch.float32)
    return high, values - high


class Products:
    """X W and X' diag(r) M for one X (n, d)."""

    def __init__(self, x: Tensor, *, halves: bool | None = None):
        """Take X; `halves` splits every factor, by default where that pays."""
        self.x = x
        self.halves = x.device.type == "cuda" and x.dtype == torch.float32 if halves is None else halves
        self._high, self._low = split(x) if self.halves else (x, x)
        if self.halves and not self._is_accurate():
            self.halves = False
        self._left, self._left_low = x.T, x.T

    def image(self, weights: Tensor, out: Tensor) -> None:
        """X W (n, b) of some neurons' weights (d, b), into `out`."""
        if not self.halves:
            torch.mm(self.x, weights, out=out)
            return
        high, low = split(weights)
        with matrix_units():
            torch.mm(self._high, low, out=out)
            out.addmm_(self._low, high).addmm_(self._high, high)

    def _is_accurate(self) -> bool:
        """Whether the matrix units keep what is said of them, on some rows of X X'."""
        some = self.x[:256]
        product = self.x.new_empty(len(self.x), len(some))
        self.image(some.T, product)
        exact = self.x.double() @ some.T.double()
        error = torch.linalg.vector_norm(product - exact) / torch.linalg.vector_norm(exact)
        return bool(error < _ACCURATE)

    def weigh(self, residual: Tensor) -> None:
        """Take the residual r (n,) that `pull` uses."""
        left = self.x.T * residual
        self._left, self._left_low = split(left) if self.halves else (left, left)

    def pull(self, gates: Tensor) -> Tensor:
        """X' diag(r) M (d, b) of some neurons' gates (n, b)."""
        if not self.halves:
            return self._left @ gates
        with matrix_units():
            return (self._left_low @ gates).addmm_(self._left, gates)


@contextmanager
def matrix_units() -> Iterator[None]:
    """Let products of float32 run on the matrix units inside."""
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("high")
    try:
        yield
    finally:
        torch.set_float32_matmul_precision(before)
