"""What the pages, labels and papers of the book are called where no Sphinx resolves a reference."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pybtex.database import Entry, Person
from pybtex.database.input.bibtex import Parser
from pybtex.exceptions import PybtexError

from ntkbook.book.chapters import Chapter, code_cells
from ntkbook.book.sources import BookError, read_config

_LABEL = r"(?::[\w-]+:.*\n)*?:label: *(\S+)$"
"""The label among the options at the head of a directive."""


@dataclass(frozen=True)
class Names:
    """Plain words for the targets of references."""

    pages: dict[str, str]
    """Last part of a page's name -> its title."""
    labels: dict[str, str]
    """Label -> such as "Theorem A04", "(2.3)", "Fig. 2.1", "exercise 2", or the heading behind a target."""
    papers: dict[str, tuple[str, str]]
    """Key in the bibliography -> authors and year, such as ("Arora et al.", "2019")."""


def read_names(chapters: Iterable[Chapter], root: Path) -> Names:
    """Collect the names of everything that a page of the book may refer to.

    Equations and figures are numbered as on the site: by the chapter and, within it, in order.

    Parameters
    ----------
    chapters : iterable of Chapter
        All pages.
    root : path
        Root of the repository, whose ``_config.yml`` names the bibliography.

    Returns
    -------
    Names

    Raises
    ------
    BookError
        If the configuration or the bibliography cannot be read.
    """
    entries = _bibliography([root / name for name in read_config(root)["bibtex_bibfiles"]])
    pages: dict[str, str] = {}
    labels: dict[str, str] = {}
    for chapter in chapters:
        text = chapter.text
        if title := re.search(r"^# (.+)$", text, re.MULTILINE):
            pages[chapter.stem] = title[1]
        labels |= dict(_labels(chapter, text))
    return Names(pages, labels, entries)


def statement(kind: str, title: str) -> tuple[str, str]:
    """Split what stands above a statement, such as "theorem" and "The frozen kernel (A07)".

    Returns
    -------
    tuple of str
        What references call it, "Theorem A07", or "Theorem" if it has no claim's id; and the title without the id.
    """
    found = re.fullmatch(r"(.*?)(?: *\(([A-Z]\d\d)\))?", title)
    assert found is not None
    return " ".join(filter(None, [kind.capitalize(), found[2]])), found[1]


def _labels(chapter: Chapter, text: str) -> Iterator[tuple[str, str]]:
    for target in re.finditer(r"^\(([\w-]+)\)=\n+#+ (.+)$", text, re.MULTILINE):
        yield target[1], target[2]
    for block in re.finditer(rf"^[`:]{{3,}}\{{prf:(\w+)\}} *(.*)\n{_LABEL}", text, re.MULTILINE):
        name, title = statement(block[1], block[2])
        yield block[3], f"{name} ({title})" if title and " " not in name else name
    exercises = re.finditer(rf"^[`:]{{3,}}\{{exercise\}}.*\n{_LABEL}", text, re.MULTILINE)
    for number, exercise in enumerate(exercises, start=1):
        yield exercise[1], f"exercise {number}"
    place = "" if chapter.number is None else f"{chapter.number}."
    for number, equation in enumerate(re.finditer(r"^\$\$ *\(([\w-]+)\)$", text, re.MULTILINE), start=1):
        yield equation[1], f"({place}{number})"
    cells = code_cells(chapter.notebook) if chapter.notebook else []
    figures: list[dict[str, Any]] = [cell.metadata.get("mystnb", {}).get("figure", {}) for cell in cells]
    for number, figure in enumerate((figure for figure in figures if figure), start=1):
        yield figure["name"], f"Fig. {place}{number}"


def _bibliography(files: list[Path]) -> dict[str, tuple[str, str]]:
    """Authors and year of every paper."""
    try:
        entries = Parser().parse_files([str(file) for file in files]).entries
        return {key: (_authors(entry), entry.fields["year"]) for key, entry in entries.items()}
    except (PybtexError, OSError, KeyError, UnicodeDecodeError) as error:
        told = " ".join(str(error).split())
        named = ", ".join(str(file) for file in files)
        raise BookError(f"{named}: expected papers with authors and year, found otherwise ({told})") from error


def _authors(entry: Entry) -> str:
    authors: list[Person] = dict(entry.persons or {})["author"]
    families = [" ".join(map(str, [*one.rich_prelast_names, *one.rich_last_names])) for one in authors]
    return " and ".join(families) if len(families) < 3 else f"{families[0]} et al."
