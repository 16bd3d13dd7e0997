"""The ledger page: every claim of the four papers, what it says, what was measured, and the verdict."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ntkbook import claims, records
from ntkbook.book.chapters import BookError, Chapter
from ntkbook.judged import judged
from ntkbook.ledger import read_ledger
from ntkbook.profiles import Profile
from ntkbook.verdict_rows import css_class, paragraphs

PAPERS = {
    "A": ("Fine-grained analysis of two-layer networks", "arora2019fine"),
    "C": ("Deep ReLU networks", "cao2019deep"),
    "Z": ("Beyond two layers", "allenzhu2019beyond"),
    "S": ("Structured data", "li2018structured"),
}
"""First letter of a claim's id -> heading of its table and key of the paper in ``references.bib``."""


def ledger_page(chapters: list[Chapter], root: Path, folder: Path, profile: str) -> str:
    """Judge the records of this build, add the committed verdicts, and write the tables of the ledger page.

    Parameters
    ----------
    chapters : list of Chapter
        All pages, among which the claims have their places.
    root : path
        Root of the repository, with ``results/ledger.json``.
    folder : path
        Folder with the records of this build, ``NAME-PROFILE.nc``.
    profile : str
        The profile of this build.

    Returns
    -------
    str
        MyST Markdown.

    Raises
    ------
    BookError
        If a claim has no place: no chapter has its id, in small letters, as a label.
    """
    from ntkbook.experiments import catalogue  # loads torch; a book without a ledger page does without

    links: dict[str, str] = {}
    fresh: list[Mapping[str, str]] = []
    for name in catalogue.NAMES:
        made = catalogue.get(name).claims
        links |= {claim.id: place_link(claim.id, chapters) for claim in made}
        path = folder / f"{name}-{profile}.nc"
        if path.is_file():
            fresh += judged(made, records.load(path), folder.parent / "cells")
    recorded = read_ledger(root / "results" / "ledger.json")
    return ledger_markdown([*recorded, *fresh], claims.inventory(), links)


def place_link(claim: str, chapters: list[Chapter]) -> str:
    """Write a reference to the place in the book that shows a claim.

    That place has the claim's id in small letters as its label: of a directive of sphinx-proof (``:label: a04``), or a
    target (``(a04)=``).

    Parameters
    ----------
    claim : str
        Id of the claim, which becomes the text of the reference.
    chapters : list of Chapter
        Where to look for it.

    Returns
    -------
    str
        MyST Markdown.

    Raises
    ------
    BookError
        If no chapter has such a label.
    """
    place = claim.lower()
    texts = [chapter.path.read_text("utf-8") for chapter in chapters]
    roles = {"ref": rf"^\({place}\)=\s*$", "prf:ref": rf"^:label: *{place}\s*$"}
    for role, pattern in roles.items():
        if any(re.search(pattern, text, re.MULTILINE) for text in texts):
            return f"{{{role}}}`{claim} <{place}>`"
    raise BookError(
        f"{claim}: expected the label {place!r} in a chapter, found none: give it to the block that states the claim"
    )


def ledger_markdown(rows: Iterable[Mapping[str, Any]], inventory: Mapping[str, Any], links: Mapping[str, str]) -> str:
    """Write one table a paper, one line for each claim and profile.

    Parameters
    ----------
    rows : iterable of mapping
        Verdicts with the keys of ``results/ledger.json``. Of two for the same claim and profile, the later counts.
    inventory : mapping
        Claim id -> statement with the attributes ``where`` and ``says``, for every claim of the book.
    links : mapping
        Claim id -> reference to the place in the book that shows it, from ``place_link``.

    Returns
    -------
    str
        MyST Markdown; a claim without a verdict is listed as "not run".
    """
    verdicts: dict[str, dict[str, Mapping[str, Any]]] = {claim: {} for claim in inventory}
    for row in rows:
        verdicts.setdefault(row["claim"], {})[row["profile"]] = row
    parts = [_summary(verdicts)]
    for letter, (heading, citation) in PAPERS.items():
        listed = [claim for claim in inventory if claim.startswith(letter)]
        if not listed:
            continue
        lines = [f"## {heading}", "", f"{{cite:t}}`{citation}`", "", "::::{list-table}", ":class: ledger"]
        lines += [":header-rows: 1", ":widths: 8 34 58", ""]
        lines += _row("Claim", "What it says", "Verdict")
        for claim in listed:
            statement, name = inventory[claim], links.get(claim, claim)
            says = f"{escape(statement.says)} *({escape(statement.where)})*"
            known = sorted(verdicts[claim].values(), key=_profile_order)
            told = [badge("not run")]
            if known:
                told = paragraphs(known, badge=badge, italic=lambda text: f"*{text}*", escape=escape)
            lines += _row(name, says, "\n\n    ".join(told))
        parts.append("\n".join([*lines, "::::", ""]))
    return "\n".join(parts)


def badge(verdict: str) -> str:
    """Mark a verdict for the style sheet: a word in a coloured frame."""
    classes = " ".join(f".{name}" for name in css_class(verdict).split())
    return f"[{verdict}]{{{classes}}}"


def escape(text: str) -> str:
    """Make Markdown show a text as it is."""
    return re.sub(r"([\\`*_{}\[\]<>$|~#^@&])", r"\\\1", " ".join(str(text).split()))


def _summary(verdicts: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> str:
    """Say how many claims came out how, by the verdict of the largest profile that was run."""
    last = [max(found.values(), key=_profile_order)["verdict"] if found else "not run" for found in verdicts.values()]
    counts = Counter(str(verdict) for verdict in last)
    told = ", ".join(f"{counts[verdict.value]} {badge(verdict)}" for verdict in claims.Verdict if counts[verdict.value])
    return f"Of {len(verdicts)} claims, by the largest profile that was run: {told}.\n"


def _profile_order(row: Mapping[str, Any]) -> int:
    sizes, profile = [str(size) for size in Profile], row["profile"]
    return sizes.index(profile) if profile in sizes else len(sizes)


def _row(*cells: str) -> list[str]:
    first, *rest = cells
    return [f"* - {first}", *(f"  - {cell}".rstrip() for cell in rest)]
