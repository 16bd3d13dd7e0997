"""The explorers where they stand: in their pages, by keys, on a phone, in both schemes, without scripts."""

import re
from collections.abc import Callable, Iterator

import pytest

pytest.importorskip("browsing", reason="the fixtures of the built site are not there")

from axe_playwright_python.sync_playwright import Axe
from browsing import SITE, Visit, pages
from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

PAGES = [name for name in pages() if 'class="explorer"' in (SITE / name).read_text("utf-8")]
INPUTS = ".explorer-inputs :is(input, select, button)"


@pytest.fixture(params=[("light", 390), ("dark", 390), ("dark", 1280)], ids=str)
def look(request) -> tuple[str, int]:
    return request.param


@pytest.fixture(params=PAGES)
def seen(request, look, open_page: Callable[..., Visit]) -> Iterator[Visit]:
    visit = open_page(request.param, *look)
    visit.page.wait_for_selector(".explorer-says:not(:empty)")
    visit.page.locator("figure.explorer").first.scroll_into_view_if_needed()
    yield visit
    assert [url for url in [*visit.missing, *visit.foreign] if "explorers" in url or "vendor" in url] == []
    visit.page.close()


def test_keys_move_every_explorer_and_its_sentence(seen: Visit):
    inputs = seen.page.locator(INPUTS)
    inputs.first.focus()
    for index in range(inputs.count()):
        now = inputs.nth(index)
        assert now.evaluate("input => input === document.activeElement")
        before = seen.page.locator(".explorer-stage svg").get_attribute("aria-label")
        kind = now.evaluate("input => input.type")
        seen.page.keyboard.press({"button": "Enter", "select-one": "ArrowDown"}.get(kind, "ArrowRight"))
        moved = "before => document.querySelector('.explorer-stage svg').ariaLabel !== before"
        seen.page.wait_for_function(moved, arg=before)
        seen.page.keyboard.press("Tab")


def test_axe_finds_nothing_in_an_explorer(seen: Visit):
    found = Axe().run(seen.page, context="figure.explorer", options={"rules": {"region": {"enabled": False}}})
    told = [f"{one['id']}: {node['html'][:120]}" for one in found.response["violations"] for node in one["nodes"]]
    assert told == []


@pytest.mark.parametrize("name", PAGES)
def test_without_scripts_a_still_and_its_caption_are_there(browser: Browser, address: str, name: str):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address + name)
    figure = page.locator("figure.explorer").first
    assert figure.locator(".explorer-stage svg[role=img]").is_visible()
    assert re.search(r"\d", figure.locator(".explorer-stage svg").get_attribute("aria-label") or "")
    assert figure.locator("input, select, button").count() == 0
    assert figure.locator(".explorer-still").is_visible()
    assert len(figure.locator("figcaption").inner_text()) > 80
    context.close()
