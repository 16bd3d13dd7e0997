"""What holds of every page on a phone, 390 pixels wide."""

from collections.abc import Callable, Iterator

import pytest
from browsing import Visit, pages

pytestmark = pytest.mark.browser

WIDTH = 390

TOO_WIDE = """
() => {
  // A sign that there is more: an edge that fades, a shadow, a mark, or a scroll bar that takes up room.
  const marked = (box) => {
    const drawn = ({ backgroundImage, maskImage, boxShadow }) =>
      [backgroundImage, maskImage, boxShadow].some((value) => value !== "none");
    const written = ({ content, display }) => !["none", "normal"].includes(content) && display !== "none";
    return drawn(getComputedStyle(box)) || box.offsetHeight - box.clientHeight > 3 ||
      ["::before", "::after"].some((part) => written(getComputedStyle(box, part)));
  };
  // Where what an element holds ends, and what cuts it off: a box that scrolls, one that hides, or the window.
  const fate = (element) => {
    const block = element.clientWidth > 0 ? element.scrollWidth : 0;
    const { left, right } = element.getBoundingClientRect();
    const end = Math.max(right, left + block);
    for (let box = element; box && box !== document.body; box = box.parentElement) {
      const { overflowX } = getComputedStyle(box);
      if (overflowX === "visible" || end <= box.getBoundingClientRect().right + 1) continue;
      if (overflowX === "hidden" || overflowX === "clip") return "its end cannot be reached";
      return marked(box) || box.matches("pre") ? null : "nothing shows that there is more";
    }
    return end <= innerWidth + 1 ? null : "it leaves the page";
  };
  const lost = [];
  for (const element of document.querySelectorAll("article :is(mjx-container, table, figure, img, svg, pre)")) {
    if (element.parentElement.closest("svg") || element.getClientRects().length === 0) continue;
    const what = fate(element);
    const said = element.textContent.trim().slice(0, 60).replace(/\\s+/g, " ");
    if (what) lost.push(`${element.tagName.toLowerCase()} ${element.id} "${said}": ${what}`);
  }
  return lost;
}
"""

SMALL_TEXT = """
() => {
  const small = [];
  for (const svg of document.querySelectorAll("article svg")) {
    if (svg.getBoundingClientRect().width < 100) continue; // an icon
    for (const text of svg.querySelectorAll("text")) {
      const scale = Math.hypot(text.getScreenCTM().a, text.getScreenCTM().b);
      const size = parseFloat(getComputedStyle(text).fontSize) * scale;
      if (text.textContent.trim() && size < 9.95) small.push(`${text.textContent.trim()}: ${size.toFixed(1)} px`);
    }
  }
  return small;
}
"""

PICTURES = """
() => [...document.querySelectorAll("article figure img, article .cell_output img")]
  .filter((image) => image.getClientRects().length > 0)
  .map((image) => ({ address: image.currentSrc || image.src, width: image.getBoundingClientRect().width }))
"""

TEXT_OF_A_PICTURE = """
async ({ address, width }) => {
  const drawn = new DOMParser().parseFromString(await (await fetch(address)).text(), "image/svg+xml").documentElement;
  drawn.style.width = `${width}px`;
  drawn.removeAttribute("width");
  drawn.removeAttribute("height");
  document.body.append(drawn);
  const small = [];
  const texts = [...drawn.querySelectorAll("text")].filter((text) => text.textContent.trim());
  for (const text of texts) {
    const size = parseFloat(getComputedStyle(text).fontSize) * Math.hypot(text.getScreenCTM().a, text.getScreenCTM().b);
    if (size < 9.95) small.push(`${text.textContent.trim()}: ${size.toFixed(1)} px`);
  }
  drawn.remove();
  return texts.length > 0 ? small : ["its text is drawn as outlines"];
}
"""


@pytest.fixture(scope="module", params=pages())
def phone(request: pytest.FixtureRequest, open_page: Callable[..., Visit]) -> Iterator[Visit]:
    visit = open_page(request.param, width=WIDTH)
    visit.page.evaluate("document.querySelectorAll('details').forEach((element) => { element.open = true; })")
    visit.typeset()
    visit.picture(f"{request.param}-phone")
    yield visit
    visit.page.close()


def test_the_page_does_not_scroll_sideways(phone: Visit):
    assert phone.page.evaluate("document.documentElement.scrollWidth") <= WIDTH


def test_what_is_wider_than_its_column_scrolls_and_shows_it(phone: Visit):
    assert phone.page.evaluate(TOO_WIDE) == []


def test_text_in_figures_is_text_of_at_least_ten_pixels(phone: Visit):
    small = phone.page.evaluate(SMALL_TEXT)
    for picture in phone.page.evaluate(PICTURES):
        if ".svg" in picture["address"]:
            small += [f"{picture['address']}: {said}" for said in phone.page.evaluate(TEXT_OF_A_PICTURE, picture)]
    assert small == []
