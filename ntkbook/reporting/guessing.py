"""Whether predictions for inputs left out are worth more than the guess that needs no inputs."""

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest

LEVEL = 0.05
"""Probability that predictions no better than the guess pass for better."""


def beats_guessing(margins: NDArray[np.float64], of: NDArray[np.intp]) -> bool:
    """Compare predictions with always guessing the largest class, by McNemar's test, exact and one-sided.

    Only inputs on which one of the two is right count. If the predictions were no better, at most half of these would
    be theirs, so that their number would be at most binomial with probability 1/2. The predictions beat guessing if as
    many as they have, or more, would then come up with probability `LEVEL` or less. Predictions of inputs left out
    depend on each other a little; the test takes them as independent.

    Parameters
    ----------
    margins : ndarray (n,)
        Above 0 where the prediction is the given class.
    of : ndarray (n,)
        The given class of each, from 0.

    Returns
    -------
    bool
    """
    right, guessed = margins > 0, of == np.bincount(of).argmax()
    theirs, decided = int((right & ~guessed).sum()), int((right != guessed).sum())
    return decided > 0 and bool(binomtest(theirs, decided, alternative="greater").pvalue <= LEVEL)
