"""Theorems, exercises and solutions as pages and indexes need them.

- Each theorem, lemma, example and exercise is in the index.
- A solution is a native ``<details>``: it opens by keyboard, says whose it is, and opens by itself for a link into it.
- No id twice on a page: sphinx-proof and sphinx-exercise give all their contents the same.
"""

import re
from collections.abc import Iterator
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.writers.html5 import HTML5Translator
from sphinx_exercise.nodes import exercise_subtitle, is_exercise_node, solution_node
from sphinx_proof.nodes import NODE_TYPES

REPEATED = {"proof-content", "exercise-content", "solution-content"}
"""Ids that the two extensions give to every statement's content."""

_ARTICLE = re.compile(r"(?:The|An?) (?=.)")


class folded(nodes.General, nodes.Element):
    """What is shown on demand."""


class summary(nodes.General, nodes.Element):
    """What is seen of it before."""


def entry(kind: str, title: str) -> tuple[str, str]:
    """Write a statement's entry in the index.

    Parameters
    ----------
    kind : str
        "theorem", "lemma", "exercise", ...
    title : str
        As the page has it, with or without parentheses around it.

    Returns
    -------
    kind, text
        Of a Sphinx index entry: exercises stand together under that word, the others under their own titles.
    """
    title = title.strip()
    title = title[1:-1] if title.startswith("(") and title.endswith(")") else title
    if kind == "exercise":
        return "single", f"Exercises; {title}"
    title = _ARTICLE.sub("", title, count=1) or title
    return "single", f"{title[:1].upper()}{title[1:]} ({kind})"


class IndexStatements(SphinxTransform):
    """Enter every titled statement and exercise into the index."""

    default_priority = 400

    def apply(self, **_: Any) -> None:
        """Put an index entry before each."""
        for node, kind in list(_statements(self.document)):
            title = next(node.findall(exercise_subtitle if kind == "exercise" else nodes.title), None)
            if title is None or not node["ids"] or not title.astext().strip(" ()"):
                continue
            how, text = entry(kind, title.astext())
            node.parent.insert(node.parent.index(node), addnodes.index(entries=[(how, text, node["ids"][0], "", None)]))


def _statements(document: nodes.document) -> Iterator[tuple[nodes.Element, str]]:
    for node in document.findall(nodes.Element):
        if isinstance(node, tuple(NODE_TYPES.values())):
            yield node, node["realtype"]
        elif is_exercise_node(node):
            yield node, "exercise"


class FoldSolutions(SphinxPostTransform):
    """Make each solution a folded block under its own name, once titles are resolved."""

    default_priority = 100

    def run(self, **_: Any) -> None:
        """Replace the nodes, and take repeated ids from contents."""
        for section in self.document.findall(nodes.section):
            section["ids"] = [name for name in section["ids"] if name not in REPEATED]
        for node in list(self.document.findall(solution_node)):
            title, *content = node.children
            assert isinstance(title, nodes.title)
            for link in list(title.findall(nodes.reference)):
                link.replace_self(link.children)  # a link in what opens the block would be two things to press in one
            label = summary("", *title.children)
            classes = [name for name in node["classes"] if name != "dropdown"]
            node.parent.replace(node, folded("", label, *content, ids=node["ids"], classes=classes))


def visit_folded(self: HTML5Translator, node: nodes.Element) -> None:
    """Open the block; the class lets sphinx-togglebutton open it for print."""
    self.body.append(self.starttag(node, "details", CLASS="admonition toggle-details"))


def depart_folded(self: HTML5Translator, node: nodes.Element) -> None:
    """Close it."""
    self.body.append("</details>\n")


def visit_summary(self: HTML5Translator, node: nodes.Element) -> None:
    """Open the line that is always seen."""
    self.body.append(self.starttag(node, "summary", "", CLASS="admonition-title"))


def depart_summary(self: HTML5Translator, node: nodes.Element) -> None:
    """Close it."""
    self.body.append("</summary>\n")


def setup(app: Sphinx) -> dict[str, bool]:
    """Take part in reading and in resolving."""
    app.add_node(folded, html=(visit_folded, depart_folded))
    app.add_node(summary, html=(visit_summary, depart_summary))
    app.add_transform(IndexStatements)
    app.add_post_transform(FoldSolutions)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
