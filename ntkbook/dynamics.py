"""Closed forms of gradient descent on a frozen kernel: Arora et al. (2019), sec. 4.1 and eq. (27).

Time is counted in steps k of size eta on the half-sum loss 1/2 |y - u|^2, as in the papers.
"""

import torch
from torch import Tensor

from ntkbook.expect import expects
from ntkbook.spectrum import Spectrum
from ntkbook.wants import at_least, steps, symmetric, wholes

_MOST_STEPS = 2**52


@expects(residual="n", steps=wholes("s"))
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


@expects(residual="n", steps=wholes("s"))
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


@expects(residual="n", steps=wholes("s"))
def linear_movement(spectrum: Spectrum, residual: Tensor, step_size: float, steps: Tensor) -> Tensor:
    """Distance from the start of gradient descent on a net whose gates are frozen, after k steps.

    sqrt(sum_i (1 - (1 - eta lambda_i)^k)^2 (v_i.r(0))^2 / lambda_i), the root of y'T H T y in app. D.1 of Arora et al.
    (2019); it tends to sqrt(r(0)'H^-1 r(0)).

    Parameters
    ----------
    spectrum : Spectrum
        Of H (n, n), positive definite.
    residual : Tensor (n,)
        r(0).
    step_size : float
        eta.
    steps : Tensor (s,)
        Step counts k >= 0.

    Returns
    -------
    Tensor (s,)
    """
    learnt = (1 - _decay(spectrum, step_size, steps)) * spectrum.project(residual)
    return (learnt.square() / spectrum.eigenvalues).sum(1).sqrt()


@expects(residual="n")
def linear_convergence_step(spectrum: Spectrum, residual: Tensor, step_size: float, target: float) -> int:
    """First step at which gradient descent on a frozen kernel has |(I - eta H)^k r(0)| <= target, by bisection.

    Parameters
    ----------
    spectrum : Spectrum
        Of H (n, n), positive definite.
    residual : Tensor (n,)
        r(0).
    step_size : float
        eta, below 2 / lambda_max, so that the norm falls with every step.
    target : float
        Norm to be reached, > 0.

    Returns
    -------
    int
        k.
    """
    if not spectrum.lambda_min > 0 or not step_size * spectrum.lambda_max < 2:
        raise ValueError(
            f"spectrum, step_size: expected a positive definite kernel and less than 2 / lambda_max = "
            f"{2 / spectrum.lambda_max:g}, found lambda_min = {spectrum.lambda_min:g} and {step_size}; take it smaller"
        )

    def reached(k: int) -> bool:
        steps = torch.tensor([k], device=residual.device)
        return float(linear_residual_norms(spectrum, residual, step_size, steps)) <= target

    low, high = -1, 1
    while not reached(high):
        low, high = high, 2 * high
        if high > _MOST_STEPS:
            raise ValueError(
                f"step_size: expected one that reaches {target:g} within {_MOST_STEPS} steps, found {step_size:g}; "
                "raise it"
            )
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if reached(middle) else (middle, high)
    return high


@expects(gram=symmetric("n n"), labels="n", n_steps=at_least(0, most=10**9))
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


@expects(cross_gram="t n", residual="n", steps=wholes("s"))
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


@expects(x="n d", gates="n m", output_weights="m", labels="n", max_steps=steps)
def auxiliary_sequence(
    x: Tensor,
    gates: Tensor,
    output_weights: Tensor,
    labels: Tensor,
    step_size: float,
    *,
    tolerance: float = 1e-9,
    max_steps: int = 1_000_000,
) -> tuple[Tensor, int]:
    """Iterate W~(k+1) = W~(k) - eta Z(0) (Z(0)'W~(k) - y) from W~(0) = 0: Arora et al. (2019), eq. (11).

    Gradient descent on the net with its gates frozen, in the space of the weights. Runs until |Z(0)'W~ - y| is at
    most `tolerance` |y|; its limit has norm sqrt(y'H(0)^-1 y), sec. 5.2.

    Parameters
    ----------
    x : Tensor (n, d)
        Inputs.
    gates : Tensor (n, m)
        1{w_r(0).x_i >= 0}, in the dtype of `x`.
    output_weights : Tensor (m,)
        a.
    labels : Tensor (n,)
        y.
    step_size : float
        eta, below 2 / lambda_max(H(0)).
    tolerance : float
        Relative residual at which to stop, > 0.
    max_steps : int
        Steps after which it gives up.

    Returns
    -------
    tuple of Tensor (d, m) and int
        W~ and the number of steps taken.

    Raises
    ------
    ValueError
        If the residual grows beyond twice its start, because the step size is too large, or has not shrunk to the
        tolerance after `max_steps`, because H(0) is singular or nearly so.
    """
    weights, signed = x.new_zeros(x.shape[1], gates.shape[1]), gates * output_weights / gates.shape[1] ** 0.5
    residual, size, k = labels, float(torch.linalg.vector_norm(labels)), 0
    while float(torch.linalg.vector_norm(residual)) > tolerance * size:
        weights.addmm_(x.T, residual[:, None] * signed, alpha=step_size)
        residual, k = labels - ((x @ weights) * signed).sum(1), k + 1  # y - Z'W~       (n,)
        if not float(torch.linalg.vector_norm(residual)) <= 2 * size:
            raise ValueError(f"step_size: expected less than 2 / lambda_max(H(0)), found {step_size}; take it smaller")
        if k == max_steps:
            raise ValueError(
                f"max_steps: expected |Z'W~ - y| <= {tolerance:g} |y| within {max_steps} steps, found "
                f"{float(torch.linalg.vector_norm(residual)) / size:.1e} |y|; widen the net, or drop parallel inputs"
            )
    return weights, k


def _decay(spectrum: Spectrum, step_size: float, steps: Tensor) -> Tensor:
    """(1 - eta lambda_i)^k for every k and i, shape (s, n)."""
    return (1 - step_size * spectrum.eigenvalues) ** steps.to(spectrum.eigenvalues)[:, None]
