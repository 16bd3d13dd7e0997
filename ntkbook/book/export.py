"""The executed chapters as notebooks that travel: for the download button, Colab and Binder."""

from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from ntkbook.book.chapters import Chapter
from ntkbook.book.names import Names, read_names
from ntkbook.book.plain import plain
from ntkbook.book.sources import BookError, read_config


def export(chapters: list[Chapter], notebooks: Mapping[str, NotebookNode], root: Path, to: Path) -> list[Path]:
    """Write each executed chapter as ``NAME.ipynb``.

    Parameters
    ----------
    chapters : list of Chapter
        All pages, which the notebooks may refer to.
    notebooks : mapping
        Chapter stem -> executed notebook.
    root : path
        Root of the repository, whose address is read from ``_config.yml``.
    to : path
        Folder to write.

    Returns
    -------
    list of Path
        The notebooks.

    Raises
    ------
    BookError
        If a chapter holds a reference without a target, or MyST that cannot be written plainly.
    """
    url = read_config(root)["repository"]["url"]
    names = read_names(chapters, root)
    to.mkdir(parents=True, exist_ok=True)
    written = []
    for stem, notebook in notebooks.items():
        try:
            travelling = portable(notebook, names, glued(notebook), url)
        except BookError as error:
            raise BookError(f"{stem}: {error}") from error
        nbformat.write(travelling, to / f"{stem}.ipynb")
        written.append(to / f"{stem}.ipynb")
    return written


def glued(notebook: NotebookNode) -> dict[str, str]:
    """Collect what an executed notebook glued: name -> the value as Python prints it."""
    found = {}
    for output in (output for cell in notebook.cells for output in cell.get("outputs", [])):
        if mark := _glue_mark(output):
            found[mark["name"]] = output.data.get(mark["mime_prefix"] + "text/plain", "")
    return found


def portable(notebook: NotebookNode, names: Names, numbers: Mapping[str, str], url: str) -> NotebookNode:
    """Write a chapter as a notebook that needs nothing around it.

    Its first cell installs the package, its text has numbers and references in words, captions stand below figures.

    Parameters
    ----------
    notebook : NotebookNode
        The chapter; code cells keep their source and what they show.
    names : Names
        What references are called.
    numbers : mapping
        Name -> what was glued under it, as Python prints it.
    url : str
        Address of the repository.

    Returns
    -------
    NotebookNode
    """
    cells = [new_code_cell(f'%pip install -q "ntkbook[book] @ git+{url}"', id="install")]
    for cell in deepcopy(notebook.cells):
        figure = cell.metadata.get("mystnb", {}).get("figure")
        cell.metadata = NotebookNode()
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if not _glue_mark(output).get("mime_prefix")]
        else:
            cell.source = plain(cell.source, names, numbers)
        if cell.source:
            cells.append(cell)
        if figure:
            caption = plain(figure["caption"], names, numbers)
            cells.append(new_markdown_cell(f"**{names.labels[figure['name']]}.** {caption}", id=f"{cell.id}-caption"))
    kept = {key: value for key, value in notebook.metadata.items() if key in ("kernelspec", "language_info", "ntkbook")}
    return new_notebook(cells=cells, metadata=kept)


def _glue_mark(output: NotebookNode) -> dict[str, str]:
    """Name and prefix of an output that was glued; what has a prefix is stored and not shown."""
    return output.get("metadata", {}).get("scrapbook", {})
