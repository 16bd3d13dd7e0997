"""The ledger: a verdict for each claim and profile, in a file that is committed."""

import json
import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ntkbook.atomic import replacing
from ntkbook.claims import Verdict, inventory
from ntkbook.expect import expects
from ntkbook.wants import Call, each, pathlike, told

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
    "margin",
)
"""What a row of the ledger holds: strings, and a margin that is a number or a word, see `ntkbook.verdicts.margin`."""

_RUN = ("claim", "profile", "experiment", "data", "seeds", "device", "commit")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?")


def _row(name: str, value: Any, call: Call) -> None:
    """A row of a ledger."""
    if not isinstance(value, Mapping):
        raise TypeError(
            f"{name}: expected a row, found {told(value)}; take those that `judge` or `read_ledger` returns"
        )
    if set(value) != set(KEYS):
        found = ", ".join(sorted(map(str, value))) or "none"
        raise ValueError(f"{name}: expected a row with the keys {', '.join(KEYS)}, found {found}; restore it")
    if words := [key for key in KEYS if not isinstance(value[key], str) and not _is_margin(key, value[key])]:
        found = f"{told(value[words[0]])} as {words[0]}"
        raise ValueError(f"{name}: expected words, or a margin from 0 to 99.9, found {found}; restore it")
    if value["claim"] not in inventory() or value["verdict"] not in list(Verdict):
        found = f"{value['claim']!r}: {value['verdict']!r}"
        raise ValueError(f"{name}: expected a known claim and verdict, found {found}; restore it")


def _is_margin(key: str, value: Any) -> bool:
    return key == "margin" and isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 100


_rows = each(_row, empty=True)


@expects(rows=_rows, committed=_rows)
def worse(rows: Sequence[Row], committed: Sequence[Row]) -> list[str]:
    """Verdicts that are worse than the committed ones, in words.

    Rows are matched by claim and profile. "not run" never counts as worse, nor does a claim that was not committed.

    Parameters
    ----------
    rows : sequence of dict
        Judged now.
    committed : sequence of dict
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


@expects(rows=_rows, committed=_rows)
def changed(rows: Sequence[Row], committed: Sequence[Row]) -> list[str]:
    """Rows of the very run that the ledger tells of, with other numbers than it tells, in words.

    Rows are of one run if claim, profile, data, seeds, device and commit agree. Numbers count as equal within 2 %:
    machines round differently.

    Parameters
    ----------
    rows : sequence of dict
        Judged now.
    committed : sequence of dict
        The committed ledger.

    Returns
    -------
    list of str
        One line for each; empty when all is well.
    """
    before = {tuple(row[key] for key in _RUN): row for row in committed}
    lines = []
    for row in rows:
        old = before.get(tuple(row[key] for key in _RUN))
        if old is not None and not _alike(row["measured"], old["measured"]):
            lines.append(
                f"{row['claim']} ({row['profile']}): the same run, but measured was {old['measured']}; "
                f"is {row['measured']}"
            )
    return lines


def _alike(one: str, other: str) -> bool:
    if _NUMBER.sub("#", one) != _NUMBER.sub("#", other):
        return False
    pairs = zip(_NUMBER.findall(one), _NUMBER.findall(other), strict=True)
    return all(math.isclose(float(a), float(b), rel_tol=0.02) for a, b in pairs)


@expects(path=pathlike)
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
        If the file is not such a list, names an unknown claim, holds an unknown verdict, or two for one claim and
        profile.
    """
    path = Path(path)
    if not path.exists():
        return []
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:  # of JSON and of UTF-8
        raise ValueError(f"{path.name}: expected JSON, found {error}; restore the committed file") from error
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ValueError(f"{path.name}: expected a list of objects, found other JSON; restore the committed file")
    _rows(path.name, rows, Call())
    seen: set[tuple[str, str]] = set()
    for row in rows:
        if (run := (row["claim"], row["profile"])) in seen:
            found = " at profile ".join(run)
            raise ValueError(f"{path.name}: expected one verdict a claim and profile, found two for {found}; drop one")
        seen.add(run)
    return rows


@expects(rows=_rows, path=pathlike)
def write_ledger(rows: Sequence[Row], path: Path) -> None:
    """Write a ledger, sorted by claim and profile, atomically.

    Parameters
    ----------
    rows : sequence of dict
        With the keys `KEYS`.
    path : Path
        The JSON file.
    """
    ordered = sorted(rows, key=lambda row: (row["claim"], row["profile"]))
    text = json.dumps([{key: row[key] for key in KEYS} for row in ordered], indent=1) + "\n"
    with replacing(path) as part:
        part.write_text(text, encoding="utf-8")
