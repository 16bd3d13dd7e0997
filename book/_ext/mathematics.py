"""Load MathJax only on pages with formulas, and with it ``typeset.js``, which sets first what the reader sees."""

import re
from typing import Any

from sphinx.application import Sphinx
from sphinx.domains.math import MathDomain

FORMULA = re.compile(r'class="math[ "]')
"""How a formula begins, in the text and in a table that a cell wrote."""


class MathOfPages(MathDomain):
    """Sphinx's mathematics, but a page has formulas when they are on it, not when they are on a page below it."""

    def has_equations(self, docname: str | None = None) -> bool:
        """Tell whether a page has formulas."""
        return self.data["has_equations"].get(docname, False)


def choose(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Look for formulas in the page as it will be sent."""
    found = bool(FORMULA.search(context.get("body", "")))
    app.env.get_domain("math").data["has_equations"][pagename] = found
    if found:
        app.add_js_file("typeset.js", loading_method="defer", priority=600)  # after MathJax


def setup(app: Sphinx) -> dict[str, bool]:
    """Run before Sphinx adds MathJax."""
    app.add_domain(MathOfPages, override=True)
    app.connect("html-page-context", choose, priority=400)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
