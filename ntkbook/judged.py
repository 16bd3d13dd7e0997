"""Verdicts that were found before: the same record and the same checks need no second judging."""

import json
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import xarray as xr

from ntkbook.atomic import replacing
from ntkbook.checksum import checksum
from ntkbook.claims import Claim
from ntkbook.fingerprint import closure_of, digest
from ntkbook.ledger import KEYS, Row
from ntkbook.verdicts import judge


def judged(claims: Iterable[Claim], record: xr.DataTree, store: Path) -> list[Row]:
    """Judge claims from a record, or read what was found when it was judged before.

    Parameters
    ----------
    claims, record
        As `ntkbook.verdicts.judge` takes them.
    store : Path
        Folder of what was found, under a key made of the record's content and the code of the checks.

    Returns
    -------
    list of dict
        Rows of the ledger.

    Raises
    ------
    ValueError
        As `ntkbook.verdicts.judge`.
    """
    claims = list(claims)
    stated = [[claim.id, claim.expected, claim.tolerance, closure_of(claim.check)] for claim in claims]
    path = Path(store) / f"verdicts-{digest(checksum(record), stated, closure_of(judge))[:32]}.json"
    if (rows := _found(path, claims)) is not None:
        return rows
    rows = judge(claims, record)
    with suppress(OSError), replacing(path) as part:  # where nothing can be kept, it is judged again next time
        part.write_text(json.dumps(rows), encoding="utf-8")
    return rows


def _found(path: Path, claims: list[Claim]) -> list[Row] | None:
    """What a file holds; None where there is none, or where it holds something else."""
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
        whole = all(set(row) == set(KEYS) for row in rows) and [row["claim"] for row in rows] == [c.id for c in claims]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return rows if whole else None
