"""Where the outputs of a chapter come from: commit, versions, data."""

import shutil
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from ntkbook.book.chapters import Chapter, python_code
from ntkbook.fingerprint import notebook_imports

PACKAGES = ("torch", "numpy", "scipy", "xarray", "scikit-learn", "matplotlib", "papermill", "jupyter-book", "sphinx")


def commit(root: Path) -> str:
    """Short name of the commit, with ``-dirty`` when files differ from it; "unknown" outside git."""
    command = ["git", "describe", "--always", "--dirty", "--exclude=*"]
    if shutil.which("git") is None or not (root / ".git").exists():
        return "unknown"
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"


def versions() -> dict[str, str]:
    """Versions of Python and of the packages that decide what a page shows."""
    found = {"python": sys.version.split()[0]}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def data_source(chapter: Chapter, build: Path, profile: str) -> str:
    """Name the data that a chapter used, as the records of its experiments tell; empty when it ran none."""
    assert chapter.notebook is not None
    modules = sorted(notebook_imports(python_code(chapter.notebook)))
    names = [module.rpartition(".")[2] for module in modules if ".experiments." in module]
    paths = [build / "records" / f"{name}-{profile}.nc" for name in names]
    if not any(path.is_file() for path in paths):
        return ""
    from ntkbook import records  # a book without experiments needs no xarray

    return "; ".join(dict.fromkeys(str(records.load(path).attrs.get("data", "")) for path in paths if path.is_file()))
