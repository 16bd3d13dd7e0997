"""A real browser, and the built site served from this machine."""

import functools
import threading
from collections.abc import Callable, Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest
from browsing import CHROMIUM, SITE, Visit
from playwright.sync_api import Browser, ConsoleMessage, Request, Response, sync_playwright


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    """Serve the site on a free port and hand out its address, with a slash at its end."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=SITE))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start Chromium; names of other hosts lead nowhere."""
    if CHROMIUM is None:
        pytest.skip("expected a browser, found none; on Debian or Ubuntu: apt-get install chromium")
    if not (SITE / "index.html").is_file():
        pytest.skip(f"expected a site at {SITE}, found none; make book")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]
        )
        yield started
        started.close()


@pytest.fixture(scope="session")
def open_page(browser: Browser, address: str) -> Iterator[Callable[..., Visit]]:
    """Hand out a function that opens a page: ``open_page(name, scheme="light", width=1280)``."""
    contexts = {}

    def opened(name: str, scheme: str = "light", width: int = 1280) -> Visit:
        if (scheme, width) not in contexts:
            contexts[scheme, width] = browser.new_context(
                color_scheme="dark" if scheme == "dark" else "light",
                viewport={"width": width, "height": 844 if width < 600 else 900},
                accept_downloads=True,
            )
        visit = Visit(contexts[scheme, width].new_page())

        def asked(request: Request) -> None:
            if urlsplit(request.url).scheme in ("http", "https") and not request.url.startswith(address):
                visit.foreign.append(request.url)

        def answered(response: Response) -> None:
            visit.bodies.append(response)
            if response.status >= 400:
                visit.missing.append(f"{response.status} {response.url}")

        def said(message: ConsoleMessage) -> None:
            if message.type == "error":
                visit.errors.append(message.text)

        visit.page.on("request", asked)
        visit.page.on("response", answered)
        visit.page.on("console", said)
        visit.page.on("pageerror", lambda error: visit.errors.append(str(error)))
        visit.page.goto(address + name)
        return visit

    yield opened
    for context in contexts.values():
        context.close()
