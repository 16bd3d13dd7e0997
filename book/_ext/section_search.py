"""Search that leads to sections (``search.js``) and puts chapters before the package (``scorer.js``)."""

from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.config import Config


def find_scorer(app: Sphinx, config: Config) -> None:
    """Name the scorer by its full path: Sphinx would look for it where the command was given."""
    config.html_search_scorer = str(Path(app.confdir, "book", "_static", "scorer.js"))


def add_script(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Add the script to the page of results, and to no other."""
    if pagename == "search":
        app.add_js_file("search.js", loading_method="defer")


def setup(app: Sphinx) -> dict[str, bool]:
    """Run before Sphinx reads the scorer and writes the page."""
    app.connect("config-inited", find_scorer)
    app.connect("html-page-context", add_script)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
