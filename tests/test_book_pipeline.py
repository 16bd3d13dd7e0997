"""Whole builds of a toy book, with papermill and Sphinx."""

import html
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import nbformat
import pytest
import yaml
from toybook import edit, write_toy_book

from ntkbook.book import BookError, build
from ntkbook.book.chapters import read_chapters
from ntkbook.book.names import read_names

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = write_toy_book(tmp_path_factory.mktemp("book"))
    build(root)
    return root


@pytest.fixture
def toy(built: Path):
    """Hand out the built toy book, and put its chapter back when the test is over."""
    one = built / "book" / "one.md"
    source = one.read_text()
    yield built
    one.write_text(source)


def runs(root: Path) -> int:
    return len((root / "runs.txt").read_text().splitlines())


def page(root: Path, name: str = "one") -> str:
    return (root / "_build" / "site" / "book" / f"{name}.html").read_text()


def test_a_site_shows_outputs_hides_parameters_and_lists_its_runs(toy: Path):
    assert "profile is quick" in page(toy)
    assert "device = " not in page(toy).replace("</span>", "").replace('<span class="o">', "")
    assert "injected" not in page(toy)
    assert re.search(r"Run on.*\d{4}-\d\d-\d\d \d\d:\d\d", page(toy, "build"), re.DOTALL)
    assert "The answer is 0.33." in re.sub("<.*?>", "", page(toy))
    assert (toy / "_build" / "site" / "_static" / "mathjax" / "tex-chtml.js").is_file()


def test_only_pages_with_formulas_load_mathjax(toy: Path):
    assert "tex-chtml.js" in page(toy)
    assert "typeset.js" in page(toy)
    without = (toy / "_build" / "site" / "search.html").read_text()
    assert "tex-chtml.js" not in without
    assert "typeset.js" not in without


def test_every_button_leads_to_a_path_that_exists(toy: Path):
    text = page(toy)
    assert "/edit/main/book/one.md" in text
    assert "/blob/notebooks/book/one.ipynb" in text
    assert "/notebooks?urlpath=lab/tree/book/one.ipynb" in text
    assert 'href="../_static/notebooks/one.ipynb"' in text
    assert 'href="../_sources' not in text
    assert "../_sources/book/intro.md" in page(toy, "intro")
    assert "/edit/main/book/intro.md" in page(toy, "intro")
    assert "colab" not in page(toy, "intro")


def test_no_line_can_start_with_punctuation_a_percent_sign_or_a_value(toy: Path):
    text = html.unescape(page(toy, "build"))
    assert re.search(r'<span class="joined"><span class="math[^>]*>\\\(n\\\)</span>,</span>', text)
    assert re.search(r"d=\\\)</span>\N{NO-BREAK SPACE}<strong>5</strong> or 33\N{NO-BREAK SPACE}%", text)


def test_the_site_tells_others_what_it_is(toy: Path):
    site = toy / "_build" / "site"
    base = yaml.safe_load((toy / "_config.yml").read_text())["html"]["baseurl"]
    listed = re.findall(r"<loc>(.*?)</loc>", (site / "sitemap.xml").read_text())
    assert sorted(listed) == [f"{base}book/{name}.html" for name in ("build", "intro", "one")]
    assert f"Sitemap: {base}sitemap.xml" in (site / "robots.txt").read_text()
    assert f'<link rel="canonical" href="{base}book/one.html"' in page(toy)
    assert '<meta name="citation_title" content="One" />' in page(toy)
    assert '<meta name="description" content="Some prose. The answer is 0.33.' in page(toy)
    told = re.findall(r'<meta [^>]*="(?:og:)?description" content="(.*?)"', page(toy, "build"))
    assert told == ["When it was run."] * 2
    image = re.search(rf'<meta property="og:image" content="{base}(.*?)"', page(toy))
    assert image is not None
    assert (site / image[1]).is_file()


def test_the_page_for_what_is_not_found_works_at_any_depth(toy: Path):
    text = (toy / "_build" / "site" / "404.html").read_text()
    path = urlsplit(yaml.safe_load((toy / "_config.yml").read_text())["html"]["baseurl"]).path
    addresses = re.findall(r'(?:href|src)="([^"#:]+)["#?]', text)
    assert addresses
    assert all(address.startswith(path) for address in addresses)
    assert "There is nothing at this address" in text


