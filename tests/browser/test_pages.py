"""What holds of every page, in light and in dark."""

import gzip
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from browsing import Visit, pages

pytestmark = pytest.mark.browser

PRUNED = 40
"""Entries of the package's reference and of the index that stand for the others: all are made by one template."""

CODE = "book/kernel.html"
"""The page whose code stands for that of all pages: the colours are those of one style."""

HEAVIEST = 1_000_000
"""Bytes of a page with all that it loads, compressed as a server sends it."""

COMPRESSED = (".woff", ".woff2", ".png", ".jpg", ".webp")


@pytest.fixture(scope="module", params=pages())
def seen(request: pytest.FixtureRequest, open_page: Callable[..., Visit]) -> Iterator[Visit]:
    visit = open_page(request.param)
    visit.typeset()
    visit.picture(f"{request.param}-light")
    yield visit
    visit.page.emulate_media(color_scheme="dark")
    visit.picture(f"{request.param}-dark")
    visit.page.close()


def test_nothing_is_asked_of_another_site(seen: Visit):
    assert seen.foreign == []


def test_every_file_asked_for_is_there(seen: Visit):
    assert seen.missing == []


def test_the_console_reports_no_error(seen: Visit):
    assert seen.errors == []


def test_a_page_with_all_it_loads_is_at_most_a_megabyte(seen: Visit):
    weights = {}
    for response in seen.bodies:
        body = response.body()
        weights[response.url] = len(body if response.url.endswith(COMPRESSED) else gzip.compress(body))
    assert sum(weights.values()) <= HEAVIEST, sorted(weights.items(), key=lambda item: -item[1])[:8]


def test_no_id_stands_twice(seen: Visit):
    ids = seen.page.evaluate("[...document.querySelectorAll('[id]')].map((element) => element.id)")
    assert [name for name, count in Counter(ids).items() if count > 1] == []


BOXES = """
() => [...document.querySelectorAll("article .admonition")]
  .map((box) => [box, getComputedStyle(box)])
  .filter(([, { position, display }]) => ["absolute", "fixed"].includes(position) || display === "none")
  .map(([box]) => box.textContent.trim().slice(0, 60))
"""


def test_every_box_of_text_has_its_place_in_the_text_and_on_paper(seen: Visit):
    on_screen = seen.page.evaluate(BOXES)
    seen.page.emulate_media(media="print")
    on_paper = seen.page.evaluate(BOXES)
    seen.page.emulate_media(media="screen")
    assert (on_screen, on_paper) == ([], [])


def test_formulas_speak_and_are_no_tab_stops(seen: Visit):
    """Each holds MathML for screen readers; those that scroll must be reached to be read."""
    silent, stops = seen.page.evaluate(
        """() => {
          const formulas = [...document.querySelectorAll("mjx-container")];
          const within = formulas.flatMap((formula) => [formula, ...formula.querySelectorAll("*")]);
          return [
            formulas.filter((formula) => !formula.querySelector("mjx-assistive-mml math")).length,
            within.filter((part) => part.tabIndex >= 0 && part.scrollWidth <= part.clientWidth).length,
          ];
        }"""
    )
    assert (silent, stops) == (0, 0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(seen: Visit, scheme: Literal["light", "dark"]):
    """Each thing is looked at once: in dark only colours, code on one page, and no insides of formulas."""
    seen.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    seen.page.wait_for_function("(scheme) => document.documentElement.dataset.theme === scheme", arg=scheme)
    for entries in ("dl.py", "table.indextable li"):
        seen.page.evaluate(f"document.querySelectorAll('{entries}').forEach((one, i) => i < {PRUNED} || one.remove())")
    options: dict[str, object] = {"resultTypes": ["violations"], "preload": False}
    if scheme == "dark":
        options["runOnly"] = ["color-contrast", "link-in-text-block"]
    seen_elsewhere = [["mjx-container"]] if CODE in seen.page.url else [["mjx-container"], [".highlight"]]
    found = Axe().run(seen.page, {"exclude": seen_elsewhere}, options).response["violations"]
    serious = [
        f"{rule['id']} ({rule['impact']}): {node['html'][:200]} {node.get('failureSummary', '')}"
        for rule in found
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
    ]
    assert serious == []
