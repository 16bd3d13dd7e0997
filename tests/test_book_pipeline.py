"""Whole builds of a toy book, with papermill and Sphinx."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
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
    assert "tex-chtml.js" not in page(toy, "build")
    assert "typeset.js" not in page(toy, "build")


def test_every_button_leads_to_a_path_that_exists(toy: Path):
    html = page(toy)
    assert "/edit/main/book/one.md" in html
    assert "/blob/notebooks/book/one.ipynb" in html
    assert "/notebooks?urlpath=lab/tree/book/one.ipynb" in html
    assert 'href="../_static/notebooks/one.ipynb"' in html
    assert 'href="../_sources' not in html
    assert "../_sources/book/intro.md" in page(toy, "intro")
    assert "/edit/main/book/intro.md" in page(toy, "intro")
    assert "colab" not in page(toy, "intro")


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
    "damage", [lambda text: text.replace("profile is quick", "profile is better"), lambda text: text[:200]]
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
