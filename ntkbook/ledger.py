"""The ledger: a verdict for each claim and profile, in a file that is committed."""

import json
import math
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ntkbook.atomic import replacing
from ntkbook.claims import Verdict, inventory

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


def changed(rows: Iterable[Row], committed: Iterable[Row]) -> list[str]:
    """Rows of the very run that the ledger tells of, with other numbers than it tells, in words.

    Rows are of one run if claim, profile, data, seeds, device and commit agree. Numbers count as equal within 2 %:
    machines round differently.

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
    except (ValueError, RecursionError) as error:  # of JSON and of UTF-8
        raise ValueError(f"{path.name}: expected JSON, found {error}; restore the committed file") from error
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ValueError(f"{path.name}: expected a list of objects, found other JSON; restore the committed file")
    for row in rows:
        if set(row) != set(KEYS):
            raise ValueError(
                f"{path.name}: expected rows with the keys {', '.join(KEYS)}, found {', '.join(sorted(row))}"
            )
        if words := [key for key in KEYS if not isinstance(row[key], str) and not _is_margin(key, row[key])]:
            raise ValueError(f"{path.name}: expected words, found {row[words[0]]!r} as {words[0]}; restore the file")
        if row["claim"] not in inventory() or row["verdict"] not in list(Verdict):
            raise ValueError(f"{path.name}: unknown claim or verdict in {row['claim']!r}: {row['verdict']!r}")
    return rows


def _is_margin(key: str, value: Any) -> bool:
    return key == "margin" and isinstance(value, (int, float)) and math.isfinite(value)


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
