"""The digits that scikit-learn ships: 1,797 handwritten ones, 8 x 8 pixels, for runs that take no time."""

import numpy as np

from ntkbook.data.sources import Collection, Part


def open_digits(classes: tuple[int, ...]) -> Collection:
    """Read scikit-learn's digits of some classes.

    Parameters
    ----------
    classes : tuple of int
        The classes wanted.

    Returns
    -------
    Collection
        The images, as one pool.
    """
    from sklearn.datasets import load_digits  # slow to import, and few need it

    images, labels = (np.asarray(array).astype(np.uint8) for array in load_digits(return_X_y=True))
    return Collection("digits (1,797 images shipped with scikit-learn)", Part(images, labels).only(classes), None, 16)
