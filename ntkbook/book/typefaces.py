"""The typefaces of the figures' text, cut down to the characters that the figures use."""

import re
from collections.abc import Iterable
from pathlib import Path
from xml.etree.ElementTree import Element

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from matplotlib.font_manager import FontProperties, findfont

_FAMILY = re.compile(r"font-family: '([^']+)'")
_SLANT = re.compile(r"font-style: (italic|oblique)")


def face(text: Element) -> str:
    """Name the typeface of an element of an SVG that matplotlib wrote.

    Parameters
    ----------
    text : Element
        ``<text>`` or ``<tspan>``.

    Returns
    -------
    str
        Family and slant: "DejaVu Sans/italic"; empty where the style names none.
    """
    style = text.get("style", "")
    family, slant = _FAMILY.search(style), _SLANT.search(style)
    return f"{family[1]}/{slant[1] if slant else 'normal'}" if family else ""


def write_faces(letters: Iterable[tuple[str, str]], folder: Path) -> str:
    """Write the typefaces that figures were laid out with, so that every reader has them.

    Parameters
    ----------
    letters : iterable of (face, character)
        What the figures write.
    folder : path
        For the files; it is made.

    Returns
    -------
    str
        ``@font-face`` rules for a style sheet beside the folder.
    """
    by_face: dict[str, set[str]] = {}
    for name, letter in letters:
        by_face.setdefault(name, set()).add(letter)
    by_face.pop("", None)
    folder.mkdir(parents=True, exist_ok=True)
    rules = []
    for name, characters in sorted(by_face.items()):
        family, slant = name.split("/")
        file = folder / f"{family.replace(' ', '')}-{slant}.woff"
        _subset(findfont(FontProperties(f"{family}:slant={slant}"), fallback_to_default=False), characters, file)
        source = f"url({folder.name}/{file.name}) format('woff')"
        rules.append(
            f"@font-face {{ font-family: '{family}'; font-style: {slant}; font-display: swap; src: {source}; }}\n"
        )
    return "".join(rules)


def _subset(source: str, characters: set[str], to: Path) -> None:
    options = Options(name_IDs=["*"], layout_features=["kern", "mark"])  # all names: the licence is among them
    options.drop_tables += ["FFTM"]
    with TTFont(source, recalcTimestamp=False) as font:
        subsetter = Subsetter(options)
        subsetter.populate(text="".join(sorted(characters | {" "})))
        subsetter.subset(font)
        font.flavor = "woff"
        font.save(to)
