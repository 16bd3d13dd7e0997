"""Gram matrices of a net of finite width, H(k) and Z(k) of Arora et al. (2019), sec. 3.4, and kernels by sampling."""

import numpy as np
import torch
from torch import Tensor

from ntkbook.expect import expects
from ntkbook.wants import steps, symmetric

_BLOCK_ELEMENTS = 2**24  # gates held at once (64 MB in float32), whatever the width


@expects(x="n d", weights="d m", output_weights="m")
def empirical_gram(x: Tensor, weights: Tensor, output_weights: Tensor | None = None) -> Tensor:
    """First-layer tangent kernel H_ij = (x_i.x_j / m) sum_r a_r^2 1{w_r.x_i >= 0} 1{w_r.x_j >= 0}.

    Arora et al. (2019), sec. 3.4, H = Z'Z. Two matrix products, in blocks of neurons; the count of shared gates is
    exact when a_r = +-1.

    Parameters
    ----------
    x : Tensor (n, d)
        Inputs.
    weights : Tensor (d, m)
        First layer, one neuron a column.
    output_weights : Tensor (m,), optional
        Second layer a; +-1 (whose square is 1) when left out.

    Returns
    -------
    Tensor (n, n)
        In the dtype and on the device of `x`; exactly symmetric.

    Raises
    ------
    ValueError
        If `weights` does not have one row for each column of `x`.
    """
    shared = x.new_zeros(len(x), len(x))
    for block in _neuron_blocks(len(x), weights.shape[1]):
        gates = (x @ weights[:, block] >= 0).to(x.dtype)  # 1{w_r.x_i >= 0}   (n, block)
        left = gates if output_weights is None else gates * output_weights[block].square()
        shared.addmm_(left, gates.T)
    gram = shared.mul_(x @ x.T).div_(weights.shape[1])
    return gram.tril_().add_(gram.tril(-1).T)  # a product is symmetric to rounding alone


@expects(x="n d", n_samples=steps)
def monte_carlo_gram(x: Tensor, n_samples: int, rng: np.random.Generator) -> Tensor:
    """Monte Carlo estimate of H-infinity from `n_samples` Gaussian weights; error of order 1 / sqrt(n_samples).

    The same thing as `empirical_gram` at a fresh initialisation of that width: Arora et al. (2019), eq. (3).

    Parameters
    ----------
    x : Tensor (n, d)
        Inputs.
    n_samples : int
        Number of draws w ~ N(0, I).
    rng : numpy.random.Generator
        Source of the draws.

    Returns
    -------
    Tensor (n, n)
        In the dtype and on the device of `x`.
    """
    total = x.new_zeros(len(x), len(x))
    for block in _neuron_blocks(max(x.shape), n_samples):
        width = block.stop - block.start
        weights = torch.from_numpy(rng.standard_normal((x.shape[1], width))).to(x)
        total += empirical_gram(x, weights) * width
    return total / n_samples


@expects(gram=symmetric("n n"), n_samples=steps)
def monte_carlo_layer(gram: Tensor, n_samples: int, rng: np.random.Generator) -> Tensor:
    """Monte Carlo estimate of E[relu(f(x_i)) relu(f(x_j))], f ~ N(0, gram); error of order 1 / sqrt(n_samples).

    One step kappa^(l) -> kappa^(l+1) of the recursion of Cao and Gu (2019), assumption 4.12, where
    kappa^(l) = 2^-l `conjugate_kernel` of depth l.

    Parameters
    ----------
    gram : Tensor (n, n)
        Covariance kappa^(l), positive semidefinite.
    n_samples : int
        Number of draws of f.
    rng : numpy.random.Generator
        Source of the draws.

    Returns
    -------
    Tensor (n, n)
        In the dtype and on the device of `gram`.
    """
    eigenvalues, eigenvectors = torch.linalg.eigh(gram)
    root = eigenvectors * eigenvalues.clamp(min=0).sqrt()  # root root' = gram
    total = torch.zeros_like(gram)
    for block in _neuron_blocks(len(gram), n_samples):
        draws = torch.from_numpy(rng.standard_normal((len(gram), block.stop - block.start))).to(gram)
        hidden = (root @ draws).clamp_(min=0)
        total.addmm_(hidden, hidden.T)
    return total / n_samples


@expects(differentiable=True, x="n d", weights="d m", output_weights="m")
def feature_matrix(x: Tensor, weights: Tensor, output_weights: Tensor) -> Tensor:
    """The matrix Z of Arora et al. (2019), sec. 3.4: the gradient of each prediction by all first-layer weights.

    Large (d m n numbers): for looking at, and for checking the closed forms on small nets.

    Parameters
    ----------
    x : Tensor (n, d)
        Inputs.
    weights : Tensor (d, m)
        First layer.
    output_weights : Tensor (m,)
        Second layer a.

    Returns
    -------
    Tensor (m d, n)
        Column i stacks a_r 1{w_r.x_i >= 0} x_i / sqrt(m) over the neurons r.
    """
    scaled_gates = (x @ weights >= 0).to(x.dtype) * output_weights / weights.shape[1] ** 0.5  # (n, m)
    return (scaled_gates[:, :, None] * x[:, None, :]).reshape(len(x), -1).T


@expects(x="n d", weights="d m", weights_0="d m", output_weights="m")
def feature_distance(x: Tensor, weights: Tensor, weights_0: Tensor, output_weights: Tensor | None = None) -> float:
    """Frobenius distance |Z(k) - Z(0)|_F, from the gates that differ: Arora et al. (2019), Lemma C.2.

    Equal to sqrt(sum over flipped gates of a_r^2 |x_i|^2 / m), so Z itself is never formed.

    Parameters
    ----------
    x : Tensor (n, d)
        Inputs.
    weights, weights_0 : Tensor (d, m)
        First layer at step k and at the start.
    output_weights : Tensor (m,), optional
        Second layer a; +-1 when left out.

    Returns
    -------
    float
        The distance; for unit inputs and a = +-1 it is sqrt(number of flipped gates / m).
    """
    total = 0.0
    for block in _neuron_blocks(len(x), weights.shape[1]):
        flipped = ((x @ weights[:, block] >= 0) ^ (x @ weights_0[:, block] >= 0)).to(x.dtype)
        per_neuron = x.square().sum(1) @ flipped  # sum_i |x_i|^2 over the flipped gates of r   (block,)
        if output_weights is not None:
            per_neuron = per_neuron * output_weights[block].square()
        total += float(per_neuron.double().sum())
    return (total / weights.shape[1]) ** 0.5


def _neuron_blocks(rows: int, width: int) -> list[slice]:
    size = max(1, _BLOCK_ELEMENTS // rows)
    return [slice(start, min(start + size, width)) for start in range(0, width, size)]
