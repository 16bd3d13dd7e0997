"""`ntkbook run`: run an experiment, save its record, judge its claims."""

from pathlib import Path
from typing import Annotated

import typer

from ntkbook import records
from ntkbook.atomic import check_writable, sweep_parts
from ntkbook.cli.check import LEDGER
from ntkbook.cli.console import print_verdicts, say
from ntkbook.ending import Ended
from ntkbook.ledger import read_ledger
from ntkbook.profiles import Profile


def run(
    experiment: Annotated[str, typer.Argument(help="Name from `ntkbook list`, such as kernel.")],
    profile: Annotated[Profile, typer.Option(help="Size of the runs.")] = Profile.QUICK,
    device: Annotated[str, typer.Option(help="Where they are computed: cpu, cuda, cuda:1.")] = "cpu",
    out: Annotated[
        Path | None,
        typer.Option(
            help="Folder of the record EXPERIMENT-PROFILE.nc. Default: NTKBOOK_RECORDS, else .ntkbook/records."
        ),
    ] = None,
    jobs: Annotated[int, typer.Option(help="Processes that share the cells; -1 for one a core.")] = 1,
) -> None:
    """Run an experiment, save its record, and judge its claims.

    An experiment is a sweep over independent cells: a width, a seed, a kind
    of labels. Each finished cell is kept in .ntkbook/cells (or the folder
    named by NTKBOOK_CELLS), so that the same command, after it was killed,
    goes on where it stopped. `--out ntkbook/results` makes a record to
    commit.

    For example:

        ntkbook run kernel
        ntkbook run convergence --profile laptop --jobs 2 --out ntkbook/results
        ntkbook run convergence --profile paper --device cuda --out ntkbook/results
    """
    from ntkbook.experiments import catalogue
    from ntkbook.verdicts import judge

    found = catalogue.get(experiment)
    if jobs == 0:
        raise ValueError("--jobs: expected a number of processes, or -1 for one a core, found 0")
    _check_device(device)
    target = records.path(experiment, profile) if out is None else out / f"{experiment}-{profile}.nc"
    config, cells = found.profiles[profile], records.cell_folder()
    for folder in (cells, target.parent):
        check_writable(folder)
        sweep_parts(folder)
    try:
        record = found.run(config, device=device, n_jobs=jobs, store=cells)
    except Ended as end:
        end.add_note(f"finished cells are in {cells}, and the same command goes on from there")
        raise
    records.save(record, target)
    print_verdicts(judge(found.claims, record), read_ledger(LEDGER))
    say(f"Data: {record.attrs['data']}")
    say(f"Saved {target} after {record.attrs['seconds']} s. Judge it again: ntkbook check --records {target.parent}")


def _check_device(device: str) -> None:
    import torch

    try:
        torch.empty(1, device=device, dtype=torch.float64)  # kernels need it, and not every device has it
    except (RuntimeError, AssertionError, NotImplementedError, TypeError) as error:
        reason = str(error).partition("\n")[0]
        raise ValueError(
            f"--device: expected a device that this machine has and that knows float64, found {device!r} ({reason}); "
            "try --device cpu"
        ) from error
