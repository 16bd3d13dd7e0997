"""Right-hand sides of the inequalities of Arora et al. (2019), one function each, named after its place in the paper.

Where the paper writes O(.) the proof's own constant is used, and said so; where it gives none the constant is 1.
"""

import math

from torch import Tensor

from ntkbook.expect import expects
from ntkbook.label_norm import label_norms
from ntkbook.spectrum import check_gram
from ntkbook.wants import at_least, between, not_negative, number, probability, symmetric, unlike


@expects()
def theorem_3_1_rate(step_size: float, lambda_min: float) -> float:
    """Factor 1 - eta lambda_0 / 2 by which the loss must shrink at every step.

    Parameters
    ----------
    step_size : float
        eta.
    lambda_min : float
        lambda_0, least eigenvalue of H-infinity.

    Returns
    -------
    float
    """
    return 1 - step_size * lambda_min / 2


@expects(delta=probability)
def theorem_3_1_width(n: int, lambda_min: float, init_scale: float, delta: float) -> float:
    """Width n^6 / (lambda_0^4 kappa^2 delta^3) that Theorem 3.1 asks for, with constant 1.

    Parameters
    ----------
    n : int
        Samples.
    lambda_min, init_scale, delta : float
        lambda_0, kappa and the failure probability.

    Returns
    -------
    float
    """
    return n**6 / (lambda_min**4 * init_scale**2 * delta**3)


@expects(delta=probability)
def theorem_4_1_width(n: int, lambda_min: float, init_scale: float, delta: float, epsilon: float) -> float:
    """Width n^7 / (lambda_0^4 kappa^2 delta^4 epsilon^2) that Theorem 4.1 asks for, with constant 1.

    Parameters
    ----------
    n : int
        Samples.
    lambda_min, init_scale, delta, epsilon : float
        lambda_0, kappa, the failure probability, and the allowed gap in |y - u(k)|.

    Returns
    -------
    float
    """
    return n**7 / (lambda_min**4 * init_scale**2 * delta**4 * epsilon**2)


@expects(residual_norm=not_negative)
def lemma_c1_movement(n: int, width: int, lambda_min: float, residual_norm: float) -> float:
    """Movement 4 sqrt(n) |y - u(0)| / (sqrt(m) lambda_0) that no neuron exceeds, at any step: Lemma C.1.

    Parameters
    ----------
    n, width : int
        Samples and neurons m.
    lambda_min : float
        lambda_0.
    residual_norm : float
        |y - u(0)|.

    Returns
    -------
    float
    """
    return 4 * math.sqrt(n) * residual_norm / (math.sqrt(width) * lambda_min)


@expects(radius=not_negative, delta=probability)
def lemma_c2_gram_drift(n: int, radius: float, init_scale: float, delta: float) -> float:
    """Bound 4 n^2 R / (sqrt(2 pi) kappa delta) on |H(k) - H(0)|_F: proof of Lemma C.2, without its failure term.

    Parameters
    ----------
    n : int
        Samples.
    radius : float
        R, which bounds every neuron's movement, see `lemma_c1_movement`.
    init_scale, delta : float
        kappa and the failure probability.

    Returns
    -------
    float
    """
    return 4 * n**2 * radius / (math.sqrt(2 * math.pi) * init_scale * delta)


@expects(radius=not_negative, delta=probability)
def lemma_c2_feature_drift(n: int, radius: float, init_scale: float, delta: float) -> float:
    """Bound sqrt(2 n R / (sqrt(2 pi) kappa delta)) on |Z(k) - Z(0)|_F: proof of Lemma C.2, without its failure term.

    Parameters
    ----------
    n, radius, init_scale, delta
        As in `lemma_c2_gram_drift`.

    Returns
    -------
    float
    """
    return math.sqrt(2 * n * radius / (math.sqrt(2 * math.pi) * init_scale * delta))


@expects(delta=probability)
def lemma_c3_gram_deviation(n: int, width: int, delta: float) -> float:
    """Bound n sqrt(log(2 n^2 / delta) / (2 m)) on |H(0) - H-infinity|_F: proof of Lemma C.3.

    The lemma as stated has log(2 / delta); its proof, by a union bound over n^2 entries, gives this.

    Parameters
    ----------
    n, width : int
        Samples and neurons m.
    delta : float
        Failure probability.

    Returns
    -------
    float
    """
    return n * math.sqrt(math.log(2 * n**2 / delta) / (2 * width))