def test_the_notebook_to_download_has_outputs_and_plain_text(toy: Path):
    served = nbformat.read(toy / "_build" / "site" / "_static" / "notebooks" / "one.ipynb", 4)
    nbformat.validate(served)
    text = "\n".join(cell.source for cell in served.cells if cell.cell_type == "markdown")
    assert "The answer is 0.33." in text
    assert "> **Lemma A01 (The answer).**" in text
    shown = [output for cell in served.cells for output in cell.get("outputs", [])]
    assert [output.get("text") or list(output.data) for output in shown] == [
        "profile is quick\n",
        ["image/svg+xml", "text/plain"],
    ]


def test_the_notebook_to_download_numbers_equations_and_figures_as_the_site_does(toy: Path):
    labels = read_names(read_chapters(toy), toy).labels
    assert re.findall(r'class="caption-number">(Fig.*?) ?</span>', page(toy)) == [labels["fig-third"]] == ["Fig. 1.1"]
    assert re.findall(r'class="eqno">(.*?)<', page(toy)) == [labels["eq-third"]] == ["(1.1)"]


def test_prose_executes_nothing_and_nothing_changed_renders_nothing(toy: Path):
    before = runs(toy)
    edit(toy / "book" / "one.md", "Some prose.", "Better prose.")
    build(toy)
    assert runs(toy) == before
    assert "Better prose." in page(toy)
    assert "profile is quick" in page(toy)
    rendered = (toy / "_build" / "render.log").stat().st_mtime_ns
    build(toy)
    assert (toy / "_build" / "render.log").stat().st_mtime_ns == rendered


def test_changed_code_executes_again_once_and_then_nothing_is_left_to_do(toy: Path, capsys: pytest.CaptureFixture[str]):
    before = runs(toy)
    edit(toy / "book" / "one.md", "profile is", "this profile is")
    build(toy)
    assert runs(toy) == before + 1
    assert "this profile is quick" in page(toy)
    rendered = (toy / "_build" / "render.log").stat().st_mtime_ns
    build(toy)
    assert "nothing changed" in capsys.readouterr().out
    assert (toy / "_build" / "render.log").stat().st_mtime_ns == rendered


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text.replace("profile is quick", "profile is better"),
        lambda text: text.replace('"device": "cpu"', '"device": "<script>"'),
        lambda text: text[:200],
    ],
)
def test_a_damaged_stored_notebook_is_executed_again(toy: Path, capsys: pytest.CaptureFixture[str], damage):
    build(toy)
    before, stored = runs(toy), toy / "_build" / "executed" / "one.ipynb"
    text = stored.read_text(encoding="utf-8")
    assert damage(text) != text
    stored.write_text(damage(text), encoding="utf-8")
    build(toy)
    assert "one.ipynb: expected what its run put out, found a damaged file" in capsys.readouterr().out
    assert runs(toy) == before + 1
    assert "profile is quick" in page(toy)


def test_a_failing_cell_stops_the_build_with_its_traceback_and_leaves_the_site(toy: Path):
    before = page(toy)
    edit(toy / "book" / "one.md", "log = Path", "1 / 0\nlog = Path")
    with pytest.raises(BookError, match=r"(?s)book/one: code cell 2 failed.*1 / 0.*ZeroDivisionError"):
        build(toy)
    assert page(toy) == before


def test_a_misspelled_parameter_stops_before_anything_runs(toy: Path):
    before = runs(toy)
    edit(toy / "book" / "one.md", "device = ", "devise = ")
    with pytest.raises(BookError, match="parameters"):
        build(toy)
    assert runs(toy) == before


@pytest.mark.parametrize(
    ("cell", "problem"),
    [
        ("log = Path", "expected numbers as text"),
        ("import sys; print('noise', file=sys.stderr)\nlog = Path", "stderr"),
    ],
)
def test_a_page_that_breaks_a_rule_leaves_the_site(toy: Path, cell: str, problem: str):
    before = page(toy)
    edit(toy / "book" / "one.md", "log = Path", cell)
    edit(toy / "book" / "one.md", '"profile is"', '"np.float64(0.1)"')
    with pytest.raises(BookError, match=problem):
        build(toy)
    assert page(toy) == before


