"""Notebooks that travel: no MyST is left, numbers and references are words, and code is what it was."""

import re
from collections import defaultdict
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from toybook import REPOSITORY, edit, write_toy_book

from ntkbook.book.chapters import BookError, code_cells, read_chapters
from ntkbook.book.export import export, glued, portable
from ntkbook.book.names import Names, read_names, statement
from ntkbook.book.plain import plain

CHAPTERS = read_chapters(REPOSITORY)
NAMES = Names(
    {"kernel": "The kernel"},
    {"a04": "Theorem A04", "eq-sum": "(2.3)", "fig-loss": "Fig. 2.1", "ex-one": "exercise 1", "here": "A heading"},
    {"arora2019fine": ("Arora et al.", "2019"), "li2018structured": ("Li and Liang", "2018")},
)
NUMBERS = {"share": "0.98765", "count": "5000", "word": "'reproduced'", "raw": "np.float64(0.5)"}


@pytest.mark.parametrize(
    ("myst", "markdown"),
    [
        ("{glue:text}`share:.2f` of {glue:text}`count:,d`: *{glue:text}`word`*", "0.99 of 5,000: *reproduced*"),
        ("{cite:t}`arora2019fine` and {cite:p}`li2018structured`", "Arora et al. (2019) and (Li and Liang, 2018)"),
        ("{cite:t}`arora2019fine,li2018structured`", "Arora et al. (2019) and Li and Liang (2018)"),
        ("{doc}`/book/kernel` up to {prf:ref}`a04`", "*The kernel* up to Theorem A04"),
        ("{doc}`before <kernel>`, {eq}`eq-sum`, {numref}`fig-loss`", "before, (2.3), Fig. 2.1"),
        ("{ref}`here` and {ref}`exercise\n1 <ex-one>`", "A heading and exercise 1"),
        ("(here)=\n## A heading", "## A heading"),
        ("$$\nx\n$$ (eq-sum)\n\n$$\ny\n$$", "$$\nx\n\\tag{2.3}\n$$\n\n$$\ny\n$$"),
        ("````{solution-start} ex-one\n:class: dropdown\n````\n\nText", "#### Solution\n\nText"),
        ("````{solution-end}\n````", ""),
        ("```{exercise} Easy\n:label: ex-one\nProve it.\n```", "### Exercise 1: Easy\n\nProve it."),
        (":::{admonition} Note\n:class: tip\n- a\n- b\n:::\n\nText", "> **Note**\n>\n> - a\n> - b\n\nText"),
        ("```{prf:theorem} Main (A04)\n:label: a04\nSo $x$.\n```", "> **Theorem A04 (Main).**\n>\n> So $x$."),
        ("```{prf:remark}\nSo $x$.\n```", "> **Remark.**\n>\n> So $x$."),
        ("```{prf:lemma} L\n$$\nx\n  y\n$$ (eq-sum)\n```", "> **Lemma (L).**\n>\n> $$ x y \\tag{2.3} $$"),
        ("````{prf:lemma} L\n:::{admonition} T\nU\n:::\n````", "> **Lemma (L).**\n>\n> > **T**\n> >\n> > U"),
        ("```python\n(here)=\n:::\n```", "```python\n(here)=\n:::\n```"),
    ],
)
def test_myst_becomes_markdown(myst: str, markdown: str):
    assert plain(myst, NAMES, NUMBERS) == markdown


@pytest.mark.parametrize(
    ("myst", "message"),
    [
        ("{glue:text}`absent:.2f`", "found none called 'absent'"),
        ("{prf:ref}`a99`", "found none called 'a99'"),
        ("{cite:t}`nobody2000`", "found none called 'nobody2000'"),
        ("{glue:text}`raw:.2f`", "expected a number for {glue:text}`raw:.2f`, .*np.float64.*glue float"),
        ("{abbr}`x`", "expected one of the roles .* found {abbr}"),
        ("```{mermaid}\nx\n```", "expected a directive that a plain notebook can show, found {mermaid}"),
    ],
)
def test_what_cannot_be_written_is_named(myst: str, message: str):
    with pytest.raises(BookError, match=message):
        plain(myst, NAMES, NUMBERS)


def test_a_statement_is_called_by_its_claim():
    assert statement("theorem", "The frozen kernel (A07)") == ("Theorem A07", "The frozen kernel")
    assert statement("lemma", "Two (or more) terms") == ("Lemma", "Two (or more) terms")


