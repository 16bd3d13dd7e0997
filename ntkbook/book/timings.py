"""The build page: when, where and with what each chapter was run."""

from collections.abc import Mapping
from typing import Any

from nbformat import NotebookNode

from ntkbook.book.chapters import Chapter


def build_page(chapters: list[Chapter], notebooks: Mapping[str, NotebookNode], *, mark_executed: bool = True) -> str:
    """Write a table of the runs behind the pages, then the versions they ran on.

    Parameters
    ----------
    chapters : list of Chapter
        All pages; those without code are left out.
    notebooks : mapping
        Chapter stem -> executed notebook with ``metadata.ntkbook``.
    mark_executed : bool
        Whether to tell chapters that this build ran from those that it took from the store. Without, the text
        depends on the runs alone.

    Returns
    -------
    str
        MyST Markdown.
    """
    lines = ["::::{list-table}", ":class: runs", ":header-rows: 1", ":widths: 22 10 12 10 8 24 14", ""]
    lines += ["* - " + "\n  - ".join(["Chapter", "Run time", "In this build", "Profile", "Device", "Data", "Commit"])]
    for chapter in chapters:
        if chapter.stem not in notebooks:
            continue
        run = notebooks[chapter.stem].metadata["ntkbook"]
        state = ("executed" if run["executed"] else "reused") if mark_executed else ""
        cells = [f"{{doc}}`/{chapter.name}`", f"{run['seconds']:.0f} s", state]
        cells += [run["profile"], run["device"], run["data"] or "none", f"`{run['commit']}`"]
        lines += ["* - " + "\n  - ".join(cells)]
    lines += ["::::", "", "## Versions", ""]
    groups = _same_versions(notebooks)
    for versions, stems in groups.items():
        listed = ", ".join(f"{package} {number}" for package, number in versions)
        lines += [f"- {'All chapters' if len(groups) == 1 else ', '.join(stems)}: {listed}"]
    return "\n".join(lines) + "\n"


def _same_versions(notebooks: Mapping[str, NotebookNode]) -> dict[tuple[Any, ...], list[str]]:
    """Chapters by the versions they ran on: one group, unless some were run before the environment changed."""
    groups: dict[tuple[Any, ...], list[str]] = {}
    for stem, notebook in notebooks.items():
        groups.setdefault(tuple(sorted(notebook.metadata["ntkbook"]["versions"].items())), []).append(stem)
    return groups