@expects(gram=symmetric("n n"), labels=unlike("n or n c"))
def complexity_measure(gram: Tensor, labels: Tensor) -> Tensor:
    """Data-dependent complexity sqrt(2 y'H^-1 y / n): eq. (10).

    It bounds, up to lower-order terms, the test error of the wide net that gradient descent finds, and needs no
    training.

    Parameters
    ----------
    gram : Tensor (n, n), float64
        H-infinity of the training inputs, which have unit norm, so that its diagonal is 1/2; positive definite.
    labels : Tensor (n,) or (n, c)
        Targets y, |y_i| <= 1; several label vectors as columns share one factorisation. Constant ones are a function
        like any other; shuffling them shows nothing.

    Returns
    -------
    Tensor () or (c,)
        The measure; above 1 it says nothing about a loss in [0, 1].

    Raises
    ------
    ValueError
        If `gram` is not symmetric float64 or not that of unit inputs, or `labels` have the wrong length or leave
        [-1, 1].
    NotPositiveDefiniteError
        If two inputs are parallel (lambda_min numerically 0); names the closest pair.
    """
    if not bool((labels.abs() <= 1).all()):
        raise ValueError(f"labels: expected values in [-1, 1], found {float(labels.abs().max()):g}; rescale them")
    check_gram(gram)
    diagonal = gram.diagonal()
    if not bool(((diagonal - 0.5).abs() <= 1e-6).all()):
        raise ValueError(
            f"gram: expected H-infinity of unit inputs, diagonal 1/2, found {float(diagonal.min()):g} to "
            f"{float(diagonal.max()):g}; scale the inputs with ntkbook.data.unit_rows"
        )
    return label_norms(gram, labels).values * (2 / len(gram)) ** 0.5  # sqrt(2 y'H^-1 y / n)


@expects(alpha=number, beta_norm=not_negative)
def theorem_6_1_norm(p: int, alpha: float, beta_norm: float) -> float:
    """Bound 3 p |alpha| |beta|^p on sqrt(y'H^-1 y) for y_i = alpha (beta.x_i)^p, p = 1 or even.

    Parameters
    ----------
    p : int
        Power.
    alpha, beta_norm : float
        Amplitude, and length of the direction.

    Returns
    -------
    float
    """
    return 3 * p * abs(alpha) * beta_norm**p


@expects(alpha=number, beta_norm=not_negative)
def theorem_6_1_norm_in_proof(p: int, alpha: float, beta_norm: float) -> float:
    """Sharper constants that the proof of Theorem 6.1 gives: 2 for p = 1, sqrt(2 pi) (p - 1) for even p.

    Parameters
    ----------
    p, alpha, beta_norm
        As in `theorem_6_1_norm`.

    Returns
    -------
    float
    """
    return (2.0 if p == 1 else math.sqrt(2 * math.pi) * (p - 1)) * abs(alpha) * beta_norm**p


@expects(trace_norm=not_negative)
def example_6_2_norm(trace_norm: float) -> float:
    """Bound 6 |A|_* on sqrt(y'H^-1 y) for the quadratic form y = x'Ax: Corollary 6.2 with p = 2.

    The paper prints M_g = O(|A|_*) for the square of this quantity, without the square: an erratum.

    Parameters
    ----------
    trace_norm : float
        Sum of the absolute eigenvalues of A.

    Returns
    -------
    float
    """
    return 6 * trace_norm


@expects(beta_norm=not_negative)
def example_6_3_norm(beta_norm: float) -> float:
    """Bound 3 |beta| sinh |beta| on sqrt(y'H^-1 y) for y = cos(beta.x) - 1.

    Parameters
    ----------
    beta_norm : float
        Length of beta.

    Returns
    -------
    float
    """
    return 3 * beta_norm * math.sinh(beta_norm)


@expects(beta_norm=between(0, 2, above=False))
def example_6_4_norm(beta_norm: float) -> float:
    """Bound 3 [b artanh(b/2) + 2 b^2 / (4 - b^2)], b = |beta| <= 1, for y = z arctan(z/2), z = beta.x.

    Parameters
    ----------
    beta_norm : float
        Length b of beta, below 2.

    Returns
    -------
    float
    """
    return 3 * (beta_norm * math.atanh(beta_norm / 2) + 2 * beta_norm**2 / (4 - beta_norm**2))


@expects(epsilon=between(0, 1), n_terms=at_least(1, most=10**6))
def example_6_4_rival_terms(constant: float, epsilon: float, n_terms: int) -> list[float]:
    """Terms (C sqrt(log 1/epsilon))^2j 2^(1-2j) / (2j-1) whose sum the rival theorem needs to be finite.

    Allen-Zhu et al. (2019) as quoted in Example 6.4. The sum converges only if C^2 log(1/epsilon) < 4.

    Parameters
    ----------
    constant : float
        C.
    epsilon : float
        Target error, in (0, 1).
    n_terms : int
        How many terms.

    Returns
    -------
    list of float
    """
    ratio = constant**2 * math.log(1 / epsilon) / 4
    return [2 * ratio**j / (2 * j - 1) for j in range(1, n_terms + 1)]
