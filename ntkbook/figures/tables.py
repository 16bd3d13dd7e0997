"""Tables of the book, as HTML that a notebook shows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import xarray as xr

from ntkbook.claims import Claim, inventory, judge


@dataclass(frozen=True)
class Table:
    """A table that a notebook shows and a terminal prints."""

    header: Sequence[str]
    """Names of the columns."""
    rows: Sequence[Sequence[str]]
    """Cells, as text; one that starts with "<span" is HTML already."""
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


def verdicts(claims: Iterable[Claim], *records: xr.Dataset | None) -> Table:
    """Judge a chapter's claims from one or several records.

    Parameters
    ----------
    claims : iterable of Claim
        To be listed, in this order.
    *records : xarray.Dataset or None
        Runs of the experiment, each a row for every claim; None, for a run that was not recorded, is left out.

    Returns
    -------
    Table
        Claim, source, what was measured, what is expected, verdict, profile.
    """
    runs = [record for record in records if record is not None]
    rows = [_verdict_row(claim, judge([claim], record)[0]) for claim in claims for record in runs]
    return Table(("Claim", "What it says", "Where", "Measured", "Expected", "Verdict", "Profile"), rows, "ledger")


def _verdict_row(claim: Claim, row: Mapping[str, Any]) -> tuple[str, ...]:
    statement = inventory()[claim.id]
    badge = f'<span class="verdict verdict-{row["verdict"].replace(" ", "-")}">{row["verdict"]}</span>'
    return claim.id, statement.says, statement.where, row["measured"], row["expected"], badge, row["profile"]


def _cell(text: str) -> str:
    return text if text.startswith("<span") else escape(text)
