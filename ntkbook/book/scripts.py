"""Which scripts a page may run: those that the theme writes on every page, and files of the repository or an extension.

Everything else that could run came in with content, such as the text of a record. What the theme writes is learnt from
the search page of the same site, which Sphinx makes without any content of ours.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

REFERENCE = "search.html"
"""The page without content."""
DATA = {"application/json", "application/ld+json"}
"""Types of <script> that hold data and do not run."""
HANDLERS = {"toggleFullScreen()", "window.print()"}
"""What the theme's buttons do when they are pressed."""
BROUGHT = ("_static", "searchindex.js")
"""Where a site keeps the scripts of the repository and of the extensions, and what Sphinx adds."""

_SETTING = re.compile(r"(?:window\.MathJax|DOCUMENTATION_OPTIONS\.COLLAPSE_INDEX) = (.*?);?", re.DOTALL)


@dataclass
class Scripts:
    """What a page may run, as it was found."""

    inline: list[str] = field(default_factory=list)
    """Texts of <script> elements that would run."""
    files: list[str] = field(default_factory=list)
    """Their addresses, of those that have one."""
    problems: list[str] = field(default_factory=list)
    """Other ways to run something."""

    def see(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Take in a tag; the text of a <script> is added to `inline` by who reads it."""
        if tag == "script" and "src" in attributes:
            self.files.append(attributes["src"])
        if tag == "base" or "srcdoc" in attributes:
            self.problems.append(f"expected no page in a page, found <{tag}>")
        for name, value in attributes.items():
            if name.startswith("on") and value.strip() not in HANDLERS:
                self.problems.append(f"expected no script in an attribute, found {name}={value[:80]!r}")
            if re.sub(r"[\0-\x20]", "", value).lower().startswith("javascript:"):
                self.problems.append(f"expected an address, found a script in {name}={value[:80]!r}")

    def unknown(self, path: Path, site: Path, known: set[str]) -> Iterator[str]:
        """List what is not allowed on a page.

        Parameters
        ----------
        path, site : path
            The page, and the folder of the site.
        known : set of str
            Hashes from `known_scripts`.

        Yields
        ------
        str
            A problem.
        """
        yield from self.problems
        for text in self.inline:
            if digest(text, path, site) not in known and not _is_setting(text):
                yield f"expected the theme's scripts and no other, found {text.strip()[:80]!r}"
        for address in self.files:
            place = (path.parent / unquote(urlsplit(address).path)).resolve()
            if not any(place.is_relative_to((site / name).resolve()) for name in BROUGHT):
                yield f"expected scripts from {' or '.join(BROUGHT)}, found {address}"


def digest(text: str, path: Path, site: Path) -> str:
    """Hash a script; the name of the page that it stands on does not count."""
    name = path.relative_to(site).with_suffix("").as_posix()
    return hashlib.sha256(text.replace(f"'{name}'", "'PAGE'").encode()).hexdigest()


def _is_setting(text: str) -> bool:
    """Tell a setting that stands on some pages only, of MathJax or an index: data without addresses, never run."""
    found = _SETTING.fullmatch(text.strip())
    try:
        return found is not None and "//" not in text and json.loads(found[1]) is not None
    except ValueError:
        return False
