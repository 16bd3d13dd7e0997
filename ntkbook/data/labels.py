"""Random labels, and labels of which a portion is random (Arora et al. 2019, Figures 1 and 2)."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ntkbook.expect import expects
from ntkbook.wants import share, signs


@expects("n")
def random_labels(n: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Draw n independent labels, -1 or +1 with probability 1/2 each.

    Parameters
    ----------
    n : int
        How many, at least 1.
    rng : numpy Generator
        The source of randomness.

    Returns
    -------
    ndarray (n,), float64
        Labels from {-1, +1}.

    Raises
    ------
    ValueError
        If `n` is below 1.
    """
    return rng.choice([-1.0, 1.0], size=n)


@expects(y=signs("n"), portion=share)
def randomise_portion(y: ArrayLike, portion: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """Replace a portion of the labels, chosen uniformly at random, by unif({-1, 1}) (Arora et al. 2019, app. A).

    Exactly ``round(portion * n)`` entries are drawn anew. About half of those keep their value by chance, so that at
    portion 1 the labels are wholly random, not flipped.

    Parameters
    ----------
    y : array (n,)
        Labels from {-1, +1}; left as it is.
    portion : float
        Share of random labels, from 0 to 1.
    rng : numpy Generator
        The source of randomness.

    Returns
    -------
    ndarray (n,), float64
        The new labels.

    Raises
    ------
    ValueError
        If `y` is empty, not one-dimensional or holds anything but -1 and +1, or `portion` is outside [0, 1].
    """
    labels = np.array(y, dtype=np.float64)
    count = round(portion * labels.size)
    chosen = rng.choice(labels.size, size=count, replace=False)
    labels[chosen] = rng.choice([-1.0, 1.0], size=count)
    return labels
