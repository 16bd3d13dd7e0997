"""Hard margins without intercept: how far the points y_i phi(x_i) keep from 0, for a kernel and for random features.

A margin is the largest min_i y_i <w, phi(x_i)> over unit w. By duality it is the distance from 0 to the convex hull of
the y_i phi(x_i), which is what is computed: at distance 0 no w separates, and the primal is 0/0.
"""

from dataclasses import dataclass

import numpy as np
import torch
from scipy.optimize import linprog, nnls
from torch import Tensor

from ntkbook.expect import expects
from ntkbook.networks import DeepReLU, tangent_gram
from ntkbook.spectrum import check_gram
from ntkbook.wants import natural, signs, unlike


class NotSeparableError(ValueError):
    """Some convex combination of the y_i phi(x_i) is 0, so that no margin exists."""

    def __init__(self, reason: str, rows: tuple[int, ...]):
        """Take what to tell the user and the rows at fault."""
        super().__init__(f"labels: expected a separable sample, found {reason}")
        self.rows = rows
        """Rows that enter the combination which vanishes."""


@dataclass(frozen=True)
class HardMargin:
    """Margin of a sample, with the weights that prove it from both sides."""

    value: float
    """Distance |sum_i alpha_i y_i phi(x_i)| of the hull from 0, in units of phi; no direction does better."""
    attained: float
    """min_i y_i <w, phi(x_i)> of the unit direction w from 0 to that point, which is `value` but for rounding."""
    weights: Tensor
    """alpha (n,), >= 0 with sum 1, positive on the support vectors only."""


@dataclass(frozen=True)
class FeatureMargin:
    """Margin over N random ReLU features with output weights c in [-1, 1]^N."""

    value: float
    """max_c min_i y_i (1/N) sum_j c_j relu(u_j.x_i)."""
    coefficients: Tensor
    """The c (N,) that attains it."""
    weights: Tensor
    """alpha (n,), >= 0 with sum 1, the dual solution; see `relu_feature_ceiling`."""


@expects(gram="n n", labels=signs("n", alike=False), inputs=unlike("n d"))
def hard_margin(gram: Tensor, labels: Tensor, *, inputs: Tensor | None = None) -> HardMargin:
    """Margin max_{|w|=1} min_i y_i <w, phi(x_i)> without intercept, from the inner products of the phi(x_i).

    The point of the hull nearest to 0 by non-negative least squares: with G_ij = y_i y_j K_ij = P'P, the minimiser
    beta >= 0 of |P beta|^2 + (sum beta - 1)^2 is a multiple of alpha. Block pivoting finds it in a few Cholesky
    factorisations where the y_i phi(x_i) are independent; else the active-set method of Lawson and Hanson does.

    Parameters
    ----------
    gram : Tensor (n, n), float64
        K_ij = <phi(x_i), phi(x_j)>.
    labels : Tensor (n,)
        y, +-1.
    inputs : Tensor (n, d), optional
        The x_i, looked at only to say why a sample is not separable.

    Returns
    -------
    HardMargin

    Raises
    ------
    ValueError
        If `gram` is not a symmetric, finite float64 matrix, or `labels` are not n signs.
    NotSeparableError
        If the hull holds 0 to rounding; names the rows: an input that has both labels, antipodal inputs with odd labels
        (of which one hidden layer sees the linear part only), or other rows.
    """
    check_gram(gram)
    y = _signs(labels)
    scale = float(gram.diagonal().max())
    if not scale > 0:
        raise ValueError(f"gram: expected inputs x other than 0, found a kernel with diagonal up to {scale}; drop them")
    signs = torch.from_numpy(y).to(gram.device)
    signed = gram * torch.outer(signs, signs)
    alpha = _block_pivoting(signed / scale)
    pulled = signed @ alpha  # y_i <phi(x_i), sum_j alpha_j y_j phi(x_j)>: |that point|^2 on the support, more elsewhere
    if not pulled.min() >= (1 - 1e-9) * (alpha @ pulled) > 0:
        alpha = _lawson_hanson(signed / scale)
        pulled = signed @ alpha
    if pulled.min() <= len(y) * np.finfo(float).eps * scale:
        x = None if inputs is None else inputs.cpu().numpy()
        raise NotSeparableError(*_why(alpha.cpu().numpy(), y, signed.cpu().numpy(), x))
    distance = float(alpha @ pulled) ** 0.5
    return HardMargin(distance, float(pulled.min()) / distance, alpha)


