"""The recorded comparison of suspects with cleanlab's, for the chapter on generalisation."""

import csv
from importlib import resources

from ntkbook.figures.tables import Table


def suspects_table() -> Table:
    """Share found, area under the ROC curve and CPU seconds by method, a row a method, a column a data set.

    Returns
    -------
    Table
        What `python -m benchmarks.suspects --write` stored.
    """
    text = resources.files("ntkbook.reporting").joinpath("suspects.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    data = list(dict.fromkeys(row["data"] for row in rows))
    cells = {
        (row["method"], row["data"]): f"{float(row['share']):.2f} / {float(row['auc']):.3f} / {row['cpu_seconds']} s"
        for row in rows
    }
    methods = dict.fromkeys(method for method, _ in cells)
    return Table(("Score", *data), [(method, *(cells[method, name] for name in data)) for method in methods])
