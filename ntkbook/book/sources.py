"""Reading what the book is made from: text, YAML, the configuration; what cannot be read is named in one line."""

from pathlib import Path
from typing import Any

import yaml


class BookError(RuntimeError):
    """A build that cannot go on; the message is written for the reader of the terminal."""


def read_text(path: Path) -> str:
    """Read a text in UTF-8, without the byte-order mark that some editors put at its head.

    Parameters
    ----------
    path : path
        The file.

    Returns
    -------
    str

    Raises
    ------
    BookError
        If it cannot be read, or is not UTF-8.
    """
    try:
        return path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BookError(f"{path}: expected a text in UTF-8, found otherwise ({error}); save it as UTF-8") from error


def read_yaml(path: Path) -> dict[str, Any]:
    """Read a mapping in YAML.

    Parameters
    ----------
    path : path
        The file.

    Returns
    -------
    dict

    Raises
    ------
    BookError
        If it cannot be read, is not YAML, or holds something else than a mapping.
    """
    return parse_yaml(read_text(path), path)


def parse_yaml(text: str, path: Path) -> dict[str, Any]:
    """Parse a mapping in YAML; `path` is where it came from, for the message of the `BookError`."""
    try:
        found = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # ValueError: a date such as 2018-13-01
        told = " ".join(str(error).split())
        raise BookError(f"{path}: expected YAML, found otherwise ({told}); correct it") from error
    if not isinstance(found, dict):
        raise BookError(f"{path}: expected a mapping (`key: value` lines), found {type(found).__name__}; correct it")
    return found


def read_config(root: Path) -> dict[str, Any]:
    """Read ``_config.yml``, and check what this package takes from it.

    Parameters
    ----------
    root : path
        Root of the repository.

    Returns
    -------
    dict
        With ``repository.url``, a string, and ``bibtex_bibfiles``, paths below the root, maybe none.

    Raises
    ------
    BookError
        If it cannot be read, or lacks the address of the repository.
    """
    path = root / "_config.yml"
    config = read_yaml(path)
    repository, files = config.get("repository"), config.setdefault("bibtex_bibfiles", [])
    if not isinstance(repository, dict) or not isinstance(repository.get("url"), str):
        raise BookError(f"{path}: expected the address of the repository under `repository: url:`, found none; add it")
    if not isinstance(files, list) or not all(isinstance(name, str) for name in files):
        raise BookError(f"{path}: expected a list of files under `bibtex_bibfiles:`, found {files!r}; correct it")
    return config
