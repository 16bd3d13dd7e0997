"""The report as an object: numbers as attributes, a page in a notebook, a file on demand."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ntkbook.atomic import replacing
from ntkbook.expect import expects
from ntkbook.reporting.measure import Measures, measure
from ntkbook.reporting.page import fragment, page
from ntkbook.reporting.problem import Problem, problem
from ntkbook.wants import natural, not_negative, pathlike, raw


@dataclass(frozen=True)
class Report:
    """What three papers say about data. In a notebook it shows itself."""

    problem: Problem
    """The data, as they were measured."""
    measures: Measures
    """The numbers."""
    command: str = ""
    """What was run, if it was a command."""

    def html(self) -> str:
        """Write the report as one HTML page that needs no other file and no script."""
        return page(self.problem, self.measures, self.command)

    def suspects(self) -> pd.DataFrame:
        """List every contradicted label, worst first, or all values, the largest error first.

        Returns
        -------
        DataFrame
            Columns name, label, others_say and margin; value and error in the place of label and margin for values.
            Empty where the kernel predicts labels hardly better than guessing: it cannot tell which are wrong.
        """
        labels, m = self.problem.labels, self.measures
        rows = np.argsort(m.margins, kind="stable")
        names = [self.problem.called(int(row)) for row in rows]
        if not labels.classes:
            value, said = labels.scale * labels.targets[rows, 0], labels.scale * m.predictions[rows, 0]
            return pd.DataFrame({"name": names, "value": value, "others_say": said, "error": np.abs(value - said)})
        classes = np.array(labels.classes)
        columns = {"label": classes[labels.of[rows]], "others_say": classes[m.suggested[rows]]}
        found = pd.DataFrame({"name": names, **columns, "margin": m.margins[rows]})
        return found.iloc[: m.contradicted if m.beats_guessing else 0]  # margins ascend

    @expects(path=pathlike)
    def save(self, path: Path | str) -> None:
        """Write the page to a file, which is replaced at once and never half written.

        Parameters
        ----------
        path : path
            The file.
        """
        with replacing(path) as part:
            part.write_text(self.html(), encoding="utf-8")

    def _repr_html_(self) -> str:
        return fragment(self.problem, self.measures)

    def __repr__(self) -> str:
        """Say where to look."""
        return f"Report on {self.problem.name}: .measures has the numbers, .save('report.html') writes the page"


@expects(x=raw, y=raw, jitter=not_negative, seed=natural)
def report(
    x: Any,
    y: Any,
    *,
    name: str = "data",
    regression: bool | None = None,
    merge: bool = False,
    jitter: float = 0.0,
    seed: int = 0,
    progress: bool = True,
) -> Report:
    """Say, without training, what three papers on wide nets say about inputs and labels.

    Parameters
    ----------
    x : array (n, d), (n, height, width) or (n, height, width, 3)
        Inputs; more than two dimensions are images, which the page shows. Each is scaled to length 1.
    y : array (n,)
        Labels: classes of any kind, or numbers.
    name : str
        What the page calls the data.
    regression : bool, optional
        Whether numbers in `y` are values and not classes; guessed when left out, and said.
    merge : bool
        Keep one of each group of duplicates and leave out inputs that carry several labels.
    jitter : float
        Added to the diagonal of H-infinity, >= 0, for a kernel that is singular.
    seed : int
        Of the shuffles and subsets.
    progress : bool
        Whether to show a bar on standard error.

    Returns
    -------
    Report

    Raises
    ------
    ValueError
        If an array cannot be used, or the work does not fit in memory.
    NotPositiveDefiniteError
        If the kernel is singular; names all groups of inputs at fault, and the remedies.
    """
    data = problem(x, y, name=name, regression=regression)
    return Report(*measure(data, merge=merge, jitter=jitter, seed=seed, progress=progress))
