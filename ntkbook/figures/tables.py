"""Tables of the book, as HTML that a notebook shows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

import xarray as xr

from ntkbook.claims import Claim, inventory
from ntkbook.verdict_rows import css_class, paragraphs
from ntkbook.verdicts import judge


class Html(str):
    """A cell that is HTML already; every other one is text, whatever it looks like."""


@dataclass(frozen=True)
class Table:
    """A table that a notebook shows and a terminal prints."""

    header: Sequence[str]
    """Names of the columns."""
    rows: Sequence[Sequence[str]]
    """Cells: text, or `Html`."""
    css_class: str = "dataframe"
    """Class of the HTML table."""

    def _repr_html_(self) -> str:
        def line(tag: str, cells: Iterable[str]) -> str:
            return "<tr>" + "".join(f"<{tag}>{_cell(cell)}</{tag}>" for cell in cells) + "</tr>"

        body = "\n".join(line("td", row) for row in self.rows)
        head = line("th", self.header)
        return f'<table class="{self.css_class}"><thead>{head}</thead><tbody>\n{body}\n</tbody></table>'

    def __str__(self) -> str:
        return "\n".join(" | ".join(row) for row in [self.header, *self.rows])


def verdicts(claims: Iterable[Claim], *records: xr.DataTree | None) -> Table:
    """Judge a chapter's claims from one or several records.

    Parameters
    ----------
    claims : iterable of Claim
        To be listed, in this order.
    *records : xarray.DataTree or None
        Runs of the experiment; None, for a run that was not recorded, is left out.

    Returns
    -------
    Table
        For each claim: what it says, then verdict, profile and measurement of each run, and what was expected.
    """
    runs = [record for record in records if record is not None]
    rows = []
    for claim in claims:
        statement = inventory()[claim.id]
        judged = [judge([claim], record)[0] for record in runs]
        told = paragraphs(judged, badge=_badge, italic=lambda text: f"<em>{text}</em>", escape=escape)
        says = Html(f"<p>{escape(statement.says)} <em>({escape(statement.where)})</em></p>")
        rows.append((claim.id, says, Html("".join(f"<p>{paragraph}</p>" for paragraph in told))))
    return Table(("Claim", "What it says", "Verdict"), rows, "ledger")


def _badge(verdict: str) -> str:
    return f'<span class="{css_class(verdict)}">{verdict}</span>'


def _cell(text: str) -> str:
    return text if isinstance(text, Html) else escape(text)
