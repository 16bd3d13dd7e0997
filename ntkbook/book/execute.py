"""Run the chapters whose key changed, one process each, and keep what they put out."""

import os
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from tqdm import tqdm

from ntkbook.atomic import replacing
from ntkbook.book.chapters import Chapter, accepted_parameters, code_cells
from ntkbook.book.key import chapter_key
from ntkbook.book.process import attempt, environment, failure, papermill
from ntkbook.book.provenance import data_source, versions
from ntkbook.book.sources import BookError
from ntkbook.ending import end_descendants
from ntkbook.fingerprint import digest
from ntkbook.provenance import commit


def execute(
    chapters: list[Chapter], root: Path, build: Path, *, profile: str, device: str, jobs: int
) -> dict[str, NotebookNode]:
    """Bring the outputs of all chapters that have code up to date, running those whose key changed.

    Parameters
    ----------
    chapters : list of Chapter
        From ``read_chapters``.
    root : path
        Root of the repository: the notebooks' working directory.
    build : path
        Folder ``_build``; the store is its subfolder ``executed``.
    profile, device : str
        Passed to each notebook by papermill.
    jobs : int
        Chapters that run at a time; each gets its share of the cores.

    Returns
    -------
    dict
        Chapter stem -> notebook with the chapter's present text and the stored outputs. ``metadata.ntkbook`` says how
        it was run: key, profile, device, data, commit, started, seconds, versions.

    Raises
    ------
    BookError
        If a parameter is misspelled (before anything runs), a cell fails (with its traceback) or writes to standard
        error, or memory runs out; what such a run put out is not kept.
    """
    store = build / "executed"
    store.mkdir(parents=True, exist_ok=True)
    notebooks = [chapter for chapter in chapters if chapter.notebook is not None]
    parameters = {c.stem: accepted_parameters(c, {"profile": profile, "device": device}) for c in notebooks}
    about = {
        c.stem: {"key": chapter_key(c, root, parameters[c.stem]), "profile": profile, "device": device}
        for c in notebooks
    }
    stored = {c.stem: _stored(store / f"{c.stem}.ipynb", about[c.stem]["key"]) for c in notebooks}
    changed = [chapter for chapter in notebooks if stored[chapter.stem] is None]
    workers = max(1, min(jobs, len(changed)))
    around = environment(build, threads=max(1, (os.cpu_count() or 1) // workers))
    processes: list[subprocess.Popen[str]] = []

    def run(chapter: Chapter) -> NotebookNode:
        return _run(chapter, root, build, parameters[chapter.stem], about[chapter.stem], around, processes)

    if reused := [chapter.name for chapter in notebooks if chapter not in changed]:
        print(f"unchanged, not executed: {', '.join(reused)}", flush=True)
    with ThreadPoolExecutor(workers) as pool, tqdm(total=len(changed), unit="chapter", disable=None) as bar:
        running = {pool.submit(run, chapter): chapter for chapter in changed}
        try:
            for done in as_completed(running):
                stem, path = running[done].stem, store / f"{running[done].stem}.ipynb"
                with replacing(path) as part:
                    nbformat.write(done.result(), part)
                stored[stem] = notebook = nbformat.read(path, 4)  # just as the next build will find it
                ran = notebook.metadata["ntkbook"]
                data = f"; data: {ran['data']}" if ran["data"] else ""  # says what stood in for what
                bar.write(f"executed {running[done].name} in {ran['seconds']:.0f} s{data}")
                bar.update()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for process in processes:  # with their kernels and workers, who would hold the pipes open that are read
                end_descendants(process.pid)
                process.kill()
            raise
    return {chapter.stem: merge(chapter, stored[chapter.stem]) for chapter in notebooks}


def merge(chapter: Chapter, executed: NotebookNode | None) -> NotebookNode:
    """Give the present text of a chapter the outputs of its last run, code cell by code cell."""
    assert chapter.notebook is not None
    assert executed is not None
    merged = deepcopy(chapter.notebook)
    merged.metadata.update(executed.metadata)
    for cell, ran in zip(code_cells(merged), code_cells(executed), strict=True):
        cell.outputs, cell.execution_count = ran.outputs, ran.execution_count
    return merged


def _run(
    chapter: Chapter,
    root: Path,
    build: Path,
    parameters: dict[str, Any],
    about: dict[str, str],
    around: dict[str, str],
    processes: list[subprocess.Popen[str]],
) -> NotebookNode:
    """Execute one chapter in a process of its own, which is entered in ``processes``."""
    started, clock = datetime.now(UTC), time.perf_counter()
    with tempfile.TemporaryDirectory(dir=build, prefix="run-") as folder:
        source, target = Path(folder, "in.ipynb"), Path(folder, "out.ipynb")
        nbformat.write(chapter.notebook, source)
        command = papermill(source, target, root, parameters)
        returncode, stderr = attempt(command, root, around, processes)
        notebook = _written(target)
        if problem := failure(chapter, notebook, returncode, stderr, build / f"{chapter.stem}.log"):
            raise BookError(problem)
    assert notebook is not None
    for cell in notebook.cells:
        for mark in ("papermill", "execution"):
            cell.metadata.pop(mark, None)
    notebook.metadata.pop("papermill", None)
    notebook.metadata["ntkbook"] = about | {
        "started": started.isoformat(timespec="seconds"),
        "seconds": round(time.perf_counter() - clock, 1),
        "commit": commit(),
        "data": data_source(chapter, build, about["profile"]),
        "versions": versions(),
    }
    notebook.metadata["ntkbook"]["content"] = _content_digest(notebook)
    return notebook


def _written(path: Path) -> NotebookNode | None:
    """What papermill wrote; None if it was killed before or while it did."""
    try:
        return nbformat.read(path, 4)
    except (OSError, ValueError, nbformat.ValidationError):
        return None


def _stored(path: Path, key: str) -> NotebookNode | None:
    """Notebook in the store, if it was run under this key and is what the run put out."""
    if not path.is_file():
        return None
    try:
        notebook = nbformat.read(path, 4)
        about = notebook.metadata.get("ntkbook", {})
        if about.get("key") != key:
            return None
        if about.get("content") == _content_digest(notebook):
            return notebook
        found = "another content"
    except (ValueError, AttributeError, KeyError, TypeError, nbformat.ValidationError) as error:
        found = " ".join(str(error).split())[:200]
    print(f"{path.name}: expected what its run put out, found a damaged file ({found}); executed again", flush=True)
    return None


def _content_digest(notebook: NotebookNode) -> str:
    """Hash of the code cells, what they put out and how they were run, however the file is laid out."""
    about = {key: value for key, value in notebook.metadata["ntkbook"].items() if key != "content"}
    return digest([[cell.source, cell.get("outputs", [])] for cell in code_cells(notebook)], about)
