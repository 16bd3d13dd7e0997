"""Real images as the papers use them, of unit norm: two classes with labels +1 and -1, or several by number."""

import operator
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ntkbook.data.cifar10 import find_cifar10, open_cifar10
from ntkbook.data.digits import open_digits
from ntkbook.data.mnist import find_mnist, open_mnist
from ntkbook.data.sample import Sample
from ntkbook.data.sources import Collection, Part
from ntkbook.data.sphere import unit_rows
from ntkbook.expect import expects
from ntkbook.wants import natural, one_of

NAMES = ("mnist", "cifar10", "digits")


@expects(name=one_of(*NAMES), n_test=natural, classes=None)
def load(
    name: str,
    *,
    n_train: int,
    n_test: int,
    rng: np.random.Generator,
    classes: tuple[int, int] = (0, 1),
    download: bool = False,
) -> Sample:
    """Draw training and test images of two classes, prepared as in Arora et al. (2019), app. A.

    Looks in the folder that the environment variable NTKBOOK_DATA names, then in the user's cache, then downloads if
    that is allowed, then takes what a dependency ships: 5,000 MNIST images, scikit-learn's digits, no CIFAR-10.
    Training images are drawn uniformly without replacement from the two classes of the training part, test images from
    the test part; what a dependency ships is one pool, from which both are drawn without overlap. Every image is
    flattened and scaled to unit Euclidean norm; there is no centring, and the range of the raw pixels cancels.

    Parameters
    ----------
    name : str
        "mnist" (28 x 28 pixels), "cifar10" (32 x 32 pixels in 3 colours) or "digits" (8 x 8 pixels).
    n_train : int
        Training images, both classes together, at least 1.
    n_test : int
        Test images, at least 0.
    rng : numpy Generator
        The source of randomness: the same state gives the same sample, and a larger one contains a smaller one.
    classes : tuple of int
        Two classes from 0 to 9: the first gets the label +1, the second -1.
    download : bool
        Whether MNIST or CIFAR-10 may be downloaded if neither NTKBOOK_DATA nor the cache has it.

    Returns
    -------
    Sample
        The data, with its source and its hash.

    Raises
    ------
    DataNotFoundError
        If there is no CIFAR-10, NTKBOOK_DATA names no folder or an incomplete one, or a download fails.
    ValueError
        If an argument is out of range, more images are asked for than there are (the message gives their number and
        source), a file is damaged or an image is blank.
    TypeError
        If `rng` is not a numpy Generator.
    """
    classes = _two_classes(classes)
    collection = _open(name, classes, download)
    train, test = _draw(collection, n_train, n_test, classes, rng)
    return Sample(
        x_train=_inputs(train, collection.source),
        y_train=_labels(train, classes),
        x_test=_inputs(test, collection.source),
        y_test=_labels(test, classes),
        name=name,
        source=collection.source,
    )


@expects(name=one_of(*NAMES), n_test=natural, classes=None)
def load_classes(
    name: str,
    *,
    n_train: int,
    n_test: int,
    rng: np.random.Generator,
    classes: Sequence[int] = tuple(range(10)),
    unit_norm: bool = True,
    download: bool = False,
) -> Sample:
    """Draw training and test images of several classes, labelled by their place in `classes`: Li and Liang (2018).

    Sources and drawing are those of `load`, and scaling as well if nothing else is asked for.

    Parameters
    ----------
    name : str
        "mnist", "cifar10" or "digits".
    n_train : int
        Training images, all classes together, at least 1.
    n_test : int
        Test images, at least 0.
    rng : numpy Generator
        The source of randomness: the same state gives the same sample, and a larger one contains a smaller one.
    classes : sequence of int
        Two or more different classes from 0 to 9; all ten when left out.
    unit_norm : bool
        Whether every image is scaled to norm 1. If not, pixels in [0, 1] are divided by sqrt(d), so that a white image
        would have norm 1; digits have about a third.
    download : bool
        Whether MNIST or CIFAR-10 may be downloaded if neither NTKBOOK_DATA nor the cache has it.

    Returns
    -------
    Sample
        The data; labels 0, 1, ... are places in `classes`, as floats.

    Raises
    ------
    DataNotFoundError
        If there is no CIFAR-10, NTKBOOK_DATA names no folder or an incomplete one, or a download fails.
    ValueError
        If an argument is out of range, more images are asked for than there are, a file is damaged or an image is
        blank.
    TypeError
        If `rng` is not a numpy Generator.
    """
    wanted = _several_classes(classes)
    collection = _open(name, wanted, download)
    train, test = _draw(collection, n_train, n_test, wanted, rng)
    place = np.zeros(10)
    place[list(wanted)] = np.arange(len(wanted))
    x_train, x_test = (
        _inputs(part, collection.source)
        if unit_norm
        else part.images / (collection.white * part.images.shape[1] ** 0.5)
        for part in (train, test)
    )
    return Sample(
        x_train=x_train,
        y_train=place[train.classes],
        x_test=x_test,
        y_test=place[test.classes],
        name=name,
        source=collection.source,
        unit_norm=unit_norm,
    )


