"""Spectrally normalised bounds of Bartlett et al. (2017) and Neyshabur et al. (2018) on a deep ReLU net.

As Cao and Gu (2019), Remark 4.6, quote them: constants, logarithms and the output margin left out.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from scipy.sparse.linalg import LinearOperator, eigsh
from torch import Tensor

from ntkbook.expect import expects
from ntkbook.networks import DeepReLU


@expects(matrix="p q")
def spectral_norm(matrix: Tensor) -> float:
    """Largest singular value |A|_2, by Lanczos on the smaller of A'A and AA'.

    Parameters
    ----------
    matrix : Tensor (p, q)
        A.

    Returns
    -------
    float
        To a relative error of 1e-6 in float64, and to rounding of products in float32.
    """
    wide = matrix if matrix.shape[0] <= matrix.shape[1] else matrix.T
    side = len(wide)
    if side < 20 or not bool(wide.any()):
        return float(torch.linalg.eigvalsh((wide @ wide.T).double())[-1].clamp(min=0).sqrt())

    def apply(v: np.ndarray) -> np.ndarray:
        return (wide @ (wide.T @ torch.from_numpy(v.reshape(side)).to(wide))).cpu().numpy().astype(np.float64)

    operator: Any = LinearOperator((side, side), matvec=apply, dtype=np.float64)  # pyright: ignore[reportCallIssue]
    settings: dict[str, Any] = {
        "k": 1,
        "which": "LA",
        "tol": 1e-6,
        "v0": np.random.default_rng(0).standard_normal(side),
    }
    return float(eigsh(operator, return_eigenvectors=False, **settings)[0]) ** 0.5


@expects()
def bartlett2017(network: DeepReLU, start: DeepReLU | None, n: int, *, transposed: bool = False) -> float:
    """Bound |v| / sqrt(n) prod_l |W_l|_2 [sum_l (|W_l - W_l(0)|_{2,1} / |W_l|_2)^(2/3)]^(3/2).

    Bartlett et al. (2017), Theorem 1.1. The (2,1) norm adds the Euclidean norms of columns, which are the neurons'
    incoming weights. (Layers are A x there, and the norm is that of A' - M'; so A' = W.)

    Parameters
    ----------
    network : DeepReLU
        The trained net.
    start : DeepReLU or None
        The reference W(0), which must not depend on the sample; None for 0, the uncentred bound.
    n : int
        Samples.
    transposed : bool
        Take the norm of W' - W(0)', as Remark 4.6 prints it: over the neurons of the layer below.

    Returns
    -------
    float
    """

    def spread(movement: Tensor) -> float:
        return float(torch.linalg.vector_norm(movement, dim=1 if transposed else 0).sum())

    norms, ratios = _ratios(network, start, spread)
    total = sum(ratio ** (2 / 3) for ratio in ratios) ** 1.5
    return float(network.output_weights.norm()) * math.prod(norms) * total / math.sqrt(n)


@expects()
def neyshabur2018(network: DeepReLU, start: DeepReLU | None, n: int) -> float:
    """Bound L |v| / sqrt(n) prod_l |W_l|_2 [sum_l m |W_l - W_l(0)|_F^2 / |W_l|_2^2]^(1/2).

    Neyshabur et al. (2018), Theorem 1.

    Parameters
    ----------
    network : DeepReLU
        The trained net.
    start : DeepReLU or None
        The reference W(0); None for 0, the uncentred bound, which is that of the paper itself.
    n : int
        Samples.

    Returns
    -------
    float
        With m the least width.
    """
    norms, ratios = _ratios(network, start, lambda movement: float(torch.linalg.vector_norm(movement)))
    total = math.sqrt(min(network.widths) * sum(ratio**2 for ratio in ratios))
    return network.depth * float(network.output_weights.norm()) * math.prod(norms) * total / math.sqrt(n)


def _ratios(
    network: DeepReLU, start: DeepReLU | None, size: Callable[[Tensor], float]
) -> tuple[list[float], list[float]]:
    """|W_l|_2 of every layer, and the size of its movement over that."""
    norms = [spectral_norm(w) for w in network.weights]
    origins = [torch.zeros_like(w) for w in network.weights] if start is None else start.weights
    movements = [w - origin for w, origin in zip(network.weights, origins, strict=True)]
    return norms, [size(movement) / norm for movement, norm in zip(movements, norms, strict=True)]
