"""The report of a session as tables in Markdown: for the terminal, for `report.md`, for the page of the book.

`python -m ntkbook.gpu.report results/gpu.json` prints the page's tables.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any


def table(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Rows with the same keys as the lines of a table.

    Parameters
    ----------
    rows : sequence of mapping
        At least one.

    Returns
    -------
    list of str
        Lines in Markdown.
    """
    columns = list(rows[0])
    shown = [[_cell(row.get(column)) for column in columns] for row in rows]
    return ["| " + " | ".join(line) + " |" for line in (columns, ["---"] * len(columns), *shown)]


def page(report: Mapping[str, Any]) -> str:
    """What the book shows of a report: device, parts, differences from the CPU, references, long runs, ratios.

    Parameters
    ----------
    report : mapping
        As in `report.json`.

    Returns
    -------
    str
        Markdown.
    """
    about = {key: report[key] for key in ("device", "torch", "python", "commit", "seconds")}
    parts = [{key: part[key] for key in ("part", "status", "seconds")} for part in report["parts"]]
    sections = [("The machine", [about]), ("Parts", parts)]
    for title, start in (
        ("The device beside the CPU: relative differences", "checks"),
        ("Exact gradient descent", "exact-"),
        ("Long runs", "long-"),
        ("Ratios", "benchmark-"),
    ):
        rows = []
        for part in report["parts"]:
            if part["part"].startswith(start) and part["found"]:
                found = part["found"] if isinstance(part["found"], list) else [part["found"]]
                name = part["part"].removeprefix(start).rpartition("-")[0]
                rows += [({"data": name} if name else {}) | row for row in found]
        if rows:
            sections.append((title, rows))
    return "\n\n".join("\n".join([f"**{title}**", "", *table(rows)]) for title, rows in sections) + "\n"


def _cell(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)


if __name__ == "__main__":
    print(page(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))), end="")
