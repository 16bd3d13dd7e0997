"""The Gram matrix H-infinity of the two-layer ReLU net, Arora et al. (2019), eq. (3)."""

import math

from torch import Tensor

from ntkbook.expect import expects
from ntkbook.kernels.blocks import kernel_matrix
from ntkbook.wants import coarse


@expects(x=coarse("n d"), other=coarse("n2 d"))
def h_infinity(x: Tensor, other: Tensor | None = None) -> Tensor:
    """Gram matrix H_ij = E_w[x_i.x_j 1{w.x_i >= 0} 1{w.x_j >= 0}] = x_i.x_j (pi - theta_ij) / (2 pi).

    Arora et al. (2019), eq. (3), for w ~ N(0, I). Where the paper has unit inputs and writes arccos(x_i.x_j), theta is
    the angle between the inputs, so that any non-zero inputs are allowed. The diagonal |x_i|^2 / 2 is exact, and nearly
    parallel pairs keep their digits. Works in blocks: beyond the result it needs a few megabytes.

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
    return kernel_matrix(x, other, _h_infinity, scale=0.5)


def _h_infinity(cosines: Tensor, angles: Tensor) -> Tensor:
    return cosines.addcmul_(cosines, angles, value=-1 / math.pi)  # cos theta (1 - theta / pi)
