"""Lay out what Sphinx reads: configuration, pages, executed notebooks, those to download, generated pages, MathJax."""

import hashlib
import shutil
from collections.abc import Mapping
from importlib.metadata import files
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from ntkbook.book.chapters import Chapter, code_cells, tags
from ntkbook.book.export import export
from ntkbook.book.pictures import illustrate
from ntkbook.fingerprint import PACKAGE_DIR


def stage(
    chapters: list[Chapter], notebooks: Mapping[str, NotebookNode], generated: Mapping[str, str], root: Path, to: Path
) -> None:
    """Write the folder that jupyter-book builds.

    Parameters
    ----------
    chapters : list of Chapter
        All pages of the book.
    notebooks : mapping
        Chapter stem -> executed notebook; it takes the place of the chapter's Markdown file.
    generated : mapping
        Name -> Markdown that takes the place of the line ``<!-- generated: NAME -->`` in a page.
    root : path
        Root of the repository.
    to : path
        The folder to write, ``_build/stage``; what was there before is removed.
    """
    shutil.rmtree(to, ignore_errors=True)
    to.mkdir(parents=True)
    for name in ("_config.yml", "_toc.yml"):
        shutil.copy2(root / name, to / name)
    skipped = shutil.ignore_patterns("*.md", "*.ipynb", "__pycache__", ".*")
    shutil.copytree(root / "book", to / "book", ignore=skipped)
    export(chapters, notebooks, root, to / "book" / "_static" / "notebooks")
    notebooks = illustrate(chapters, notebooks, root / "_build" / "records", to / "book" / "_static")
    for chapter in chapters:
        page = to / f"{chapter.name}.md"
        page.parent.mkdir(parents=True, exist_ok=True)
        if chapter.stem in notebooks:
            nbformat.write(_without_parameters(notebooks[chapter.stem]), page.with_suffix(".ipynb"))
        else:
            page.write_text(_filled(chapter.path.read_text("utf-8"), generated), "utf-8")
    for name, path in mathjax().items():
        copy = to / "book" / "_static" / "mathjax" / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, copy)


def mathjax() -> dict[str, Path]:
    """Find the files of MathJax that a page asks for, in the package that carries it.

    Returns
    -------
    dict
        Name in the site's folder of MathJax -> file: one script that reads TeX and writes text in MathJax's fonts, and
        the fonts. As outlines the same formulas take three times the download and more time.
    """
    found = {}
    for file in files("sphinx-mathjax-offline") or []:
        _, _, name = file.as_posix().partition("/static/mathjax/")
        if name == "tex-chtml.js" or (name.startswith("output/chtml/fonts/woff-v2/") and name.endswith(".woff")):
            found[name] = Path(str(file.locate()))
    return found


def fingerprint(staged: Path, root: Path) -> str:
    """Hash everything that a rendered site depends on.

    Besides the staged files that is the text of the package, from which the API page is made, and the pinned versions.
    """
    sha = hashlib.sha256()
    for base, paths in ((staged, staged.rglob("*")), (PACKAGE_DIR, PACKAGE_DIR.rglob("*.py")), (root, _pins(root))):
        for path in sorted(path for path in paths if path.is_file()):
            sha.update(f"{path.relative_to(base).as_posix()}\0{path.stat().st_size}\0".encode())
            sha.update(path.read_bytes())
    return sha.hexdigest()


def _pins(root: Path) -> list[Path]:
    return [root / "requirements.txt"]


def _without_parameters(notebook: NotebookNode) -> NotebookNode:
    """Hide the cell that holds the parameters: it is for machines."""
    for cell in code_cells(notebook):
        if "parameters" in tags(cell) and "remove-cell" not in tags(cell):
            cell.metadata["tags"] = [*tags(cell), "remove-cell"]
    return notebook


def _filled(text: str, generated: Mapping[str, str]) -> str:
    for name, markdown in generated.items():
        text = text.replace(f"<!-- generated: {name} -->", markdown)
    return text
