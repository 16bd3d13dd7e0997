"""A run and a build that are told to end do so within seconds, and leave no process and no half of a file.

Run with -s for a table of the kills.
"""

import os
import signal
import subprocess
import sys
import time
from collections import defaultdict
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from recorded import content
from toybook import edit, write_toy_book

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="signals of POSIX"),
]

SIGNALS = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129, signal.SIGKILL: -9}
KILLS = defaultdict(list)
"""By command and signal: seconds until no process was left, of each kill; NaN where some were."""


@pytest.fixture(scope="module", autouse=True)
def _table():
    yield
    print(f"\n{'':20}{'kills':>8}{'failed':>8}{'longest':>10}")
    for (command, signum), seconds in KILLS.items():
        longest = max((s for s in seconds if s == s), default=float("nan"))
        print(f"{command:6}{signum.name:14}{len(seconds):8}{sum(s != s for s in seconds):8}{longest:9.1f}s")


def start(folder, *arguments):
    command = [sys.executable, "-m", "ntkbook", *arguments]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "NTKBOOK_CELLS": str(folder / ".ntkbook" / "cells")}
    return subprocess.Popen(
        command, cwd=folder, env=environment, text=True, stderr=subprocess.PIPE, stdout=subprocess.PIPE
    )


def family(process):
    parent = psutil.Process(process.pid)
    return [parent, *parent.children(recursive=True)]


def wait_for(condition, seconds=300):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.05)


def end(process, signum):
    """Send the signal; everyone must be gone within 5 seconds (10 where each notices by itself)."""
    _, *descendants = family(process)
    patience = 5 if signum != signal.SIGKILL else 10
    began = time.monotonic()
    process.send_signal(signum)
    with suppress(subprocess.TimeoutExpired):
        process.wait(patience)
    _, alive = psutil.wait_procs(descendants, timeout=max(0, began + patience - time.monotonic()))
    alive = [member for member in alive if not is_zombie(member)]
    KILLS[process.args[3], signum].append(float("nan") if alive else time.monotonic() - began)
    for member in alive:
        member.kill()
    assert alive == []
    _, said = process.communicate(timeout=10)
    return said


def is_zombie(process):
    """Whether it has ended, and only waits to be counted by whoever adopted it, which is not ours to hurry."""
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def check_said(process, signum, said):
    """One line says that it stopped; before the interpreter listens, the system ends it in its own way."""
    if signum != signal.SIGKILL and process.returncode == SIGNALS[signum]:
        assert said.splitlines()[-1].startswith("note: stopped; ")
        assert "Traceback" not in said


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize("signum", SIGNALS, ids=lambda signum: signum.name)
def test_a_run_ends_when_it_is_told(tmp_path, signum, jobs):
    process = start(tmp_path, "run", "convergence", "--jobs", str(jobs))
    cells = tmp_path / ".ntkbook" / "cells"
    wait_for(lambda: list(cells.glob("*.nc")) or len(family(process)) > 2 or process.poll() is not None)
    assert process.poll() is None
    said = end(process, signum)
    assert process.returncode == SIGNALS[signum]
    check_said(process, signum, said)
    assert signum == signal.SIGKILL or "goes on from there" in said.splitlines()[-1]
    assert not list(tmp_path.rglob("convergence-quick.nc"))


@pytest.mark.parametrize("moment", [0.1, 0.5, 1.0, 2.0])
@pytest.mark.parametrize("signum", SIGNALS, ids=lambda signum: signum.name)
def test_a_run_ends_at_any_moment(tmp_path, signum, moment):
    process = start(tmp_path, "run", "convergence", "--jobs", "2")
    time.sleep(moment)
    said = end(process, signum)
    assert process.returncode in (SIGNALS[signum], -signum)
    check_said(process, signum, said)


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_run_that_was_killed_goes_on_to_the_record_of_an_undisturbed_one(tmp_path, jobs):
    """To the last bit of the file: numbers, types, attributes."""

    def run(name):
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        return start(folder, "run", "learnable_functions", "--jobs", str(jobs))

    def finish(process, name):
        process.communicate(timeout=900)
        assert process.returncode == 0
        return content(tmp_path / name / ".ntkbook" / "records" / "learnable_functions-quick.nc")

    undisturbed = finish(run("undisturbed"), "undisturbed")
    killed = run("killed")
    wait_for(lambda: len(list(tmp_path.glob("killed/.ntkbook/cells/*.nc"))) >= 3 or killed.poll() is not None)
    end(killed, signal.SIGKILL)
    assert not list(tmp_path.rglob("killed/.ntkbook/records/*.nc"))
    assert finish(run("killed"), "killed") == undisturbed


def test_a_second_build_says_who_is_building_and_touches_nothing(tmp_path, monkeypatch):
    monkeypatch.delenv("NTKBOOK_DATA", raising=False)
    toy = write_toy_book(tmp_path)
    edit(toy / "book" / "one.md", "from pathlib import Path", "import time\ntime.sleep(600)\nfrom pathlib import Path")
    first = start(toy, "book")
    wait_for(lambda: list(toy.glob("_build/run-*/in.ipynb")))
    second = start(toy, "book")
    _, said = second.communicate(timeout=300)
    assert second.returncode == 1
    assert f"process {first.pid} has been building" in said.splitlines()[-1]
    assert list(toy.glob("_build/run-*/in.ipynb"))
    end(first, signal.SIGKILL)
    edit(toy / "book" / "one.md", "time.sleep(600)", "time.sleep(0)")
    third = start(toy, "book")
    third.communicate(timeout=400)
    assert third.returncode == 0
    assert not list(toy.glob("_build/run-*"))


WORKERS = """\
import joblib
import time
from contextlib import suppress
from pathlib import Path
joblib.Parallel(2)(joblib.delayed(time.sleep)(600) for _ in [Path("started").write_text("1")] * 2)
"""


@pytest.mark.parametrize("signum", SIGNALS, ids=lambda signum: signum.name)
def test_a_build_ends_with_its_kernels_and_their_workers(tmp_path, signum, monkeypatch):
    monkeypatch.delenv("NTKBOOK_DATA", raising=False)
    toy = write_toy_book(tmp_path)
    edit(toy / "book" / "one.md", "from pathlib import Path", f"{WORKERS}\nfrom pathlib import Path")
    process = start(toy, "book")
    wait_for(lambda: list(toy.rglob("started")) and len(family(process)) >= 5)
    said = end(process, signum)
    assert process.returncode == SIGNALS[signum]
    check_said(process, signum, said)
    assert signum == signal.SIGKILL or "goes on from there" in said.splitlines()[-1]
    assert not (Path(toy) / "_build" / "site").exists()


@pytest.mark.parametrize("moment", [0.3, 1.0, 3.0, 6.0])
@pytest.mark.parametrize("signum", SIGNALS, ids=lambda signum: signum.name)
def test_a_build_ends_at_any_moment_and_the_next_one_goes_on(tmp_path, signum, moment, monkeypatch):
    monkeypatch.delenv("NTKBOOK_DATA", raising=False)
    toy = write_toy_book(tmp_path)
    process = start(toy, "book")
    time.sleep(moment)
    if process.poll() is None:
        said = end(process, signum)
        assert process.returncode in (SIGNALS[signum], -signum, 0)
        check_said(process, signum, said)
    if moment == 3.0:
        again = start(toy, "book")
        again.communicate(timeout=400)
        assert again.returncode == 0
        assert (toy / "_build" / "site" / "index.html").is_file()