@pytest.mark.parametrize(
    ("noise", "message"),
    [
        ("print('a warning', file=sys.stderr)", "expected nothing on standard error, found 'a warning'"),
        ("display(HTML('<p><script>alert(1)</script>'))", r"expected no script, found 'alert\(1\)'"),
        ("display(HTML('<p onclick=alert(1)>'))", "expected no script in an attribute"),
        ("display(HTML('<img src=https://example.org/x.png>'))", "expected nothing fetched from another site"),
        ("display(Javascript('1'))", "expected no script, found application/javascript"),
        ("print('np.float64(0.1)')", r"expected numbers as text, found np.float64\("),
    ],
    ids=["stderr", "script", "handler", "fetched", "javascript", "raw number"],
)
def test_what_no_page_shows_is_said_at_once_and_not_kept(toy: Path, noise: str, message: str):
    code = f"import os, sys\nfrom IPython.display import HTML, Javascript, display\n'quiet' in os.environ or {noise}\n"
    edit(toy / "book" / "one.md", "log = Path", f"{code}log = Path")
    with pytest.raises(BookError, match=f"book/one: code cell 2: {message}"):
        build(toy)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("quiet", "1")
        build(toy)  # the same key, and the noise is not taken from anywhere
    assert "profile is quick" in page(toy)


def test_the_kernel_is_that_of_this_python_whatever_kernels_lie_around(toy: Path, tmp_path: Path, monkeypatch):
    for name, variable in (("path", "JUPYTER_PATH"), ("data", "JUPYTER_DATA_DIR")):
        kernel = tmp_path / name / "kernels" / "python3" / "kernel.json"
        kernel.parent.mkdir(parents=True)
        kernel.write_text('{"argv": ["/bin/false"], "display_name": "Poisoned", "language": "python"}')
        monkeypatch.setenv(variable, str(tmp_path / name))
    start = tmp_path / "start.py"
    start.write_text("import sys; print('a habit', file=sys.stderr)")
    monkeypatch.setenv("PYTHONSTARTUP", str(start))
    edit(toy / "book" / "one.md", '"profile is", profile', '__import__("sys").executable')
    edit(toy / "book" / "one.md", "name: python3", "name: anything")
    build(toy)
    assert sys.executable in page(toy)


def test_a_home_that_cannot_be_written_does_not_matter(toy: Path, tmp_path: Path, monkeypatch):
    for name in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "MPLCONFIGDIR", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", "/proc/no-home")
    edit(toy / "book" / "one.md", "log = Path", "import matplotlib; matplotlib.get_configdir()\nlog = Path")
    build(toy)
    assert "profile is quick" in page(toy)


KILL = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"


@pytest.mark.parametrize(
    "cell", [KILL, f"import joblib; joblib.Parallel(2)(joblib.delayed(exec)({KILL!r}) for _ in '12')"]
)
def test_a_kernel_or_a_worker_that_was_killed_is_one_line_and_the_next_build_goes_on(toy: Path, cell: str):
    before = page(toy)
    edit(toy / "book" / "one.md", "log = Path", f"{cell}\nlog = Path")
    with pytest.raises(
        BookError, match=r"^book/one: a process was killed .* memory ran out; .*--jobs 1.*goes on[^\n]*$"
    ):
        build(toy)
    assert page(toy) == before
    edit(toy / "book" / "one.md", f"{cell}\n", "")
    build(toy)
    assert "profile is quick" in page(toy)


@pytest.mark.parametrize(
    "output", ["<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<a href='javascript:x()'>"]
)
def test_what_would_run_on_a_page_leaves_the_site(toy: Path, output: str):
    before = page(toy)
    shown = f"from IPython.display import HTML, display; display(HTML({output!r}))\nlog = Path"
    edit(toy / "book" / "one.md", "log = Path", shown)
    with pytest.raises(BookError, match=r"code cell 2: expected (no script,|no script in an attribute|an address)"):
        build(toy)
    assert page(toy) == before


def test_a_broken_reference_leaves_the_site(toy: Path):
    before = page(toy)
    edit(toy / "book" / "one.md", "Some prose.", "See {ref}`there <nowhere>`.")
    with pytest.raises(BookError, match="undefined label: 'nowhere'"):
        build(toy)
    assert page(toy) == before


def test_a_killed_build_leaves_the_site_and_the_next_one_recovers(toy: Path):
    before = page(toy)
    edit(toy / "book" / "one.md", "log = Path", "import time; time.sleep(20)\nlog = Path")
    command = [sys.executable, "-m", "ntkbook", "book"]
    process = subprocess.Popen(command, cwd=toy, start_new_session=True, stdout=subprocess.DEVNULL)
    while not list((toy / "_build").glob("run-*")):
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert page(toy) == before
    edit(toy / "book" / "one.md", "time.sleep(20)", "time.sleep(0)")
    build(toy)
    assert "profile is quick" in page(toy)
    assert not list((toy / "_build").glob("run-*"))
