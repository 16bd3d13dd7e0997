"""What all other inputs say about a label, for every input, from one factorisation.

With a = (H + rho I)^-1 y and h_i = ((H + rho I)^-1)_ii the function that kernel ridge regression fits to all data but
the i-th has the value y_i - a_i / h_i there. For labels +-1 its margin is y_i f_{-i}(x_i) = 1 - y_i a_i / h_i. Flipping
the i-th label changes y'(H + rho I)^-1 y by 4 h_i - 4 y_i a_i, which is 4 h_i times the margin. So the norm of Arora et
al. (2019), eq. (10), falls exactly when the others contradict the label.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ntkbook.expect import expects, inside
from ntkbook.kernels import h_infinity
from ntkbook.label_norm import cholesky
from ntkbook.reporting.spectral_measure import solve
from ntkbook.wants import classes, not_negative, symmetric, triangular

RIDGES = tuple(float(f"{10**power:.3g}") for power in np.arange(-3, 1.01, 0.5))
"""Among which `choose_ridge` chooses; H-infinity has 1/2 on its diagonal, so that 0.5 is as much noise as signal."""
_SUBSET = 1000


@dataclass(frozen=True)
class LeaveOneOut:
    """Predictions for every input by kernel ridge regression on all others."""

    predictions: Tensor
    """f_{-i}(x_i) (n, c)."""
    ridge: float
    """rho."""


@expects(gram=symmetric("n n"), labels="n c", ridge=not_negative)
def leave_one_out(gram: Tensor, labels: Tensor, ridge: float) -> LeaveOneOut:
    """Predictions y_i - ((H + rho I)^-1 y)_i / ((H + rho I)^-1)_ii.

    In single precision where that leaves three digits: half the time and memory.

    Parameters
    ----------
    gram : Tensor (n, n), float64
        H.
    labels : Tensor (n, c)
        y, as columns.
    ridge : float
        rho > 0, or 0 for interpolation.

    Returns
    -------
    LeaveOneOut

    Raises
    ------
    NotPositiveDefiniteError
        If H + rho I is singular.
    """
    n = len(gram)
    single = ridge > 0 and n / (2 * ridge) < 1e5  # bounds the condition number, as lambda_max <= n / 2
    matrix = gram.to(torch.float32 if single else torch.float64, copy=True)
    matrix.diagonal().add_(ridge)
    factor = inside(cholesky)(matrix)
    del matrix
    dual = inside(solve)(factor, labels.to(factor))
    inverse = inside(inverse_diagonal)(factor)[:, None]
    return LeaveOneOut(labels - (dual / inverse).to(labels), ridge)


@expects(factor=triangular("n n"))
def inverse_diagonal(factor: Tensor) -> Tensor:
    """Diagonal of (L L')^-1, sums of squares of the columns of L^-1; overwrites the factor.

    Parameters
    ----------
    factor : Tensor (n, n)
        L, lower triangular. Holds L^-1 afterwards.

    Returns
    -------
    Tensor (n,)
    """
    _invert(factor)
    return torch.linalg.vector_norm(factor, dim=0).square()


def _invert(lower: Tensor) -> None:
    """Overwrite [[A, 0], [B, C]] by [[A^-1, 0], [-C^-1 B A^-1, C^-1]]."""
    n = len(lower)
    if n <= 256:
        one = torch.eye(n, dtype=lower.dtype, device=lower.device)
        lower.copy_(torch.linalg.solve_triangular(lower, one, upper=False))
        return
    half = n // 2
    a, b, c = lower[:half, :half], lower[half:, :half], lower[half:, half:]
    b.copy_(torch.linalg.solve_triangular(c, -b, upper=False))
    b.copy_(torch.linalg.solve_triangular(a, b, upper=False, left=False))
    _invert(a)
    _invert(c)


@expects(x="n d", labels="n c")
def choose_ridge(x: Tensor, labels: Tensor, rng: np.random.Generator) -> float:
    """Ridge whose leave-one-out predictions have the least mean square error, on at most a thousand inputs.

    Parameters
    ----------
    x : Tensor (n, d)
        Inputs of unit norm.
    labels : Tensor (n, c)
        y.
    rng : numpy Generator
        Draws the inputs if there are more.

    Returns
    -------
    float
        One of `RIDGES`.
    """
    rows = torch.from_numpy(rng.permutation(len(x))[:_SUBSET])
    eigenvalues, v = torch.linalg.eigh(h_infinity(x[rows]))
    coordinates = v.T @ labels[rows]

    def error(ridge: float) -> float:
        weight = 1 / (eigenvalues.clamp(min=0) + ridge)
        inverse = v.square() @ weight  # ((H + rho I)^-1)_ii                                     (n,)
        return float(((v @ (weight[:, None] * coordinates)) / inverse[:, None]).square().mean())

    return min(RIDGES, key=error)


@dataclass(frozen=True)
class Flips:
    """What other labels would do to y'H^-1 y of each column."""

    before: Tensor
    """As the labels are (c,)."""
    changes: Tensor
    """Its change for each row alone (k, c), negative where another label is cheaper."""
    together: Tensor
    """Its change for all rows at once (c,)."""


@expects(factor=triangular("n n"), labels="n c", rows=classes("k", below="n"), other="k c")
def flips(factor: Tensor, labels: Tensor, rows: Tensor, other: Tensor) -> Flips:
    """Change of y_c'H^-1 y_c when rows get other labels: one alone, and all at once. Exact.

    With D = other - y on the rows, 2 D_i a_i + D_i^2 (H^-1)_ii; for a flipped sign that is 4 h_i - 4 y_i a_i.

    Parameters
    ----------
    factor : Tensor (n, n)
        Lower Cholesky factor of H.
    labels : Tensor (n, c)
        y.
    rows : Tensor (k,)
        Which rows, a few.
    other : Tensor (k, c)
        Their other labels.

    Returns
    -------
    Flips
    """
    dual = inside(solve)(factor, labels)
    units = factor.new_zeros(len(factor), len(rows))
    units[rows, torch.arange(len(rows))] = 1
    inverse = inside(solve)(factor, units)[rows]  # (H^-1)_SS                                             (k, k)
    step = other - labels[rows]
    linear = 2 * step * dual[rows]
    changes = linear + step.square() * inverse.diagonal()[:, None]
    together = linear.sum(0) + (step * (inverse @ step)).sum(0)
    return Flips((labels * dual).sum(0), changes, together)
