"""Each rule of the pages can be broken, and what looks alike but is allowed passes."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ntkbook.book.verify import known_scripts, page_problems, verify

FETCHES = [
    '<script src="https://cdn.example.org/mathjax.js"></script>',
    '<script src="//cdn.example.org/mathjax.js"></script>',
    '<link rel="stylesheet" href="https://example.org/a.css">',
    '<link rel="preload" as="font" href="https://example.org/a.woff">',
    '<link rel="preconnect" href="https://example.org">',
    '<link rel="shortcut icon" href="https://example.org/a.ico">',
    '<img alt="" src="https://example.org/a.png">',
    '<img alt="" src="a.png" srcset="a.png 1x, https://example.org/b.png 2x">',
    '<iframe src="https://example.org"></iframe>',
    '<video poster="http://example.org/a.png"></video>',
    '<video><source src="https://example.org/a.mp4"></video>',
    '<svg><image href="https://example.org/a.png"/></svg>',
    '<p style="background: url(https://example.org/a.png)">x</p>',
    "<style>@import 'https://example.org/a.css';</style>",
    '<script>fetch("https://example.org/data.json")</script>',
    '<script type="module">import x from "https://example.org/x.js"</script>',
    '<script>s.src = "https://example.org/x.js"</script>',
]

FOREIGN = [
    "<script>alert(1)</script>",
    "<SCRIPT >alert(1)</SCRIPT>",
    '<script type="module">alert(1)</script>',
    "<script>startTheTheme() // and more</script>",
    "<script>DOCUMENTATION_OPTIONS.pagename = 'book/other';</script>",
    '<script>window.MathJax = {"loader": {"load": ["//example.org/x.js"]}}</script>',
    "<script>window.MathJax = alert(1)</script>",
    '<svg><script>alert(1)</script></svg><p title="x">',
    '<script src="../_images/a.js"></script>',
    '<script src="../_static/../book/a.js"></script>',
    '<img alt="" src="../_static/a.png" onerror="alert(1)">',
    '<svg onload="alert(1)"></svg>',
    '<a href="javascript:alert(1)">x</a>',
    '<a href=" java&#10;script:alert(1)">x</a>',
    '<iframe srcdoc="x"></iframe>',
    '<base href="../">',
    "<script>alert(1)",
]

RAW = [
    '<span class="pasted-inline">np.float64(0.12)</span>',
    '<div class="cell_output"><div class="output highlight"><pre>tensor([1.])</pre></div></div>',
    "<p>loss <span>tensor(</span>0.5)</p>",
    '<div class="output traceback highlight"><pre>ZeroDivisionError</pre></div>',
    '<a href="missing.ipynb">download</a>',
]

ALLOWED = [
    '<a href="https://example.org">a plain link</a>',
    '<link rel="canonical" href="https://example.org/page.html">',
    '<link rel="stylesheet" href="../_static/a.css?digest=1">',
    "<script>startTheTheme()</script>",
    "<script>DOCUMENTATION_OPTIONS.pagename = 'book/kernel';</script>",
    '<script>window.MathJax = {"options": {"processHtmlClass": "math"}}</script>',
    '<script type="application/json">{"any": "data"}</script>',
    '<script src="../_static/a.js?digest=1"></script>',
    '<button onclick="window.print()">print</button>',
    "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>",
    '<div class="cell_input"><div class="highlight"><pre>torch.tensor(x); np.float64(x)</pre></div></div>',
    "<p>Write <code>np.float64(x)</code>, or torch.tensor(x).</p>",
    '<a href="#below">below</a><a href="mailto:a@example.org">mail</a>',
]


SEARCH = """
<script>startTheTheme()</script><script>DOCUMENTATION_OPTIONS.pagename = 'search';</script>
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    for name in ("index.html", "_static/a.js", "_static/a.css", "_static/a.png", "_images/a.js", "book/a.js"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    (tmp_path / "search.html").write_text(SEARCH)
    return tmp_path


def problems(html: str, site: Path) -> list[str]:
    page = site / "book" / "kernel.html"
    return page_problems(f"<html><body>{html}</body></html>", page, site, known_scripts(site))


@pytest.mark.parametrize("html", FETCHES + RAW + FOREIGN)
def test_forbidden_content_is_found(html: str, site: Path):
    assert problems(html, site)


@pytest.mark.parametrize("html", ALLOWED)
def test_allowed_content_passes(html: str, site: Path):
    assert problems(html, site) == []


@pytest.mark.slow
@given(st.text(st.sampled_from("<>/ scriptSCRIPT=\"'!-\n\0a(1)&;"), max_size=60))
def test_no_script_is_overlooked_however_it_is_written(noise: str):
    """Whatever stands before it: a script that runs, or the end of one that hides it, is a problem or plain text."""
    html = f"<html><body>{noise}<script>alert(1)</script></body></html>"
    assert page_problems(html, Path("/site/book/a.html"), Path("/site"), set())


def test_a_problem_names_its_page(site: Path):
    (site / "book" / "kernel.html").write_text(FETCHES[2])
    (site / "_static" / "a.css").write_text("body { background: url('https://example.org/a.png') }")
    named = [problem.split(":")[0] for problem in verify(site)]
    assert named == ["_static/a.css", "book/kernel.html"]


def test_a_site_without_pages_is_no_site(tmp_path: Path):
    assert verify(tmp_path) == ["expected a page index.html, found none"]


def test_addresses_of_the_page_for_what_is_not_found_start_at_the_root_of_the_server(site: Path):
    page = site / "404.html"
    page.write_text('<a href="/there/index.html"></a><script src="/there/_static/missing.js"></script>')
    assert verify(site) == ["404.html: expected a file at _static/missing.js, found none"]
