"""Targets of Allen-Zhu, Li and Liang (2019) on the unit sphere of R^4, as sums of exponentials with exact moments."""

import numpy as np

from ntkbook.data.waves import Waves
from ntkbook.expect import expects
from ntkbook.wants import number

_AXES = np.eye(4)


def figure_1_target() -> Waves:
    """F(x) = (sin 3 x_1 + sin 3 x_2 + sin 3 x_3 - 2)^2 cos 7 x_4 of figure 1.

    A product of two composed functions, as in eq. (4.1). With s for the sum of sines, its even part is
    (s^2 + 4) cos 7 x_4 and its odd part -4 s cos 7 x_4: products again, the attributes `even` and `odd`.

    Returns
    -------
    Waves
        Of x in R^4.
    """
    return (_sines() - 2.0) ** 2 * Waves.cosine(7 * _AXES[3])


def additive_target() -> Waves:
    """The control sin 3 x_1 + sin 3 x_2 + sin 3 x_3 + cos 7 x_4: the same waves, added and not composed.

    Returns
    -------
    Waves
        Of x in R^4.
    """
    return _sines() + Waves.cosine(7 * _AXES[3])


@expects(c=number)
def harmonic_target(c: float) -> Waves:
    """The function cos(c x_1) exp(c x_2) of sec. 4.3, whose c is 100.

    It is the real part of exp(c (x_2 + i x_1)), so harmonic: its mean over the sphere is 1, its value at the centre.

    Parameters
    ----------
    c : float
        The frequency.

    Returns
    -------
    Waves
        Of x in R^4.
    """
    return Waves.cosine(c * _AXES[0]) * Waves.exponential(c * _AXES[1])


def _sines() -> Waves:
    return Waves.sine(3 * _AXES[0]) + Waves.sine(3 * _AXES[1]) + Waves.sine(3 * _AXES[2])
