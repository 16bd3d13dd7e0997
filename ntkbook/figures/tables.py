"""Tables of the book, as HTML that a notebook shows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import xarray as xr

from ntkbook.claims import Claim, inventory
from ntkbook.typography import typeset
from ntkbook.verdict_rows import cells
from ntkbook.verdict_table import row, table
from ntkbook.verdicts import judge


@dataclass(frozen=True)
class Table:
    """A table that a notebook shows and a terminal prints."""

    header: Sequence[str]
    """Names of the columns."""
    rows: Sequence[Sequence[str]]
    """Cells, as text."""

    def _repr_html_(self) -> str:
        def line(tag: str, texts: Iterable[str]) -> str:
            return "<tr>" + "".join(f"<{tag}>{typeset(text)}</{tag}>" for text in texts) + "</tr>"

        body = "\n".join(line("td", texts) for texts in self.rows)
        return f'<table class="dataframe"><thead>{line("th", self.header)}</thead><tbody>\n{body}\n</tbody></table>'

    def __str__(self) -> str:
        return "\n".join(" | ".join(texts) for texts in [self.header, *self.rows])


@dataclass(frozen=True)
class Verdicts:
    """The verdicts of a chapter, that a notebook shows and a terminal prints."""

    judged: Mapping[str, Sequence[Mapping[str, Any]]]
    """Claim -> rows of the ledger, one for each run."""

    def _repr_html_(self) -> str:
        return table(row(inventory()[claim], runs) for claim, runs in self.judged.items())

    def __str__(self) -> str:
        return "\n".join(" | ".join([claim, *cells(run)]) for claim, runs in self.judged.items() for run in runs)


def verdicts(claims: Iterable[Claim], *records: xr.DataTree | None) -> Verdicts:
    """Judge a chapter's claims from one or several records.

    Parameters
    ----------
    claims : iterable of Claim
        To be listed, in this order.
    *records : xarray.DataTree or None
        Runs of the experiment; None, for a run that was not recorded, is left out.

    Returns
    -------
    Verdicts
        For each claim: what it says, then verdict, profile and measurement of each run, and what was expected.
    """
    runs = [record for record in records if record is not None]
    return Verdicts({claim.id: [judge([claim], record)[0] for record in runs] for claim in claims})
