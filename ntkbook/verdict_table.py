"""The claims of a chapter, or of the whole book, as HTML: one row a claim, what was measured folded under it."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from itertools import groupby
from typing import Any

from ntkbook.claims import Statement, Verdict
from ntkbook.profiles import Profile
from ntkbook.typography import typeset, with_formulas
from ntkbook.verdict_rows import Cells, cells, css_class, is_fragile

FRAGILE, FIRM, UNCERTAIN = "fragile", "firm", "none"
"""Kinds of margin by which the ledger can be filtered: under 1.5, larger or exact, and without one."""


def table(rows: Iterable[str]) -> str:
    """Put rows from `row` under one head.

    Returns
    -------
    str
        HTML that needs no script; formulas are marked up for MathJax as Sphinx does it.
    """
    names = "".join(f'<th scope="col">{name}</th>' for name in ("Claim", "What it says", "Verdict"))
    body = "\n".join(rows)
    return f'<table class="claims"><thead><tr>{names}</tr></thead><tbody>\n{body}\n</tbody></table>'


def row(statement: Statement, runs: Sequence[Mapping[str, Any]], *, place: str | None = None) -> str:
    """Write the row of one claim: its id, what it says, and its verdicts, that of the largest run first.

    Parameters
    ----------
    statement : Statement
        What the paper says.
    runs : sequence of mapping
        Rows of the ledger for this claim, of any profiles; none for a claim that was not run.
    place : str, optional
        Address of the claim in a chapter. With it the row is one of the ledger: it has the claim's id as its own and
        says what it can be filtered by.

    Returns
    -------
    str
        HTML.
    """
    runs = by_size(runs)
    verdict, told = verdict_of(runs), [cells(run) for run in runs]
    attributes, name = "", statement.id
    if place is not None:
        name = f'<a href="{escape(place)}">{statement.id}</a>'
        filters = {"verdict": verdict, "paper": statement.paper, "margin": margin_of(runs)}
        attributes = f' id="{statement.id}"' + "".join(f' data-{key}="{value}"' for key, value in filters.items())
    says = f'<p>{with_formulas(statement.latex)} <span class="where">{escape(statement.where)}</span></p>'
    return (
        f'<tr{attributes}><th scope="row">{name}</th><td>{says}{_details(statement.id, told)}</td>'
        f"<td>{_verdicts(told)}</td></tr>"
    )


def badge(verdict: str) -> str:
    """Mark a verdict for the style sheet: a word in a coloured frame."""
    return f'<span class="{css_class(verdict)}">{verdict}</span>'


def by_size(runs: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Rows of the ledger for one claim, the largest profile first."""
    sizes = {str(size): place for place, size in enumerate(Profile)}
    return sorted(runs, key=lambda run: sizes.get(run["profile"], len(sizes)), reverse=True)


def verdict_of(runs: Sequence[Mapping[str, Any]]) -> str:
    """Verdict of the first of some rows; "not run" where there is none."""
    return str(runs[0]["verdict"]) if runs else str(Verdict.NOT_RUN)


def margin_of(runs: Sequence[Mapping[str, Any]]) -> str:
    """Kind of margin that the first of some rows has: `FRAGILE`, `FIRM` or `UNCERTAIN`."""
    margin = runs[0].get("margin", "") if runs else ""
    if isinstance(margin, str):
        return FIRM if margin == "exact" else UNCERTAIN
    return FRAGILE if is_fragile(runs[0]) else FIRM


def _verdicts(told: list[Cells]) -> str:
    """A line for each verdict that was reached, with the profiles that reached it."""
    if not told:
        return f"<p>{badge(Verdict.NOT_RUN)}</p>"
    lines = []
    for verdict, same in groupby(told, key=lambda run: run.verdict):
        runs = "; ".join(", ".join(filter(None, (run.profile, run.margin))) for run in same)
        lines.append(f'<p>{badge(verdict)} <span class="run">{typeset(runs)}</span></p>')
    return "".join(lines)


def _details(claim: str, told: list[Cells]) -> str:
    if not told:
        return ""
    rule = told[0]
    facts = [(f"Measured, {run.profile}", run.measured) for run in told]
    facts += [("Expected", rule.expected), ("Tolerance", rule.tolerance)]
    listed = "".join(f"<dt>{typeset(term)}</dt><dd>{typeset(fact)}</dd>" for term, fact in facts)
    summary = f'<summary>What was measured<span class="visually-hidden"> for {claim}</span></summary>'
    return f"<details>{summary}<dl>{listed}</dl></details>"
