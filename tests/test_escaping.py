"""Words from records, ledgers and data show as what they are: none of them becomes markup on a page."""

import re
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from nbformat.v4 import new_notebook

from ntkbook import records
from ntkbook.book.chapters import Chapter
from ntkbook.book.ledger import by_claim, ledger_page
from ntkbook.book.timings import build_page
from ntkbook.claims import inventory
from ntkbook.experiments import catalogue
from ntkbook.figures.notes import missing_data
from ntkbook.figures.tables import Table, verdicts
from ntkbook.ledger import KEYS

BAD = [
    "<script>alert(1)</script>",
    "<p><img src=x onerror=alert(1)>",
    "`<script>alert(1)</script>`",
    "[x](javascript:alert(1))",
    "{raw}`html <b>`",
    "&lt;b&gt;",
]


@pytest.mark.parametrize("bad", BAD)
def test_tables_and_notes_hold_text(bad):
    shown = Table((bad,), [(bad,)])._repr_html_()
    assert "<script" not in shown
    assert "<img" not in shown

    class Run:
        attrs = {"profile": bad, "commit": bad}  # noqa: RUF012

    note = missing_data(bad, [], Run())
    assert note is not None
    assert "<script" not in note._repr_html_()
    assert "<img" not in note._repr_html_()


def test_verdicts_of_a_record_with_markup_in_all_its_words_hold_text():
    record = records.load_best("kernel")
    assert record is not None
    record.attrs |= dict.fromkeys(("profile", "data", "seeds", "device", "commit"), BAD[0])
    for part in ("deviations", "series"):
        names = [f"{name}{BAD[0]}" for name in record[part].data.values]
        record[part] = record[part].to_dataset().assign_coords(data=names)
    shown = verdicts(catalogue.get("kernel").claims, record)._repr_html_()
    assert "script" in shown
    assert "<script" not in shown


@pytest.mark.parametrize("bad", BAD)
def test_the_page_on_the_build_holds_text(bad):
    about = {"started": "2026-01-01T00:00:00", "seconds": 1.0, "versions": {"torch": bad}}
    about |= dict.fromkeys(("profile", "device", "data", "commit"), bad)
    page = build_page([Chapter("book/one", Path("one.md"), None)], {"one": new_notebook(metadata={"ntkbook": about})})
    found = MarkdownIt("commonmark").parse(page)
    tokens = [token for block in found for token in (block, *(block.children or []))]
    assert not [token for token in tokens if token.type in ("html_inline", "html_block")]
    assert not [token for token in tokens if "javascript" in str(token.attrs)]
    assert "{raw}`html" not in page


@pytest.mark.parametrize("bad", BAD)
def test_the_ledger_has_the_same_elements_whatever_its_words_are(bad):
    def elements(words):
        found = dict.fromkeys(KEYS, words) | {"claim": "A01", "verdict": "reproduced"}
        stated = dict.fromkeys(inventory(), Chapter("book/one", Path("one.md"), None))
        page = ledger_page(by_claim([found]), stated)
        fences = [line for line in page.splitlines() if line.startswith("```")]
        return fences, re.findall(r"<(?:script|img|a|iframe|svg|style|b)\b", page)

    assert elements(bad) == elements("words")
