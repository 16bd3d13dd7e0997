"""What the words in figures may be: the book numbers its own statements, and a paper's numbers would mislead."""

import ast
import re
from pathlib import Path

import pytest

import ntkbook

PACKAGE = Path(ntkbook.__file__).parent
MODULES = sorted([*PACKAGE.glob("experiments/*/figures*.py"), *PACKAGE.glob("figures/*.py")])
NUMBERED = re.compile(r"\beq\. ?\(\d|\b(Lemma|Theorem|Corollary|Figure) [A-Z]?\.?\d")


def words(module):
    """Strings of a module that are not docstrings."""
    tree = ast.parse(module)
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef)
    docstrings = {ast.get_docstring(node, clean=False) for node in ast.walk(tree) if isinstance(node, documented)}
    found = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str))
    return [text for text in found if text not in docstrings]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: "/".join(path.parts[-2:]))
def test_figures_do_not_quote_numbers_of_the_papers(path):
    assert [text for text in words(path.read_text(encoding="utf-8")) if NUMBERED.search(text)] == []


def test_a_numbered_label_is_seen_and_a_docstring_is_not():
    assert NUMBERED.search(words('"""Lemma 5.4."""\nlabel = "bound of Lemma 5.4"\n')[0])
    assert words('def f():\n    """Eq. (8)."""\n') == []
    assert NUMBERED.search("Lemma C.3")
