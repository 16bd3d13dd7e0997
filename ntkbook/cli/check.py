"""`ntkbook check`: judge recorded runs again and hold the verdicts against the committed ledger."""

from pathlib import Path
from typing import Annotated

import typer

from ntkbook import ledger as ledgers
from ntkbook import records as stored
from ntkbook.cli.console import fail, note, print_verdicts, say
from ntkbook.ledger import Row
from ntkbook.provenance import ADDED, PROVENANCE
from ntkbook.verdict_rows import cells, is_fragile

LEDGER = Path("results", "ledger.json")
"""The committed ledger, below the current folder."""
FOLDERS = (Path("ntkbook", "results"), Path("_build", "records"))
"""Where records are looked for: committed ones, and those of the last build of the book."""


def check(
    records: Annotated[
        list[Path] | None,
        typer.Option(
            help="Folder with records (*.nc); may be given again. Default: ntkbook/results and _build/records."
        ),
    ] = None,
    update: Annotated[bool, typer.Option("--update", help="Write the verdicts into results/ledger.json.")] = False,
) -> None:
    """Judge recorded runs again, and compare with the committed ledger.

    Nothing is run. The exit code is 1 if a verdict got worse than the one
    in results/ledger.json, or if the numbers behind it are others though the
    run is the same; `--update` accepts what was found. Verdicts of which no
    record is here stay as they are. A verdict whose margin is
    under 1.5 is named as fragile: other seeds might turn it.

    For example:

        ntkbook check
        ntkbook check --records .ntkbook/records
        ntkbook check --update
    """
    found = _find(records)
    committed = ledgers.read_ledger(LEDGER)
    rows = [row for path in found for row in judge_again(path)]
    print_verdicts(sorted(rows, key=lambda row: (row["claim"], row["profile"])), committed)
    ledger, judged = ({(row["claim"], row["profile"]): row for row in some} for some in (committed, rows))
    say(
        f"{len(found)} records, {len(judged)} verdicts: {len(judged.keys() - ledger.keys())} not in {LEDGER} yet, "
        f"{len(ledger.keys() - judged.keys())} in it without a record here."
    )
    for row in rows:
        if is_fragile(row):
            note(f"{row['claim']} ({row['profile']}): {row['verdict']}, {cells(row).margin}")
    worse = ledgers.worse(rows, committed)
    other = ledgers.changed(rows, committed)
    for line in [*worse, *other]:
        fail(line)
    if update:
        ledgers.write_ledger([*(ledger | judged).values()], LEDGER)
        say(f"Wrote {LEDGER}.")
    elif worse or other:
        say("Verdicts got worse, or numbers changed: find out why, or accept them with `ntkbook check --update`.")
        raise typer.Exit(1)


def judge_again(path: Path) -> list[Row]:
    """Judge the claims of the experiment that made a record.

    Parameters
    ----------
    path : Path
        The record.

    Returns
    -------
    list of dict
        Rows of the ledger.

    Raises
    ------
    ValueError
        If the file is not a record, its experiment is unknown, or the experiment's checks need what it does not hold.
    """
    from ntkbook.experiments import catalogue
    from ntkbook.judged import judged

    record = stored.load(path)
    if lacking := [key for key in PROVENANCE if key not in (*record.attrs, *ADDED)]:
        raise ValueError(f"{path}: expected a record with provenance, found none of {', '.join(lacking)}; move it away")
    experiment = catalogue.get(record.attrs["experiment"])
    try:
        return judged(experiment.claims, record, stored.cell_folder())
    except (AttributeError, KeyError, stored.MissingPartError) as error:
        raise ValueError(
            f"{path}: expected what the claims of {record.attrs['experiment']!r} read, found {error!r}; "
            f"the record is older than the experiment: run it again with `ntkbook run {record.attrs['experiment']} "
            f"--profile {record.attrs['profile']} --out {path.parent}`"
        ) from error


def _find(folders: list[Path] | None) -> list[Path]:
    for folder in folders or []:
        if not folder.is_dir():
            raise FileNotFoundError(f"--records: expected a folder, found none at {folder}")
    found = [path for folder in folders or FOLDERS for path in sorted(folder.glob("*.nc"))]
    if not found:
        places = " or ".join(str(folder) for folder in folders or FOLDERS)
        raise FileNotFoundError(
            f"expected records (*.nc) in {places}, found none; make one with "
            "`ntkbook run EXPERIMENT --out ntkbook/results`, build the book with `make book`, "
            "or name another folder with --records"
        )
    return found
