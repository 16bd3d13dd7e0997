"""Rules that every page of the site keeps: nothing fetched from elsewhere, no foreign scripts, no raw numbers."""

import posixpath
import re
from collections.abc import Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from ntkbook.book.scripts import DATA, REFERENCE, Scripts, digest

FETCHED = {
    "script": ("src",),
    "img": ("src", "srcset"),
    "iframe": ("src",),
    "embed": ("src",),
    "source": ("src", "srcset"),
    "video": ("src", "poster"),
    "audio": ("src",),
    "track": ("src",),
    "object": ("data",),
    "image": ("href", "xlink:href"),
    "use": ("href", "xlink:href"),
}
"""Tag -> attributes whose address a browser loads without being asked."""

FETCHED_LINKS = {"stylesheet", "preload", "prefetch", "modulepreload", "preconnect", "dns-prefetch", "icon", "manifest"}
"""Kinds of <link> that a browser follows without being asked."""

NOT_FOUND = "404.html"
"""Served in the place of any page, so its addresses start at the root of the server."""

_ELSEWHERE = re.compile(r"^\s*(?:https?:)?//|,\s*(?:https?:)?//", re.IGNORECASE)
_CSS_FETCH = re.compile(r"(?:url\(\s*|@import\s+)['\"]?\s*((?:https?:)?//[^'\")\s]+)", re.IGNORECASE)
_SCRIPT_FETCH = re.compile(
    r"(?:\bfrom\s*|\bimport\s*\(?\s*|\bfetch\(\s*|\.(?:src|href)\s*=\s*)['\"`]((?:https?:)?//[^'\"`]+)"
)
_SCRIPT = re.compile("<script", re.IGNORECASE)
_RAW = re.compile(r"(?<![\w.])(?:np\.(?:float|int)\d+|tensor)\(")


def verify(site: Path) -> list[str]:
    """Read every page and style sheet of a site and list what breaks a rule.

    Parameters
    ----------
    site : path
        Folder of the HTML pages.

    Returns
    -------
    list of str
        One line a problem, naming the page; empty for a good site.
    """
    problems = [] if (site / "index.html").is_file() else ["expected a page index.html, found none"]
    known = known_scripts(site)
    for path in sorted(site.rglob("*")):
        name = path.relative_to(site).as_posix()
        if path.suffix == ".html" and not name.endswith(
            "webpack-macros.html"
        ):  # templates that the theme leaves behind
            text = path.read_text("utf-8")
            if name == NOT_FOUND:
                text = _relative(text)
            problems += [f"{name}: {problem}" for problem in page_problems(text, path, site, known)]
        elif path.suffix == ".css":
            found = _CSS_FETCH.findall(path.read_text("utf-8"))
            problems += [f"{name}: expected no address on another site, found {url}" for url in found]
    return problems


def known_scripts(site: Path) -> set[str]:
    """Hashes of the scripts that the theme and the extensions write on a page, whatever it holds."""
    reference = site / REFERENCE
    page = _read(reference.read_text("utf-8") if reference.is_file() else "")
    return {digest(text, reference, site) for text in page.scripts.inline}


def page_problems(html: str, path: Path, site: Path, known: set[str]) -> list[str]:
    """List what breaks a rule in one page.

    Parameters
    ----------
    html : str
        Its text.
    path, site : path
        Where it lies, from where relative addresses start, and the folder of the site.
    known : set of str
        Hashes of the scripts that it may hold.

    Returns
    -------
    list of str
    """
    page = _read(html)
    problems = list(page.scripts.unknown(path, site, known))
    if len(_SCRIPT.findall(html)) != page.n_scripts:
        problems.append("expected <script> at the head of an element, found it elsewhere")
    in_scripts = [f"script {url}" for text in page.scripts.inline for url in _SCRIPT_FETCH.findall(text)]
    found_elsewhere = [*page.fetched, *in_scripts]
    problems += [f"expected nothing fetched from another site, found {found}" for found in found_elsewhere]
    raw = _RAW.search("".join(page.text))
    if raw:
        problems.append(f"expected numbers as text, found {raw.group()}...): glue float(x)")
    if page.traceback:
        problems.append("expected outputs without errors, found a traceback")
    for address in page.local:
        parts = urlsplit(address)
        if parts.path and not (path.parent / unquote(parts.path)).exists():
            problems.append(f"expected a file at {address}, found none")
    return problems


