"""Where the files of a data set are: a folder of the reader's, the user's cache, or a download into it."""

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ntkbook.data.errors import DataNotFoundError

Members = Callable[[Path], tuple[list[str], list[str]]]
"""Which files of a data set a folder holds, and which it lacks."""


@dataclass(frozen=True, eq=False)
class Part:
    """Images (n, d), a row of raw pixels each, with their classes (n,)."""

    images: NDArray[np.integer]
    classes: NDArray[np.integer]

    def only(self, wanted: Iterable[int]) -> "Part":
        """Keep the images of the wanted classes."""
        return self.rows(np.flatnonzero(np.isin(self.classes, list(wanted))))

    def rows(self, chosen: NDArray[np.integer]) -> "Part":
        """Take the chosen rows, in that order."""
        return Part(self.images[chosen], self.classes[chosen])


@dataclass(frozen=True, eq=False)
class Collection:
    """All images of the wanted classes that one source holds."""

    source: str
    """A short phrase for under a figure; no path."""
    train: Part
    test: Part | None
    """None where the source is one pool, from which training and test images are both to be drawn."""
    white: int = 255
    """Largest value that a pixel can have."""


def find_folder(subfolders: Sequence[str], members: Members) -> tuple[Path, str] | None:
    """Find the files of a data set in NTKBOOK_DATA, or else in the user's cache.

    Parameters
    ----------
    subfolders : sequence of str
        Where they may lie inside NTKBOOK_DATA, besides its top; in the cache they lie in the first.
    members : callable
        Takes a folder and returns the names of the files it holds and of those it lacks.

    Returns
    -------
    tuple of Path and str, or None
        The folder and where that is, "NTKBOOK_DATA" or "user cache"; None if neither place has the files.

    Raises
    ------
    DataNotFoundError
        If NTKBOOK_DATA names no folder, or one with some of the files only: the reader meant to use it.
    ValueError
        If something that is no regular file has the name of one.
    """
    if named := named_folder():
        for folder in (*(named / name for name in subfolders), named):
            found, missing = members(folder)
            if found and missing:
                raise DataNotFoundError(
                    f"NTKBOOK_DATA: expected all files of the data set in {folder}, found {', '.join(found)} "
                    f"but not {', '.join(missing)}; add what is missing, or move the rest away"
                )
            if found:
                return folder, "NTKBOOK_DATA"
    folder = cache_folder(subfolders[0])
    found, missing = members(folder)
    return (folder, "user cache") if found and not missing else None


def named_folder() -> Path | None:
    """The folder that the environment variable NTKBOOK_DATA names; None if it is not set.

    Returns
    -------
    Path or None

    Raises
    ------
    DataNotFoundError
        If there is no such folder.
    """
    if not (named := os.environ.get("NTKBOOK_DATA")):
        return None
    root = Path(named).expanduser()
    if not root.is_dir():
        raise DataNotFoundError(f"NTKBOOK_DATA: expected a folder, found none at {root}; correct it or unset it")
    return root


def is_file(path: Path) -> bool:
    """Whether a regular file is there, or a link to one.

    Parameters
    ----------
    path : Path
        Where.

    Returns
    -------
    bool

    Raises
    ------
    ValueError
        If there is something else: reading a pipe or a device may never end, and a broken link means that a file is
        missing which the reader thinks is there.
    """
    if path.is_file():
        return True
    if os.path.lexists(path):
        raise ValueError(f"{path}: expected a regular file, found something else; move it away")
    return False


def cache_folder(subfolder: str) -> Path:
    """Name the folder of a data set in the user's cache, which need not exist."""
    import platformdirs  # needed only here, and a machine that has the files may do without

    return Path(platformdirs.user_cache_dir("ntkbook")) / subfolder


def retrieve(url: str, file: str, sha256: str, folder: Path) -> Path:
    """Download a file, unless the folder has it already with the right checksum.

    Parameters
    ----------
    url : str
        The address, up to the file's name.
    file : str
        The file's name, there and here.
    sha256 : str
        Its known checksum.
    folder : Path
        Where to put it; made if need be.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    DataNotFoundError
        If the download fails.
    ValueError
        If the checksum is not the known one.
    """
    from pooch import retrieve  # here, since it warns in notebooks without widgets, and few runs download

    try:
        return Path(retrieve(url + file, known_hash=f"sha256:{sha256}", fname=file, path=folder))
    except OSError as error:  # what requests raises for every failure of the network
        raise DataNotFoundError(
            f"{file}: expected to download it from {url}, found {error!r}; try again, "
            "or set NTKBOOK_DATA to a folder that holds the data"
        ) from error
