"""The directive that puts an explorer into a page, and what a plain notebook shows in its place."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from pages import EXPLORERS, NAMES, STATIC

from ntkbook.book.names import Names
from ntkbook.book.plain import plain

BOOK = STATIC.parent
PLACE = "```{{explorer}} {name}\nA *caption*.\n```\n"


def build(folder: Path, **pages: str) -> dict[str, str]:
    """Let Sphinx render pages below a folder; returns their HTML."""
    source = folder / "source"
    source.joinpath("book").mkdir(parents=True)
    source.joinpath("conf.py").write_text(
        f"import sys\nsys.path.insert(0, {str(BOOK / '_ext')!r})\n"
        f"extensions = ['myst_parser', 'explorer']\nhtml_static_path = [{str(STATIC)!r}]\nroot_doc = 'book/one'\n"
    )
    for name, text in pages.items():
        source.joinpath("book", f"{name}.md").write_text(f"---\norphan: true\n---\n# {name}\n\n{text}")
    command = [sys.executable, "-m", "sphinx", "-W", "-q", str(source), str(folder / "site")]
    done = subprocess.run(command, text=True, capture_output=True, timeout=120, check=False)
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    return {name: (folder / "site" / "book" / f"{name}.html").read_text("utf-8") for name in pages}


def test_only_a_page_with_an_explorer_loads_it_in_place_of_the_still(tmp_path):
    pages = build(tmp_path, one=PLACE.format(name="kernel"), two="Nothing.")
    assert "explorers/" not in pages["two"]
    scripts = re.findall(r'<script type="module" src="(\S+?)(?:\?v=\w+)?"></script>', pages["one"])
    assert scripts == ["../_static/explorers/kernel/explorer.js"]
    assert (tmp_path / "site" / "book" / scripts[0]).resolve().is_file()
    assert "explorers/explorers.css" in pages["one"]
    assert EXPLORERS.joinpath("kernel", "still.svg").read_text("utf-8") in pages["one"]
    assert re.search(r"<figcaption><p>A <em>caption</em>.</p>\s*</figcaption>", pages["one"])


def test_an_unknown_explorer_is_named_with_those_there_are(tmp_path):
    with pytest.raises(RuntimeError, match=r"expected one of the explorers .*kernel.*, found kernels"):
        build(tmp_path, one=PLACE.format(name="kernels"))


def test_a_plain_notebook_quotes_the_caption():
    names = Names({}, {"eq-x": "(1.1)"}, {})
    found = plain("```{explorer} kernel\nDots, see {eq}`eq-x`.\n```", names, {})
    assert found.splitlines() == ["> **On the site this is a picture that one can move.**", ">", "> Dots, see (1.1)."]


def test_every_explorer_stands_in_a_chapter():
    text = "".join(path.read_text("utf-8") for path in sorted(BOOK.glob("*.md")))
    assert sorted(set(re.findall(r"^```\{explorer\} (\w+)$", text, re.MULTILINE))) == NAMES


def test_no_explorer_fetches_from_elsewhere():
    for path in sorted([*EXPLORERS.rglob("*.js"), *STATIC.joinpath("vendor", "d3").glob("*.js")]):
        found = re.findall(r"https?://[^\s\"'`)]+", path.read_text("utf-8"))
        assert {url for url in found if not url.startswith("http://www.w3.org/")} <= {"https://d3js.org"}, path
