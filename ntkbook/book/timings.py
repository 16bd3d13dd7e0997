"""The build page: when, where and with what each chapter was run."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from nbformat import NotebookNode

from ntkbook.book.chapters import Chapter


def build_page(chapters: list[Chapter], notebooks: Mapping[str, NotebookNode]) -> str:
    """Write a table of the runs behind the pages, then the versions they ran on.

    Parameters
    ----------
    chapters : list of Chapter
        All pages; those without code are left out.
    notebooks : mapping
        Chapter stem -> executed notebook with ``metadata.ntkbook``.

    Returns
    -------
    str
        MyST Markdown.
    """
    lines = ["::::{list-table}", ":class: runs", ":header-rows: 1", ":widths: 20 10 16 9 8 23 14", ""]
    lines += ["* - " + "\n  - ".join(["Chapter", "Run time", "Run on", "Profile", "Device", "Data", "Commit"])]
    for chapter in chapters:
        if chapter.stem not in notebooks:
            continue
        run = notebooks[chapter.stem].metadata["ntkbook"]
        started = datetime.fromisoformat(run["started"])
        cells = [f"{{doc}}`/{chapter.name}`", f"{run['seconds']:.0f} s", f"{started:%Y-%m-%d %H:%M}"]
        told = [_escape(run[key]) for key in ("profile", "device", "data", "commit")]  # from records, or a stored file
        cells += [text or "none" for text in told]
        lines += ["* - " + "\n  - ".join(cells)]
    lines += ["::::", "", "## Versions", ""]
    groups = _same_versions(notebooks)
    for versions, stems in groups.items():
        listed = _escape(", ".join(f"{package} {number}" for package, number in versions))
        lines += [f"- {'All chapters' if len(groups) == 1 else ', '.join(stems)}: {listed}"]
    return "\n".join(lines) + "\n"


def _same_versions(notebooks: Mapping[str, NotebookNode]) -> dict[tuple[Any, ...], list[str]]:
    """Chapters by the versions they ran on: one group, unless some were run before the environment changed."""
    groups: dict[tuple[Any, ...], list[str]] = {}
    for stem, notebook in notebooks.items():
        groups.setdefault(tuple(sorted(notebook.metadata["ntkbook"]["versions"].items())), []).append(stem)
    return groups


def _escape(text: str) -> str:
    """Make Markdown show a text as it is."""
    return re.sub(r"([\\`*_{}\[\]<>$|~#^@&])", r"\\\1", " ".join(str(text).split()))
