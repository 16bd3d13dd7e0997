"""What the front page is filled with: counts of verdicts, numbers from the recorded runs, and a card a chapter."""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from ntkbook import claims, records
from ntkbook.book.chapters import Chapter
from ntkbook.book.ledger import PAGE, Runs, address, counted, places
from ntkbook.book.pictures import darkened
from ntkbook.book.sources import BookError
from ntkbook.typography import typeset
from ntkbook.verdict_rows import css_class
from ntkbook.verdict_table import verdict_of

THUMBNAILS = {
    "kernel": "fig-width-limit",
    "convergence": "fig-loss-mnist",
    "million_steps": "fig-million-whole",
    "generalization": "fig-noise-mnist",
    "learnable_functions": "fig-norms",
    "clustered_data": "fig-synthetic",
    "deep_relu": "fig-movement-width",
    "deep_generalization": "fig-dg-depth",
    "two_layer_learning": "fig-two-parity",
    "three_layer_learning": "fig-width",
}
"""Chapter -> name of the figure that stands for it; without an entry, its first one."""

WORDS_A_MINUTE = 150
"""Of a text with formulas."""

_READING = re.compile(r"\{reading\}`(\w+)/([\w-]+):([^`]+)`")
_VERDICT = re.compile(r"\{verdict\}`([A-Z]\d\d)`")
_QUESTION = re.compile(r"^# .+\n+\*\*(.+?\?)\*\*", re.MULTILINE)
_SOLUTION = re.compile(r"\{solution-start\}.*?\{solution-end\}", re.DOTALL)


def fill_front(staged: Path, chapters: Sequence[Chapter], notebooks: Mapping[str, NotebookNode], runs: Runs) -> None:
    """Fill the first page of the book in the folder that Sphinx is about to read, and draw its pictures there.

    The page names what it wants: ``<!-- front: counts -->`` and ``<!-- front: chapters -->``, and in its text
    ``{reading}`EXPERIMENT/NAME:FORMAT` ``, a number of the largest recorded run, and ``{verdict}`A04` ``.

    Parameters
    ----------
    staged : path
        Folder from `ntkbook.book.stage.stage`.
    chapters : sequence of Chapter
        All pages, the front page first.
    notebooks : mapping
        Chapter stem -> executed notebook, for the figures.
    runs : mapping
        Claim id -> rows of the ledger.

    Raises
    ------
    BookError
        If the page names a number or a claim that there is none of, or a chapter has no question or no figure.
    """
    from ntkbook.book.front_picture import write_pictures

    stated = places(chapters)
    static = staged / "book" / "_static"
    (static / "thumbnails").mkdir()
    write_pictures(static)
    cards = []
    for chapter in chapters:
        if chapter.number is not None and chapter.stem in notebooks:
            picture, alt = thumbnail(chapter, notebooks[chapter.stem])
            (static / "thumbnails" / f"{chapter.stem}-light.svg").write_text(picture, "utf-8")
            (static / "thumbnails" / f"{chapter.stem}-dark.svg").write_text(darkened(picture), "utf-8")
            own = {claim: runs[claim] for claim, place in stated.items() if place == chapter}
            cards.append(card(chapter, alt, own))
    path = staged / f"{chapters[0].name}.md"
    text = filled(path.read_text("utf-8"), runs, chapters[0].name)
    text = text.replace("<!-- front: counts -->", counted(runs, chapters[0].name))
    path.write_text(text.replace("<!-- front: chapters -->", grid(cards)), "utf-8")


def filled(text: str, runs: Runs, page: str) -> str:
    """Put numbers of recorded runs and verdicts in the place of their names.

    Parameters
    ----------
    text : str
        With ``{reading}`EXPERIMENT/NAME:FORMAT` `` and ``{verdict}`A04` ``.
    runs : mapping
        Claim id -> rows of the ledger.
    page : str
        Name of the page with this text.

    Returns
    -------
    str
        MyST Markdown.

    Raises
    ------
    BookError
        If there is no such number or claim.
    """

    def number(found: re.Match[str]) -> str:
        experiment, name, form = found.groups()
        known = _recorded(experiment)
        if name not in known:
            raise BookError(f"{page}: expected a reading of {experiment}, found {name!r}: {', '.join(sorted(known))}")
        return f"**{typeset(format(known[name], form))}**"

    def verdict(found: re.Match[str]) -> str:
        if found[1] not in runs:
            raise BookError(f"{page}: expected a claim of the inventory, found {found[1]}")
        word = verdict_of(runs[found[1]])
        return f'<a class="{css_class(word)}" href="{address(PAGE, page, found[1])}">{found[1]}: {word}</a>'

    return _VERDICT.sub(verdict, _READING.sub(number, text))


