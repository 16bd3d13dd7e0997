"""Kernels of a net of finite width by matrix products: its gradients by a layer are rank one, so no Jacobian is formed.

The learners "(last)" and "(NTK)" of Allen-Zhu, Li and Liang (2019), fig. 1, and all `Layered` nets.
"""

import torch
from torch import Tensor

from ntkbook.expect import expects
from ntkbook.networks import Layered

_BLOCK_ELEMENTS = 2**24  # entries computed at once: 128 MB, whatever the number of inputs


@expects(x="n d", other="n2 d")
def finite_tangent_kernel(network: Layered, x: Tensor, other: Tensor | None = None) -> Tensor:
    """Tangent kernel sum_l (h_{l-1}(x).h_{l-1}(x')) (p_l(x).p_l(x')) over the trained layers of a net.

    Parameters
    ----------
    network : Layered
        h_l are the outputs of its layers, h_0 = x, and p_l the derivatives by their pre-activations.
    x : Tensor (n, d)
        Inputs.
    other : Tensor (n2, d), optional
        Second set of inputs; `x` itself when left out.

    Returns
    -------
    Tensor (n, n) or (n, n2), float64
        The Gram matrix of the gradients, whatever the dtype of the net: ridge regression rests on its small
        eigenvalues. Of order m for the nets whose output weights are N(0, 1).
    """
    rows = _factors(network, x)
    columns = rows if other is None else _factors(network, other)
    gram = x.new_zeros(len(x), len(columns[0][0]), dtype=torch.float64)
    for block in _row_blocks(*gram.shape):
        for (h, p), (h_other, p_other) in zip(rows, columns, strict=True):
            gram[block].addcmul_(h[block] @ h_other.T, p[block] @ p_other.T)
    return gram


@expects(x="n d", other="n2 d")
def finite_conjugate_kernel(network: Layered, x: Tensor, other: Tensor | None = None) -> Tensor:
    """Conjugate kernel h_L(x).h_L(x') of the last hidden layer: what training the output weights alone sees.

    Parameters
    ----------
    network, x, other
        As in `finite_tangent_kernel`.

    Returns
    -------
    Tensor (n, n) or (n, n2), float64
        Of order 1.
    """
    last = network.hidden(x)[-1].double()
    return last @ (last if other is None else network.hidden(other)[-1].double()).T


def _factors(network: Layered, x: Tensor) -> list[tuple[Tensor, Tensor]]:
    """h_{l-1} and p_l of every trained layer, in float64."""
    hidden = network.hidden(x)
    return [(h.double(), p.double()) for h, p in zip(hidden, network.pulls(hidden), strict=False)]


def _row_blocks(n_rows: int, n_columns: int) -> list[slice]:
    size = max(1, _BLOCK_ELEMENTS // n_columns)
    return [slice(start, min(start + size, n_rows)) for start in range(0, n_rows, size)]
