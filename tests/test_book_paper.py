"""The whole book in one document: every page is in it, links stay inside, and no id is there twice."""

import re
from collections import Counter
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from toybook import write_toy_book
from typer.testing import CliRunner

from ntkbook.book import paper
from ntkbook.cli import app

PAGE = """<!DOCTYPE html><html><head><title>{title} — The book</title>
<link rel="stylesheet" href="../_static/custom.css"><script src="../_static/mathjax/tex-svg.js"></script>
<script src="../_static/other.js"></script></head><body>
<ul><li><button onclick="window.print()"
  class="btn btn-download-pdf-button"><span>.pdf</span></button>
</li></ul>
<article class="bd-article"><section id="top"><h1>{title}<a class="headerlink" href="#top">#</a></h1>
<section id="part"><h2>A part</h2><p id="eq-third">{body}</p>
<svg><defs><path id="{title}-0-m"/></defs><use href="#{title}-0-m"/></svg>
<details class="hide"><summary>More</summary><p>folded</p></details></section></section></article></body></html>"""
LINKS = (
    '<a href="#eq-third">own</a> <a href="{other}.html#eq-third">other</a> <a href="{other}.html">page</a>'
    ' <a href="https://example.org/#x">out</a> <a href="../_static/notebooks/one.ipynb">file</a>'
)


@pytest.fixture
def book(tmp_path: Path) -> Path:
    write_toy_book(tmp_path)
    site = tmp_path / "_build" / "site"
    (site / "book").mkdir(parents=True)
    (site / "index.html").write_text("")
    for title, other in (("intro", "one"), ("one", "intro"), ("build", "one")):
        (site / "book" / f"{title}.html").write_text(PAGE.format(title=title, body=LINKS.format(other=other)))
    return tmp_path


@pytest.fixture
def whole(book: Path) -> BeautifulSoup:
    return BeautifulSoup(paper.whole_book(book, book / "_build" / "site"), "html.parser")


def test_pages_come_in_the_order_of_the_contents_without_those_that_are_no_reading(whole: BeautifulSoup):
    assert [section["id"] for section in whole.select("section.chapter")] == ["intro", "one"]
    assert [link["href"] for link in whole.select(".book-contents a")] == ["#intro", "#one", "#one--part"]


def test_links_lead_to_something_in_the_document_or_out_of_the_book(whole: BeautifulSoup):
    addresses = [str(link["href"]) for link in whole.find_all(href=True) if link.name in ("a", "use")]
    ids = Counter(str(element["id"]) for element in whole.find_all(id=True))
    assert set(ids.values()) == {1}
    for address in addresses:
        assert address.startswith("https://") or address[1:] in ids
    assert {"#intro--eq-third", "#one--eq-third", "https://example.org/#x"} <= set(addresses)


def test_nothing_is_folded_and_only_mathjax_runs(whole: BeautifulSoup):
    assert all(details.has_attr("open") for details in whole.find_all("details"))
    assert [script["src"] for script in whole.find_all("script")] == ["_static/mathjax/tex-svg.js"]
    assert [link["href"] for link in whole.find_all("link")] == ["_static/custom.css"]


def test_the_site_offers_the_book_once_it_is_printed(book: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(paper, "find_browser", lambda: "browser")
    monkeypatch.setattr(paper, "_print", lambda browser, page, to: to.write_bytes(page.read_bytes()))
    printed = [paper.print_book(book) for _ in range(2)][1]
    page = book / "_build" / "site" / "book" / "one.html"
    (link,) = re.findall(r'href="([^"]+)"[^>]*>The whole book', page.read_text())
    assert (page.parent / link).resolve() == printed.resolve()
    assert not (printed.parent / "whole-book.html").exists()


def test_without_a_browser_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(FileNotFoundError, match=r"^expected Chromium, found none; .*apt install chromium$"):
        paper.find_browser()


def test_without_a_site_one_line_says_how_to_build_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(paper, "find_browser", lambda: "browser")
    with pytest.raises(FileNotFoundError, match="found none; run: make book"):
        paper.print_book(tmp_path)
    assert "pdf" in CliRunner().invoke(app, ["--help"]).output
