"""Right-hand sides of the inequalities of Arora et al. (2019), sec. 5 and app. B, D: generalisation.

One function each, named after its place in the paper. Where the paper writes O(.) the proof's own constant is used;
where it gives none the constant is 1, and said so.
"""

import math
from dataclasses import dataclass

from ntkbook.expect import expects
from ntkbook.wants import not_negative, probability


@dataclass(frozen=True)
class RademacherBound:
    """The three terms of Lemma 5.4."""

    linear: float
    """B / sqrt(2 n) (1 + (2 log(2/delta) / m)^(1/4)): the net with its gates frozen."""
    flips: float
    """2 R^2 sqrt(m) / kappa: gates that the ball can flip, in expectation."""
    deviation: float
    """R sqrt(2 log(2/delta)): what their number may exceed its expectation by."""

    @property
    def total(self) -> float:
        """The sum, which bounds the Rademacher complexity."""
        return self.linear + self.flips + self.deviation


@expects(label_norm=not_negative, init_scale=not_negative, delta=probability)
def lemma_5_3_leading(label_norm: float, n: int, lambda_min: float, init_scale: float, delta: float) -> float:
    """Bound sqrt(y'H^-1 y) + n kappa / (lambda_0 delta) on |W(k) - W(0)|_F, without its term in the width.

    The constant of the second term, 1, is ours; the paper's last term poly(n, 1/lambda_0, 1/delta) / (m^(1/4)
    kappa^(1/2)) has no printed exponents.

    Parameters
    ----------
    label_norm : float
        sqrt(y'H^-1 y).
    n : int
        Samples.
    lambda_min, init_scale, delta : float
        lambda_0, kappa and the failure probability.

    Returns
    -------
    float
    """
    return label_norm + n * init_scale / (lambda_min * delta)


@expects(neuron_radius=not_negative, total_radius=not_negative, delta=probability)
def lemma_5_4_rademacher(
    neuron_radius: float, total_radius: float, n: int, width: int, init_scale: float, delta: float, *, copies: int = 1
) -> RademacherBound:
    """Bound on the empirical Rademacher complexity of the nets with |w_r - w_r(0)| <= R and |W - W(0)|_F <= B.

    Parameters
    ----------
    neuron_radius, total_radius : float
        R and B.
    n, width : int
        Samples and neurons m.
    init_scale, delta : float
        kappa and the failure probability.
    copies : int
        How often each first-layer weight vector occurs: 2 for a doubled net. Only m / copies draws are independent, and
        it is their number that enters Hoeffding's inequality.

    Returns
    -------
    RademacherBound
        Its terms. Predictions of a loss in [0, 1] gain nothing from a sum above 1/2.
    """
    log = copies * math.log(2 / delta)
    return RademacherBound(
        total_radius / math.sqrt(2 * n) * (1 + (2 * log / width) ** 0.25),
        2 * neuron_radius**2 * math.sqrt(width) / init_scale,
        neuron_radius * math.sqrt(2 * log),
    )


@expects(neuron_radius=not_negative, delta=probability)
def lemma_5_4_events(neuron_radius: float, width: int, init_scale: float, delta: float, *, copies: int = 1) -> float:
    """Bound on the share of pairs (neuron, input) with |w_r(0).x_i| <= R, whose gate the ball can flip: app. D.2.

    Parameters
    ----------
    neuron_radius : float
        R.
    width : int
        Neurons m.
    init_scale, delta : float
        kappa and the failure probability.
    copies : int
        As in `lemma_5_4_rademacher`.

    Returns
    -------
    float
        sqrt(2/pi) R / kappa + sqrt(log(2/delta) / (2 m)); more than 1 says nothing.
    """
    return math.sqrt(2 / math.pi) * neuron_radius / init_scale + math.sqrt(copies * math.log(2 / delta) / (2 * width))


@expects(rademacher=not_negative, delta=probability)
def theorem_b_1(rademacher: float, n: int, delta: float) -> float:
    """Bound 2 R_S + 3 sqrt(log(2/delta) / (2 n)) on population less empirical loss, for 1-Lipschitz losses in [0, 1].

    Parameters
    ----------
    rademacher : float
        Empirical Rademacher complexity R_S of the class, or a bound on it.
    n : int
        Samples.
    delta : float
        Failure probability.

    Returns
    -------
    float
    """
    return 2 * rademacher + 3 * math.sqrt(math.log(2 / delta) / (2 * n))


@expects(delta=probability)
def theorem_5_1_remainder(n: int, lambda_min: float, delta: float) -> float:
    """Explicit form of the O(sqrt(log(n / (lambda_0 delta)) / n)) of eq. (9), from app. D.3 with m without bound.

    1/sqrt(n) for the training loss, 2 x 2/sqrt(n) for rounding B up to a whole number and the terms in kappa and m,
    and Theorem B.1 with a union bound over sqrt(n / lambda_0) balls at failure probability delta / 3.

    Parameters
    ----------
    n : int
        Samples.
    lambda_min, delta : float
        lambda_0 and the failure probability.

    Returns
    -------
    float
        To be added to sqrt(2 y'H^-1 y / n).
    """
    balls = math.ceil(math.sqrt(n / lambda_min))
    return 5 / math.sqrt(n) + theorem_b_1(0.0, n, delta / (3 * balls))


@expects(delta=probability)
def theorem_5_1_init_scale(n: int, lambda_min: float, delta: float) -> float:
    """Scale lambda_0 delta / n below which Theorem 5.1 wants kappa, with constant 1.

    Parameters
    ----------
    n : int
        Samples.
    lambda_min, delta : float
        lambda_0 and the failure probability.

    Returns
    -------
    float
    """
    return lambda_min * delta / n
