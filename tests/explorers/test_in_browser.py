"""Every explorer in headless Chromium, on a page of its own: keys, phone, both colour schemes, the still."""

import re
from collections.abc import Iterator

import pytest
from pages import CHROMIUM, EXPLORERS, NAMES, bare_page, served
from stills import still

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed"),
]

SENTENCE = ".explorer-says"
INPUTS = ".explorer-inputs :is(input, select, button)"


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM)
        yield found
        found.close()


@pytest.fixture(scope="module")
def address(tmp_path_factory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("explorers")
    for name in NAMES:
        bare_page(folder, name)
    with served(folder) as root:
        yield root


@pytest.fixture(params=NAMES)
def name(request) -> str:
    return request.param


@pytest.fixture
def opened(browser, address, name):
    """The page of an explorer at phone width, after its first drawing; it must say no error."""
    page = browser.new_page(viewport={"width": 390, "height": 844}, has_touch=True)
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{address}/{name}.html")
    page.wait_for_selector(f"{SENTENCE}:not(:empty)")
    yield page
    page.close()
    assert errors == []


def test_the_still_is_what_the_explorer_draws_first(browser, address, name):
    page = browser.new_page()
    assert still(page, address, name) == EXPLORERS.joinpath(name, "still.svg").read_text("utf-8")
    page.close()


def test_every_input_is_labelled_and_answers_to_keys(opened):
    inputs = opened.locator(INPUTS)
    opened.evaluate("document.activeElement.blur()")
    for index in range(inputs.count()):
        opened.keyboard.press("Tab")
        now = inputs.nth(index)
        assert now.evaluate("input => input === document.activeElement")
        assert now.evaluate("input => input.labels.length === 1 || input.textContent.length > 3")
        before = opened.locator("svg").get_attribute("aria-label")
        opened.keyboard.press(
            {"button": "Enter", "select-one": "ArrowDown"}.get(now.evaluate("i => i.type"), "ArrowRight")
        )
        opened.wait_for_function("before => document.querySelector('svg').ariaLabel !== before", arg=before)


def test_the_live_sentence_is_what_the_drawing_is_called(opened):
    assert opened.locator(SENTENCE).get_attribute("aria-live") == "polite"
    assert opened.locator("svg").get_attribute("role") == "img"
    assert opened.locator("svg").get_attribute("aria-label") == opened.locator(SENTENCE).inner_text()
    assert not re.search(r"NaN|undefined|Infinity", opened.locator("figure").inner_text())


def test_a_phone_shows_all_of_it_in_legible_type(opened):
    assert opened.evaluate("document.documentElement.scrollWidth") <= 390
    box = opened.locator("svg").bounding_box()
    assert box["width"] * 15 / 480 >= 10
    outside = opened.evaluate(
        """() => {
            const edge = document.querySelector("svg").getBoundingClientRect();
            const out = ({ left, right, top, bottom }) => left < edge.left - 1 || right > edge.right + 1
                || top < edge.top - 1 || bottom > edge.bottom + 1;
            const texts = [...document.querySelectorAll("svg text")];
            return texts.filter((text) => out(text.getBoundingClientRect())).map((text) => text.textContent);
        }"""
    )
    assert outside == []
    small = opened.locator(INPUTS).evaluate_all(
        "all => all.filter((one) => one.parentElement.offsetHeight < 44).length"
    )
    assert small == 0


@pytest.mark.parametrize(("theme", "ground"), [("light", (255, 255, 255)), ("dark", (18, 22, 28))])
def test_every_colour_stands_out_in_both_schemes(opened, theme, ground):
    opened.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)
    for kind in ("true", "random", "worst", "theory", "bound"):
        colour = opened.locator("figure").evaluate(f"figure => getComputedStyle(figure).getPropertyValue('--{kind}')")
        assert contrast(channels(colour), ground) >= 4.5


def settings(page):
    """The numbers that the ranges of an explorer say, as text."""
    return page.locator(".explorer-inputs output").all_inner_texts()


def test_the_second_input_of_the_kernel_can_be_dragged(browser, address):
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.goto(f"{address}/kernel.html")
    page.wait_for_selector(f"{SENTENCE}:not(:empty)")
    grip, rim = page.locator(".grip").bounding_box(), page.locator(".rim").bounding_box()
    assert settings(page)[0] == "60\u00b0"
    page.mouse.move(grip["x"] + grip["width"] / 2, grip["y"] + grip["height"] / 2)
    page.mouse.down()
    page.mouse.move(rim["x"] + rim["width"] / 2, rim["y"] + 20, steps=3)
    page.mouse.up()
    assert settings(page)[0] == "90\u00b0"
    page.mouse.move(rim["x"], rim["y"])
    assert settings(page)[0] == "90\u00b0"
    page.close()


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_who_wants_no_motion_sees_the_end_of_training_only(browser, address, motion):
    page = browser.new_page(viewport={"width": 390, "height": 844}, reduced_motion=motion)
    page.goto(f"{address}/clustered_data.html")
    page.wait_for_selector(f"{SENTENCE}:not(:empty)")
    page.locator(".explorer-inputs input").first.fill("20")
    page.evaluate(
        """() => {
            const svg = document.querySelector("svg");
            window.seen = new Set();
            new MutationObserver(() => seen.add(svg.ariaLabel)).observe(svg, { attributes: true });
        }"""
    )
    page.get_by_role("button", name="Train").click()
    page.wait_for_function("document.querySelector('svg').ariaLabel.includes('after 2000 steps')", timeout=120_000)
    steps = page.evaluate("[...seen].map((sentence) => Number(/after (\\d+) steps?/.exec(sentence)[1]))")
    between = [step for step in steps if 100 < step < 2000]
    assert (len(between) > 10) == (motion == "no-preference")
    page.close()


def channels(colour: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(colour.strip().removeprefix("#")))


def contrast(a, b) -> float:
    """Contrast of two colours as WCAG 2 defines it."""

    def luminance(rgb) -> float:
        linear = [c / 255 / 12.92 if c <= 10 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in rgb]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted([luminance(a), luminance(b)])
    return (high + 0.05) / (low + 0.05)
