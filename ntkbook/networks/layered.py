"""What nets whose gradients are rank one have in common: outputs of the layers, and pulls on them."""

from collections.abc import Sequence
from typing import Protocol

from torch import Tensor

from ntkbook.expect import expects


class Layered(Protocol):
    """A net with trained layers l = 1, ..., L and one output, whose gradient by layer l is h_{l-1} p_l'."""

    def hidden(self, x: Tensor) -> tuple[Tensor, ...]:
        """Outputs of the layers, h_0 = x (n, d) to h_L (n, m_L)."""
        ...

    def pulls(self, hidden: Sequence[Tensor]) -> tuple[Tensor, ...]:
        """Derivatives p_1 (n, m_1) to p_L (n, m_L) of the output by the pre-activations of the layers."""
        ...


@expects(differentiable=True, x="n d", slopes="n")
def output_gradients(network: Layered, x: Tensor, slopes: Tensor) -> tuple[Tensor, ...]:
    """Gradients sum_i s_i grad_l f(x_i) = sum_i s_i h_{l-1,i} p_{l,i}' by every trained layer.

    With s_i the derivative of a loss by the output at x_i, these are the gradients of the loss.

    Parameters
    ----------
    network : Layered
    x : Tensor (n, d)
        Inputs.
    slopes : Tensor (n,)
        s; (u - y) / n for the mean of half the squared errors.

    Returns
    -------
    tuple of L Tensors (m_{l-1}, m_l)
    """
    hidden = network.hidden(x)
    return tuple(h.T @ (slopes[:, None] * p) for h, p in zip(hidden, network.pulls(hidden), strict=False))
