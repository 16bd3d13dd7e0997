"""A session on a machine that is lent for minutes: parts in a row, each reported as it ends, a failing one too."""

import gc
import json
import platform
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from ntkbook.atomic import replacing
from ntkbook.gpu.report import table
from ntkbook.provenance import commit


def device_name(device: str) -> str:
    """What a device is called by its maker; the processor's kind for the CPU."""
    return torch.cuda.get_device_name(device) if device.startswith("cuda") else platform.machine()


def synchronise(device: str) -> None:
    """Wait until the device has done what it was asked to, so that a clock can be read."""
    if device.startswith("cuda"):
        torch.cuda.synchronize()


class Session:
    """Where results go, how much time is left, and what came of each part."""

    def __init__(self, out: Path, device: str, minutes: float):
        """Take the folder of the results, the device and the time allowed."""
        self.out, self.device = Path(out), device
        self._begin = time.monotonic()
        self._end = self._begin + 60 * minutes
        self._parts: list[dict[str, Any]] = []
        self.out.mkdir(parents=True, exist_ok=True)

    @property
    def left(self) -> float:
        """Seconds left."""
        return self._end - time.monotonic()

    def part(self, name: str, run: Callable[[], Any]) -> Any:
        """Run a part, write what it returned (JSON can hold it) and how long it took; None if it failed.

        Parameters
        ----------
        name : str
            Of the part, and of its file.
        run : callable
            Without arguments.

        Returns
        -------
        object
            What `run` returned.
        """
        print(f"[{time.monotonic() - self._begin:6.1f} s] {name} ...", flush=True)
        begin, found, status, reason = time.monotonic(), None, "done", ""
        try:
            found = run()
            synchronise(self.device)
        except Exception as error:  # whatever it is, the parts that follow must run
            status, reason = "failed", f"{type(error).__name__}: {error}"
            traceback.print_exc()
        seconds = round(time.monotonic() - begin, 2)
        self._parts.append({"part": name, "status": status, "reason": reason, "seconds": seconds, "found": found})
        self.write()
        print(f"[{time.monotonic() - self._begin:6.1f} s] {name}: {status} after {seconds} s {reason}", flush=True)
        gc.collect()
        if self.device.startswith("cuda"):
            torch.cuda.empty_cache()
        return found

    def write(self) -> None:
        """Write the report: `report.json` for programs, `report.md` to read."""
        about = {
            "device": device_name(self.device),
            "torch": torch.__version__,
            "python": platform.python_version(),
            "commit": commit(),
            "seconds": round(time.monotonic() - self._begin, 1),
        }
        self._replace("report.json", json.dumps({**about, "parts": self._parts}, indent=1))
        lines = [f"# A run on {about['device']}", "", *(f"- {key}: {value}" for key, value in about.items()), ""]
        for part in self._parts:
            lines += [f"## {part['part']}: {part['status']}, {part['seconds']} s", "", part["reason"], ""]
            lines += _table(part["found"])
        self._replace("report.md", "\n".join(lines) + "\n")

    def _replace(self, name: str, text: str) -> None:
        with replacing(self.out / name) as scratch:
            scratch.write_text(text, encoding="utf-8")


def _table(found: Any) -> list[str]:
    """Rows of a list of mappings as a table; a single mapping is one row."""
    rows = [found] if isinstance(found, dict) else found if isinstance(found, list) else []
    return [*table(rows), ""] if rows and all(isinstance(row, dict) for row in rows) else []
