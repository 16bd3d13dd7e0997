"""The whole book on paper: its pages one after the other in one document, printed by a browser."""

import posixpath
import re
import shutil
from html import escape
from pathlib import Path

import yaml
from bs4 import BeautifulSoup, Tag

from ntkbook.book.chapters import BookError, Chapter, read_chapters
from ntkbook.provenance import commit

PDF = "ntkbook.pdf"
"""Name of the book in the site's folder, and so it lives as long as the site that it shows."""
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
LEFT_OUT = ("api", "build")
"""Pages that are no reading."""

_GONE = "script, .headerlink, .copybtn, .only-dark, details.made p + p"
_DOWNLOAD = re.compile(
    r'(<button onclick="window\.print\(\)"\s+class="[^"]*btn-download-pdf-button.*?</li>)', re.DOTALL
)
_OFFER = '\n<li><a href="{0}{1}" class="btn btn-sm dropdown-item" download>The whole book (.pdf)</a></li>'


def find_browser() -> str:
    """Find the browser that prints.

    Returns
    -------
    str
        Its path.

    Raises
    ------
    FileNotFoundError
        If there is none.
    """
    for name in BROWSERS:
        if path := shutil.which(name):
            return path
    raise FileNotFoundError("expected Chromium, found none; on Debian or Ubuntu: apt install chromium")


def print_book(root: Path) -> Path:
    """Print the site as one PDF, and offer it on every page.

    Parameters
    ----------
    root : path
        Root of the repository, whose site is built.

    Returns
    -------
    Path
        The PDF, in the site's folder.

    Raises
    ------
    FileNotFoundError
        If there is no browser that prints, or no site.
    """
    browser, site = find_browser(), root / "_build" / "site"
    if not (site / "index.html").is_file():
        raise FileNotFoundError(f"expected a site in {site}, found none; run: make book")
    page = site / "whole-book.html"
    page.write_text(whole_book(root, site), "utf-8")
    try:
        _print(browser, page, site / PDF)
    finally:
        page.unlink()
    for path in site.rglob("*.html"):
        offered = path.read_text("utf-8")
        if PDF not in offered:
            up = "../" * len(path.relative_to(site).parent.parts)
            path.write_text(_DOWNLOAD.sub(lambda found, up=up: found[1] + _OFFER.format(up, PDF), offered), "utf-8")
    return site / PDF


def whole_book(root: Path, site: Path) -> str:
    """Put the pages of a site into one: a cover, the contents, then each page; links between them stay links.

    Parameters
    ----------
    root : path
        Root of the repository.
    site : path
        Folder of the built site.

    Returns
    -------
    str
        HTML, to stand in the site's folder.
    """
    pages = [chapter for chapter in read_chapters(root) if chapter.stem not in LEFT_OUT]
    soups = {page.name: BeautifulSoup((site / f"{page.name}.html").read_text("utf-8"), "html.parser") for page in pages}
    articles = {page.name: _article(soups[page.name], page) for page in pages}
    for page in pages:
        _join(articles[page.name], page, {f"{other.name}.html": other.stem for other in pages})
    head = _head(soups[next(page.name for page in pages if page.notebook)], pages[0])
    body = "".join(f'<section class="chapter" id="{page.stem}">{articles[page.name]}</section>' for page in pages)
    return (
        f'<!DOCTYPE html>\n<html lang="en" data-theme="light" class="whole-book"><head>{head}</head>\n'
        f'<body><div class="bd-main"><div class="bd-content">{_cover(root)}{_contents(pages, articles)}'
        f'<article class="bd-article">{body}</article></div></div></body></html>\n'
    )


def _article(soup: BeautifulSoup, page: Chapter) -> Tag:
    article = soup.select_one("article.bd-article")
    if article is None:
        raise BookError(f"{page.name}: expected an article in the built page, found none")
    return article


def _join(article: Tag, page: Chapter, stems: dict[str, str]) -> None:
    """Make the ids of a page its own, and its links lead into the one document."""
    for element in article.select(_GONE):
        element.decompose()
    for details in article.find_all("details"):
        details["open"] = ""
    for element in article.find_all(id=True):
        if not element.find_parent("svg"):  # these are unique in the book
            element["id"] = f"{page.stem}--{element['id']}"
    folder = posixpath.dirname(page.name)
    for element in article.find_all(src=True):
        element["src"] = posixpath.normpath(posixpath.join(folder, str(element["src"])))
    for link in article.find_all("a", href=True):
        address, _, fragment = str(link["href"]).partition("#")
        target = posixpath.normpath(posixpath.join(folder, address)) if address else f"{page.name}.html"
        if ":" in address:
            continue
        if target in stems:
            link["href"] = f"#{stems[target]}--{fragment}" if fragment else f"#{stems[target]}"
        else:
            link.unwrap()  # a file beside the site is nowhere on paper


def _head(soup: BeautifulSoup, page: Chapter) -> str:
    """The style sheets of the site and its MathJax."""
    up = "../" * page.name.count("/")
    kept = soup.head.select("link[rel~=stylesheet], script") if soup.head else []
    told = [str(tag) for tag in kept if tag.name == "link" or "mathjax" in f"{tag.get('src')}{tag.string}".lower()]
    title = soup.title.string.rpartition("—")[2].strip() if soup.title and soup.title.string else ""
    return f'<meta charset="utf-8"><title>{escape(title)}</title>' + "".join(told).replace(f'"{up}_static', '"_static')


def _cover(root: Path) -> str:
    config = yaml.safe_load((root / "_config.yml").read_text("utf-8"))
    url = config["repository"]["url"]
    return (
        f'<header class="cover"><img src="_static/logo.svg" alt=""><h1>{escape(config["title"])}</h1>'
        f"<p>{escape(config['author'])}</p>"
        f'<p>Built from commit {escape(commit())} of <a href="{url}">{url}</a></p></header>'
    )


def _contents(pages: list[Chapter], articles: dict[str, Tag]) -> str:
    """Titles of the pages and of their sections."""
    lines = []
    for page in pages:
        title = articles[page.name].find("h1")
        sections = [
            f'<li><a href="#{heading.parent["id"]}">{heading.decode_contents()}</a></li>'
            for heading in articles[page.name].find_all("h2")
            if heading.parent and heading.parent.get("id") and page.number
        ]
        inner = f"<ol>{''.join(sections)}</ol>" if sections else ""
        lines.append(f'<li><a href="#{page.stem}">{title.decode_contents() if title else page.stem}</a>{inner}</li>')
    return f'<nav class="book-contents"><h1>Contents</h1><ol>{"".join(lines)}</ol></nav>'


def _print(browser: str, page: Path, to: Path) -> None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        options = ["--no-sandbox", "--allow-file-access-from-files"]
        with playwright.chromium.launch(executable_path=browser, args=options) as running:
            tab = running.new_page()
            tab.set_default_timeout(600_000)  # some thousand formulas
            tab.goto(page.as_uri())
            tab.evaluate("async () => { await MathJax.startup.promise; await MathJax.typesetPromise(); }")
            tab.evaluate("() => document.fonts.ready")
            tab.pdf(path=to, format="A4", prefer_css_page_size=True, print_background=True, outline=True, tagged=True)
