"""The directive ``{explorer} NAME``: a picture that can be moved, a still where scripts do not run.

An explorer is a folder ``book/_static/explorers/NAME``: ``model.js`` with the mathematics, ``explorer.js`` with inputs
and drawing, ``still.svg`` with what it draws first, ``data.json`` where it replays a record. The still stands in the
page as it is, and the script takes its place; only pages that hold an explorer load scripts and styles.
"""

from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.parsers.rst import Directive
from sphinx.application import Sphinx

EXPLORERS = Path(__file__).parents[1] / "_static" / "explorers"
NOTE = "This is a still. It answers to touch and keys where scripts run and the pages come from a server."


class Explorer(nodes.Element, nodes.General):
    """An explorer's place in a page; its children are the caption."""


class ExplorerDirective(Directive):
    """Place an explorer; the content is its caption."""

    required_arguments = 1
    has_content = True

    def run(self) -> list[nodes.Node]:
        """Make the node."""
        name, known = self.arguments[0], sorted(path.parent.name for path in EXPLORERS.glob("*/explorer.js"))
        if name not in known:
            raise self.error(f"expected one of the explorers {', '.join(known)}, found {name}")
        place = Explorer(name=name)
        self.state.nested_parse(self.content, self.content_offset, place)
        return [place]


def visit(translator: Any, node: Explorer) -> None:
    """Open the figure, the still in it."""
    name = node["name"]
    still = (EXPLORERS / name / "still.svg").read_text("utf-8")
    translator.body.append(
        f'<figure class="explorer" data-explorer="{name}"><div class="explorer-stage">{still}</div>'
        f'<p class="explorer-still">{NOTE}</p><figcaption>'
    )


def depart(translator: Any, node: Explorer) -> None:
    """Close it after the caption."""
    translator.body.append("</figcaption></figure>\n")


def load(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Let a page load what its explorers need."""
    names = {node["name"] for node in doctree.findall(Explorer)} if doctree else set()
    if names:
        app.add_css_file("explorers/explorers.css")
    for name in sorted(names):
        app.add_js_file(f"explorers/{name}/explorer.js", type="module")


def setup(app: Sphinx) -> dict[str, bool]:
    """Add the directive."""
    app.add_node(Explorer, html=(visit, depart))
    app.add_directive("explorer", ExplorerDirective)
    app.connect("html-page-context", load)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
