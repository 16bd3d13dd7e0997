"""The chapters of the book: which there are, and each one as a notebook."""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jupytext
from nbformat import NotebookNode
from sphinx_external_toc.parsing import MalformedError, parse_toc_data

from ntkbook.book.sources import BookError, parse_yaml, read_text, read_yaml

_CELL = re.compile(r"^[\s>*+\d.)-]*[`:~]{3,}\s*\{code-cell\}", re.MULTILINE | re.IGNORECASE)
"""How a code cell begins, also in lists, quotes and other blocks, where none is seen."""


@dataclass(frozen=True)
class Chapter:
    """One page of the book."""

    name: str
    """Its entry in ``_toc.yml``, such as ``book/kernel``."""
    path: Path
    """Its source, a Markdown file."""
    notebook: NotebookNode | None
    """The source as a notebook without outputs; None for a page that has no code to run."""
    number: int | None = None
    """Its number on the site; None for a page that stands outside the numbered parts."""

    @property
    def text(self) -> str:
        """The text of its source."""
        return read_text(self.path)

    @property
    def stem(self) -> str:
        """Last part of the name, by which the files of this chapter in ``_build`` are called."""
        return self.path.stem


def read_chapters(root: Path) -> list[Chapter]:
    """Every page that ``_toc.yml`` lists, in its order.

    Parameters
    ----------
    root : path
        Folder with ``_config.yml`` and ``_toc.yml``.

    Returns
    -------
    list of Chapter
        A page with a jupytext header is converted to a notebook; the others are plain Markdown.

    Raises
    ------
    BookError
        If ``_toc.yml`` is missing or broken, names a page that has no file or one outside the folder, or names two
        pages alike; if a page is no text, or has code that would not be run; if a file of the book is none, or a link
        to something outside the folder, which would be published.
    """
    toc = root / "_toc.yml"
    if not toc.is_file():
        raise BookError(
            f"expected the book's table of contents at {toc}, found nothing: run from the repository's root"
        )
    chapters: list[Chapter] = []
    for name, numbered in _listed(toc):
        path = _file(name, root)
        number = 1 + sum(chapter.number is not None for chapter in chapters) if numbered else None
        chapters.append(Chapter(name, path, _convert(path), number))
    _check_files(root)
    stems = [chapter.stem for chapter in chapters]
    if twice := {stem for stem in stems if stems.count(stem) > 1}:
        raise BookError(f"_toc.yml: expected file names that differ, found twice: {', '.join(sorted(twice))}")
    return chapters


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    """Code cells of a notebook in order, without the one that papermill injects."""
    return [c for c in notebook.cells if c.cell_type == "code" and "injected-parameters" not in tags(c)]


def tags(cell: NotebookNode) -> list[str]:
    """Tags of a cell."""
    return list(cell.metadata.get("tags", []))


