"""The whole pipeline in order."""

import shutil
from pathlib import Path

from ntkbook.book.chapters import Chapter, read_chapters
from ntkbook.book.execute import execute
from ntkbook.book.experiments import experiments_markdown
from ntkbook.book.ledger import ledger_page
from ntkbook.book.render import is_current, render, restore
from ntkbook.book.stage import fingerprint, stage
from ntkbook.book.timings import build_page
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
        If a chapter fails, Sphinx warns, or a page breaks a rule; the old site is still in place.
    """
    root = Path(root).resolve()
    folder, site = root / "_build", root / "_build" / "site"
    folder.mkdir(exist_ok=True)
    _sweep(folder, force)
    restore(site)
    chapters = read_chapters(root)
    notebooks = execute(chapters, root, folder, profile=profile, device=device, jobs=jobs)
    pages = {"build": build_page(chapters, notebooks)}
    if _wanted("ledger", chapters):
        pages["ledger"] = ledger_page(chapters, root, folder / "records", profile)
    if _wanted("experiments", chapters):
        pages["experiments"] = experiments_markdown()
    stage(chapters, notebooks, pages, root, folder / "stage")
    mark = fingerprint(folder / "stage", root)
    if is_current(site, mark) and not force:
        print(f"nothing changed: {site / 'index.html'}", flush=True)
        return site
    print("rendering ...", flush=True)
    render(folder / "stage", site, mark)
    print(f"built {site / 'index.html'}", flush=True)
    return site


def _sweep(folder: Path, force: bool) -> None:
    """Remove what a killed build left and, on demand, what earlier builds stored."""
    stored = ["executed", "cells"] if force else []
    for path in [*folder.glob("run-*"), *folder.glob("render-*"), *(folder / name for name in stored)]:
        shutil.rmtree(path, ignore_errors=True)


def _wanted(page: str, chapters: list[Chapter]) -> bool:
    """Whether the book has a place for what is generated under this name."""
    return any(f"<!-- generated: {page} -->" in chapter.path.read_text("utf-8") for chapter in chapters)
