"""Figures on a page: one drawing inside the page, whose text is text and whose colours follow the theme.

A chapter draws each figure once, as SVG in the light palette. Here every colour becomes a variable, ``#0072b2`` the
variable ``--ink-0072b2``, and a style sheet gives it one value in the light and one in the dark. So both renderings are
the same drawing, and neither is fetched when the other is shown.
"""

import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from nbformat import NotebookNode

from ntkbook.book.chapters import BookError, Chapter
from ntkbook.book.origins import Origins
from ntkbook.book.typefaces import face, write_faces
from ntkbook.figures.palette import DARK, GROUND, INK, contrast

SVG = "image/svg+xml"
_SPACE = "{http://www.w3.org/2000/svg}"
_COLOUR = re.compile(r"(?<!url\()#([0-9a-fA-F]{6})\b")
_TARGET = re.compile(r"url\(#([^)]+)\)")
_LINES = re.compile(r"\s*\n\s*")


@dataclass(frozen=True)
class Picture:
    """A figure that is ready for a page."""

    svg: str
    """The drawing, to be put inside HTML."""
    stamp: tuple[str, ...]
    """Where its numbers come from, the name and the lines of `figures.style.stamp`; empty for a figure without."""
    letters: frozenset[tuple[str, str]]
    """What it writes: pairs of a typeface's name and a character."""


def illustrate(
    chapters: list[Chapter], notebooks: Mapping[str, NotebookNode], records: Path, static: Path
) -> dict[str, NotebookNode]:
    """Put the figures of all chapters into their pages, and what they need beside them.

    Parameters
    ----------
    chapters : list of Chapter
        All pages.
    notebooks : mapping
        Chapter stem -> executed notebook; it is left as it is.
    records : path
        Folder of the records that this build made.
    static : path
        Where to write ``figures.css``, typefaces, and under ``records`` the numbers behind the figures.

    Returns
    -------
    dict
        Chapter stem -> notebook whose figures are HTML, each with a folded line under its caption that says how it was
        made.

    Raises
    ------
    BookError
        If a figure has a colour without a partner in the dark, or shows a record that is not there.
    """
    names = {chapter.stem: chapter.name for chapter in chapters}
    origins, letters, illustrated = Origins(records, static / "records"), set[tuple[str, str]](), {}
    for stem, notebook in notebooks.items():
        illustrated[stem] = deepcopy(notebook)
        for number, (cell, output) in enumerate(_drawings(illustrated[stem])):
            shown = cell.metadata.get("mystnb", {})
            try:
                drawn = picture(output["data"].pop(SVG), f"{stem}-{number}", shown.get("image", {}).get("alt", ""))
                made = origins.told(drawn.stamp, "../" * names[stem].count("/") + "_static/records/")
            except BookError as error:
                raise BookError(
                    f"{names[stem]}: {shown.get('figure', {}).get('name', cell.source)}: {error}"
                ) from error
            output["data"] = NotebookNode({"text/html": drawn.svg})
            letters |= drawn.letters
            if made and "caption" in shown.get("figure", {}):
                shown["figure"]["caption"] += f"\n\n{made}\n"
    (static / "figures.css").write_text(write_faces(letters, static / "figures") + style_sheet(), "utf-8")
    return illustrated


def picture(svg: str, name: str, alt: str = "") -> Picture:
    """Prepare a drawing for a page.

    Parameters
    ----------
    svg : str
        As matplotlib writes it.
    name : str
        Its own in the book: ids that the drawing refers to begin with it, all others go.
    alt : str
        What it shows, for those who cannot see it.

    Returns
    -------
    Picture
        Without the stamp, which is cut off at the bottom.

    Raises
    ------
    BookError
        If a colour has no partner in the dark, or a line is drawn too faintly to be seen.
    """
    ElementTree.register_namespace("", _SPACE[1:-1])
    root = ElementTree.fromstring(svg)
    stamp = _take_stamp(root)
    used = {target for element in root.iter() for target in _targets(element)}
    for element in list(root.iter()):
        for child in list(element):
            if child.tag in (f"{_SPACE}metadata", f"{_SPACE}style"):  # a style would hold for the whole page
                element.remove(child)
        _prepare(element, name, used)
    root.set("class", "drawing")
    if alt:
        root.set("role", "img")
        root.set("aria-label", " ".join(alt.split()))
    letters = frozenset((face(element), letter) for element in _texts(root) for letter in (element.text or "").strip())
    return Picture(ElementTree.tostring(root, encoding="unicode", short_empty_elements=True), stamp, letters)


