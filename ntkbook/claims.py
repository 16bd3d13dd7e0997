"""Claims of the papers, their verdicts, and the ledger that holds them."""

import csv
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import xarray as xr

from ntkbook.atomic import replacing

Row = dict[str, Any]

KEYS = (
    "claim",
    "profile",
    "verdict",
    "measured",
    "expected",
    "tolerance",
    "experiment",
    "data",
    "seeds",
    "device",
    "commit",
)
"""What a row of the ledger holds, all strings."""


class Verdict(StrEnum):
    """Outcome of a check, best first; `NOT_RUN` stands outside the order."""

    REPRODUCED = "reproduced"
    ONLY_ASYMPTOTIC = "only asymptotic"
    VACUOUS = "vacuous"
    NOT_REPRODUCED = "not reproduced"
    NOT_RUN = "not run"


@dataclass(frozen=True)
class Statement:
    """One row of the inventory: what a paper says, and where."""

    id: str
    """Such as "A04"."""
    paper: str
    """Key in the bibliography."""
    where: str
    """Theorem, equation or figure."""
    says: str
    """The claim in one line, plain text."""


@dataclass(frozen=True)
class Judgement:
    """What a check found."""

    verdict: Verdict
    """The outcome."""
    measured: str
    """The numbers it rests on, for a reader."""


@dataclass(frozen=True)
class Claim:
    """A claim of the inventory with the check that decides it; its id in small letters is its label in the book."""

    id: str
    """Id in the inventory."""
    check: Callable[[xr.Dataset], Judgement]
    """Reads an experiment's record, and nothing else."""
    expected: str
    """What the theory says the numbers should be."""
    tolerance: str
    """How far off they may be and still count as reproduced."""

    def __post_init__(self):
        if self.id not in inventory():
            raise ValueError(f"id: expected a claim of the inventory, found {self.id!r}; add it to inventory.csv first")


@cache
def inventory() -> dict[str, Statement]:
    """Every claim the book must carry, by id, in the order of the papers.

    Returns
    -------
    dict of str to Statement
    """
    text = resources.files("ntkbook").joinpath("inventory.csv").read_text(encoding="utf-8")
    return {row["id"]: Statement(**row) for row in csv.DictReader(text.splitlines())}


def judge(claims: Iterable[Claim], record: xr.Dataset) -> list[Row]:
    """Judge claims from a record, without running anything again.

    Parameters
    ----------
    claims : iterable of Claim
        Those of the experiment that made the record.
    record : xarray.Dataset
        With provenance in its attributes, see `ntkbook.records`.

    Returns
    -------
    list of dict
        Rows of the ledger, with the keys `KEYS`.
    """
    rows = []
    for claim in claims:
        found = claim.check(record)
        rows.append(
            {
                "claim": claim.id,
                "profile": record.attrs["profile"],
                "verdict": str(found.verdict),
                "measured": found.measured,
                "expected": claim.expected,
                "tolerance": claim.tolerance,
            }
            | {key: str(record.attrs[key]) for key in ("experiment", "data", "seeds", "device", "commit")}
        )
    return rows


def worse(rows: Iterable[Row], committed: Iterable[Row]) -> list[str]:
    """Verdicts that are worse than the committed ones, in words.

    Rows are matched by claim and profile. "not run" never counts as worse, nor does a claim that was not committed.

    Parameters
    ----------
    rows : iterable of dict
        Judged now.
    committed : iterable of dict
        The committed ledger.

    Returns
    -------
    list of str
        One line for each; empty when all is well.
    """
    order = list(Verdict)
    before = {(row["claim"], row["profile"]): Verdict(row["verdict"]) for row in committed}
    lines = []
    for row in rows:
        now, old = Verdict(row["verdict"]), before.get((row["claim"], row["profile"]), Verdict.NOT_RUN)
        if Verdict.NOT_RUN not in (now, old) and order.index(now) > order.index(old):
            lines.append(f"{row['claim']} ({row['profile']}): was {old}, is {now}; measured {row['measured']}")
    return lines


def read_ledger(path: Path) -> list[Row]:
    """Read a ledger; an absent file is an empty ledger.

    Parameters
    ----------
    path : Path
        A JSON file: a list of objects with the keys `KEYS`.

    Returns
    -------
    list of dict

    Raises
    ------
    ValueError
        If the file is not such a list, names an unknown claim, or holds an unknown verdict.
    """
    path = Path(path)
    if not path.exists():
        return []
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise ValueError(f"{path.name}: expected JSON, found {error}; restore the committed file") from error
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ValueError(f"{path.name}: expected a list of objects, found other JSON; restore the committed file")
    for row in rows:
        if set(row) != set(KEYS):
            raise ValueError(
                f"{path.name}: expected rows with the keys {', '.join(KEYS)}, found {', '.join(sorted(row))}"
            )
        if row["claim"] not in inventory() or row["verdict"] not in list(Verdict):
            raise ValueError(f"{path.name}: unknown claim or verdict in {row['claim']!r}: {row['verdict']!r}")
    return rows


def write_ledger(rows: Iterable[Row], path: Path) -> None:
    """Write a ledger, sorted by claim and profile, atomically.

    Parameters
    ----------
    rows : iterable of dict
        With the keys `KEYS`.
    path : Path
        The JSON file.
    """
    ordered = sorted(rows, key=lambda row: (row["claim"], row["profile"]))
    text = json.dumps([{key: row[key] for key in KEYS} for row in ordered], indent=1) + "\n"
    with replacing(path) as part:
        part.write_text(text, encoding="utf-8")
