"""Many steps of gradient descent in few gradients: a stabilised Runge-Kutta window.

On a frozen kernel t steps multiply a mode by (1 - x)^t, x = eta lambda: a polynomial of degree t. All that is asked of
it is 1 - t x + t (t - 1) x^2 / 2 near 0 and small values up to the largest x. A shifted Chebyshev polynomial does that
with degree s ~ sqrt(t), and its recursion is a recursion of gradients, which needs no H and lets the gates move:
Sommeijer, Shampine & Verwer (1998), eqs. (2.2)-(2.6), who do it for the flow, exp(-x t). Here the second derivative
is that of (1 - x)^t, so that a window follows the steps and not the flow.
"""

import math
from dataclasses import dataclass

import numpy as np

_DAMPING = 2 / 13  # epsilon of the papers: keeps the polynomial a little below 1 inside its interval


@dataclass(frozen=True)
class Stage:
    """One stage of a window: D_j = mu D_{j-1} + nu D_{j-2} + now F_{j-1} + first F_0, with F = -eta grad Phi."""

    mu: float
    """Weight of the stage before, as a displacement from the start of the window."""
    nu: float
    """Weight of the one before that."""
    now: float
    """Weight of the gradient step at the stage before."""
    first: float
    """Weight of the gradient step at the start of the window."""


def stage_count(n_steps: float, sharpness: float) -> int:
    """Stages of a window that is stable for all modes with eta lambda <= `sharpness`; at least 3.

    Parameters
    ----------
    n_steps : float
        Length t of the window.
    sharpness : float
        Largest eta lambda.

    Returns
    -------
    int
        About sqrt(1.54 t sharpness): the interval ends at 0.65 (s^2 - 1) / t.
    """
    return max(3, math.ceil(math.sqrt(1 + 1.54 * n_steps * sharpness)))


def window_stages(n_steps: float, n_stages: int) -> list[Stage]:
    """Coefficients of a window of s stages in the place of t steps.

    Parameters
    ----------
    n_steps : float
        Length t > 1 of the window; need not be a whole number.
    n_stages : int
        s >= 2.

    Returns
    -------
    list of Stage
        Of length s; the first has only `first`.
    """
    t, s, w0 = n_steps, n_stages, 1 + _DAMPING / n_stages**2
    value, slope, bend = np.zeros((3, s + 1))  # T_j, T_j', T_j'' at w0
    value[:2], slope[1] = (1, w0), 1
    for j in range(2, s + 1):
        value[j] = 2 * w0 * value[j - 1] - value[j - 2]
        slope[j] = 2 * w0 * slope[j - 1] + 2 * value[j - 1] - slope[j - 2]
        bend[j] = 2 * w0 * bend[j - 1] + 4 * slope[j - 1] - bend[j - 2]
    second = 1 - 1 / t  # (1 - x)^t = 1 - z + (1 - 1/t) z^2 / 2 + ... in z = t x
    w1 = second * slope[s] / bend[s]
    b = np.empty(s + 1)
    b[2:] = bend[2:] / slope[2:] ** 2 / second
    b[:2] = b[2]
    a = 1 - b * value
    stages = [Stage(0.0, 0.0, 0.0, t * b[1] * w1)]
    for j in range(2, s + 1):
        now = 2 * b[j] * w1 / b[j - 1]
        stages.append(Stage(2 * b[j] * w0 / b[j - 1], -b[j] / b[j - 2], t * now, -t * now * a[j - 1]))
    return stages


def damping_factor(x: np.ndarray, n_steps: float, n_stages: int) -> np.ndarray:
    """What a window multiplies a mode by on a frozen kernel, in the place of (1 - x)^t.

    Parameters
    ----------
    x : ndarray
        eta lambda >= 0.
    n_steps, n_stages
        Of the window.

    Returns
    -------
    ndarray
        Of the shape of `x`.
    """
    before, now = np.zeros_like(x), np.zeros_like(x)  # displacements D / r(0)
    for stage in window_stages(n_steps, n_stages):
        pull = -x * (1 + now)
        before, now = now, stage.mu * now + stage.nu * before + stage.now * pull - stage.first * x
    return 1 + now