@expects(x="n d", labels=signs("n", alike=False), layer=natural)
def layer_margin(network: DeepReLU, x: Tensor, labels: Tensor, layer: int) -> HardMargin:
    """Margin of the outputs x_l of a hidden layer, which Lemma B.2 of Cao and Gu (2019) bounds from below.

    Parameters
    ----------
    network : DeepReLU
    x : Tensor (n, d)
        Inputs.
    labels : Tensor (n,)
        y, +-1.
    layer : int
        l, from 0 (the inputs themselves) to L.

    Returns
    -------
    HardMargin

    Raises
    ------
    NotSeparableError
        As `hard_margin`.
    """
    if layer > network.depth:
        raise ValueError(f"layer: expected a whole number from 0 to {network.depth}, found {layer}; lower it")
    outputs = network.hidden(x)[layer].double()
    return hard_margin(outputs @ outputs.T, labels, inputs=x)


@expects(x="n d", labels=signs("n", alike=False))
def gradient_certificate(network: DeepReLU, x: Tensor, labels: Tensor) -> float:
    """Largest B with |grad_{W_L} L|_F >= B sqrt(m) mean(a) for all losses L with slopes -a_i y_i, a_i >= 0, at the x_i.

    Cao and Gu (2019), eq. (4.1) with the weights a of Lemma B.3, exactly: the gradient is sum_i a_i y_i phi(x_i) / n
    with the tangent features phi(x_i) = grad_{W_L} f(x_i), so that B is their margin over sqrt(m), attained where a is
    proportional to the margin's weights.

    Parameters
    ----------
    network : DeepReLU
    x : Tensor (n, d)
        Inputs.
    labels : Tensor (n,)
        y, +-1.

    Returns
    -------
    float
        B, with m the least width.

    Raises
    ------
    NotSeparableError
        If B = 0; as `hard_margin`.
    """
    gram = tangent_gram(network, x, network.depth)
    return hard_margin(gram, labels, inputs=x).value / min(network.widths) ** 0.5


@expects(x="n d", labels=signs("n", alike=False), directions="d N")
def relu_feature_margin(x: Tensor, labels: Tensor, directions: Tensor) -> FeatureMargin:
    """Margin gamma_N over N random ReLU features by linear programming: Cao and Gu (2019), assumption 4.10.

    For u_j ~ N(0, I) its mean rises with N towards gamma of the assumption. A margin gamma_lin of the inputs themselves
    gives gamma >= gamma_lin / sqrt(2 pi), with c(u) = sign(u.w); and gamma is at most the margin of kappa^(1), half the
    `conjugate_kernel` of depth 1, since a mean absolute value is at most a root mean square.

    Parameters
    ----------
    x : Tensor (n, d)
        Inputs.
    labels : Tensor (n,)
        y, +-1.
    directions : Tensor (d, N)
        u_j, as columns.

    Returns
    -------
    FeatureMargin

    Raises
    ------
    ValueError
        If `labels` are not n signs.
    NotSeparableError
        If the value is 0 to rounding; names the reason as `hard_margin` does. With N < n it may be that N is too small.
    """
    y = _signs(labels)
    n, count = len(x), directions.shape[1]
    signed = y[:, None] * (x @ directions).clamp(min=0).double().cpu().numpy() / count  # y_i relu(u_j.x_i) / N
    objective = np.append(np.zeros(count), -1.0)  # the variables are c and t; maximise t
    bounds = np.append(np.tile([-1.0, 1.0], (count, 1)), [[-np.inf, np.inf]], axis=0)
    solution = linprog(
        objective, A_ub=np.hstack([-signed, np.ones((n, 1))]), b_ub=np.zeros(n), bounds=bounds, method="highs"
    )
    if not solution.success:
        raise RuntimeError(f"linear program: expected an optimum, found: {solution.message}")
    c = solution.x[:-1].clip(-1, 1)
    value = float((signed @ c).min())
    alpha = -solution.ineqlin.marginals.clip(max=0)
    alpha /= alpha.sum()
    if value <= count * np.finfo(float).eps * np.abs(signed).max():
        raise NotSeparableError(*_why(alpha, y, signed @ signed.T, x.cpu().numpy()))
    return FeatureMargin(value, torch.from_numpy(c).to(x.device), torch.from_numpy(alpha).to(x.device))


