"""What a session does, in order: a short check, short exact references, the long runs, and then benchmarks."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch

from ntkbook import data
from ntkbook.experiments.million_steps.config import PROFILES, Config
from ntkbook.gpu.benchmarks import BENCHMARKS, ratios
from ntkbook.gpu.checks import check_device
from ntkbook.gpu.curves import Curves
from ntkbook.gpu.session import Session

_CHECKS, _EXACT, _BENCHMARKS = 0.1, 0.14, 0.08
"""Shares of the time, at most, for the checks, the exact references and the benchmarks."""
_SHARES = {"mnist": 0.7, "cifar10": 0.3}
"""How the data sets divide what is given to references and long runs."""
KINDS = ("true", "worst", "random")
DATA = tuple(_SHARES)
_SETTINGS = "settings.json"


def run(
    out: Path,
    *,
    minutes: float,
    n: int = 10_000,
    m: int = 10_000,
    steps: int = 1_000_000,
    rtol: float = PROFILES["paper"].runs.rtol,
    datasets: Sequence[str] = DATA,
    labels: Sequence[str] = KINDS,
) -> None:
    """Run a session, and leave its report, its records and its table in a folder.

    A later session with the same folder takes its long runs on from where they ended.

    Parameters
    ----------
    out : Path
        Folder: `report.json`, `report.md`, and a record (netCDF-3) for each run.
    minutes : float
        Time allowed. Long runs end in time, and say how far they came.
    n, m, steps : int
        Training images, neurons, and steps on MNIST; three in ten of these on CIFAR-10.
    rtol : float
        Error allowed to a long run, in units of |r(0)|.
    datasets : sequence of str
        Some of `DATA`; those not found are left out, if any is found.
    labels : sequence of str
        Some of `KINDS`.

    Raises
    ------
    ValueError
        If a data set or kind of labels is none of these, no data set is found, or the folder is of a session with other
        settings; before any work.
    """
    for name, chosen, known in (("datasets", datasets, DATA), ("labels", labels, KINDS)):
        if not chosen or not set(chosen) <= set(known):
            raise ValueError(f"{name}: expected some of {', '.join(known)}, found {', '.join(chosen) or 'none'}")
    names = [name for name in DATA if name in datasets and data.available(name)]
    if not names:
        raise ValueError(
            f"datasets: expected files of {', '.join(datasets)}, found none; set NTKBOOK_DATA to a folder that has them"
        )
    paper = PROFILES["paper"]
    config = replace(paper, n=n, runs=replace(paper.runs, width=m, n_steps=steps, rtol=rtol))
    _settle_in(out, {"n": n, "m": m, "steps": steps, "rtol": rtol})
    device = "cuda" if torch.cuda.is_available() else "cpu"
    session = Session(out, device, minutes)
    total = session.left
    session.part("checks", lambda: check_device(device, _CHECKS * total))
    kept, shared, given = _BENCHMARKS * total, session.left - _BENCHMARKS * total, 0.0
    for name in names:
        given += _SHARES[name] / sum(_SHARES[known] for known in names)
        leave = kept + (1 - given) * shared  # seconds that this data set must leave to what follows
        kinds = [kind for kind in KINDS if kind in labels]
        _draw_figure(session, name, config, kinds, exact=_EXACT * _SHARES[name] * total, leave=leave)
    for name in BENCHMARKS:
        if session.left > 0:
            session.part(f"benchmark-{name}", lambda name=name: ratios(name, device))
    session.write()
    print(f"results are in {session.out}", flush=True)


def _settle_in(out: Path, settings: dict[str, float]) -> None:
    """Leave the settings in the folder of a first session, and compare them with those that a later one has."""
    path = Path(out) / _SETTINGS
    if path.exists() and (found := json.loads(path.read_text("utf-8"))) != settings:
        raise ValueError(f"out: expected a folder of sessions with {settings}, found {out} with {found}; name another")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(settings), encoding="utf-8")


def _draw_figure(
    session: Session, name: str, config: Config, kinds: Sequence[str], *, exact: float, leave: float
) -> None:
    """References and long runs of some kinds of labels on one data set."""
    posed: list[Curves] = []

    def pose() -> dict[str, float | str]:
        posed.append(Curves(session, name, config))
        return posed[0].about

    session.part(f"problem-{name}", pose)
    if not posed:
        return
    (curves,) = posed
    for labels in kinds:
        seconds = exact / len(kinds)
        session.part(f"exact-{name}-{labels}", lambda labels=labels, seconds=seconds: curves.exact(labels, seconds))
    for done, labels in enumerate(kinds):
        deadline = session.left - (session.left - leave) / (len(kinds) - done)
        session.part(f"long-{name}-{labels}", lambda labels=labels, by=deadline: curves.long(labels, by))
