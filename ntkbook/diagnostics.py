"""What to measure on a two-layer net along training: gates, movement, drift of the kernel."""

import torch
from torch import Tensor

from ntkbook.kernels import empirical_gram

_BLOCK_ELEMENTS = 2**22  # gates held at once, whatever the width


def gates_flipped(x: Tensor, weights: Tensor, weights_0: Tensor) -> float:
    """Share of the n m gates 1{w_r.x_i >= 0} that differ between two first layers.

    Parameters
    ----------
    x : Tensor (n, d)
        Inputs.
    weights, weights_0 : Tensor (d, m)
        First layer now and at the start.

    Returns
    -------
    float
        In [0, 1].
    """
    return float(((x @ weights >= 0) ^ (x @ weights_0 >= 0)).double().mean())


def gram_times(inner_products: Tensor, preactivations: Tensor, vector: Tensor) -> Tensor:
    """H(k) v without forming H(k): sum_r 1{P_ir >= 0} sum_j K_ij 1{P_jr >= 0} v_j / m.

    Arora et al. (2019), sec. 3.4: H is K times the share of neurons whose gates are on for both inputs.

    Parameters
    ----------
    inner_products : Tensor (n, n)
        K = X X'.
    preactivations : Tensor (n, m)
        P = X W(k).
    vector : Tensor (n,)
        v.

    Returns
    -------
    Tensor (n,)
    """
    product = torch.zeros_like(vector)
    for block in preactivations.split(max(1, _BLOCK_ELEMENTS // len(vector)), dim=1):
        gates = (block >= 0).to(vector.dtype)
        product += ((inner_products @ (gates * vector[:, None])) * gates).sum(1)
    return product / preactivations.shape[1]


def gram_drift(gram: Tensor, weights: Tensor, x: Tensor) -> float:
    """Frobenius distance |H(k) - H(0)|_F: Arora et al. (2019), Lemma C.2.

    Parameters
    ----------
    gram : Tensor (n, n)
        H(0), from `empirical_gram`.
    weights : Tensor (d, m)
        First layer at step k.
    x : Tensor (n, d)
        Inputs.

    Returns
    -------
    float
    """
    return float(torch.linalg.matrix_norm(empirical_gram(x, weights) - gram))
