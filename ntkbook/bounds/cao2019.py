"""Right-hand sides of Theorem 4.7 and the corollaries of Cao and Gu (2019), one function each, named after its place.

Constants and logarithms that O~ and Omega~ hide are 1 here, which flatters the theorems; so they say what order of
width, samples and steps is asked for. m is the least width, L the number of hidden layers. The generalisation bound is
in `ntkbook.bounds.cao2019_generalization`, the lemmas are in `ntkbook.bounds.cao2019_lemmas`.
"""

import math

from ntkbook.expect import expects
from ntkbook.wants import number, probability


@expects()
def theorem_4_7_radius(gradient: float, epsilon: float, width: float) -> float:
    """Radius tau = 1 / (B eps sqrt(m)) that Theorem 4.7 keeps the iterates in.

    Its proof, by (5.2) and (5.5), gives B^-2 for B^-1; see `path_bound` for a proof of B^-1.

    Parameters
    ----------
    gradient : float
        B of eq. (4.1).
    epsilon : float
        Surrogate error to be reached.
    width : float
        m.

    Returns
    -------
    float
    """
    return 1 / (gradient * epsilon * math.sqrt(width))


@expects(descent=number)
def path_bound(descent: float, gradient: float, epsilon: float, width: float) -> float:
    """Bound 2 (L_S(0) - L_S(k)) / (B sqrt(m) eps) on the length of the path while E_S >= eps.

    Ours, in the place of (5.2). A step of length eta |grad| that lowers the loss by at least eta |grad|^2 / 2 is at
    most 2 / |grad| times as long as the loss falls, and |grad| >= B sqrt(m) eps.

    Parameters
    ----------
    descent : float
        L_S(0) - L_S(k).
    gradient, epsilon, width
        As in `theorem_4_7_radius`.

    Returns
    -------
    float
        It bounds |W_l(k) - W_l(0)|_F for every layer.
    """
    return 2 * descent * theorem_4_7_radius(gradient, epsilon, width)


@expects(delta=probability)
def theorem_4_7_width(depth: int, gradient: float, epsilon: float, delta: float) -> float:
    """Width m* = L^12 B^-4 eps^-2 log(1/delta) that Theorem 4.7 asks for, as printed.

    Parameters
    ----------
    depth : int
        L.
    gradient, epsilon, delta : float
        B, eps and the failure probability.

    Returns
    -------
    float
    """
    return depth**12 * gradient**-4 * epsilon**-2 * math.log(1 / delta)


@expects(delta=probability)
def theorem_4_7_width_rederived(depth: int, gradient: float, epsilon: float, delta: float) -> float:
    """Width L^18 B^-14 eps^-2 log(1/delta) that its proof needs, with (5.4) as the proof uses it.

    The descent needs L^3 tau^(1/3) sqrt(log m) <= nu B^2: (5.4) has sqrt(m) B^2 on the right and L^2 on the left. With
    tau = 1 / (B eps sqrt(m)) that is a width of this order.

    Parameters
    ----------
    depth, gradient, epsilon, delta
        As in `theorem_4_7_width`.

    Returns
    -------
    float
    """
    return depth**18 * gradient**-14 * epsilon**-2 * math.log(1 / delta)


@expects(delta=probability)
def theorem_4_7_width_repaired(depth: int, gradient: float, epsilon: float, delta: float) -> float:
    """Width L^15 B^-8 eps^-2 log(1/delta) that suffices when descent is measured in |grad L_S|^2, of all layers.

    Ours. With g = |grad L_S|_F, sum_l |grad_l| <= sqrt(L) g and E_S <= g / (B sqrt(m)), Lemma 5.2's first term is at
    most L^(5/2) tau^(1/3) sqrt(log m) eta g^2 / B, so that L^(5/2) tau^(1/3) sqrt(log m) <= nu B is enough.

    Parameters
    ----------
    depth, gradient, epsilon, delta
        As in `theorem_4_7_width`.

    Returns
    -------
    float
    """
    return depth**15 * gradient**-8 * epsilon**-2 * math.log(1 / delta)


@expects()
def theorem_4_7_steps(depth: int, gradient: float, epsilon: float) -> float:
    """Number of steps K = L^3 B^-4 eps^-2 within which E_S <= eps.

    Parameters
    ----------
    depth : int
        L.
    gradient, epsilon : float
        B and eps.

    Returns
    -------
    float
    """
    return depth**3 * gradient**-4 * epsilon**-2


@expects()
def theorem_4_7_step_size(depth: int, gradient: float, width: float) -> float:
    """Step size eta = L^-3 B^2 / m.

    Parameters
    ----------
    depth : int
        L.
    gradient : float
        B.
    width : float
        m.

    Returns
    -------
    float
    """
    return float(depth) ** -3 * gradient**2 / width


@expects()
def corollary_4_9(depth: int, gradient: float, epsilon: float, n: float, width: float) -> float:
    """Classification error eps + L^2 / (B eps sqrt(n)) + L^4 (B eps)^(-4/3) m^(-1/6) of the net that is found.

    Theorem 4.5 with tau of Theorem 4.7 has L for L^2.

    Parameters
    ----------
    depth : int
        L.
    gradient, epsilon : float
        B and eps.
    n, width : float
        Samples and m.

    Returns
    -------
    float
        Above 1 it says nothing.
    """
    scale = gradient * epsilon
    return epsilon + depth**2 / (scale * math.sqrt(n)) + depth**4 * scale ** (-4 / 3) * width ** (-1 / 6)


@expects(delta=probability)
def corollary_4_11_width(depth: int, margin: float, epsilon: float, delta: float) -> float:
    """Width m* = L^24 2^(8L) gamma^-8 eps^-14 log(1/delta), from the proof of Corollary 4.11.

    Parameters
    ----------
    depth : int
        L.
    margin, epsilon, delta : float
        gamma of assumption 4.10, the error to be reached, and the failure probability.

    Returns
    -------
    float
    """
    return corollary_4_13_width(depth, 2.0**-depth * margin, epsilon, delta)


@expects(delta=probability)
def corollary_4_11_samples(depth: int, margin: float, epsilon: float, delta: float) -> float:
    """Samples n* = L^4 4^L gamma^-2 eps^-4 log(1/delta), from the proof of Corollary 4.11.

    Parameters
    ----------
    depth, margin, epsilon, delta
        As in `corollary_4_11_width`.

    Returns
    -------
    float
    """
    return corollary_4_13_samples(depth, 2.0**-depth * margin, epsilon, delta)


@expects(delta=probability)
def corollary_4_13_width(depth: int, margin: float, epsilon: float, delta: float) -> float:
    """Width m* = L^24 gamma^-8 eps^-14 log(1/delta), from the proof of Corollary 4.13.

    Parameters
    ----------
    depth : int
        L.
    margin, epsilon, delta : float
        gamma of assumption 4.12, the error to be reached, and the failure probability.

    Returns
    -------
    float
    """
    return depth**24 * margin**-8 * epsilon**-14 * math.log(1 / delta)


@expects(delta=probability)
def corollary_4_13_samples(depth: int, margin: float, epsilon: float, delta: float) -> float:
    """Samples n* = L^4 gamma^-2 eps^-4 log(1/delta), from the proof of Corollary 4.13.

    Parameters
    ----------
    depth, margin, epsilon, delta
        As in `corollary_4_13_width`.

    Returns
    -------
    float
    """
    return depth**4 * margin**-2 * epsilon**-4 * math.log(1 / delta)
