"""Keep punctuation, percent signs and equations together, and set the numbers of a text as numbers.

A browser may break a line before and after a formula and at any space. Here a formula and the punctuation behind it
become one unbreakable piece, and the space between "m =" or a number and what belongs to it one that does not break.
A number from a notebook comes as Python writes it: it gets a minus sign and a power of ten, and zero has no sign.
"""

import re

from docutils import nodes
from sphinx.application import Sphinx

NO_BREAK = "\N{NO-BREAK SPACE}"
MINUS, TIMES = "\N{MINUS SIGN}", "\N{MULTIPLICATION SIGN}"
_PUNCTUATION = re.compile(r"[.,;:!?)\]%]+")
_NUMBER = re.compile(r"(-?)(\d[\d.,]*)(?:e([+-]\d+))?")
_PERCENT = re.compile(r"(?<=\d) (?=%)")
_RELATION = re.compile(r"(?:=|\\approx|\\le|\\ge|<|>|\\times)\s*$")


def join(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Join within every paragraph, caption and cell of a table."""
    for text in list(doctree.findall(nodes.Text)):
        if _PERCENT.search(text) and not isinstance(text.parent, nodes.literal | nodes.FixedTextElement):
            _replace(text, _PERCENT.sub(NO_BREAK, text))
    for math in list(doctree.findall(nodes.math)):
        _after(math, bool(_RELATION.search(math.astext())))
    for number in list(doctree.findall(lambda node: isinstance(node, nodes.inline | nodes.strong))):
        _after(number, False)
        if "pasted-text" in number["classes"]:
            _set(number)


def _set(number: nodes.Element) -> None:
    """Set a number that came from a notebook, which is all that there is in the element."""
    found = _NUMBER.fullmatch(number.astext())
    if found is None:
        return
    sign, digits, power = found.groups()
    number[:] = [nodes.Text((MINUS if sign and digits.strip("0.,") else "") + digits)]
    if power:
        number += nodes.Text(f"{NO_BREAK}{TIMES}{NO_BREAK}10")
        number += nodes.superscript("", str(int(power)).replace("-", MINUS))


def _after(node: nodes.Node, relation: bool) -> None:
    """Tie what follows a formula or a number to it: punctuation, a percent sign, the value behind "m ="."""
    following = node.next_node(descend=False, siblings=True)
    if not isinstance(following, nodes.Text):
        return
    text = str(following)
    if (relation and text == " ") or text.startswith(" %"):
        text = NO_BREAK + text[1:]
        _replace(following, text)
        return
    if isinstance(node, nodes.math) and (found := _PUNCTUATION.match(text)):
        _replace(following, text[found.end() :])
        piece = nodes.inline("", "", node.deepcopy(), nodes.Text(found[0]), classes=["joined"])
        node.parent.replace(node, piece)


def _replace(node: nodes.Text, text: str) -> None:
    """Put a text in the place of another one; `node.parent.replace` would take the first that reads the same."""
    siblings = node.parent.children
    node.parent[next(i for i, sibling in enumerate(siblings) if sibling is node)] = nodes.Text(text)


def setup(app: Sphinx) -> dict[str, bool]:
    """Run when references and glued numbers are in place."""
    app.connect("doctree-resolved", join, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
