"""Each rule of the pages can be broken, and what looks alike but is allowed passes."""

from pathlib import Path

import pytest

from ntkbook.book.verify import page_problems, verify

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
    '<link rel="stylesheet" href="a.css?digest=1">',
    '<script>window.open("https://example.org")</script>',
    '<div class="cell_input"><div class="highlight"><pre>torch.tensor(x); np.float64(x)</pre></div></div>',
    "<p>Write <code>np.float64(x)</code>, or torch.tensor(x).</p>",
    '<a href="#below">below</a><a href="mailto:a@example.org">mail</a>',
]


@pytest.fixture
def site(tmp_path: Path) -> Path:
    for name in ("index.html", "a.css", "a.png"):
        (tmp_path / name).write_text("")
    return tmp_path


@pytest.mark.parametrize("html", FETCHES + RAW)
def test_forbidden_content_is_found(html: str, site: Path):
    assert len(page_problems(f"<html><body>{html}</body></html>", site / "index.html")) == 1


@pytest.mark.parametrize("html", ALLOWED)
def test_allowed_content_passes(html: str, site: Path):
    assert page_problems(f"<html><body>{html}</body></html>", site / "index.html") == []


def test_a_problem_names_its_page(site: Path):
    (site / "book").mkdir()
    (site / "book" / "kernel.html").write_text(FETCHES[0])
    (site / "a.css").write_text("body { background: url('https://example.org/a.png') }")
    named = [problem.split(":")[0] for problem in verify(site)]
    assert named == ["a.css", "book/kernel.html"]


def test_a_site_without_pages_is_no_site(tmp_path: Path):
    assert verify(tmp_path) == ["expected a page index.html, found none"]


def test_addresses_of_the_page_for_what_is_not_found_start_at_the_root_of_the_server(site: Path):
    page = site / "404.html"
    page.write_text('<a href="/there/index.html"></a><script src="/there/_static/missing.js"></script>')
    assert verify(site) == ["404.html: expected a file at _static/missing.js, found none"]