def test_labels_are_numbered_by_the_chapter_and_the_order_within_it(tmp_path: Path):
    toy = write_toy_book(tmp_path)
    more = "\n(there)=\n## Why\n\n$$\nx\n$$ (eq-x)\n\n$$\nz\n$$\n\n$$\ny\n$$ (eq-y)\n\n"
    more += "```{exercise} A\n:class: dropdown\n:label: ex-a\nB\n```\n\n```{prf:remark} C\n:label: rem-c\nD\n```\n\n"
    more += "```{code-cell} ipython3\n---\nmystnb:\n  figure:\n    name: fig-a\n    caption: E\n---\n1\n```\n"
    (toy / "book" / "one.md").write_text((toy / "book" / "one.md").read_text() + more)
    names = read_names(read_chapters(toy), toy)
    assert names.pages == {"intro": "Intro", "one": "One", "build": "Build"}
    expected = {"a01": "Lemma A01", "rem-c": "Remark (C)", "ex-a": "exercise 1", "there": "Why"}
    expected |= {"eq-third": "(1.1)", "eq-x": "(1.2)", "eq-y": "(1.3)", "fig-third": "Fig. 1.1", "fig-a": "Fig. 1.2"}
    assert names.labels == expected


@pytest.mark.parametrize("chapter", [c for c in CHAPTERS if c.notebook], ids=lambda chapter: chapter.stem)
def test_no_myst_is_left_in_any_chapter_and_its_code_is_unchanged(chapter):
    made = portable(chapter.notebook, read_names(CHAPTERS, REPOSITORY), defaultdict(lambda: "0"), "https://example.org")
    nbformat.validate(made)
    text = "\n".join(cell.source for cell in made.cells if cell.cell_type == "markdown")
    assert not re.findall(r"\{[\w:-]+\}`|^:::.*|^`{3,}\{.*|^\([\w-]+\)=$|^\$\$ *\(.*", text, re.MULTILINE)
    captions = [cell for cell in code_cells(chapter.notebook) if "figure" in cell.metadata.get("mystnb", {})]
    assert text.count("**Fig. ") == len(captions)
    install, *sources = [cell.source for cell in made.cells if cell.cell_type == "code"]
    assert "git+https://example.org" in install
    assert sources == [cell.source for cell in code_cells(chapter.notebook)]


def test_glued_values_fill_the_text_and_only_what_was_shown_stays():
    prefix = "application/papermill.record/"

    def glue(name: str, prefix: str, value: str):
        mark = {"scrapbook": {"name": name, "mime_prefix": prefix}}
        return new_output("display_data", {f"{prefix}text/plain": value}, metadata=mark)

    outputs = [glue("a", prefix, "0.25"), glue("b", "", "7"), new_output("stream", text="printed")]
    code = new_code_cell("glue(...)", outputs=outputs, metadata={"tags": ["remove-input"]})
    notebook = new_notebook(cells=[code, new_markdown_cell("{glue:text}`a:.1f` {glue:text}`b:d`")])
    assert glued(notebook) == {"a": "0.25", "b": "7"}
    made = portable(notebook, NAMES, glued(notebook), "https://example.org")
    assert made.cells[2].source == "0.2 7"
    assert made.cells[1].outputs == outputs[1:]
    assert notebook.cells[0].outputs == outputs


def test_a_caption_stands_below_its_figure():
    figure = {"figure": {"name": "fig-loss", "caption": "As in {prf:ref}`a04`.\n"}}
    notebook = new_notebook(cells=[new_code_cell("draw()", metadata={"mystnb": figure})])
    made = portable(notebook, NAMES, {}, "https://example.org")
    assert [cell.source for cell in made.cells[1:]] == ["draw()", "**Fig. 2.1.** As in Theorem A04."]


def test_exported_notebooks_install_the_package_from_the_configured_repository(tmp_path: Path):
    toy = write_toy_book(tmp_path)
    edit(toy / "_config.yml", "https://github.com/ntkbook/ntkbook", "https://github.com/fork/copy")
    edit(toy / "book" / "one.md", " The answer is {glue:text}`answer:.2f`.", "")
    pages = read_chapters(toy)
    notebooks = {page.stem: page.notebook for page in pages if page.notebook}
    (written,) = export(pages, notebooks, toy, tmp_path / "served")
    assert written == tmp_path / "served" / "one.ipynb"
    assert "git+https://github.com/fork/copy" in written.read_text()


def test_a_chapter_that_cannot_be_exported_is_named(tmp_path: Path):
    toy = write_toy_book(tmp_path)
    pages = read_chapters(toy)
    with pytest.raises(BookError, match=r"one: expected a target for \{glue:text\}`answer:.2f`"):
        export(pages, {page.stem: page.notebook for page in pages if page.notebook}, toy, tmp_path / "served")
