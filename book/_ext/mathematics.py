"""Load MathJax only on pages with formulas, and with it ``typeset.js``, which sets first what the reader sees."""

import re
from typing import Any

from sphinx.application import Sphinx

FORMULA = re.compile(r'class="math[ "]')
"""How a formula begins, in the text and in a table that a cell wrote."""


def choose(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Tell Sphinx which pages have formulas by looking at them; it sees formulas where there are none."""
    found = bool(FORMULA.search(context.get("body", "")))
    app.env.get_domain("math").data["has_equations"][pagename] = found
    if found:
        app.add_js_file("typeset.js", loading_method="defer", priority=600)  # after MathJax


def setup(app: Sphinx) -> dict[str, bool]:
    """Run before Sphinx adds MathJax."""
    app.connect("html-page-context", choose, priority=400)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
