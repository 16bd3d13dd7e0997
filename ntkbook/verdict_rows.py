"""What a row of the ledger tells a reader: the same words on the page, in the chapter and in the terminal."""

from collections.abc import Mapping
from typing import Any, NamedTuple

FRAGILE = 1.5
"""A verdict with a smaller margin may well come out otherwise with other seeds."""


class Cells(NamedTuple):
    """A row of the ledger as text."""

    verdict: str
    """One of the five words."""
    profile: str
    """Size of the run."""
    measured: str
    """The numbers the verdict rests on."""
    margin: str
    """Such as "margin 2.3", "margin 1.2, fragile" or "exact"; empty when none was given."""
    expected: str
    """What the theory says the numbers should be."""
    tolerance: str
    """How far off they may be."""


def cells(row: Mapping[str, Any]) -> Cells:
    """Write a row of the ledger as text.

    Parameters
    ----------
    row : mapping
        With the keys of the ledger. Its `margin`, the distance to the tolerance in units of its own uncertainty, may
        be a number, a word in its place such as "exact" or "one seed", or absent.

    Returns
    -------
    Cells
    """
    margin = row.get("margin", "")
    told = margin if isinstance(margin, str) else f"margin {margin:.1f}"
    measured, expected, tolerance = (str(row[key]) for key in ("measured", "expected", "tolerance"))
    return Cells(
        str(row["verdict"]),
        str(row["profile"]),
        measured,
        f"{told}, fragile" if is_fragile(row) else told,
        expected,
        tolerance,
    )


def is_fragile(row: Mapping[str, Any]) -> bool:
    """Tell whether a row has a margin under `FRAGILE`; a word in its place is no margin."""
    margin = row.get("margin", "")
    return not isinstance(margin, str) and not margin >= FRAGILE


def css_class(verdict: str) -> str:
    """Classes by which the style sheet colours a verdict."""
    return f"verdict verdict-{verdict.replace(' ', '-')}"
