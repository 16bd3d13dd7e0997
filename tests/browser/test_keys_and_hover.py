"""What a reader does: search, follow a link, open a solution, point at a theorem, print, take a notebook along."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from browsing import Visit
from playwright.sync_api import Page

pytestmark = pytest.mark.browser

CHAPTER = "book/convergence.html"
SHORT = "book/learnable_functions.html"

IN_VIEW = """
(id) => {
  const box = document.getElementById(id).getBoundingClientRect();
  return box.width > 0 && box.top >= -1 && box.top < innerHeight / 2;
}
"""


def lands(page: Page, name: str) -> None:
    """Wait until the element stands in the upper half of the window, also after all formulas there are set."""
    page.wait_for_function("!window.MathJax || document.documentElement.dataset.typeset === 'shown'")
    page.wait_for_function(IN_VIEW, arg=name, timeout=5000)


@pytest.mark.parametrize(
    ("words", "first", "part"),
    [
        ("frozen kernel", "convergence", "a07"),
        ("patience of eigenvectors", "convergence", "ex-patience"),
        ("clipping costs", "kernel", "ex-clipping"),
    ],
)
def test_search_for_a_statement_leads_to_it(open_page: Callable[..., Visit], words: str, first: str, part: str):
    visit = open_page(f"search.html?q={words}")
    link = visit.page.locator(f"#search-results a[href*='{first}.html#{part}']").first
    link.wait_for(timeout=10_000)
    link.click()
    lands(visit.page, part)


def test_search_for_words_of_the_text_leads_to_sections_of_chapters_first(open_page: Callable[..., Visit]):
    visit = open_page("search.html?q=eigenvalue")
    parts = visit.page.locator("#search-results .search-parts a")
    parts.first.wait_for(timeout=10_000)
    addresses = visit.page.locator("#search-results ul.search > li > a").evaluate_all("all => all.map((a) => a.href)")
    assert "api.html" not in "".join(addresses[:5])
    leads = parts.first.get_attribute("href") or ""
    parts.first.click()
    lands(visit.page, leads.partition("#")[2])


def test_excerpts_begin_at_the_words_that_were_looked_for_and_not_at_buttons(open_page: Callable[..., Visit]):
    """The stem of this word stands nowhere in the text."""
    excerpts = open_page("search.html?q=parity").page.locator("#search-results p.context")
    excerpts.first.wait_for(timeout=10_000)
    told = excerpts.all_inner_texts()
    assert [text for text in told if "Binder" in text] == []
    assert any("parity" in text.lower() for text in told)


def test_theorems_exercises_and_terms_are_in_the_index(open_page: Callable[..., Visit]):
    text = open_page("genindex.html").page.locator("article").inner_text()
    for entry in ("Frozen kernel", "The patience of eigenvectors", "neural tangent kernel", "spectral_norm()"):
        assert entry in text


def test_a_solution_says_whose_it_is_and_opens_by_keyboard(open_page: Callable[..., Visit]):
    page = open_page(CHAPTER).page
    summary = page.locator("details.solution > summary").first
    assert summary.inner_text().strip().startswith("Solution to Exercise 2.1 (The patience of eigenvectors)")
    body = page.locator("details.solution p").first
    assert not body.is_visible()
    summary.focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    assert summary.evaluate("(line) => line === document.activeElement")
    assert summary.evaluate("(line) => parseFloat(getComputedStyle(line).outlineWidth)") >= 2
    page.keyboard.press("Enter")
    assert body.is_visible()


def test_a_link_to_an_exercise_lands_at_the_exercise(open_page: Callable[..., Visit]):
    page = open_page("book/clustered_data.html").page
    links = page.locator("article p a[href*='#ex-']:not(.headerlink)").evaluate_all("all => all.map((a) => a.href)")
    assert links
    for link in dict.fromkeys(links):
        page.goto("about:blank")
        page.goto(link)
        lands(page, link.partition("#")[2])


@pytest.mark.parametrize("part", ["a07", "equation-eq-sum", "fig-rate", "ex-edge"])
def test_a_link_lands_where_it_leads_while_formulas_are_set(open_page: Callable[..., Visit], part: str):
    page = open_page(f"{CHAPTER}#{part}").page
    lands(page, part)


@pytest.mark.parametrize(
    ("name", "link", "shows"),
    [
        ("convergence", "a[href='#a03']", ".proof"),
        ("convergence", "a[href='#equation-eq-sum']", "div.math mjx-container"),
        ("kernel", "a[href='#fig-parallel']", "figure svg"),
        ("convergence", "a[href*='references.html#']", ".citation"),
        ("convergence", "a[href*='kernel.html#']", "*"),
    ],
    ids=["theorem", "equation", "figure", "citation", "from another page"],
)
def test_a_link_shows_what_it_leads_to_on_hover_and_on_focus(
    open_page: Callable[..., Visit], name: str, link: str, shows: str
):
    page = open_page(f"book/{name}.html").page
    tip = page.locator("#tip")
    anchor = page.locator(f"article {link}:not(.headerlink)").first
    anchor.scroll_into_view_if_needed()
    anchor.hover()
    page.locator(f"#tip:not([hidden]) {shows}").first.wait_for(timeout=5000)
    page.wait_for_function("!document.getElementById('tip').innerText.includes('\\\\(')")
    assert tip.locator("[id]").count() == 0
    page.keyboard.press("Escape")
    assert tip.is_hidden()
    page.mouse.move(0, 0)
    anchor.focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    tip.wait_for(state="visible", timeout=5000)
    assert anchor.get_attribute("aria-describedby") == "tip"
    page.keyboard.press("Escape")
    assert tip.is_hidden()


@pytest.mark.parametrize("name", ["genindex.html", "book/build.html", "book/references.html"])
def test_a_page_without_formulas_loads_no_mathjax(open_page: Callable[..., Visit], name: str):
    visit = open_page(name)
    assert visit.page.locator(".math").count() == 0
    assert not [response.url for response in visit.bodies if "mathjax" in response.url]


def test_print_shows_solutions_and_formulas_and_no_empty_box(open_page: Callable[..., Visit]):
    page = open_page(SHORT).page
    page.wait_for_function("document.documentElement.dataset.typeset === 'shown'")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    empty = page.evaluate(
        """() => [...document.querySelectorAll("article :is(div, details, section)")].filter((box) => {
          const style = getComputedStyle(box);
          const drawn = parseFloat(style.borderTopWidth) > 0 || parseFloat(style.borderLeftWidth) > 0;
          return drawn && box.getClientRects().length > 0 && box.offsetHeight > 30
            && !box.innerText.trim() && !box.querySelector("img, svg, canvas, mjx-container");
        }).map((box) => box.outerHTML.slice(0, 200))"""
    )
    assert empty == []
    assert page.locator("details.solution:not([open])").count() == 0
    assert "\\(" not in "".join(page.locator("article .math").all_text_contents())


def test_the_notebook_to_download_runs(open_page: Callable[..., Visit], tmp_path: Path):
    page = open_page("book/kernel.html").page
    with page.expect_download() as coming:
        page.locator("a[href$='notebooks/kernel.ipynb']").first.evaluate(
            "(link) => { link.download = ''; link.click(); }"
        )
    taken = tmp_path / "kernel.ipynb"
    coming.value.save_as(taken)
    command = [sys.executable, "-m", "papermill", "--no-progress-bar", str(taken), str(tmp_path / "ran.ipynb")]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
