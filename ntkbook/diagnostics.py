"""What to measure on a two-layer net along training: gates, movement, drift of the kernel, rank of the update."""

from collections.abc import Iterable

import torch
from torch import Tensor

from ntkbook.expect import expects
from ntkbook.kernels import empirical_gram
from ntkbook.losses import softmax_cross_entropy_derivative
from ntkbook.networks import TwoLayerClassifier
from ntkbook.wants import classes, gates, symmetric

_BLOCK_ELEMENTS = 2**22  # gates held at once, whatever the width


@expects(x="n d", weights="d m", weights_0="d m")
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


@expects(inner_products="n n", preactivations="n m", vector="n")
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


@expects(gram=symmetric("n n"), weights="d m", x="n d")
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


@expects(x="n d", classes=classes("n", below="k"))
class Probe:
    """Accuracy, flipped gates, distance and pseudo-network of a classifier in training: Li and Liang (2018), sec. 7.

    One product X W serves all four. Rows are taken in blocks, so that little memory is needed besides n m bytes for
    the gates at the start.
    """

    def __init__(self, start: TwoLayerClassifier, x: Tensor, classes: Tensor):
        """Remember the start, the inputs (n, d) and their classes (n,)."""
        self._start, self._x, self._classes = start, x, classes
        self._rows = max(1, _BLOCK_ELEMENTS // start.width)
        self._gates_0 = torch.cat([rows @ start.weights >= 0 for rows in x.split(self._rows)])
        self._cached_rows = max(1, _BLOCK_ELEMENTS // (16 * start.width))  # of W, that stay in the cache
        self._norm_0 = _norm(start.weights.split(self._cached_rows))

    def _sizes(self) -> dict[str, int]:
        return {"d": len(self._start.weights), "m": self._start.width}

    @expects(weights="d m")
    def __call__(self, weights: Tensor) -> dict[str, float]:
        """Measure a first layer.

        Parameters
        ----------
        weights : Tensor (d, m)
            W(t).

        Returns
        -------
        dict of str to float
            "accuracy"; "flipped", the share of the n m gates that differ from the start; "distance", the paper's
            |W(t) - W(0)|_F / |W(0)|_F; "pseudo_gap", the largest |f_i - g_i| over inputs and classes, and "output",
            the largest |f_i|; "pseudo_agree", the share of inputs on which f and g choose the same class.
        """
        outer, parts = self._start.output_weights.T, []
        blocks = zip(*(value.split(self._rows) for value in (self._x, self._classes, self._gates_0)), strict=True)
        for x, known, gates_0 in blocks:
            p = x @ weights
            flipped = torch.count_nonzero((p >= 0) ^ gates_0)  # sum() would widen each gate to eight bytes
            pseudo = (p * gates_0) @ outer  # g_i = sum_r a_ir w_r.x 1{w_r(0).x >= 0}
            outputs = p.clamp_(min=0) @ outer  # f_i
            chosen = outputs.argmax(1)
            same, right = (chosen == pseudo.argmax(1)).sum(), (chosen == known).sum()
            parts.append([right, flipped, same, (outputs - pseudo).abs().max(), outputs.abs().max()])
        right, flipped, same, gap, output = (list(map(float, values)) for values in zip(*parts, strict=True))
        n, now_and_then = len(self._x), (w.split(self._cached_rows) for w in (weights, self._start.weights))
        distance = _norm(now - then for now, then in zip(*now_and_then, strict=True))
        return {
            "accuracy": sum(right) / n,
            "flipped": sum(flipped) / (n * weights.shape[1]),
            "distance": float(distance / self._norm_0),
            "pseudo_gap": max(gap),
            "output": max(output),
            "pseudo_agree": sum(same) / n,
        }


@expects(differentiable=True, x="n d", weights="d m")
def pseudo_outputs(x: Tensor, weights: Tensor, start: TwoLayerClassifier) -> Tensor:
    """Outputs g_i(x) = sum_r a_ir w_r.x 1{w_r(0).x >= 0} of the pseudo-network: Li and Liang (2018), sec. 5.1.

    Parameters
    ----------
    x : Tensor (n, d)
        Inputs.
    weights : Tensor (d, m)
        First layer now.
    start : TwoLayerClassifier
        The net at the start, whose gates are kept.

    Returns
    -------
    Tensor (n, k)
    """
    return ((x @ weights) * (x @ start.weights >= 0)) @ start.output_weights.T


@expects(outputs="n k", classes=classes("n", below="k"), output_weights="k m", gates=gates("n m"))
def neuron_pulls(outputs: Tensor, classes: Tensor, output_weights: Tensor, gates: Tensor) -> Tensor:
    """Coefficients c_sr of the mean loss's gradient dL/dw_r = sum_s c_sr x_s: Li and Liang (2018), sec. 5.1.

    With the gates at the start this is the pseudo-gradient, with those of now the gradient.

    Parameters
    ----------
    outputs : Tensor (n, k)
        f at the inputs.
    classes : Tensor (n,), int64
        Their classes.
    output_weights : Tensor (k, m)
        Second layer a.
    gates : Tensor (n, m), bool
        Which neuron is on for which input.

    Returns
    -------
    Tensor (n, m)
    """
    derivative = softmax_cross_entropy_derivative(outputs, classes) / len(outputs)  # -p v
    return (derivative @ output_weights) * gates


@expects(inner_products=symmetric("n n"), pulls="n m")
def neuron_norms(inner_products: Tensor, pulls: Tensor) -> Tensor:
    """Norms |sum_s c_sr x_s| of every neuron's gradient, from the inner products of the inputs alone.

    Parameters
    ----------
    inner_products : Tensor (n, n)
        K = X X'.
    pulls : Tensor (n, m)
        Coefficients c, as from `neuron_pulls`.

    Returns
    -------
    Tensor (m,)
    """
    return (pulls * (inner_products @ pulls)).sum(0).clamp_(min=0).sqrt_()  # sqrt(c_r' K c_r)


@expects(weights="d m", start="d m")
def singular_values(weights: Tensor, start: Tensor | None = None) -> Tensor:
    """Singular values of W, or of the accumulated update W - W(0), largest first: Li and Liang (2018), sec. 7.

    From the smaller Gram matrix in float64: values below 1e-8 of the largest are rounding.

    Parameters
    ----------
    weights : Tensor (d, m)
        First layer.
    start : Tensor (d, m), optional
        What to subtract.

    Returns
    -------
    Tensor (min(d, m),), float64
    """
    wide = weights if weights.shape[0] <= weights.shape[1] else weights.T
    first = None if start is None else start if wide is weights else start.T
    side = wide.shape[0]
    gram = weights.new_zeros(side, side, dtype=torch.float64)
    size = max(1, _BLOCK_ELEMENTS // side)
    for begin in range(0, wide.shape[1], size):
        block = wide[:, begin : begin + size].to(torch.float64, copy=True)
        if first is not None:
            block -= first[:, begin : begin + size]
        gram.addmm_(block, block.T)
    return torch.linalg.eigvalsh(gram).clamp_(min=0).sqrt_().flip(0)


def _norm(blocks: Iterable[Tensor]) -> Tensor:
    """Norm of a matrix from its blocks; in float32 one sum over all entries would lose digits."""
    return torch.linalg.vector_norm(torch.stack([torch.linalg.vector_norm(block) for block in blocks]))
