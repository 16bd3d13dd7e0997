"""The whole pipeline in order."""

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from ntkbook.atomic import check_writable, sweep_parts
from ntkbook.book.about import changelog, citation, licence
from ntkbook.book.badges import mark_statements
from ntkbook.book.chapters import Chapter, read_chapters
from ntkbook.book.execute import execute
from ntkbook.book.experiments import experiments_markdown
from ntkbook.book.front import fill_front
from ntkbook.book.ledger import judged_runs, ledger_page, places
from ntkbook.book.names import read_names
from ntkbook.book.render import is_current, render, restore
from ntkbook.book.sources import BookError
from ntkbook.book.stage import fingerprint, stage
from ntkbook.book.timings import build_page
from ntkbook.ledger import read_ledger
from ntkbook.profiles import Profile


def build(
    root: Path | str, *, profile: str = Profile.QUICK, device: str = "cpu", jobs: int = 2, force: bool = False
) -> Path:
    """Bring the site up to date, doing only what changed.

    A chapter is executed when its code, or code or data that it depends on, changed; the site is rendered when any
    page changed. What was there before stays until the new site is whole.

    Parameters
    ----------
    root : path
        Root of the repository, with ``_config.yml`` and ``_toc.yml``.
    profile : Profile
        Size of the experiments.
    device : str
        Where they run: ``"cpu"``, ``"cuda"``.
    jobs : int
        Chapters that are executed at a time.
    force : bool
        Execute every chapter again, and forget the finished cells of its sweeps.

    Returns
    -------
    Path
        Folder of the site; open its ``index.html``.

    Raises
    ------
    BookError
        If another build is at work here, the book's sources are broken, a chapter fails, Sphinx warns, or a page breaks
        a rule; the old site is still in place.
    OSError
        If ``_build`` cannot be written.
    ValueError
        If the ledger is damaged.
    """
    root = Path(root).resolve()
    check_writable(root / "_build")
    with _alone(root / "_build"):
        return _build(root, profile=profile, device=device, jobs=jobs, force=force)


def _build(root: Path, *, profile: str, device: str, jobs: int, force: bool) -> Path:
    folder, site = root / "_build", root / "_build" / "site"
    _sweep(folder, force)
    restore(site)
    chapters = read_chapters(root)
    read_names(chapters, root)  # what is broken in the book shows before the work
    read_ledger(root / "results" / "ledger.json")
    notebooks = execute(chapters, root, folder, profile=profile, device=device, jobs=jobs)
    pages = {"build": build_page(chapters, notebooks)}
    runs = judged_runs(root, folder / "records", profile) if _wanted("ledger", chapters) else {}
    if runs:
        pages["ledger"] = ledger_page(runs, places(chapters))
    if _wanted("experiments", chapters):
        pages["experiments"] = experiments_markdown()
    pages |= {page.__name__: page(root) for page in (changelog, citation, licence) if _wanted(page.__name__, chapters)}
    stage(chapters, notebooks, pages, root, folder / "stage")
    if runs:
        mark_statements(folder / "stage", runs)
        fill_front(folder / "stage", chapters, notebooks, runs)
    mark = fingerprint(folder / "stage", root)
    if is_current(site, mark) and not force:
        print(f"nothing changed: {site / 'index.html'}", flush=True)
        return site
    print("rendering ...", flush=True)
    render(folder / "stage", site, mark)
    print(f"built {site / 'index.html'}", flush=True)
    return site


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep other builds out of the folder; the system lets go of the lock when this process ends, however it does."""
    said = folder / "building"
    try:
        with FileLock(folder / "lock", timeout=0):
            said.write_text(f"process {os.getpid()} has been building here since {time.strftime('%Y-%m-%d %H:%M:%S')}")
            yield
            said.unlink(missing_ok=True)
    except Timeout:
        who = said.read_text(encoding="utf-8") if said.is_file() else "another process is building here"
        raise BookError(f"{folder}: expected no other build, but {who}; wait for it or stop it") from None


def _sweep(folder: Path, force: bool) -> None:
    """Remove what a killed build left and, on demand, what earlier builds stored."""
    stored = ["executed", "cells"] if force else []
    for path in [*folder.glob("run-*"), *folder.glob("render-*"), *(folder / name for name in stored)]:
        shutil.rmtree(path, ignore_errors=True)
    for name in ("executed", "records", "cells"):
        sweep_parts(folder / name)


def _wanted(page: str, chapters: list[Chapter]) -> bool:
    """Whether the book has a place for what is generated under this name."""
    return any(f"<!-- generated: {page} -->" in chapter.text for chapter in chapters)
