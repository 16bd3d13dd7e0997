"""Eigendecomposition of a Gram matrix, and labels seen in its eigenbasis: Arora et al. (2019), sec. 4."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from ntkbook.expect import expects
from ntkbook.wants import between, symmetric

EIGH_LIMIT = 32_766
"""Rows beyond which a float64 `torch.linalg.eigh` ends the process: its workspace of 2 n^2 overflows 32 bits."""


@expects(eigenvalues="n", eigenvectors="n n")
@dataclass(frozen=True)
class Spectrum:
    """Eigenvalues, largest first, and eigenvectors of a symmetric matrix."""

    eigenvalues: Tensor
    """lambda_i (n,), descending."""
    eigenvectors: Tensor
    """v_i, the columns of an (n, n) orthogonal matrix, in the same order."""

    def _sizes(self) -> dict[str, int]:
        return {"n": len(self.eigenvalues)}

    @property
    def lambda_min(self) -> float:
        """Least eigenvalue, lambda_0 of Arora et al. (2019)."""
        return float(self.eigenvalues[-1])

    @property
    def lambda_max(self) -> float:
        """Largest eigenvalue."""
        return float(self.eigenvalues[0])

    @expects(labels="n or n c")
    def project(self, labels: Tensor) -> Tensor:
        """Coordinates v_i.y of label vectors in the eigenbasis.

        Parameters
        ----------
        labels : Tensor (n,) or (n, c)
            One or several label vectors, as columns.

        Returns
        -------
        Tensor (n,) or (n, c)
            In the order of the eigenvalues; |projections| = |labels|.
        """
        return self.eigenvectors.T @ labels


def eigendecompose(gram: Tensor) -> Spectrum:
    """Eigendecomposition gram = sum_i lambda_i v_i v_i', largest eigenvalue first.

    Parameters
    ----------
    gram : Tensor (n, n)
        Symmetric; float64, since condition numbers reach 1e5.

    Returns
    -------
    Spectrum

    Raises
    ------
    ValueError
        If `gram` is not a square, symmetric, finite float64 matrix, or too large for the CPU's `eigh`.
    """
    if isinstance(gram, Tensor) and gram.ndim == 2 and len(gram) > EIGH_LIMIT and gram.device.type == "cpu":
        raise ValueError(
            f"gram: expected at most {EIGH_LIMIT:,} rows, found {len(gram):,}; take fewer inputs, or the spectral "
            "measure of ntkbook.reporting, which needs no eigenvectors"
        )
    check_gram(gram)
    eigenvalues, eigenvectors = torch.linalg.eigh(gram)
    return Spectrum(eigenvalues.flip(0), eigenvectors.flip(1))


@expects(projections="n or n c", fraction=between(0, 1, below=False))
def energy_share(projections: Tensor, fraction: float) -> Tensor:
    """Share of |y|^2 that lies on the top eigenvectors: Arora et al. (2019), fig. 1(b) in one number.

    Parameters
    ----------
    projections : Tensor (n,) or (n, c)
        v_i.y from `Spectrum.project`.
    fraction : float
        Which part of the eigenvectors counts as the top, in (0, 1]; rounded up to a whole number of them.

    Returns
    -------
    Tensor () or (c,)
        Numbers in [0, 1]; about `fraction` for labels that know nothing of the inputs.

    Raises
    ------
    ValueError
        If `fraction` is outside (0, 1].
    """
    top = math.ceil(round(fraction * len(projections), 9))  # rounded first: 0.07 * 100 is 7.000000000000001
    energy = projections.square()
    if not bool((energy.sum(0) > 0).all()):
        raise ValueError("projections: expected label vectors other than 0, found one; drop it")
    return energy[:top].sum(0) / energy.sum(0)


@expects()
def worst_case_labels(spectrum: Spectrum) -> Tensor:
    """Labels along the eigenvector of the least eigenvalue, scaled to |y|^2 = n as +-1 labels are.

    Arora et al. (2019), fig. 1, "worst case labels"; the paper says "normalized eigenvector" and its printed curves
    start at the loss of +-1 labels, hence the factor sqrt(n).

    Parameters
    ----------
    spectrum : Spectrum
        Of H-infinity.

    Returns
    -------
    Tensor (n,)
        sqrt(n) v_min, with the sign that makes its largest entry positive.
    """
    v = spectrum.eigenvectors[:, -1]
    sign = torch.sign(v[v.abs().argmax()])
    return sign * v * len(v) ** 0.5


@expects(gram=symmetric("n n"))
def check_gram(gram: Tensor) -> None:
    """Raise ValueError unless `gram` is a square, finite, symmetric float64 tensor (n, n)."""
    if gram.dtype != torch.float64:
        raise ValueError(f"gram: expected float64, found {gram.dtype}; compute the kernel from float64 inputs")
