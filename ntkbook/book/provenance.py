"""Where the outputs of a chapter come from: versions of the packages, and data."""

import sys
from importlib.metadata import version
from pathlib import Path

from ntkbook import records
from ntkbook.book.chapters import Chapter, python_code
from ntkbook.fingerprint import notebook_closure

PACKAGES = ("torch", "numpy", "scipy", "xarray", "scikit-learn", "matplotlib", "papermill", "jupyter-book", "sphinx")


def versions() -> dict[str, str]:
    """Versions of Python and of the packages that decide what a page shows."""
    return {"python": sys.version.split()[0]} | {package: version(package) for package in PACKAGES}


def data_source(chapter: Chapter, build: Path, profile: str) -> str:
    """Name the data that a chapter used, as the records of its experiments tell; empty when it ran none."""
    assert chapter.notebook is not None
    modules = (definition.partition(":")[0] for definition in notebook_closure(python_code(chapter.notebook)))
    rooms = (module.removeprefix("ntkbook.experiments.").partition(".") for module in modules)
    names = sorted({name for name, _, part in rooms if part == "experiment"})  # another's figures are no run of it
    paths = [build / "records" / f"{name}-{profile}.nc" for name in names]
    return "; ".join(dict.fromkeys(str(records.load(path).attrs.get("data", "")) for path in paths if path.is_file()))