def output_problems(output: Mapping[str, Any]) -> list[str]:
    """List what no page may hold wherever it stands, in what a cell put out.

    Parameters
    ----------
    output : mapping
        As notebooks hold it.

    Returns
    -------
    list of str
        One line for each script, for each file that would be fetched from another site, and for numbers that are none.
    """
    shown = output.get("data", {})
    html = shown.get("text/html", "")
    page = _read(html)
    raw = _RAW.search("".join(page.text) if html else shown.get("text/plain", output.get("text", "")))
    scripts = [*page.scripts.inline, *page.scripts.files]
    return [
        *page.scripts.problems,
        *(f"expected no script, found {' '.join(text.split())[:80]!r}" for text in scripts),
        *(f"expected nothing fetched from another site, found {found}" for found in page.fetched),
        *(["expected no script, found application/javascript"] if "application/javascript" in shown else []),
        *([f"expected numbers as text, found {raw.group()}...)"] if raw else []),
    ]


def _relative(html: str) -> str:
    """Take what all addresses from the root of the server have in common, the place of the site, out of them."""
    rooted = re.compile(r'((?:src|href)=")(/[^/"][^"]*)')
    place = posixpath.commonpath([found[2] for found in rooted.finditer(html)] or ["/"])
    return rooted.sub(lambda found: found[1] + posixpath.relpath(found[2], place), html)


def _read(html: str) -> "_Page":
    page = _Page()
    page.feed(html)
    page.close()
    return page


class _Page(HTMLParser):
    """What a page fetches, links to and says."""

    def __init__(self) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.local: list[str] = []
        self.text: list[str] = []
        self.traceback = False
        self.scripts = Scripts()
        self.n_scripts = 0
        self._script: list[str] | None = None
        self._open: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.scripts.see(tag, values)
        if tag == "script":
            self.n_scripts += 1
            self._script = None if "src" in values or values.get("type", "").strip().lower() in DATA else []
        names = FETCHED.get(tag, ())
        if tag == "link" and FETCHED_LINKS & set(values.get("rel", "").lower().split()):
            names = ("href",)
        for name in names:
            address = values.get(name, "")
            if _ELSEWHERE.search(address):
                self.fetched.append(f"<{tag} {name}={address}>")
            elif name != "srcset":
                self._link(address)
        if tag == "a":
            self._link(values.get("href", ""))
        self.fetched += [f"style {url}" for url in _CSS_FETCH.findall(values.get("style", ""))]
        classes = values.get("class", "")
        if {"output", "traceback"} <= set(classes.split()):
            self.traceback = True
        if tag not in _VOID:
            self._open.append((tag, classes))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in ("script", "style"):  # in HTML these stay open
            self.handle_endtag(tag)

    def close(self) -> None:
        super().close()
        self._end_script()

    def handle_endtag(self, tag: str) -> None:
        if tag == "script":
            self._end_script()
        for index in range(len(self._open) - 1, -1, -1):
            if self._open[index][0] == tag:
                del self._open[index:]
                return

    def handle_data(self, data: str) -> None:
        tag = self._open[-1][0] if self._open else ""
        if tag == "style":
            self.fetched += [f"style {url}" for url in _CSS_FETCH.findall(data)]
        elif tag == "script":
            if self._script is not None:
                self._script.append(data)
        elif not self._in_code():
            self.text.append(data)

    def _end_script(self) -> None:
        if self._script is not None:
            self.scripts.inline.append("".join(self._script))
        self._script = None

    def _in_code(self) -> bool:
        """Tell whether we are in source text, which may well say ``torch.tensor(x)``; outputs are not source."""
        classes = [name for _, value in self._open for name in value.split()]
        inline = any(tag == "code" for tag, _ in self._open)
        return "cell_output" not in classes and (inline or "highlight" in classes)

    def _link(self, address: str) -> None:
        if address and not urlsplit(address).scheme and not address.startswith(("//", "#")):
            self.local.append(address)


_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
