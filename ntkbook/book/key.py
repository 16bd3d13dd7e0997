"""When must a chapter be run again? When one of the things that its outputs depend on has changed."""

import hashlib
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ntkbook import records
from ntkbook.book.chapters import Chapter, code_cells, python_code, tags
from ntkbook.fingerprint import PACKAGE_DIR, digest, notebook_closure


def chapter_key(chapter: Chapter, root: Path, parameters: Mapping[str, Any]) -> str:
    """Hash what the outputs of a chapter depend on.

    That is the chapter's code, the package's definitions behind it, the package's tables, the committed records, the
    environment (``requirements.txt``, Python), the parameters, and the data files on this machine. Prose is not part
    of it.

    Parameters
    ----------
    chapter : Chapter
        A chapter that is a notebook.
    root : path
        Root of the repository.
    parameters : mapping
        Profile and device.

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    assert chapter.notebook is not None
    cells = code_cells(chapter.notebook)
    code = [[cell.source, sorted({"parameters", "raises-exception"} & set(tags(cell)))] for cell in cells]
    closure = notebook_closure(python_code(chapter.notebook))
    tables = _contents(sorted(PACKAGE_DIR.rglob("*.csv")) if closure else [])
    recorded = _contents(sorted(records.RESULTS.glob("*.nc")) if closure else [])
    pins = _contents([path for path in [root / "requirements.txt"] if path.exists()])
    python = list(sys.version_info[:2])
    return digest(code, closure, tables, recorded, pins, python, dict(parameters), _data_identity())


def _contents(paths: list[Path]) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def _data_identity() -> list[Any]:
    """List the files of data that ``ntkbook.data`` reads, names, sizes and times, and whether a folder was named."""
    from ntkbook import data  # loads torch; a book without code does without

    files = [[path.name, path.stat().st_size, path.stat().st_mtime_ns] for path in data.files()]
    return [bool(os.environ.get("NTKBOOK_DATA")), *files]
