"""Right-hand sides of the lemmas of Li and Liang (2018) in setting (S), one function each, named after its place.

Setting (S): one point of norm 1 a component, and full-batch gradient descent. Where the paper hides constants in
O~ and Omega~ they are 1 here, or said.
"""

import math

import numpy as np

from ntkbook.expect import expects
from ntkbook.wants import between, natural, not_negative


@expects(steps=natural)
def lemma_5_1_coupled(step_size: float, steps: int, n_classes: int, n_components: int, init_scale: float) -> float:
    """Share 1 - e tau k l / sigma of the neurons whose gradient is still the pseudo-gradient, with tau = eta t.

    With the constant 1 in t = tau / eta this holds in expectation for k <= 10 classes: a neuron moves at most eta t
    times the range of its k output weights, 3.08 on average at k = 10; its pre-activation at each of kl points has
    density at most 1 / (sqrt(2 pi) sigma); and 3.08 sqrt(2 / pi) = 2.46 < e.

    Parameters
    ----------
    step_size : float
        eta, for the mean loss.
    steps : int
        t.
    n_classes, n_components : int
        k and l.
    init_scale : float
        sigma, standard deviation of a weight at the start.

    Returns
    -------
    float
        Below 0 the lemma says nothing.
    """
    return 1 - math.e * step_size * steps * n_classes * n_components / init_scale


@expects(v=not_negative)
def lemma_5_2_norm(v: float, delta: float, n_classes: int, n_components: int) -> float:
    """Norm v delta / (3 k l) that the pseudo-gradients of enough neurons reach; see `lemma_5_2_share`.

    Parameters
    ----------
    v : float
        max p_ab v_iab, the largest weighted error.
    delta : float
        Separation.
    n_classes, n_components : int
        k and l.

    Returns
    -------
    float
    """
    return v * delta / (3 * n_classes * n_components)


@expects()
def lemma_5_2_share(delta: float, n_classes: int, n_components: int) -> float:
    """Share delta / (16 k l) of the neurons that reach it, in the limit m -> infinity.

    These constants can be proved if |x - x'| >= delta and |x + x'| >= delta for any two of the points. Let x carry the
    largest error, and write w = sigma (z x + w') with w' orthogonal to x. The other gates do not depend on the sign of
    z while |z| <= s, s = sqrt(pi/2) delta / (2 k l), but for a share (k l - 1) sqrt(2/pi) s / delta <= 1/2 of the w',
    since an angle in [theta, pi - theta] has |cot| <= 1 / delta; and P(|z| <= s) >= 0.45 delta / (k l). For such
    neurons the two signs of z are equally likely, and their pseudo-gradients differ by u x, u = sum_i p v_i a_i a
    Gaussian of standard deviation v or more, so that one of the two has norm |u| / 2 or more. With delta <= sqrt(2)
    and k l >= 2 the norm asked for is at most 0.236 v, and P(|u| >= 0.472 v) >= 0.63: a share 0.45 / 4 * 0.63 = 0.071
    of delta / (k l), more than 1/16. For two points at a larger angle, a share 1/4 of the neurons sees x alone.

    A share delta / (2 k l) with norm v delta / (k l) is false: a single error between two points at distance sqrt(2)
    needs 0.35 of the neurons to have |a| >= 0.71, and 0.24 do.

    Parameters
    ----------
    delta : float
        Separation.
    n_classes, n_components : int
        k and l.

    Returns
    -------
    float
    """
    return delta / (16 * n_classes * n_components)


@expects()
def lemma_5_2_width(delta: float, n_classes: int, n_components: int) -> float:
    """Width k^3 l^2 / delta that Lemma 5.2 asks for, with constant 1.

    Parameters
    ----------
    delta : float
        Separation.
    n_classes, n_components : int
        k and l.

    Returns
    -------
    float
    """
    return n_classes**3 * n_components**2 / delta


@expects(radius=between(0, 1))
def xor_ceiling(radius: float) -> float:
    """Largest accuracy of any net without biases on the planar XOR discs of Li and Liang (2018), sec. 3.

    Such a net gives one class to a whole ray. Rays through the discs around (0, 2) and (2, 0) also hold points of the
    disc around the origin, which has the other class; the smaller of the two masses is lost on each ray.

    Parameters
    ----------
    radius : float
        Of the discs, below 1.

    Returns
    -------
    float
    """
    angle = np.linspace(0, math.asin(radius / 2), 100_001)  # off the axis of a disc at distance 2
    chord = np.sqrt(np.maximum(radius**2 - 4 * np.sin(angle) ** 2, 0))
    disc = 4 * np.cos(angle) * chord / (math.pi * radius**2)  # mass for each radian, of a disc of mass 1
    lost = np.trapezoid(np.minimum(disc, 1 / (2 * math.pi)), angle)
    return float(1 - 2 * 2 * lost / 4)  # two discs, two sides each; each disc holds a quarter of the mass
