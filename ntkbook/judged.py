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
from ntkbook.ledger import Row
from ntkbook.seal import sealed, unsealed
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
    if (rows := _found(path)) is not None:
        return rows
    rows = judge(claims, record)
    with suppress(OSError), replacing(path) as part:  # where nothing can be kept, it is judged again next time
        part.write_bytes(sealed(json.dumps({"name": path.name, "rows": rows}).encode()))
    return rows


def _found(path: Path) -> list[Row] | None:
    """What a file holds; None where there is none, or where it is not what was written under this name."""
    try:
        found = json.loads(unsealed(path.read_bytes()))
    except (OSError, ValueError):
        return None
    return found["rows"] if found["name"] == path.name else None