@expects(name=one_of(*NAMES))
def available(name: str) -> bool:
    """Tell whether `load` finds a data set without a download.

    Parameters
    ----------
    name : str
        "mnist", "cifar10" or "digits". Only CIFAR-10 can be missing.

    Returns
    -------
    bool
        True if it is there. The files are not read: `load` may still find one damaged.

    Raises
    ------
    DataNotFoundError
        If NTKBOOK_DATA names no folder or an incomplete one.
    ValueError
        If there is no such data set, or something else than a file has the name of one.
    """
    if name == "mnist":
        find_mnist()  # an incomplete one is an error, and not a reason to take what is shipped
    return name != "cifar10" or find_cifar10() is not None


def files() -> list[Path]:
    """List the files that `load` reads on this machine, whatever else lies beside them.

    Returns
    -------
    list of Path
        Those of MNIST and of CIFAR-10, where there are any.

    Raises
    ------
    DataNotFoundError
        If NTKBOOK_DATA names no folder or an incomplete one.
    ValueError
        If something else than a file has the name of one.
    """
    places = (find_mnist(), find_cifar10())
    return [path for place in places if place is not None for path in place[0]]


def _open(name: str, classes: tuple[int, ...], download: bool) -> Collection:
    if name == "mnist":
        return open_mnist(classes, download=download)
    if name == "cifar10":
        return open_cifar10(classes, download=download)
    return open_digits(classes)


def _two_classes(classes: tuple[int, int]) -> tuple[int, int]:
    rule = f"classes: expected two different whole numbers from 0 to 9, found {classes!r}"
    try:
        first, second = (operator.index(c) for c in classes)
    except (TypeError, ValueError):
        raise ValueError(rule) from None
    if first == second or not (0 <= first <= 9 and 0 <= second <= 9):
        raise ValueError(rule)
    return first, second


def _several_classes(classes: Sequence[int]) -> tuple[int, ...]:
    rule = f"classes: expected two or more different whole numbers from 0 to 9, found {classes!r}"
    try:
        wanted = tuple(operator.index(c) for c in classes)
    except TypeError:
        raise ValueError(rule) from None
    if len(wanted) < 2 or len(set(wanted)) < len(wanted) or not (min(wanted) >= 0 and max(wanted) <= 9):
        raise ValueError(rule)
    return wanted


def _draw(
    collection: Collection, n_train: int, n_test: int, classes: tuple[int, ...], rng: np.random.Generator
) -> tuple[Part, Part]:
    # Prefixes of a permutation: a larger n_train adds to the images of a smaller one, whatever n_test is.
    train, test, source = collection.train, collection.test, collection.source
    if test is None:
        _check_enough("n_train + n_test", n_train + n_test, train, "", classes, source)
        order = rng.permutation(len(train.classes))
        return train.rows(order[:n_train]), train.rows(order[len(order) - n_test :])
    _check_enough("n_train", n_train, train, "training ", classes, source)
    _check_enough("n_test", n_test, test, "test ", classes, source)
    order, order_test = rng.permutation(len(train.classes)), rng.permutation(len(test.classes))
    return train.rows(order[:n_train]), test.rows(order_test[:n_test])


def _check_enough(argument: str, asked: int, part: Part, kind: str, classes: tuple[int, ...], source: str) -> None:
    counts = [int((part.classes == c).sum()) for c in classes]
    if asked and not all(counts):
        raise ValueError(
            f"classes: expected {kind}images of {'both' if len(classes) == 2 else 'all'} classes {classes}, "
            f"found {' and '.join(map(str, counts))} in {source}; "
            "choose other classes, or another source by NTKBOOK_DATA"
        )
    if asked > sum(counts):
        raise ValueError(
            f"{argument}: expected at most {sum(counts)}, the {kind}images of classes {classes} in {source}, "
            f"found {asked}; ask for fewer, or set NTKBOOK_DATA to a folder with more"
        )


def _inputs(part: Part, source: str) -> NDArray[np.float64]:
    try:
        return unit_rows(part.images)
    except ValueError as error:
        raise ValueError(f"{source}: a drawn image cannot be scaled to norm 1: {error}") from error


def _labels(part: Part, classes: tuple[int, int]) -> NDArray[np.float64]:
    return np.where(part.classes == classes[0], 1.0, -1.0)