def card(chapter: Chapter, alt: str, runs: Runs) -> str:
    """Write the card of a chapter: its figure, its question, the verdicts on its claims, and how long it takes to read.

    Parameters
    ----------
    chapter : Chapter
        A chapter with a number.
    alt : str
        What its figure shows, for those who cannot see it.
    runs : mapping
        Its claims.

    Returns
    -------
    str
        A card of sphinx-design.
    """
    text = chapter.path.read_text("utf-8")
    question, title = _QUESTION.search(text), re.search(r"^# (.+)$", text, re.MULTILINE)
    if question is None or title is None:
        raise BookError(f"{chapter.name}: expected a title and a question in bold that opens the chapter, found none")
    verdicts = [verdict_of(found) for found in runs.values()]
    counts = [(verdict, verdicts.count(verdict)) for verdict in claims.Verdict if verdict in verdicts]
    told = " ".join(f'<span class="{css_class(verdict)}">{count} {verdict}</span>' for verdict, count in counts)
    return "\n".join(
        [
            f":::{{grid-item-card}} {chapter.number}. {title[1]}",
            f":link: /{chapter.name}",
            ":link-type: doc",
            ":class-card: chapter-card",
            "",
            *(
                f"```{{image}} /book/_static/thumbnails/{chapter.stem}-{mode}.svg\n"
                f":alt: {' '.join(alt.split())}\n:class: only-{mode}\n```"
                for mode in ("light", "dark")
            ),
            "",
            question[1],
            "```{card-footer}",
            told,
            "",
            f"{reading_time(text)} minutes",
            "```",
            ":::",
        ]
    )


def grid(cards: Sequence[str]) -> str:
    """Put cards side by side, as many as there is room for."""
    return "\n".join(["::::{grid} 1 2 2 3", ":gutter: 3", "", *cards, "::::"])


def reading_time(text: str) -> int:
    """Minutes that the text of a chapter takes, without its code and its solutions, to the next five.

    Parameters
    ----------
    text : str
        MyST Markdown of the chapter.

    Returns
    -------
    int
    """
    prose = re.sub(r"^```\{code-cell\}.*?^```$", "", _SOLUTION.sub("", text), flags=re.DOTALL | re.MULTILINE)
    return max(5, 5 * round(len(prose.split()) / WORDS_A_MINUTE / 5))


def thumbnail(chapter: Chapter, notebook: NotebookNode) -> tuple[str, str]:
    """Take the figure that stands for a chapter out of its executed notebook.

    Parameters
    ----------
    chapter : Chapter
        Named in `THUMBNAILS`, or its first figure is taken.
    notebook : NotebookNode
        With outputs.

    Returns
    -------
    tuple of str
        The picture as SVG, and what it shows.

    Raises
    ------
    BookError
        If the chapter has no such figure.
    """
    wanted = THUMBNAILS.get(chapter.stem)
    for cell in notebook.cells:
        about = cell.metadata.get("mystnb", {})
        if wanted in (None, about.get("figure", {}).get("name")):
            for output in cell.get("outputs", []):
                if picture := output.get("data", {}).get("image/svg+xml"):
                    return "".join(picture), about.get("image", {}).get("alt", "")
    raise BookError(f"{chapter.name}: expected a figure {wanted or ''} as SVG for the front page, found none")


@cache
def _recorded(experiment: str) -> Mapping[str, Any]:
    """Readings of the largest recorded run of an experiment."""
    from ntkbook.experiments import catalogue

    if experiment not in catalogue.NAMES:
        raise BookError(f"expected an experiment, found {experiment!r}: {', '.join(catalogue.NAMES)}")
    record = records.load_best(experiment)
    if record is None:
        raise BookError(f"{experiment}: expected a recorded run, found none: ntkbook run {experiment} --profile laptop")
    return catalogue.get(experiment).readings(record)
