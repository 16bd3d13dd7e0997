"""Norm sqrt(y'H^-1 y) of labels in the geometry of a kernel: what eq. (10) of Arora et al. (2019) is made of."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
from scipy.sparse.linalg import LinearOperator, eigsh
from torch import Tensor

from ntkbook.expect import expects, inside
from ntkbook.spectrum import check_gram
from ntkbook.wants import not_negative, symmetric, unlike


class NotPositiveDefiniteError(ValueError):
    """The Gram matrix is singular to rounding, so that y'H^-1 y does not exist."""


@dataclass(frozen=True)
class LabelNorms:
    """Norms of label vectors, and how well conditioned the matrix was that they rest on."""

    values: Tensor
    """sqrt(y'H^-1 y), () or (c,)."""
    jitter: float
    """What was added to the diagonal before factorising; 0 unless asked for."""
    matrix: Tensor
    """The matrix that was factorised, H + jitter I (n, n)."""
    factor: Tensor
    """Its lower Cholesky factor (n, n)."""

    @cached_property
    def lambda_min(self) -> float:
        """Least eigenvalue of `matrix`, to three digits, by Lanczos on its inverse."""
        return 1 / _largest_eigenvalue(lambda v: torch.cholesky_solve(v, self.factor), self.matrix)

    @cached_property
    def lambda_max(self) -> float:
        """Largest eigenvalue of `matrix`, to three digits, by Lanczos."""
        return _largest_eigenvalue(lambda v: self.matrix @ v, self.matrix)

    @property
    def condition(self) -> float:
        """Condition number lambda_max / lambda_min."""
        return self.lambda_max / self.lambda_min


@expects(gram="n n", labels=unlike("n or n c"), jitter=not_negative)
def label_norms(gram: Tensor, labels: Tensor, *, jitter: float = 0.0) -> LabelNorms:
    """Compute sqrt(y'H^-1 y) for one or many label vectors, with one Cholesky factorisation.

    It is the least norm, in the RKHS of the kernel, of a function that fits the labels exactly.

    Parameters
    ----------
    gram : Tensor (n, n), float64
        Positive definite kernel matrix H.
    labels : Tensor (n,) or (n, c)
        Targets y, several as columns.
    jitter : float
        Added to the diagonal before factorising, >= 0: the repair for a singular matrix. Reported in the result; it
        lowers every norm.

    Returns
    -------
    LabelNorms

    Raises
    ------
    ValueError
        If `gram` is not symmetric float64, `labels` have the wrong length or are not finite, or `jitter` is negative.
    NotPositiveDefiniteError
        If two inputs are parallel (lambda_min numerically 0); names the closest pair.
    """
    check_gram(gram)
    n = len(gram)
    matrix = gram if jitter == 0 else gram + jitter * torch.eye(n, dtype=gram.dtype, device=gram.device)
    factor = inside(cholesky)(matrix)  # L L' = H
    columns = labels.to(gram).reshape(n, -1)
    z = torch.linalg.solve_triangular(factor, columns, upper=False)  # L^-1 y                          (n, c)
    return LabelNorms(torch.linalg.vector_norm(z, dim=0).reshape(labels.shape[1:]), jitter, matrix, factor)


@expects(gram=symmetric("n n"))
def cholesky(gram: Tensor) -> Tensor:
    """Cholesky factor, or an error that names the inputs at fault.

    Parameters
    ----------
    gram : Tensor (n, n), float64
        Symmetric.

    Returns
    -------
    Tensor (n, n)
        Lower triangular L with L L' = gram.

    Raises
    ------
    NotPositiveDefiniteError
        If `gram` is not positive definite to rounding.
    """
    factor, info = torch.linalg.cholesky_ex(gram)
    scale = gram.diagonal().max()
    if int(info) or float(factor.diagonal().min()) ** 2 < len(gram) * torch.finfo(gram.dtype).eps * float(scale):
        root = gram.diagonal().sqrt()
        likeness = (gram / torch.outer(root, root)).fill_diagonal_(-1.0)
        i, j = divmod(int(likeness.argmax()), len(gram))
        parallel = int((likeness > 1 - 1e-10).any(dim=1).sum())
        remedy = (
            f"drop duplicates and parallel inputs, of which there are {parallel:,} in all"
            if parallel
            else "none are parallel: look for antipodal pairs x and -x, with ntkbook.reporting.coincidences"
        )
        raise NotPositiveDefiniteError(
            f"gram: expected a positive definite matrix, found lambda_min numerically 0; the closest inputs are rows "
            f"{i} and {j} (normalised entry {float(likeness[i, j]):.12g}); {remedy}"
        )
    return factor


def _largest_eigenvalue(apply: Callable[[Tensor], Tensor], like: Tensor) -> float:
    """Largest eigenvalue of the positive map v -> apply(v), v (n, 1), by Lanczos."""
    n = len(like)
    if n < 20:
        return float(torch.linalg.eigvalsh(apply(torch.eye(n, dtype=like.dtype, device=like.device)))[-1])

    def matvec(v: np.ndarray) -> np.ndarray:
        return apply(torch.from_numpy(v.reshape(n, 1)).to(like)).cpu().numpy()[:, 0]

    start = np.random.default_rng(0).standard_normal(n)
    operator: Any = LinearOperator((n, n), matvec=matvec, dtype=np.float64)  # pyright: ignore[reportCallIssue]
    settings: dict[str, Any] = {"k": 1, "which": "LA", "tol": 1e-4, "v0": start}
    return float(eigsh(operator, return_eigenvectors=False, **settings)[0])
