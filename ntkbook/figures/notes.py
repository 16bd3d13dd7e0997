"""Notes to the reader that depend on the run, as boxes that a notebook shows."""

from collections.abc import Container
from dataclasses import dataclass
from html import escape
from typing import Any, Protocol

from ntkbook.figures.style import NAMES


class Run(Protocol):
    """A record, of which only the provenance is read."""

    @property
    def attrs(self) -> dict[Any, Any]:
        """Attributes, with `profile` and `commit`."""
        ...


@dataclass(frozen=True)
class Note:
    """A note that the book shows as an admonition, a plain notebook as two paragraphs, and a terminal as a line."""

    title: str
    """Its heading."""
    text: str
    """One paragraph."""

    def _repr_html_(self) -> str:
        title = f'<p class="admonition-title"><strong>{escape(self.title)}</strong></p>'
        return f'<div class="admonition note">{title}<p>{escape(self.text)}</p></div>'

    def __str__(self) -> str:
        return f"{self.title}. {self.text}"


def missing_data(name: str, found: Container[str], recorded: Run | None) -> Note | None:
    """Say that a data set was not found and a recorded run stands in for it.

    Let it be the last line of a cell with hidden input: a notebook shows nothing for None.

    Parameters
    ----------
    name : str
        The data set, such as "cifar10".
    found : container of str
        Data sets of this build's run, such as `record.data.values`.
    recorded : record or None
        From `records.load_best`.

    Returns
    -------
    Note or None
        None when the data set was found.

    Raises
    ------
    ValueError
        If there is no recorded run either.
    """
    if name in found:
        return None
    title = f"{NAMES.get(name, name)} was not found"
    if recorded is None:
        raise ValueError(f"{name}: expected the data set or a recorded run, found neither; set NTKBOOK_DATA")
    run = f"profile {recorded.attrs['profile']}, commit {recorded.attrs['commit']}"
    shown = f"What this chapter shows of it is the recorded run ({run})."
    remedy = "To compute it here, let the environment variable NTKBOOK_DATA name a folder with the data set."
    return Note(title, f"{shown} {remedy}")
