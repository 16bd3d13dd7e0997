"""The ledger page: every claim of the four papers, what it says, what was measured, and the verdict."""

import posixpath
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ntkbook import claims, records
from ntkbook.book.chapters import Chapter
from ntkbook.book.sources import BookError
from ntkbook.judged import judged
from ntkbook.ledger import read_ledger
from ntkbook.verdict_rows import css_class
from ntkbook.verdict_table import by_size, row, table, verdict_of

Runs = Mapping[str, Sequence[Mapping[str, Any]]]
"""Claim id -> its rows of the ledger, that of the largest profile first; empty for a claim that was not run."""

PAGE = "book/ledger"
"""Where the ledger stands in the book."""

PAPERS = {
    "arora2019fine": "Fine-grained analysis of two-layer networks",
    "cao2019deep": "Deep ReLU networks",
    "allenzhu2019beyond": "Beyond two layers",
    "li2018structured": "Structured data",
}
"""Key of a paper in ``references.bib`` -> heading of its table."""


def judged_runs(root: Path, folder: Path, profile: str) -> Runs:
    """Judge the records of this build and put the verdicts beside the committed ones.

    Parameters
    ----------
    root : path
        Root of the repository, with ``results/ledger.json``.
    folder : path
        Folder with the records of this build, ``NAME-PROFILE.nc``.
    profile : str
        The profile of this build.

    Returns
    -------
    mapping
        For every claim of the book; a verdict of this build takes the place of the committed one of its profile.
    """
    from ntkbook.experiments import catalogue  # loads torch; a book without a ledger page does without

    fresh: list[Mapping[str, Any]] = []
    for name in catalogue.NAMES:
        path = folder / f"{name}-{profile}.nc"
        if path.is_file():
            fresh += judged(catalogue.get(name).claims, records.load(path), folder.parent / "cells")
    return by_claim([*read_ledger(root / "results" / "ledger.json"), *fresh])


def by_claim(rows: Iterable[Mapping[str, Any]]) -> Runs:
    """Sort rows of the ledger by claim; of two for the same claim and profile the later counts."""
    found: dict[str, dict[str, Mapping[str, Any]]] = {claim: {} for claim in claims.inventory()}
    for run in rows:
        found[run["claim"]][run["profile"]] = run
    return {claim: by_size(runs.values()) for claim, runs in found.items()}


def places(chapters: Iterable[Chapter]) -> dict[str, Chapter]:
    """Find the chapter that states each claim.

    The place of a claim has its id in small letters as its label: of a directive of sphinx-proof (``:label: a04``), or
    a target (``(a04)=``).

    Parameters
    ----------
    chapters : iterable of Chapter
        Where to look.

    Returns
    -------
    dict of str to Chapter

    Raises
    ------
    BookError
        If no chapter has the label of a claim.
    """
    found = {}
    for chapter in chapters:
        labels = re.findall(r"^(?:\((\w+)\)=|:label: *(\w+))\s*$", chapter.path.read_text("utf-8"), re.MULTILINE)
        found |= {"".join(groups): chapter for groups in labels}
    if missing := [claim for claim in claims.inventory() if claim.lower() not in found]:
        raise BookError(
            f"{missing[0]}: expected the label {missing[0].lower()!r} in a chapter, found none: "
            "give it to the block that states the claim"
        )
    return {claim: found[claim.lower()] for claim in claims.inventory()}


def ledger_page(runs: Runs, stated: Mapping[str, Chapter]) -> str:
    """Write how many claims came out how, and one table a paper with a row for each of its claims.

    Parameters
    ----------
    runs : mapping
        From `judged_runs`.
    stated : mapping
        From `places`.

    Returns
    -------
    str
        MyST Markdown.
    """
    parts = [f"Of {len(runs)} claims, by the largest profile that was run: {counted(runs, PAGE)}.", ""]
    script = '<script defer src="../_static/ledger.js"></script>'
    parts += ["```{raw} html", '<div id="claim-filters"></div>', script, "```", ""]
    for paper, heading in PAPERS.items():
        listed = [statement for statement in claims.inventory().values() if statement.paper == paper]
        rows = [row(one, runs[one.id], place=address(stated[one.id].name, PAGE, one.id.lower())) for one in listed]
        parts += [f"## {heading}", "", f"{{cite:t}}`{paper}`", "", "```{raw} html", table(rows), "```", ""]
    return "\n".join(parts)


def counted(runs: Runs, page: str) -> str:
    """Write a badge for each verdict with the number of claims that have it, linked to these in the ledger.

    Parameters
    ----------
    runs : mapping
        Of the claims to count.
    page : str
        Name of the page that the badges are for, such as ``book/kernel``.

    Returns
    -------
    str
        HTML; the verdict of a claim is that of its largest run.
    """
    counts = Counter(verdict_of(found) for found in runs.values())
    badges = []
    for verdict in claims.Verdict:
        if counts[verdict]:
            link = address(PAGE, page, f"verdict={verdict.replace(' ', '-')}")
            badges.append(f'<a class="{css_class(verdict)}" href="{link}">{counts[verdict]} {verdict}</a>')
    return " ".join(badges)


def address(page: str, seen_from: str, fragment: str) -> str:
    """Address of a place on a page, relative to another page."""
    relative = "" if page == seen_from else f"{posixpath.relpath(page, posixpath.dirname(seen_from) or '.')}.html"
    return f"{relative}#{fragment}"
