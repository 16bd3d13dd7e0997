"""How long a reader with a slow machine waits for the formulas."""

import pytest
from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

LONGEST = "book/three_layer_learning.html"

SLOWER = 4
"""A phone of the middle class beside a desktop, by Chromium's own throttling."""


def processor_time(browser: Browser, address: str, formulas: bool) -> float:
    """Seconds of processor time of a page until all that is in sight is there; other work does not count."""
    page = browser.new_page()
    page.add_init_script("window.requestIdleCallback = () => 0")  # what is done later, when idle, does not count either
    if not formulas:
        page.route("**/mathjax/**", lambda route: route.abort())
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    session.send("Performance.enable")
    page.goto(address)
    if formulas:
        page.wait_for_function("document.documentElement.dataset.typeset === 'shown'", timeout=60_000)
    measured = {entry["name"]: entry["value"] for entry in session.send("Performance.getMetrics")["metrics"]}
    page.close()
    return measured["ThreadTime"]


@pytest.mark.parametrize("part", ["", "#z07"], ids=["from the top", "at a theorem"])
def test_formulas_of_the_longest_chapter_cost_a_slow_machine_at_most_three_seconds(
    browser: Browser, address: str, part: str
):
    without, with_formulas = (processor_time(browser, address + LONGEST + part, formulas) for formulas in (False, True))
    assert with_formulas - without <= 3.0
