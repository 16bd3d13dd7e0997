"""Loss functions of a net's outputs, with their derivatives."""

import torch
from torch import Tensor


def softmax_cross_entropy(outputs: Tensor, classes: Tensor) -> Tensor:
    """Cross-entropy -log o_y with o = softmax(f), for each input: Li and Liang (2018), sec. 3.

    Parameters
    ----------
    outputs : Tensor (..., k)
        f_i(x), the class along the last axis.
    classes : Tensor (...), int64
        y, whole numbers 0..k-1.

    Returns
    -------
    Tensor (...)
        In nats, >= 0; the paper's L is the mean.
    """
    return torch.logsumexp(outputs, dim=-1) - outputs.gather(-1, classes[..., None])[..., 0]


def softmax_cross_entropy_derivative(outputs: Tensor, classes: Tensor) -> Tensor:
    """Derivative o_i - 1{i = y} of the cross-entropy by the outputs, for each input.

    Its rows sum to 0. With v of Li and Liang (2018), sec. 5.1, it is -v: v_y = 1 - o_y and v_i = -o_i otherwise.

    Parameters
    ----------
    outputs : Tensor (..., k)
        f_i(x), the class along the last axis.
    classes : Tensor (...), int64
        y, whole numbers 0..k-1.

    Returns
    -------
    Tensor (..., k)
    """
    derivative = torch.softmax(outputs, dim=-1)
    own = classes[..., None]
    others = derivative.scatter(-1, own, 0).sum(-1, keepdim=True)  # 1 - o_y without cancellation
    return derivative.scatter(-1, own, -others)