def accepted_parameters(chapter: Chapter, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters that a notebook takes: all of them, or none when it has no cell tagged ``parameters``.

    Parameters
    ----------
    chapter : Chapter
        A chapter that is a notebook.
    parameters : mapping
        Names and values that the build passes to each notebook.

    Returns
    -------
    dict
        ``parameters``, or an empty dictionary.

    Raises
    ------
    BookError
        If a cell does not parse, if the tagged cell does not define one of the names, or a cell without the tag does.
        Papermill would only print a warning, and the chapter would silently run with its own default.
    """
    assert chapter.notebook is not None
    cells = code_cells(chapter.notebook)
    for number, cell in enumerate(cells, start=1):
        try:
            ast.parse(_without_magics(cell.source))
        except (SyntaxError, ValueError) as error:
            told = f"{chapter.name}: code cell {number}: expected Python, found otherwise ({error}); correct it"
            raise BookError(told) from error
    tagged = [cell for cell in cells if "parameters" in tags(cell)]
    if len(tagged) > 1:
        raise BookError(f"{chapter.name}: expected one cell tagged `parameters`, found {len(tagged)}: merge them")
    defined = {name for cell in tagged for name in _assigned(cell.source)}
    if tagged and (missing := sorted(set(parameters) - defined)):
        raise BookError(
            f"{chapter.name}: expected its `parameters` cell to define {', '.join(sorted(parameters))}, "
            f"found {', '.join(sorted(defined)) or 'nothing'}: add or correct {', '.join(missing)}"
        )
    elsewhere = {name for cell in cells if cell not in tagged for name in _assigned(cell.source)}
    if not tagged and (untagged := sorted(elsewhere & set(parameters))):
        raise BookError(f"{chapter.name}: tag the cell that sets {', '.join(untagged)} with `parameters`")
    return dict(parameters) if tagged else {}


def python_code(notebook: NotebookNode) -> str:
    """Code of all cells as one text, in which the lines that only IPython understands are empty."""
    return "\n".join(_without_magics(cell.source) for cell in code_cells(notebook))


def _without_magics(source: str) -> str:
    return "\n".join("" if line.lstrip().startswith(("%", "!")) else line for line in source.splitlines())


def _listed(toc: Path) -> list[tuple[str, bool]]:
    """Pages of the table of contents, if it is one."""
    contents = read_yaml(toc)
    try:
        pages = list(_pages(contents))
        parse_toc_data(contents)
    except (MalformedError, RecursionError, TypeError, ValueError, AttributeError, KeyError) as error:
        told = " ".join(str(error).split())
        raise BookError(f"{toc}: expected a table of contents, found otherwise ({told}); correct it") from error
    return pages


def _check_files(root: Path) -> None:
    for path in sorted((root / "book").rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(root).parts)
        if not hidden and not (path.is_file() or path.is_dir()):
            raise BookError(f"{path}: expected a file or a folder, found neither: move it away")
        if path.is_symlink() and not path.resolve().is_relative_to(root.resolve()):
            raise BookError(f"{path}: expected files of the book in its folder, found a link outside: copy it in")


def _file(name: str, root: Path) -> Path:
    """File of a page, which lies in the folder, links followed."""
    path = root / f"{name}.md"
    try:
        inside, there = path.resolve().is_relative_to(root.resolve()), path.is_file()
    except (OSError, ValueError):  # no name that a file can have
        inside, there = True, False
    if not inside:
        raise BookError(f"_toc.yml: expected pages in the folder of the book, found {name!r} outside: copy it in")
    if not there:
        raise BookError(f"_toc.yml: expected a file for each page, found none at {name}.md: write it or take it out")
    return path


def _pages(node: Any, numbered: bool = False) -> Iterator[tuple[str, bool]]:
    """Pages of a table of contents in reading order, and whether each has a number."""
    if isinstance(node, dict):
        numbered = node.get("numbered", numbered)
        for key, value in node.items():
            if key in ("root", "file"):
                if not isinstance(value, str):
                    raise TypeError(f"{key}: {value!r} is no name")
                yield value, numbered
            else:
                yield from _pages(value, numbered)
    elif isinstance(node, list):
        for item in node:
            yield from _pages(item, numbered)


def _convert(path: Path) -> NotebookNode | None:
    """Read a MyST notebook; None when the page has no jupytext header."""
    text = read_text(path)
    header = parse_yaml(text.split("\n---", 1)[0], path) if text.startswith("---\n") else {}
    if "jupytext" not in header:
        if _CELL.search(text):
            raise BookError(f"{path}: expected a jupytext header above code cells, found none: they would not be run")
        return None
    representation = _mapping(_mapping(header["jupytext"]).get("text_representation"))
    kernelspec = _mapping(header.get("kernelspec"))
    found = {
        "format_name: myst": representation.get("format_name") == "myst",
        "extension: .md": representation.get("extension") == ".md",
        "kernelspec name": bool(kernelspec.get("name")),
        "kernelspec language": bool(kernelspec.get("language")),
    }
    if absent := [part for part, present in found.items() if not present]:
        raise BookError(f"{path}: expected a full jupytext header, found none of: {', '.join(absent)}")
    try:
        notebook = jupytext.reads(text, {"extension": ".md"})
    except Exception as error:  # of many kinds, one for each way in which a cell may be broken
        told = " ".join(str(error).split())
        raise BookError(f"{path}: expected a MyST notebook, found otherwise ({told}); correct it") from error
    if any(_CELL.search(cell.source) for cell in notebook.cells if cell.cell_type != "code"):
        raise BookError(
            f"{path}: expected code cells between ``` at the margin, found one elsewhere, or between other marks: it "
            "would not be run"
        )
    for index, cell in enumerate(notebook.cells):  # random ids would make each build differ from the last
        cell["id"] = f"{path.stem}-{index}"
    return notebook


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _assigned(source: str) -> set[str]:
    """Names that a cell assigns at its top level."""
    names = set()
    for node in ast.parse(_without_magics(source)).body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        names |= {target.id for target in targets if isinstance(target, ast.Name)}
    return names
