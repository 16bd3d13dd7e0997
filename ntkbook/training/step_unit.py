"""The unit in which step sizes of SGD on the squared loss are given, from the learner's own kernel at the start.

Take a model with features phi and SGD on half mean squares of B points drawn at random, without momentum. With
H = E phi phi', the error delta of the weights becomes (I - eta H_B) delta in a step, where H_B is the batch's estimate
of H, so

    E|delta|^2  ->  |delta|^2 - 2 eta delta'H delta + eta^2 delta' E[H_B^2] delta,
    E[H_B^2] = (1 - 1/B) H^2 + (1/B) E[|phi|^2 phi phi'].

The second part is the variance of the estimate. Where all features have the norm |phi|^2 = tr H = tr K / n, it is
(tr K / (n B)) H, and the error shrinks in every direction if eta (lambda_max(H) + tr K / (n B)) < 2. Full batches need
eta lambda_max < 2 only.

Momentum beta lets curvature off by 1 + beta, but a velocity sums up the noise of 1 / (1 - beta) steps. A mode of
curvature h in which every step's gradient carries noise of variance s has E delta_h^2 = eta s (1 + beta) /
((1 - beta) h (2 (1 + beta) - eta h)) in the long run; with s = (h/B) sum_g g E delta_g^2, noise brings forth at most as
much noise as there was if

    eta (lambda_max(K/n) / (1 + beta) + tr K / (n B (1 - beta))) < 2.

The unit is half of that limit.
"""

import numpy as np
from scipy.sparse.linalg import eigsh
from torch import Tensor

from ntkbook.expect import expects
from ntkbook.wants import between, symmetric


@expects(gram=symmetric("n n"), momentum=between(0, 1, above=False))
def step_unit(gram: Tensor, batch_size: int, *, momentum: float = 0.0) -> float:
    """Step size 1 / (lambda_max(K/n) / (1 + beta) + tr K / (n B (1 - beta))), half of what is stable in mean square.

    Parameters
    ----------
    gram : Tensor (n, n)
        The learner's kernel at the start, at the training inputs or at a thousand of them.
    batch_size : int
        B.
    momentum : float
        beta, in [0, 1).

    Returns
    -------
    float
        Step size for the half mean square of a batch.
    """
    if not bool(gram.diagonal().sum() > 0):
        raise ValueError("gram: expected a kernel with a positive trace, found none; look at the inputs")
    k, ones = gram.double().cpu().numpy(), np.ones(len(gram))
    largest = np.max(eigsh(k, k=1, v0=ones, return_eigenvectors=False)) if len(k) > 1 else k[0, 0]
    noise = k.trace() / (batch_size * (1 - momentum))
    return float(len(k) / (largest / (1 + momentum) + noise))
