"""Explorers on bare pages, served from a port of this machine: for tests and stills, without a build of the book."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

STATIC = Path(__file__).parents[2] / "book" / "_static"
EXPLORERS = STATIC / "explorers"
NAMES = sorted(path.parent.name for path in EXPLORERS.glob("*/explorer.js"))
CHROMIUM = shutil.which("chromium")
_PAGE = """<!doctype html><html data-theme="light"><meta charset="utf-8"><title>{name}</title>
<link rel="stylesheet" href="explorers/explorers.css">
<figure class="explorer" data-explorer="{name}"><div class="explorer-stage"></div></figure>
<script type="module" src="explorers/{name}/explorer.js"></script></html>"""


def bare_page(folder: Path, name: str) -> None:
    """Write a page with one explorer and nothing else, and what it loads beside it.

    Parameters
    ----------
    folder : path
        Where to write.
    name : str
        Of the explorer.
    """
    for part in ("explorers", "vendor"):
        if not folder.joinpath(part).exists():
            folder.joinpath(part).symlink_to(STATIC / part)
    folder.joinpath(f"{name}.html").write_text(_PAGE.format(name=name), encoding="utf-8")


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder while the context lasts.

    Parameters
    ----------
    folder : path
        Its root.

    Yields
    ------
    str
        Its address.
    """
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
