"""Writing a file so that a reader finds the old one or the new one, never half of one."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil


@contextmanager
def replacing(path: Path | str) -> Iterator[Path]:
    """Give a temporary path beside a file, and put what was written there in the file's place at the end.

    If the block fails, or the process is killed, the old file stays as it was.

    Parameters
    ----------
    path : path
        The file; its folder is made.

    Yields
    ------
    Path
        Where to write. Its name tells processes apart, so that several may write the same file at a time.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        yield part
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def sweep_parts(folder: Path) -> None:
    """Remove what processes that were killed left of files that they did not finish.

    Parameters
    ----------
    folder : Path
        Where they wrote; need not exist.
    """
    for part in folder.glob("*.part"):
        owner = part.name.split(".")[-2]
        if owner.isdigit() and not psutil.pid_exists(int(owner)):
            part.unlink(missing_ok=True)
