"""CIFAR-10: photographs of ten classes, 32 x 32 pixels in 3 colours, 50,000 to train and 10,000 to test."""

import hashlib
import tarfile
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from ntkbook.data.cifar import read_batch
from ntkbook.data.errors import DataNotFoundError
from ntkbook.data.sources import Collection, Part, cache_folder, find_folder, is_file, retrieve

_FOLDERS = ("cifar-10-batches-bin",)
_TRAIN, _TEST = tuple(f"data_batch_{k}.bin" for k in range(1, 6)), "test_batch.bin"
_RECORDS = 10_000
"""Images in each published batch."""
_URL = "https://www.cs.toronto.edu/~kriz/"
_ARCHIVE = "cifar-10-binary.tar.gz"
_SUMS = "SHA256SUMS"
_SHA256 = "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd"


def find_cifar10() -> tuple[list[Path], str] | None:
    """Find CIFAR-10's binary batches, that for testing last, and say where they are, as `find_folder` does."""
    place = find_folder(_FOLDERS, _members)
    return None if place is None else ([place[0] / name for name in (*_TRAIN, _TEST)], place[1])


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
        If a file is damaged, there twice, or none of the published batches.
    """
    place = find_cifar10()
    if place is None and download:
        _fetch(cache_folder(_FOLDERS[0]))
        place = find_cifar10()
    if place is None:
        raise DataNotFoundError(
            "cifar10: expected binary batches in NTKBOOK_DATA or the user cache, found none, and no dependency ships "
            f"them; set NTKBOOK_DATA to a folder that holds {_FOLDERS[0]} (the version in Python's format will not do: "
            "it is pickled, and nothing here unpickles), or call load with download=True"
        )
    paths, where = place
    # Each batch is cut down to the wanted classes before the next is read: a fifth of the memory for two of ten.
    batches, seen = [], {}
    for path in paths:
        images, labels = read_batch(path)
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        if content in seen:
            raise ValueError(
                f"{path}: expected images of its own, found those of {seen[content][0]}; fetch the file again"
            )
        seen[content] = path.name, len(labels)
        batches.append(Part(images, labels).only(classes))
    *parts, test = batches
    train = Part(np.concatenate([b.images for b in parts]), np.concatenate([b.classes for b in parts]))
    held = sum(count for name, count in seen.values() if name != _TEST)
    whole = all(count == _RECORDS for _, count in seen.values())
    if not whole:
        told = f", {held:,} training images of {len(_TRAIN) * _RECORDS:,}"
    else:
        told = "" if set(seen) <= _unpacked() else ", not compared with the published ones"
    return Collection(f"CIFAR-10 (binary batches, {where}{told})", train, test)


def _members(folder: Path) -> tuple[list[str], list[str]]:
    expected = (*_TRAIN, _TEST)
    found = [name for name in expected if is_file(folder / name)]
    if stray := sorted(path.name for path in folder.glob("data_batch_*.bin") if path.name not in expected):
        raise ValueError(f"{folder}: expected {_TRAIN[0]} to {_TRAIN[-1]}, found {', '.join(stray)} too; move it away")
    return found, [name for name in expected if name not in found]


def _fetch(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    archive = retrieve(_URL, _ARCHIVE, _SHA256, folder)
    sums = []
    with TemporaryDirectory(dir=folder) as unpacked:
        with tarfile.open(archive) as tar:
            tar.extractall(unpacked, filter="data")
        # The test batch comes last, so that a folder that has it is whole even if this was cut short before.
        for batch in sorted(Path(unpacked).rglob("*.bin")):
            sums.append(f"{hashlib.sha256(batch.read_bytes()).hexdigest()}  {batch.name}\n")
            batch.replace(folder / batch.name)
    (folder / _SUMS).write_text("".join(sums), encoding="utf-8")
    archive.unlink()


def _unpacked() -> set[str]:
    """Checksums of the batches that came out of the published archive on this machine; of each alone none is known."""
    sums = cache_folder(_FOLDERS[0]) / _SUMS
    return {line[:64] for line in sums.read_text(encoding="utf-8").splitlines()} if is_file(sums) else set()