@expects(x="n d", labels=signs("n", alike=False), weights=unlike("n"), directions="d N")
def relu_feature_ceiling(x: Tensor, labels: Tensor, weights: Tensor, directions: Tensor) -> tuple[float, float]:
    """Upper bound E_u |sum_i alpha_i y_i relu(u.x_i)| on gamma of assumption 4.10, estimated on fresh directions.

    Any weights on the simplex bound gamma so; those of `relu_feature_margin` are nearly the best, and the bound falls
    onto gamma as their N grows. The directions must not be those that chose the weights.

    Parameters
    ----------
    x : Tensor (n, d)
        Inputs.
    labels : Tensor (n,)
        y, +-1.
    weights : Tensor (n,)
        alpha.
    directions : Tensor (d, N)
        Fresh u_j ~ N(0, I), as columns.

    Returns
    -------
    tuple of float
        The mean over the directions, and its standard error.
    """
    values = ((weights * labels).to(x.dtype) @ (x @ directions).clamp(min=0)).abs().double()
    return float(values.mean()), float(values.std()) / len(values) ** 0.5


def _signs(labels: Tensor) -> np.ndarray:
    return labels.double().cpu().numpy()


def _block_pivoting(signed: Tensor) -> Tensor:
    """Weights alpha of the hull's point nearest to 0, from G: solve (G + 11') beta >= 1, beta >= 0, one of them equal.

    Portugal, Judice and Vicente (1994), Math. Comp. 63: guess which beta_i are positive, solve for them, and change
    sides for all rows that are wrong, or for the last of them only while their number does not fall. The weights are
    not the right ones, or not numbers, if G is singular on the way or 40 rounds are not enough.
    """
    n = len(signed)
    system, support = signed + 1, torch.ones(n, dtype=torch.bool, device=signed.device)
    beta, fewest, patience = signed.new_zeros(n), n + 1, 3
    for _ in range(40):  # ten are usual
        rows = support.nonzero()[:, 0]
        factor, _ = torch.linalg.cholesky_ex(system[rows][:, rows])
        beta = signed.new_zeros(n)
        beta[rows] = torch.cholesky_solve(signed.new_ones(len(rows), 1), factor)[:, 0]
        wrong = torch.where(support, beta < 0, system @ beta < 1 - n * torch.finfo(signed.dtype).eps)
        count = int(wrong.sum())
        if count == 0:
            break
        patience = 3 if count < fewest else patience - 1
        fewest = min(count, fewest)
        if patience < 0:
            wrong[: int(wrong.nonzero()[-1])] = False
        support = support ^ wrong
    return beta / beta.sum()


def _lawson_hanson(signed: Tensor) -> Tensor:
    """The same weights from a square root P of G, which may be singular."""
    eigenvalues, eigenvectors = np.linalg.eigh(signed.cpu().numpy())
    root = np.sqrt(eigenvalues.clip(min=0))[:, None] * eigenvectors.T  # P, up to a rotation of the features
    target = np.append(np.zeros(len(root)), 1.0)
    beta, _ = nnls(np.vstack([root, np.ones(len(root))]), target, maxiter=100 * len(root))
    return torch.from_numpy(beta / beta.sum()).to(signed.device)


def _why(alpha: np.ndarray, y: np.ndarray, signed: np.ndarray, x: np.ndarray | None) -> tuple[str, tuple[int, ...]]:
    """Say which rows make sum_i alpha_i y_i phi(x_i) vanish, from G_ij = y_i y_j K_ij and the inputs if known."""
    square = signed.diagonal()
    opposite = y[:, None] * y < 0
    apart = square[:, None] + square + 2 * signed  # |phi_i - phi_j|^2 where the labels differ
    same = np.argwhere(opposite & (apart <= 1e-12 * square.max()))
    if len(same):
        i, j = map(int, same[0])
        return f"rows {i} and {j} to be one input with both labels; drop or correct them", (i, j)
    rows = tuple(map(int, np.flatnonzero(alpha > 1e-9 * alpha.max())))
    if x is not None:
        products = x @ x.T
        sizes = products.diagonal()
        together = sizes[:, None] + sizes + 2 * products  # |x_i + x_j|^2
        pairs = [tuple(map(int, p)) for p in np.argwhere(np.triu(opposite & (together <= 1e-12 * sizes.max())))]
        pairs = [pair for pair in pairs if {*pair} <= {*rows}]
        if pairs:
            return (
                f"{len(pairs)} antipodal pairs with odd labels, such as rows {pairs[0][0]} and {pairs[0][1]}: with one "
                f"hidden layer f(x) - f(-x) is linear, and these labels are not; use two hidden layers"
            ), rows
    return f"a combination of rows {', '.join(map(str, rows[:6]))}{', ...' * (len(rows) > 6)} that is 0", rows
