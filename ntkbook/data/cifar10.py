"""CIFAR-10: photographs of ten classes, 32 x 32 pixels in 3 colours, 50,000 to train and 10,000 to test."""

import tarfile
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from ntkbook.data.cifar import read_batch
from ntkbook.data.errors import DataNotFoundError
from ntkbook.data.sources import Collection, Part, cache_folder, find_folder, retrieve

_SUBFOLDER = "cifar-10-batches-bin"
_TRAIN, _TEST = "data_batch_*.bin", "test_batch.bin"
_URL = "https://www.cs.toronto.edu/~kriz/"
_ARCHIVE = "cifar-10-binary.tar.gz"
_SHA256 = "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd"


def find_cifar10() -> tuple[Path, str] | None:
    """Find CIFAR-10's binary batches, as `find_folder` does."""
    return find_folder(_SUBFOLDER, _members)


def open_cifar10(classes: tuple[int, ...], *, download: bool) -> Collection:
    """Read CIFAR-10's images of some classes from the first source that has them.

    Parameters
    ----------
    classes : tuple of int
        The classes wanted.
    download : bool
        Whether the archive (170 MB) may be downloaded and unpacked into the user's cache.

    Returns
    -------
    Collection
        The images.

    Raises
    ------
    DataNotFoundError
        If no source has the batches, NTKBOOK_DATA names no folder or an incomplete one, or the download fails.
    ValueError
        If a file is damaged.
    """
    place = find_cifar10()
    if place is None and download:
        _fetch(cache_folder(_SUBFOLDER))
        place = find_cifar10()
    if place is None:
        raise DataNotFoundError(
            "cifar10: expected binary batches in NTKBOOK_DATA or the user cache, found none, and no dependency ships "
            f"them; set NTKBOOK_DATA to a folder that holds {_SUBFOLDER}, or call load with download=True"
        )
    folder, where = place
    # Each batch is cut down to the wanted classes before the next is read: a fifth of the memory for two of ten.
    batches = [Part(*read_batch(path)).only(classes) for path in sorted(folder.glob(_TRAIN))]
    train = Part(np.concatenate([b.images for b in batches]), np.concatenate([b.classes for b in batches]))
    test = Part(*read_batch(folder / _TEST)).only(classes)
    return Collection(f"CIFAR-10 (binary batches, {where})", train, test)


def _members(folder: Path) -> tuple[list[str], list[str]]:
    found = [pattern for pattern in (_TRAIN, _TEST) if any(folder.glob(pattern))]
    return found, [pattern for pattern in (_TRAIN, _TEST) if pattern not in found]


def _fetch(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    archive = retrieve(_URL, _ARCHIVE, _SHA256, folder)
    with TemporaryDirectory(dir=folder) as unpacked:
        with tarfile.open(archive) as tar:
            tar.extractall(unpacked, filter="data")
        # The test batch comes last, so that a folder that has it is whole even if this was cut short before.
        for batch in sorted(Path(unpacked).rglob("*.bin")):
            batch.replace(folder / batch.name)
    archive.unlink()
