"""Closed forms of gradient descent on a frozen kernel: Arora et al. (2019), sec. 4.1 and eq. (27).

Time is counted in steps k of size eta on the half-sum loss 1/2 |y - u|^2, as in the papers.
"""

import torch
from torch import Tensor

from ntkbook.spectrum import Spectrum


def linear_residuals(spectrum: Spectrum, residual: Tensor, step_size: float, steps: Tensor) -> Tensor:
    """Residuals (I - eta H)^k r(0) of gradient descent on a frozen kernel.

    Parameters
    ----------
    spectrum : Spectrum
        Of the kernel H (n, n).
    residual : Tensor (n,)
        r(0) = y - u(0); y itself for the sequence u~ of eq. (7), which starts at zero.
    step_size : float
        eta; nothing demands eta lambda_max <= 1, modes beyond it alternate in sign.
    steps : Tensor (s,)
        Step counts k >= 0.

    Returns
    -------
    Tensor (s, n)
        One residual a row.
    """
    return (_decay(spectrum, step_size, steps) * spectrum.project(residual)) @ spectrum.eigenvectors.T


def linear_residual_norms(spectrum: Spectrum, residual: Tensor, step_size: float, steps: Tensor) -> Tensor:
    """Norms sqrt(sum_i (1 - eta lambda_i)^2k (v_i.r(0))^2): Arora et al. (2019), eq. (8).

    Parameters
    ----------
    spectrum, residual, step_size, steps
        As in `linear_residuals`.

    Returns
    -------
    Tensor (s,)
        |(I - eta H)^k r(0)| for each k.
    """
    return torch.linalg.vector_norm(_decay(spectrum, step_size, steps) * spectrum.project(residual), dim=1)


def linear_predictions(gram: Tensor, labels: Tensor, step_size: float, n_steps: int) -> Tensor:
    """Iterate u~(k+1) = u~(k) - eta H (u~(k) - y) from u~(0) = 0, as eq. (7) of Arora et al. (2019) is written.

    The slow road to what `linear_residuals` gives at once; here so that the two can be compared.

    Parameters
    ----------
    gram : Tensor (n, n)
        H-infinity.
    labels : Tensor (n,)
        Targets y.
    step_size : float
        eta.
    n_steps : int
        Number of steps.

    Returns
    -------
    Tensor (n_steps + 1, n)
        u~(0) to u~(n_steps), a row each.
    """
    path = labels.new_zeros(n_steps + 1, len(labels))
    for k in range(n_steps):
        path[k + 1] = path[k] - step_size * (gram @ (path[k] - labels))
    return path


def linear_test_predictions(
    spectrum: Spectrum, cross_gram: Tensor, residual: Tensor, step_size: float, steps: Tensor
) -> Tensor:
    """Predictions that gradient descent on a frozen kernel makes at new inputs, less those it started with.

    K(x, X) H^-1 (I - (I - eta H)^k) r(0): Jacot et al. (2018), sec. 5; kernel regression as k grows.

    Parameters
    ----------
    spectrum : Spectrum
        Of H (n, n), positive definite.
    cross_gram : Tensor (t, n)
        Kernel between new and training inputs.
    residual : Tensor (n,)
        r(0) = y - u(0).
    step_size : float
        eta.
    steps : Tensor (s,)
        Step counts k >= 0.

    Returns
    -------
    Tensor (s, t)
    """
    learnt = (1 - _decay(spectrum, step_size, steps)) * spectrum.project(residual) / spectrum.eigenvalues
    return learnt @ spectrum.eigenvectors.T @ cross_gram.T


def _decay(spectrum: Spectrum, step_size: float, steps: Tensor) -> Tensor:
    """(1 - eta lambda_i)^k for every k and i, shape (s, n)."""
    return (1 - step_size * spectrum.eigenvalues) ** steps.to(spectrum.eigenvalues)[:, None]
