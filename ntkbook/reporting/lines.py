"""The lines of a .csv file: its header as it was written, and where each row stands."""

import csv
from pathlib import Path


def read_lines(path: Path) -> tuple[list[str], list[int]]:
    """Find the cells of the header and the line on which each row below it starts.

    Parameters
    ----------
    path : Path
        A .csv file; empty lines are passed over, and a cell in quotes may hold several lines.

    Returns
    -------
    tuple of list of str and list of int
        Cells, and lines counted from 1; both empty where it is no such file.

    Raises
    ------
    ValueError
        If cells are separated by something else than commas, or the first line holds numbers and no names.
    """
    header, starts, line = [], [], 1
    try:
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
            rows = csv.reader(file)
            for cells in rows:
                if any(cell.strip() for cell in cells):
                    header = header or cells
                    starts.append(line)
                line = rows.line_num + 1
    except csv.Error:
        return [], []
    if len(header) == 1 and (other := next((mark for mark in (";", "\t", "|") if mark in header[0]), None)):
        raise ValueError(f"{path}: expected commas between cells, found {other!r}; write it with commas")
    numbers = [cell for cell in header if _is_number(cell)]
    if 2 * len(numbers) > len(header) and not _counts(numbers):
        raise ValueError(
            f"{path}: expected the names of the columns in the first line, found numbers: {', '.join(header[:4])}"
            f"{', ...' if len(header) > 4 else ''}; add a line of names"
        )
    return header, starts[1:]


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _counts(numbers: list[str]) -> bool:
    """Whether they are names after all: columns counted from 0 or 1, as pandas writes them."""
    return any(numbers == [str(first + k) for k in range(len(numbers))] for first in (0, 1))
