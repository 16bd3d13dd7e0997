"""``python -m ntkbook.book.export FOLDER``: the chapters as notebooks without outputs, for Colab and Binder.

The publishing workflow puts them on the branch ``notebooks``, where the launch buttons of the pages look for them.
"""

import sys
from pathlib import Path

import nbformat
import yaml
from nbformat.v4 import new_code_cell

from ntkbook.book.chapters import read_chapters


def export(root: Path, to: Path) -> list[Path]:
    """Write each chapter that has code as ``FOLDER/book/NAME.ipynb``.

    The first cell installs the package, since Colab starts from nothing. Beside the chapters goes ``runtime.txt``,
    which tells Binder the version of Python.

    Parameters
    ----------
    root : path
        Root of the repository, whose address is read from ``_config.yml``.
    to : path
        Where to write.

    Returns
    -------
    list of Path
        The notebooks.
    """
    url = yaml.safe_load((root / "_config.yml").read_text("utf-8"))["repository"]["url"]
    install = new_code_cell(f'%pip install -q "ntkbook[book] @ git+{url}"', id="install")
    written = []
    for chapter in read_chapters(root):
        if chapter.notebook is None:
            continue
        chapter.notebook.cells.insert(0, install)
        path = to / f"{chapter.name}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(chapter.notebook, path)
        written.append(path)
    (to / "runtime.txt").write_text("python-3.11\n", "utf-8")
    return written


if __name__ == "__main__":
    for notebook in export(Path(), Path(sys.argv[1])):
        print(notebook)
