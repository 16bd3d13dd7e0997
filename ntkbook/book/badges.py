"""The verdict beside each statement of a claim: a badge that leads to the claim's row in the ledger."""

import json
import posixpath
import re
from pathlib import Path

from ntkbook.book.ledger import PAGE, Runs, address
from ntkbook.verdict_rows import css_class
from ntkbook.verdict_table import verdict_of

_BLOCK = re.compile(
    r"^(?P<fence>[`:]{3,}\{prf:\w+\}) *(?P<title>.*)\n"
    r"(?P<options>(?::[\w-]+:.*\n)*?:label: *(?P<label>\w+)\n(?::[\w-]+:.*\n)*)",
    re.MULTILINE,
)
_TARGET = re.compile(r"^\((?P<label>[a-z]\d\d)\)=\n+(?P<heading>#+ .+\n)", re.MULTILINE)
_ID = re.compile(r" *\([A-Z]\d\d\)$")


def mark_statements(staged: Path, runs: Runs) -> None:
    """Put a badge into every statement of a claim, in the pages that Sphinx is about to read.

    Parameters
    ----------
    staged : path
        Folder from `ntkbook.book.stage.stage`; its notebooks are rewritten.
    runs : mapping
        Claim id -> rows of the ledger.
    """
    for path in sorted(staged.glob("book/*.ipynb")):
        notebook = json.loads(path.read_text("utf-8"))
        page = posixpath.join("book", path.stem)
        for cell in notebook["cells"]:
            if cell["cell_type"] == "markdown":
                cell["source"] = marked("".join(cell["source"]), runs, page)
        path.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", "utf-8")


def marked(text: str, runs: Runs, page: str) -> str:
    """Write a badge under the title of each statement that is a claim, and take the id out of the title.

    Parameters
    ----------
    text : str
        MyST Markdown.
    runs : mapping
        Claim id -> rows of the ledger.
    page : str
        Name of the page with this text, such as ``book/kernel``.

    Returns
    -------
    str
    """

    def block(found: re.Match[str]) -> str:
        claim = found["label"].upper()
        if claim not in runs:
            return found[0]
        title = _ID.sub("", found["title"])
        return f"{found['fence']} {title}".rstrip() + f"\n{found['options']}\n{badge(claim, runs, page)}\n\n"

    def target(found: re.Match[str]) -> str:
        claim = found["label"].upper()
        return f"{found[0]}\n{badge(claim, runs, page)}\n\n" if claim in runs else found[0]

    return _TARGET.sub(target, _BLOCK.sub(block, text))


def badge(claim: str, runs: Runs, page: str) -> str:
    """Write the id and the verdict of a claim as one link to its row in the ledger.

    Returns
    -------
    str
        A line of HTML; the verdict is that of the largest run.
    """
    verdict = verdict_of(runs[claim])
    link = address(PAGE, page, claim)
    return f'<p class="claim-badge"><a class="{css_class(verdict)}" href="{link}">{claim}: {verdict}</a></p>'
