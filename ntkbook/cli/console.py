"""What the commands print: lines, errors, the table of verdicts."""

from collections.abc import Iterable, Mapping
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ntkbook.claims import Verdict
from ntkbook.ledger import Row
from ntkbook.verdict_rows import cells

COLOURS = {
    Verdict.REPRODUCED: "green",
    Verdict.ONLY_ASYMPTOTIC: "cyan",
    Verdict.VACUOUS: "yellow",
    Verdict.NOT_REPRODUCED: "red",
    Verdict.NOT_RUN: "dim",
}
"""Colours of the verdicts; the word always stands there too."""


def console() -> Console:
    """Console on standard output, as wide as the terminal."""
    return Console(highlight=False)


def say(text: str = "") -> None:
    """Print a line as it is."""
    console().print(text, markup=False, soft_wrap=True)


def note(text: str) -> None:
    """Print a line that the reader should not overlook, on standard error."""
    Console(stderr=True, highlight=False).print(Text(f"note: {text}", style="yellow"), soft_wrap=True)


def fail(text: str) -> None:
    """Print what went wrong, on standard error."""
    Console(stderr=True, highlight=False).print(Text(f"error: {text}", style="bold red"), soft_wrap=True)


def verdict(row: Mapping[str, Any]) -> Text:
    """Verdict of a row of the ledger, in its colour."""
    return Text(row["verdict"], style=COLOURS[Verdict(row["verdict"])])


def print_verdicts(rows: Iterable[Row], committed: Iterable[Row]) -> None:
    """Print the table of judged claims; beneath a verdict the committed one if that was another, and the margin.

    Parameters
    ----------
    rows : iterable of dict
        Judged now, with the keys of the ledger.
    committed : iterable of dict
        The committed ledger.
    """
    before = {(row["claim"], row["profile"]): row for row in committed}
    table = Table("Claim", "Profile", "Verdict", "Measured", "Expected", show_lines=True)
    for row in rows:
        shown, found, old = cells(row), verdict(row), before.get((row["claim"], row["profile"]))
        if old and old["verdict"] != row["verdict"]:
            found = Text.assemble(found, "\nwas ", verdict(old))
        if shown.margin:
            found = Text.assemble(found, f"\n{shown.margin}")
        expected = f"{shown.expected}\ntolerance: {shown.tolerance}"
        table.add_row(row["claim"], shown.profile, found, Text(shown.measured), Text(expected))
    console().print(table)
