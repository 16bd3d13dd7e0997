"""Ratios of times measured within one process, peak memory in a fresh one, and the table they are printed in."""

import gc
import importlib
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import torch


@dataclass(frozen=True)
class Row:
    """One measured ratio beside its target."""

    what: str
    """What is compared with what."""
    ratio: float
    """The measurement."""
    target: float
    """What it should be."""
    at_most: bool = True
    """Whether the target is the largest ratio allowed, or the smallest."""

    @property
    def met(self) -> bool:
        """Whether the target is met."""
        return self.ratio <= self.target if self.at_most else self.ratio >= self.target


def seconds(
    *calls: Callable[[], object], repeats: int = 7, summary: Callable[[list[float]], float] = statistics.median
) -> list[float]:
    """Median time of each call; the calls take turns, so that a busy machine slows all of them alike.

    Parameters
    ----------
    *calls : callable
        Without arguments; each runs once before the clock starts.
    repeats : int
        Rounds.
    summary : callable
        `min` in the place of the median where a ratio is so near 1 that what else runs on the machine decides it.

    Returns
    -------
    list of float
    """
    times: list[list[float]] = [[] for _ in calls]
    for call in calls:
        call()
    gc.disable()
    for _ in range(repeats):
        for call, taken in zip(calls, times, strict=True):
            _wait()
            start = time.perf_counter()
            call()
            _wait()
            taken.append(time.perf_counter() - start)
    gc.enable()
    return [summary(taken) for taken in times]


def _wait() -> None:
    """Let a GPU, if one is in use, end what it was asked to do, so that the clock sees it."""
    if torch.cuda.is_available() and torch.cuda.is_initialized():
        torch.cuda.synchronize()


def extra_memory(module: str, case: str) -> int:
    """Bytes that a case of a benchmark needs beyond its inputs, measured in a fresh process.

    Parameters
    ----------
    module : str
        A module of this package with a function `prepare(case)` that makes the inputs and returns the call.
    case : str
        Which of its cases.

    Returns
    -------
    int
        Peak resident memory during the call, less the resident memory before it; Linux only.
    """
    command = [sys.executable, "-m", "benchmarks.measure", module, case]
    root = Path(__file__).resolve().parent.parent
    answer = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    return int(answer.stdout)


def show(rows: Iterable[Row]) -> None:
    """Print a table of ratios and targets.

    Parameters
    ----------
    rows : iterable of Row
        What was measured.
    """
    print(f"{torch.get_num_threads()} threads, torch {torch.__version__}; interleaved runs\n")
    print(f"{'what':<76} {'measured':>9} {'target':>8}")
    for row in rows:
        target = f"{'<=' if row.at_most else '>='} {row.target:g}"
        print(f"{row.what:<76} {row.ratio:>9.2f} {target:>8}{'' if row.met else '  MISSED'}", flush=True)


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def _extra_memory_here(module: str, case: str) -> int:
    call = importlib.import_module(f"benchmarks.{module}").prepare(case)
    torch.mm(torch.ones(64, 64), torch.ones(64, 64))  # the libraries' own buffers and threads
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")  # the peak so far is forgotten
    before = _resident()
    kept = call()
    status = Path("/proc/self/status").read_text()
    del kept
    return int(status.split("VmHWM:")[1].split()[0]) * 1024 - before


if __name__ == "__main__":
    print(_extra_memory_here(*sys.argv[1:]))
