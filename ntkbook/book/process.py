"""One notebook in a process of its own: what it finds around it, which kernel runs it, and how it went wrong."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from ntkbook.book.chapters import Chapter, code_cells, tags
from ntkbook.book.verify import output_problems

_PAPERMILL = (
    "import json, sys; from ntkbook.ending import watch_parent; watch_parent(int(sys.argv[1])); "
    "import papermill; papermill.execute_notebook(*sys.argv[2:4], **json.loads(sys.argv[4]))"
)
"""A papermill that does not outlive the build."""
_PATIENCE = 300
"""Seconds that a cell's last output may be on its way; papermill's four are too few where all cores are busy."""
_KERNEL = "python3"
"""The one kernel that there is."""
_PERSONAL = ("MPLBACKEND", "PYTHONWARNINGS", "PYTHONSTARTUP")
"""Variables by which a reader's habits would reach the pages."""
_SAYS_WHY = re.compile(r"[\w.]+(Error|Exception|Interrupt|Timeout)\b")
_KILLED = ("TerminatedWorkerError", "MemoryError")


def environment(build: Path, threads: int) -> dict[str, str]:
    """Environment of the notebooks' processes, in which the only kernel is that of this Python.

    Parameters
    ----------
    build : path
        Folder ``_build``.
    threads : int
        For each process.

    Returns
    -------
    dict
    """
    found = {key: value for key, value in os.environ.items() if key not in _PERSONAL}
    if "NTKBOOK_DATA" in found:
        found["NTKBOOK_DATA"] = str(Path(found["NTKBOOK_DATA"]).expanduser().resolve())
    cores = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), str(threads))
    folders = {"NTKBOOK_RECORDS": str(build / "records"), "NTKBOOK_CELLS": str(build / "cells")}
    folders |= {"JUPYTER_PATH": str(_jupyter(build / "jupyter")), "IPYTHONDIR": str(build / "jupyter" / "ipython")}
    if not os.access(os.path.expanduser("~"), os.W_OK):  # matplotlib and Jupyter keep files there, or warn
        folders["HOME"] = str(build / "jupyter")
    # joblib replaces a worker that has grown, and warns; whatever a cell warns of stands on its page
    quiet = {"TQDM_DISABLE": "1", "PYTHONWARNINGS": "ignore:A worker stopped while some jobs:UserWarning"}
    return found | cores | folders | quiet


def _jupyter(folder: Path) -> Path:
    """Write down the kernel where Jupyter looks first, whatever other kernels of the same name lie around."""
    spec = folder / "kernels" / _KERNEL / "kernel.json"
    spec.parent.mkdir(parents=True, exist_ok=True)
    argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec.write_text(json.dumps({"argv": argv, "display_name": "Python 3", "language": "python"}), "utf-8")
    return folder


def papermill(source: Path, target: Path, root: Path, parameters: Mapping[str, Any]) -> list[str]:
    """Command that runs a notebook.

    Parameters
    ----------
    source, target : path
        Notebooks to read and to write.
    root : path
        Working directory of the kernel.
    parameters : mapping
        Names and values to set, as text.

    Returns
    -------
    list of str
    """
    options = {
        "parameters": {name: str(value) for name, value in parameters.items()},
        "cwd": str(root),
        "kernel_name": _KERNEL,
        "progress_bar": False,
        "iopub_timeout": _PATIENCE,
    }
    return [sys.executable, "-c", _PAPERMILL, str(os.getpid()), str(source), str(target), json.dumps(options)]


def attempt(
    command: list[str], root: Path, environment: dict[str, str], processes: list[subprocess.Popen[str]]
) -> tuple[int, str]:
    """Run a command; again if its kernel found the port that it had been given taken by a kernel started beside it.

    Parameters
    ----------
    command : list of str
        From `papermill`.
    root : path
        Working directory.
    environment : dict
        From `environment`.
    processes : list
        Each process that is started is entered there.

    Returns
    -------
    tuple of int and str
        Exit status, and what it wrote to standard error.
    """
    tries = 0
    while True:
        process = subprocess.Popen(
            command, env=environment, cwd=root, text=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        processes.append(process)
        stderr, tries = process.communicate()[1], tries + 1
        if process.returncode == 0 or "Kernel died before replying to kernel_info" not in stderr or tries == 5:
            return process.returncode, stderr


def failure(chapter: Chapter, notebook: NotebookNode | None, returncode: int, stderr: str, log: Path) -> str | None:
    """Say what went wrong with a run.

    Parameters
    ----------
    chapter : Chapter
        Which was run.
    notebook : NotebookNode or None
        What papermill wrote.
    returncode : int
        Its exit status.
    stderr : str
        What it wrote to standard error.
    log : path
        Where that is kept if nothing better explains a failure.

    Returns
    -------
    str or None
        Which cell failed and how, that memory ran out, or that a cell put out what no page shows: words on standard
        error, a script, something from another site, numbers that are none. None if all is well.
    """
    outputs = [
        (number, cell, output)
        for number, cell in enumerate(code_cells(notebook) if notebook else [], start=1)
        for output in cell.get("outputs", [])
    ]
    errors = [
        (number, cell, output)
        for number, cell, output in outputs
        if output.output_type == "error" and "raises-exception" not in tags(cell)
    ]
    if returncode < 0 or "DeadKernelError" in stderr or any(output.ename in _KILLED for _, _, output in errors):
        return (
            f"{chapter.name}: a process was killed while it ran, most likely because memory ran out; build fewer "
            "chapters at a time (--jobs 1): what was finished is kept, and the same command goes on from there"
        )
    for number, cell, output in errors:
        trace = re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(output.traceback))
        return f"{chapter.name}: code cell {number} failed.\n\n{cell.source}\n\n{trace}"
    if returncode != 0 or notebook is None:
        log.write_text(stderr, "utf-8")
        lines = [line for line in stderr.splitlines() if line.strip()]
        last = ([*filter(_SAYS_WHY.match, lines)] or lines or ["it said nothing"])[-1]
        return f"{chapter.name}: papermill failed ({last}); all that it said is in {log}"
    for number, cell, output in outputs:
        if output.output_type == "stream" and output.name == "stderr" and "remove-stderr" not in tags(cell):
            return (
                f"{chapter.name}: code cell {number}: expected nothing on standard error, found "
                f"{output.text.strip()!r}; find out why, or tag the cell `remove-stderr`"
            )
    for number, _, output in outputs:
        if problems := output_problems(output):
            return f"{chapter.name}: code cell {number}: {'; '.join(problems)}; no page shows that: change the cell"
    return None
