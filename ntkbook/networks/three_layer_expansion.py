"""A three-layer net around its start: Allen-Zhu, Li and Liang (2019), sec. 4.1 and Remark 6.1.

With the sign patterns D_1, D_2 of the start and movements W', V' (here transposed, as weights are)

    a D_2 ((V + V') D_1 ((W + W') x + b_1) + b_2)
        = f(x)  +  a D_2 V D_1 W' x + a D_2 V' h_1(x)  +  a D_2 V' D_1 W' x
        = start +  tangent term                        +  quadratic term.

With Sigma W' and V' Sigma for W' and V', where Sigma has independent signs on its diagonal, the tangent term has mean
zero and the quadratic term stays, since Sigma D_1 Sigma = D_1.
"""

from torch import Tensor

from ntkbook.expect import expects
from ntkbook.networks.three_layer import ThreeLayer


@expects(differentiable=True, x="n d")
def tangent_term(network: ThreeLayer, start: ThreeLayer, x: Tensor) -> Tensor:
    """NTK term <grad f_start(x_i), network - start>; added to f_start it is the linearised net.

    Parameters
    ----------
    network, start : ThreeLayer
        Nets of one shape.
    x : Tensor (n, d)
        Inputs.

    Returns
    -------
    Tensor (n,)
    """
    return _tangent_shares(network, start, x).sum(1)


@expects(differentiable=True, x="n d")
def quadratic_term(network: ThreeLayer, start: ThreeLayer, x: Tensor) -> Tensor:
    """Quadratic term a D_2 V' D_1 W' x: what is left of the net beyond its linearisation if patterns are kept.

    Also the mean over Sigma of all that a movement under the random signs of eq. (4.2) adds to f_start, patterns kept.

    Parameters
    ----------
    network, start : ThreeLayer
        Nets of one shape.
    x : Tensor (n, d)
        Inputs.

    Returns
    -------
    Tensor (n,)
    """
    first, second = _movement(network, start)
    d_1, d_2 = start.patterns(x)
    return ((x @ first * d_1) @ second * d_2) @ start.output_weights


@expects(differentiable=True, x="n d")
def sign_deviation(network: ThreeLayer, start: ThreeLayer, x: Tensor) -> Tensor:
    """Standard deviation over Sigma of the output under random signs, patterns kept.

    With t_ij the share of neuron j in the tangent term, the output is start + quadratic term + sum_j Sigma_jj t_ij; so
    the deviation is sqrt(sum_j t_ij^2), and an average over k draws of Sigma is off by this over sqrt(k).

    Parameters
    ----------
    network, start : ThreeLayer
        Nets of one shape.
    x : Tensor (n, d)
        Inputs.

    Returns
    -------
    Tensor (n,)
    """
    return _tangent_shares(network, start, x).square().sum(1).sqrt()


def _tangent_shares(network: ThreeLayer, start: ThreeLayer, x: Tensor) -> Tensor:
    """Shares t_ij of the neurons of the first layer in the tangent term (n, m_1)."""
    first, second = _movement(network, start)
    hidden = start.hidden(x)
    p_1, p_2 = start.pulls(hidden)
    return p_1 * (x @ first) + hidden[1] * (p_2 @ second.T)


def _movement(network: ThreeLayer, start: ThreeLayer) -> tuple[Tensor, Tensor]:
    return network.first_weights - start.first_weights, network.second_weights - start.second_weights
