"""Draw the stills: what each explorer shows at first, as the browser draws it. ``python tests/explorers/stills.py``."""

from pathlib import Path
from tempfile import TemporaryDirectory

from pages import CHROMIUM, EXPLORERS, NAMES, bare_page, served
from playwright.sync_api import Page, sync_playwright


def still(page: Page, address: str, name: str) -> str:
    """Open an explorer on a page of its own and return its drawing.

    Parameters
    ----------
    page : playwright Page
        Used for it.
    address : str
        Of the folder that is served.
    name : str
        Of the explorer.

    Returns
    -------
    str
        An SVG element.
    """
    page.goto(f"{address}/{name}.html")
    page.wait_for_selector(".explorer-says:not(:empty)")
    return page.locator(".explorer-stage svg").evaluate("svg => svg.outerHTML") + "\n"


def main() -> None:
    """Draw all of them."""
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        for name in NAMES:
            bare_page(Path(folder), name)
        with served(Path(folder)) as address, playwright.chromium.launch(executable_path=CHROMIUM) as browser:
            page = browser.new_page()
            for name in NAMES:
                EXPLORERS.joinpath(name, "still.svg").write_text(still(page, address, name), encoding="utf-8")


if __name__ == "__main__":
    main()
