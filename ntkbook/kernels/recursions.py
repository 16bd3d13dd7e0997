"""Conjugate kernel and neural tangent kernel of a deep ReLU net of infinite width.

Both run on angles. One ReLU layer maps an angle theta to the angle whose cosine is arc_cosine_1(theta), and does so
here through 1 - cos, which keeps the digits of nearly parallel inputs.
"""

import math

import torch
from torch import Tensor

from ntkbook.expect import expects, inside
from ntkbook.kernels.angles import ANGLES, arc_cosine_0
from ntkbook.kernels.blocks import kernel_matrix
from ntkbook.wants import at_least, coarse


@expects(x=coarse("n d"), depth=at_least(0, most=10_000), other=coarse("n2 d"))
def conjugate_kernel(x: Tensor, depth: int, other: Tensor | None = None) -> Tensor:
    """Conjugate (NNGP) kernel after `depth` ReLU layers, each scaled by 2 so that norms are kept.

    Sigma_0 = x.x', Sigma_{l+1}(x, x') = 2 E[relu(f(x)) relu(f(x'))], f ~ N(0, Sigma_l): Daniely (2017). The kernel
    kappa^(l) of Cao & Gu (2019), assumption 4.12, has no factor 2: kappa^(l) = 2^-l Sigma_l.

    Parameters
    ----------
    x : Tensor (n, d)
        Inputs, float64.
    depth : int
        Number of hidden layers, >= 0.
    other : Tensor (n2, d), optional
        Second set of inputs; `x` itself when left out.

    Returns
    -------
    Tensor (n, n) or (n, n2)
        Sigma_depth; its diagonal is |x_i|^2. Computed in blocks, with little memory beyond the result.

    Raises
    ------
    TypeError, ValueError
        If an input is not a floating-point matrix of finite non-zero rows, or `depth` is not a whole number >= 0.
    """

    def value(cosines: Tensor, angles: Tensor) -> Tensor:
        for _ in range(depth):
            angles = _next_angle(angles)
        return torch.cos(angles) if depth else cosines

    return kernel_matrix(x, other, value, scale=1.0)


@expects(x=coarse("n d"), depth=at_least(0, most=10_000), other=coarse("n2 d"))
def neural_tangent_kernel(x: Tensor, depth: int, other: Tensor | None = None) -> Tensor:
    """Neural tangent kernel of a ReLU net, all layers trained: Jacot et al. (2018), Theorem 1.

    Theta_0 = Sigma_0, Theta_{l+1} = Sigma_{l+1} + arc_cosine_0(theta_l) Theta_l, in the normalisation of
    `conjugate_kernel`. For one hidden layer the term arc_cosine_0(theta) x.x' is the share of the first layer: twice
    H-infinity.

    Parameters
    ----------
    x : Tensor (n, d)
        Inputs, float64.
    depth : int
        Number of hidden layers, >= 0.
    other : Tensor (n2, d), optional
        Second set of inputs; `x` itself when left out.

    Returns
    -------
    Tensor (n, n) or (n, n2)
        Theta_depth; its diagonal is (depth + 1) |x_i|^2. Computed in blocks, with little memory beyond the result.

    Raises
    ------
    TypeError, ValueError
        As `conjugate_kernel`.
    """

    def value(cosines: Tensor, angles: Tensor) -> Tensor:
        tangent = cosines
        for _ in range(depth):
            derivative = _on_twice(angles)
            angles = _next_angle(angles)
            tangent = torch.cos(angles) + derivative * tangent
        return tangent / (depth + 1)

    return kernel_matrix(x, other, value, scale=depth + 1.0)


@expects(differentiable=True, angles=ANGLES)
def relu_layer_angle(angles: Tensor) -> Tensor:
    """Angle between the features of one infinitely wide ReLU layer, given the angle between its inputs.

    1 - cos theta' = (1 - cos theta) - (sin theta - theta cos theta) / pi, then
    theta' = 2 arcsin sqrt((1 - cos theta') / 2): arc_cosine_1 rewritten so that small angles lose no digits.

    Parameters
    ----------
    angles : Tensor (...)
        Angles in [0, pi].

    Returns
    -------
    Tensor (...)
        Angles in [0, pi/2].
    """
    one_minus_cos = 2 * torch.sin(angles / 2).square()
    cubic = angles**3 / 3 * (1 - angles**2 / 10 * (1 - angles**2 / 28))  # sin t - t cos t, to rounding for t < 0.02
    exact = torch.sin(angles) - angles * torch.cos(angles)
    gap = one_minus_cos - torch.where(angles < 0.02, cubic, exact) / math.pi
    return 2 * torch.asin((gap / 2).clamp(0.0, 1.0).sqrt())


_on_twice, _next_angle = inside(arc_cosine_0), inside(relu_layer_angle)
