"""Writing a file so that a reader finds the old one or the new one, never half of one."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

_MEGABYTE = 2**20
_REMEDIES = {
    errno.ENOSPC: "make room, or name another folder",
    errno.EDQUOT: "make room, or name another folder",
    errno.EFBIG: "raise the limit on the size of files (ulimit -f)",
}


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

    Raises
    ------
    OSError
        If it cannot be written; names the folder and the remedy.
    """
    path = Path(path)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield part
        os.replace(part, path)
    except OSError as error:
        raise _unwritable(path.parent, path.name, error) from error
    finally:
        with suppress(OSError):
            part.unlink()


def check_writable(folder: Path) -> None:
    """Refuse a folder in which nothing can be kept, before the work whose result belongs there.

    Parameters
    ----------
    folder : Path
        Made if need be.

    Raises
    ------
    OSError
        If a file of a megabyte cannot be written there; names the folder and the remedy.
    """
    probe = folder / f"probe.{os.getpid()}.part"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.write_bytes(bytes(_MEGABYTE))
    except OSError as error:
        raise _unwritable(folder, "a megabyte", error) from error
    finally:
        with suppress(OSError):
            probe.unlink()


def _unwritable(folder: Path, what: str, error: OSError) -> OSError:
    remedy = _REMEDIES.get(error.errno or 0, "make it writable, or name another folder")
    return OSError(
        f"{folder.absolute()}: expected a folder in which {what} can be written, "
        f"found otherwise ({error.strerror or error}); {remedy}"
    )


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
