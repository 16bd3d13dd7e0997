"""The site under test, its pages, and what a visit to one of them brings."""

import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import FloatRect, Page, Response

SITE = Path(os.environ.get("NTKBOOK_SITE", Path(__file__).parents[2] / "_build" / "site"))
SCREENSHOTS = Path(os.environ.get("NTKBOOK_SCREENSHOTS", SITE.parent / "screenshots"))
TALLEST = 12_000
"""Pixels of a picture, from the top of its page."""

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def pages() -> list[str]:
    """List the pages that readers are led to.

    Left out are listings of source code, all of one template, and the page for what is not there: its addresses fit
    the server that it is made for.
    """
    found = (path.relative_to(SITE).as_posix() for path in SITE.rglob("*.html"))
    return sorted(name for name in found if not name.startswith(("_modules/", "_static/", "404")))


@dataclass
class Visit:
    """A page as a browser has it, and what happened on the way."""

    page: Page
    foreign: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    bodies: list[Response] = field(default_factory=list)

    def picture(self, name: str) -> None:
        """Keep a picture of the page, for eyes; of a very long one, its beginning."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        width, height = self.page.evaluate("[innerWidth, document.documentElement.scrollHeight]")
        clip: FloatRect = {"x": 0, "y": 0, "width": width, "height": min(height, TALLEST)}
        self.page.screenshot(path=SCREENSHOTS / f"{name.replace('/', '-')}.png", full_page=True, clip=clip)

    def typeset(self) -> None:
        """Have every formula typeset, also those that nobody has scrolled to."""
        self.page.evaluate("window.typesetAll && MathJax.startup.promise.then(() => typesetAll()).then(() => null)")
