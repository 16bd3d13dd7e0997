"""What holds of the text of all chapters together."""

import re
from collections import Counter
from pathlib import Path

BOOK = Path(__file__).parents[1] / "book"
LABELS = r"^:label: *(\S+)\s*$|^\(([\w-]+)\)=\s*$|^    name: (\S+)\s*$|^\$\$ *\(([\w-]+)\)\s*$"


def labels(text):
    """Labels of statements, exercises, targets, figures and equations."""
    return ["".join(groups) for groups in re.findall(LABELS, text, re.MULTILINE)]


def test_every_kind_of_label_is_seen():
    text = ":label: a01\n(here)=\nmystnb:\n  figure:\n    name: fig-x\n$$ (eq-y)\n"
    assert labels(text) == ["a01", "here", "fig-x", "eq-y"]


def test_no_label_stands_in_two_places():
    found = Counter(label for path in sorted(BOOK.glob("*.md")) for label in labels(path.read_text(encoding="utf-8")))
    assert [label for label, count in found.items() if count > 1] == []


def test_every_work_in_the_bibliography_has_an_address():
    text = (BOOK / "references.bib").read_text(encoding="utf-8")
    works = re.findall(r"^@\w+\{(\w+),\n(.*?)^\}", text, re.DOTALL | re.MULTILINE)
    addressed = [key for key, fields in works if re.search(r"^  (doi|eprint|url) *= \{\S+\},$", fields, re.MULTILINE)]
    assert addressed == [key for key, _ in works]
    assert len(works) > 20


def test_the_residual_has_one_letter_in_the_notation_and_where_it_is_used():
    rows = [row for row in (BOOK / "notation.md").read_text(encoding="utf-8").splitlines() if "| `residual` |" in row]
    assert [row.split("|")[1].strip() for row in rows] == [r"$\rho(k)=y-u(k)$"]
    assert r"residual $\rho=y-u$" in (BOOK / "convergence.md").read_text(encoding="utf-8")
