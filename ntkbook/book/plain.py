"""MyST as Markdown that any notebook viewer shows decently: no roles, no directives, no labels."""

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import takewhile

from myst_nb.core.variables import format_plain_text

from ntkbook.book.names import Names, statement
from ntkbook.book.sources import BookError

_ROLE = re.compile(r"\{([\w:]+)\}`([^`]+)`")
_EXPLICIT = re.compile(r"(.+?)\s*<([^<>]+)>", re.DOTALL)
_DISPLAY = re.compile(r"^\$\$(.+?)\$\$(?: *\(([\w-]+)\))?$", re.DOTALL | re.MULTILINE)
_FENCE = re.compile(r"(`{3,}|:{3,})(?:\{([\w:-]+)\})? *(.*)")
_OPTION = re.compile(r":[\w-]+:(?: .*)?")
_TARGET = re.compile(r"\([\w-]+\)=")


def plain(text: str, names: Names, numbers: Mapping[str, str]) -> str:
    """Write a text of the book without MyST.

    Statements and admonitions become quotations under a bold title, exercises and solutions get headings, labelled
    equations carry their number, and each reference is replaced by what it would read as.

    Parameters
    ----------
    text : str
        MyST Markdown of one cell, or a caption.
    names : Names
        What references are called.
    numbers : mapping
        Name -> what was glued under it in this chapter, as Python prints it.

    Returns
    -------
    str
        Markdown with formulas between dollars; empty when nothing but markup was there.

    Raises
    ------
    BookError
        If a reference has no target, or a role or directive is one that this module cannot write.
    """

    def role(found: re.Match[str]) -> str:
        write = _ROLES.get(found[1])
        if write is None:
            raise BookError(f"expected one of the roles {', '.join(_ROLES)}, found {found[0]}: add it to book/plain.py")
        try:
            return write(" ".join(found[2].split()), names, numbers)
        except KeyError as error:
            raise BookError(f"expected a target for {found[0]}, found none called {error}") from error
        except ValueError as error:
            raise BookError(f"expected a number for {found[0]}, found otherwise ({error}): glue float(x)") from error

    def display(found: re.Match[str]) -> str:
        tag = rf"\tag{{{names.labels[found[2]].strip('()')}}}" + "\n" if found[2] else ""
        return f"$${found[1]}{tag}$$"

    text = _DISPLAY.sub(display, _ROLE.sub(role, text))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(_blocks(text.split("\n"), names))).strip("\n")


def _cited(keys: str, names: Names, between: str) -> list[str]:
    return [between.join(names.papers[key.strip()]) for key in keys.split(",")]


def _reference(target: str, names: Names, numbers: Mapping[str, str]) -> str:
    explicit = _EXPLICIT.fullmatch(target)
    return explicit[1] if explicit else names.labels[target]


def _page(target: str, names: Names, numbers: Mapping[str, str]) -> str:
    explicit = _EXPLICIT.fullmatch(target)
    return explicit[1] if explicit else f"*{names.pages[target.rpartition('/')[2]]}*"


def _number(target: str, names: Names, numbers: Mapping[str, str]) -> str:
    name, _, format_spec = target.partition(":")
    return format_plain_text(numbers[name], format_spec)


_ROLES: dict[str, Callable[[str, Names, Mapping[str, str]], str]] = {
    "glue:text": _number,
    "cite:t": lambda keys, names, _: " and ".join(f"{cited})" for cited in _cited(keys, names, " (")),
    "cite:p": lambda keys, names, _: f"({'; '.join(_cited(keys, names, ', '))})",
    "doc": _page,
    "ref": _reference,
    "prf:ref": _reference,
    "numref": _reference,
    "eq": _reference,
}
"""Role -> what its content is replaced by."""


def _blocks(source: list[str], names: Names) -> Iterator[str]:
    """Replace directives line by line, and leave out targets; blocks of code stay as they are."""
    lines = iter(source)
    for line in lines:
        fence = _FENCE.fullmatch(line)
        if fence is None:
            if not _TARGET.fullmatch(line):
                yield line
            continue
        body = list(takewhile(lambda inner, end=fence[1]: inner.rstrip() != end, lines))
        if fence[2] is None:
            yield from (line, *body, fence[1])
        else:
            yield from ("", *_directive(fence[2], fence[3], body, names), "")


def _directive(name: str, title: str, body: list[str], names: Names) -> list[str]:
    given = list(takewhile(_OPTION.fullmatch, body))
    options = {key: value.strip() for key, value in (line[1:].split(":", 1) for line in given)}
    inside = "\n".join(_blocks(body[len(given) :], names)).strip("\n")
    if name.startswith("prf:"):
        called, title = statement(name.removeprefix("prf:"), title)
        return _quoted(f"**{called} ({title}).**" if title else f"**{called}.**", inside)
    if name == "admonition":
        return _quoted(f"**{title}**", inside)
    if name == "explorer":
        return _quoted("**On the site this is a picture that one can move.**", inside)
    if name == "exercise":
        return [f"### {names.labels[options['label']].capitalize()}: {title}", "", inside]
    if name == "solution-start":
        return ["#### Solution"]
    if name == "solution-end":
        return []
    raise BookError(f"expected a directive that a plain notebook can show, found {{{name}}}: add it to book/plain.py")


def _quoted(heading: str, inside: str) -> list[str]:
    """Quote a text; a formula goes on one line, since viewers take the quotation marks within it for part of it."""
    inside = _DISPLAY.sub(lambda found: " ".join(found[0].split()), inside)
    return [f"> {line}".rstrip() for line in [heading, "", *inside.split("\n")]]
