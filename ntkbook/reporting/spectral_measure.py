"""Where labels point in the spectrum of a kernel, without its eigenvectors: Arora et al. (2019), sec. 4.1, eq. (8).

All that gradient descent on a frozen kernel does to labels y is decided by the measure sum_i (v_i.y)^2 at lambda_i. Up
to a thousand inputs it is computed exactly. Beyond, the kernel is compressed to the space that y, H y, H^-1 y, H^2 y,
H^-2 y, ... span (an extended Krylov space): forty of these reproduce loss curves to six digits, at n^2 each.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from ntkbook.expect import expects, inside
from ntkbook.wants import between, symmetric, triangular, wholes

EXACT = 1000
"""Inputs up to which the eigenvectors are computed."""
_ROUNDS = 20
_MOST_STEPS = 10**15
"""Beyond it (1 - eta lambda)^k has no digits left."""


@dataclass(frozen=True)
class SpectralMeasure:
    """Energies of label vectors at points of the spectrum, largest first."""

    eigenvalues: Tensor
    """lambda (j,), all eigenvalues if `exact`, else Ritz values, of which the extreme ones are eigenvalues."""
    energy: Tensor
    """(v_i.y)^2 (j, c), of each label vector; sums to |y|^2."""
    exact: bool
    """Whether these are the eigenvalues themselves."""

    @property
    def lambda_max(self) -> float:
        """Largest eigenvalue."""
        return float(self.eigenvalues[0])

    @property
    def lambda_min(self) -> float:
        """Least eigenvalue."""
        return float(self.eigenvalues[-1])

    def share(self) -> Tensor:
        """Share of |y|^2 that lies at this eigenvalue or a larger one, (j, c)."""
        return self.energy.cumsum(0) / self.energy.sum(0)

    @expects(steps=wholes("s"))
    def loss(self, step_size: float, steps: Tensor) -> Tensor:
        """Share of the loss that is left after k steps, sum_i (1 - eta lambda_i)^2k (v_i.y)^2 / |y|^2.

        Parameters
        ----------
        step_size : float
            eta on the half-sum loss, at most 1 / lambda_max.
        steps : Tensor (s,)
            k >= 0.

        Returns
        -------
        Tensor (s, c)
        """
        decay = (1 - step_size * self.eigenvalues).clamp(min=0) ** (2 * steps.to(self.eigenvalues)[:, None])  # (s, j)
        return decay @ self.energy / self.energy.sum(0)

    @expects(left=between(0, 1))
    def steps_to(self, left: float, step_size: float) -> list[int]:
        """First step at which no more than a share `left` of the loss is left, for each label vector, by bisection.

        Parameters
        ----------
        left : float
            In (0, 1).
        step_size : float
            eta, at most 1 / lambda_max.

        Returns
        -------
        list of int

        Raises
        ------
        ValueError
            If so much is left after 10^15 steps.
        """
        found = []
        for column in range(self.energy.shape[1]):
            low, high = -1, 1
            while self._left(step_size, high, column) > left:
                low, high = high, 2 * high
                if high > _MOST_STEPS:
                    raise ValueError(
                        f"left, step_size: expected a share that is reached within {_MOST_STEPS:g} steps, found "
                        f"left = {left:g} with step_size = {step_size:g}; raise one of them"
                    )
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if self._left(step_size, middle, column) > left else (low, middle)
            found.append(high)
        return found

    def _left(self, step_size: float, k: int, column: int) -> float:
        return float(inside(type(self).loss)(self, step_size, torch.tensor([k]))[0, column])


@expects(gram=symmetric("n n"), factor=triangular("n n"), labels="n c")
def spectral_measure(gram: Tensor, factor: Tensor, labels: Tensor) -> SpectralMeasure:
    """Energies of label vectors over the spectrum of a kernel.

    Parameters
    ----------
    gram : Tensor (n, n), float64
        H, positive definite.
    factor : Tensor (n, n)
        Its lower Cholesky factor.
    labels : Tensor (n, c)
        y, as columns, a few: they share one space.

    Returns
    -------
    SpectralMeasure

    Raises
    ------
    ValueError
        If a label vector is 0.
    """
    if not bool((labels != 0).any(0).all()):
        raise ValueError("labels: expected label vectors other than 0, found one; drop it")
    if len(gram) <= EXACT:
        eigenvalues, eigenvectors = torch.linalg.eigh(gram)
        return SpectralMeasure(eigenvalues.flip(0), (eigenvectors.T @ labels).square().flip(0), exact=True)
    basis = _extended_krylov(gram, factor, labels)
    ritz, rotation = torch.linalg.eigh(basis.T @ (gram @ basis))  # H compressed to the space
    return SpectralMeasure(ritz.flip(0), (rotation.T @ (basis.T @ labels)).square().flip(0), exact=False)


def _extended_krylov(gram: Tensor, factor: Tensor, labels: Tensor) -> Tensor:
    """Orthonormal basis (n, j) of the space that H^p y spans, p = -r..r."""
    basis = _orthonormal(labels, labels[:, :0])
    up = down = basis
    for _ in range(_ROUNDS):
        up = _orthonormal(gram @ up, basis)
        basis = torch.cat([basis, up], dim=1)
        down = _orthonormal(inside(solve)(factor, down), basis)
        basis = torch.cat([basis, down], dim=1)
    return basis


@expects(factor=triangular("n n"), right="n c")
def solve(factor: Tensor, right: Tensor) -> Tensor:
    """H^-1 b from the lower Cholesky factor of H; unlike `torch.cholesky_solve` it does not copy the factor.

    Parameters
    ----------
    factor : Tensor (n, n)
        L with L L' = H.
    right : Tensor (n, c)
        b.

    Returns
    -------
    Tensor (n, c)
    """
    return torch.linalg.solve_triangular(
        factor.T, torch.linalg.solve_triangular(factor, right, upper=False), upper=True
    )


def _orthonormal(block: Tensor, basis: Tensor) -> Tensor:
    """Orthonormal basis of what `block` adds to the span of `basis`; what it adds but for rounding is left out."""
    block = block / torch.linalg.vector_norm(block, dim=0)
    for _ in range(2):  # once leaves an error of rounding times the cancellation
        block = block - basis @ (basis.T @ block)
    q, r = torch.linalg.qr(block)
    return q[:, r.diagonal().abs() > 1e-10]
