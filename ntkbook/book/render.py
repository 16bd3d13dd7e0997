"""Turn the staged folder into a site, and put it in place only when it is whole."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from ntkbook.book.sources import BookError
from ntkbook.book.verify import verify

MARK = ".staged"
"""File in the site that holds the fingerprint of what it was rendered from."""


def is_current(site: Path, fingerprint: str) -> bool:
    """Tell whether a site was rendered from just this."""
    mark = site / MARK
    return mark.is_file() and mark.read_text("utf-8") == fingerprint


def render(staged: Path, site: Path, fingerprint: str) -> None:
    """Build the site with warnings as errors, verify it, and only then replace the old one.

    Parameters
    ----------
    staged : path
        Folder from ``stage``.
    site : path
        Where the site belongs; an older one there is kept until the new one passed.
    fingerprint : str
        Written into the site, for ``is_current``.

    Raises
    ------
    BookError
        If Sphinx warns, or a page breaks a rule of ``verify``.
    """
    with tempfile.TemporaryDirectory(dir=site.parent, prefix="render-") as folder:
        command = [sys.executable, "-c", "from jupyter_book.cli.main import main; main()", "build", str(staged)]
        command += ["--path-output", folder, "-W", "-n", "--keep-going", "--all"]
        quiet = os.environ | {"PYTHONWARNINGS": "ignore", "NO_COLOR": "1"}
        done = subprocess.run(
            command, env=quiet, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
        )
        (site.parent / "render.log").write_text(done.stdout, "utf-8")
        if done.returncode != 0:
            told = [line for line in done.stdout.splitlines() if "WARNING" in line or "ERROR" in line]
            last = next((line for line in reversed(done.stdout.splitlines()) if line.strip()), "it said nothing")
            raise BookError("\n".join([f"rendering failed, see {site.parent / 'render.log'}:", *(told or [last])]))
        pages = Path(folder, "_build", "html")
        if problems := verify(pages):
            raise BookError("\n".join(["the pages break a rule:", *problems]))
        (pages / MARK).write_text(fingerprint, "utf-8")
        swap(pages, site)


def swap(new: Path, site: Path) -> None:
    """Put a new site in the place of the old one by two renames."""
    old = site.with_name(site.name + ".old")
    shutil.rmtree(old, ignore_errors=True)
    if site.exists():
        site.rename(old)
    new.rename(site)
    shutil.rmtree(old, ignore_errors=True)


def restore(site: Path) -> None:
    """Undo a swap that was killed between its two renames."""
    old = site.with_name(site.name + ".old")
    if old.exists() and not site.exists():
        old.rename(site)