def darkened(svg: str) -> str:
    """Draw in the dark palette what stands in a file of its own, such as a thumbnail.

    Parameters
    ----------
    svg : str
        As matplotlib writes it.

    Returns
    -------
    str
        The drawing, which differs in nothing but its colours.
    """
    return _COLOUR.sub(lambda found: DARK[_known(found[0])], svg)


def style_sheet() -> str:
    """The palette as variables: for the light, for the dark, and for paper, which is white whatever the screen was."""
    light = "".join(f"  {_variable(colour)}: {colour};\n" for colour in DARK if colour != GROUND)
    dark = "".join(f"  {_variable(colour)}: {partner};\n" for colour, partner in DARK.items() if colour != GROUND)
    ground = f"  {_variable(GROUND)}: var(--pst-color-background);\n"
    return (
        f":root {{\n{ground}{light}}}\n"
        f'html[data-theme="dark"] {{\n{dark}}}\n'
        f'@media print {{\nhtml[data-theme="dark"] {{\n{light}}}\n}}\n'
        f".drawing {{ fill: var({_variable(INK)}); stroke-linejoin: round; stroke-linecap: butt; }}\n"
    )


def _drawings(notebook: NotebookNode) -> Iterator[tuple[NotebookNode, NotebookNode]]:
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if SVG in output.get("data", {}):
                yield cell, output


def _take_stamp(root: ElementTree.Element) -> tuple[str, ...]:
    """Take the stamp out of a drawing, and the strip at the bottom that held it."""
    for parent in root.iter():
        for child in list(parent):
            if child.get("id", "").startswith("stamp:"):
                parent.remove(child)
                lines = list(child.iter(f"{_SPACE}text"))
                top = min(_height(line) for line in lines)
                left, above, width, _ = root.get("viewBox", "").split()
                root.set("viewBox", f"{left} {above} {width} {top - 8:.6g}")  # a line of the stamp is 8 points high
                root.set("height", f"{top - 8:.6g}pt")
                return (child.get("id", ""), *(line.text or "" for line in lines))
    return ()


def _height(line: ElementTree.Element) -> float:
    """Where a line of text stands: matplotlib moves the lines of a block to their places, a single one has its own."""
    moved = re.search(r"translate\(\S+ ([\d.]+)\)", line.get("transform", ""))
    return float(moved[1] if moved else line.get("y", "nan"))


def _prepare(element: ElementTree.Element, name: str, used: set[str]) -> None:
    for key, value in list(element.attrib.items()):
        if key == "id":
            del element.attrib[key]
            if value in used:
                element.set("id", f"{name}-{value}")
        elif key.endswith("href"):
            del element.attrib[key]
            element.set("href", f"#{name}-{value[1:]}" if value.startswith("#") else value)
        elif key == "style":
            _check_visible(value)
            inked = _COLOUR.sub(lambda found: f"var({_variable(_known(found[0]))})", value)
            element.set("style", _TARGET.sub(rf"url(#{name}-\1)", inked))
        elif key == "d":
            element.set("d", _LINES.sub("", value.strip()))
        else:
            if _COLOUR.search(value):
                raise BookError(f"expected colours in a style, found {key}={value!r}")
            element.set(key, _TARGET.sub(rf"url(#{name}-\1)", value))


def _check_visible(style: str) -> None:
    """A line that lets the ground through must still stand out from it; a band may be as faint as it likes."""
    found = dict(part.strip().split(": ", 1) for part in style.split(";") if ": " in part)
    opacity = float(found.get("opacity", 1)) * float(found.get("stroke-opacity", 1))
    stroke = found.get("stroke", "none")
    if opacity == 1 or stroke == "none" or float(found.get("stroke-width", 1)) == 0:
        return
    partner = DARK[_known(stroke)]
    if min(contrast(stroke, GROUND, opacity), contrast(partner, DARK[GROUND], opacity)) < 3:
        raise BookError(
            f"expected lines with a contrast of 3 or more, found {_known(stroke)} at opacity {opacity:g}: draw it solid"
        )


def _known(colour: str) -> str:
    if colour.upper() not in DARK:
        raise BookError(f"expected colours of ntkbook.figures.palette, found {colour}: give it a partner in DARK")
    return colour.upper()


def _variable(colour: str) -> str:
    return f"--ink-{colour[1:].lower()}"


def _targets(element: ElementTree.Element) -> list[str]:
    links = [value[1:] for key, value in element.attrib.items() if key.endswith("href") and value.startswith("#")]
    return links + [target for value in element.attrib.values() for target in _TARGET.findall(value)]


def _texts(root: ElementTree.Element) -> Iterator[ElementTree.Element]:
    return (element for element in root.iter() if element.tag in (f"{_SPACE}text", f"{_SPACE}tspan"))
