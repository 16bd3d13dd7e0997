"""Loss functions of a net's outputs, with their derivatives."""

import torch
from torch import Tensor

from ntkbook.expect import expects
from ntkbook.wants import classes


@expects(differentiable=True, outputs="... k", classes=classes("...", below="k"))
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


@expects(differentiable=True, outputs="... k", classes=classes("...", below="k"))
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


@expects(differentiable=True, margins="...")
def logistic(margins: Tensor) -> Tensor:
    """Logistic loss log(1 + e^-z), for each margin: Cao and Gu (2019), eq. (3.1).

    Parameters
    ----------
    margins : Tensor (...)
        z = y f(x), labels y = +-1.

    Returns
    -------
    Tensor (...)
        In nats, > 0; the paper's L_S is the mean.
    """
    return -torch.nn.functional.logsigmoid(margins)


@expects(differentiable=True, margins="...")
def logistic_derivative(margins: Tensor) -> Tensor:
    """Derivative -1 / (1 + e^z) of the logistic loss, for each margin.

    It is 1/4-Lipschitz, and its negative is the surrogate error.

    Parameters
    ----------
    margins : Tensor (...)
        z = y f(x).

    Returns
    -------
    Tensor (...)
        In (-1, 0).
    """
    return -torch.sigmoid(-margins)


@expects(differentiable=True, margins="... n")
def surrogate_error(margins: Tensor) -> Tensor:
    """Surrogate error E_S = mean of -l'(z), l the logistic loss: Cao and Gu (2019), definition 4.4.

    Share of errors <= mean ramp loss <= 2 E_S <= 2 L_S, each pointwise: 1{z < 0} <= min(1, max(0, 1 - z)) <=
    1 - tanh(z/2) = -2 l'(z), and s <= -log(1 - s) with s = -l'(z).

    Parameters
    ----------
    margins : Tensor (..., n)
        z = y f(x), the inputs along the last axis.

    Returns
    -------
    Tensor (...)
        In (0, 1).
    """
    return torch.sigmoid(-margins).mean(-1)


@expects(differentiable=True, margins="...")
def ramp(margins: Tensor) -> Tensor:
    """Ramp loss min(1, max(0, 1 - z)), for each margin.

    Parameters
    ----------
    margins : Tensor (...)
        z = y f(x).

    Returns
    -------
    Tensor (...)
        In [0, 1].
    """
    return (1 - margins).clamp(0, 1)
