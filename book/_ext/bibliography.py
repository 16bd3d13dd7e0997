"""Take from the bibliography the roles that screen readers no longer know: with them it is a list without items."""

from typing import Any

from sphinx.application import Sphinx

ROLES = (' role="list" class="citation-list"', ' class="citation-list"'), (' role="doc-biblioentry"', "")
"""What docutils writes, and what stays of it."""


def plain_roles(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Rewrite a page that has a bibliography."""
    for written, kept in ROLES:
        if "body" in context:
            context["body"] = context["body"].replace(written, kept)


def setup(app: Sphinx) -> dict[str, bool]:
    """Run on each page as it will be sent."""
    app.connect("html-page-context", plain_roles)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
