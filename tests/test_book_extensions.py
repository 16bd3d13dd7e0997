"""Icons, index entries and docstrings, as the book's extensions write them."""

import runpy
import shutil
from importlib.metadata import files
from pathlib import Path

import pytest
from docutils import nodes
from fontTools.ttLib import TTFont

EXTENSIONS = Path(__file__).parents[1] / "book" / "_ext"
STYLE = (
    '.fa-bell:before{content:\'x\'}.fa-sun:before,.fa-star:before{content:"\\f185"}.fa-moon:before{content:"\\f186"}'
)


@pytest.fixture(scope="module")
def icons():
    return runpy.run_path(str(EXTENSIONS / "icons.py"))


@pytest.fixture
def font(tmp_path: Path) -> Path:
    for file in files("pydata-sphinx-theme") or []:
        if file.stem == "fa-solid-900":
            shutil.copy(str(file.locate()), tmp_path)
    return tmp_path / "fa-solid-900.ttf"


def test_icons_kept_are_those_that_pages_or_the_style_sheet_name(icons):
    codes = icons["glyphs"]('<i class="fa-solid fa-star"></i>', STYLE + 'html{--pst-icon-bell:"\uf0f3"}')
    assert codes == {0xF185, 0xF0F3, 0xF107}


def test_a_shrunk_font_has_the_glyphs_asked_for_and_no_others_and_is_the_same_each_time(icons, font: Path):
    icons["shrink"](font, {0xF185, 0xF186})
    compressed = font.with_suffix(".woff2")
    first = compressed.read_bytes()
    for path in (font, compressed):
        with TTFont(path) as face:
            assert set(face.getBestCmap() or {}) == {0xF185, 0xF186}
    assert len(first) < 3000
    icons["shrink"](font, {0xF185, 0xF186})
    assert compressed.read_bytes() == first


@pytest.mark.parametrize(
    ("kind", "title", "text"),
    [
        ("theorem", " (The frozen kernel (A07))", "Frozen kernel (A07) (theorem)"),
        ("lemma", "One step", "One step (lemma)"),
        ("observation", "A bias", "Bias (observation)"),
        ("exercise", "The patience of eigenvectors", "Exercises; The patience of eigenvectors"),
    ],
)
def test_a_statement_is_in_the_index_under_its_title_and_an_exercise_under_exercises(kind: str, title: str, text: str):
    assert runpy.run_path(str(EXTENSIONS / "statements.py"))["entry"](kind, title) == ("single", text)


def test_what_stands_before_a_colon_in_an_attribute_is_no_type():
    rewrite = runpy.run_path(str(EXTENSIONS / "plain_docstrings.py"))["rewrite"]
    lines = ["Training labels (n,): +1 and -1."]
    rewrite(None, "attribute", "y_train", None, None, lines)
    assert lines == ["\\", "Training labels (n,): +1 and -1."]
    rewrite(None, "function", "f", None, None, lines := ["Losses: two."])
    assert lines == ["Losses: two."]


@pytest.mark.parametrize(
    ("glued", "shown"),
    [
        ("-0.469", "\N{MINUS SIGN}0.469"),
        ("-0.00", "0.00"),
        ("3.6e+07", "3.6 \N{MULTIPLICATION SIGN} 10|7"),
        ("-1e-05", "\N{MINUS SIGN}1 \N{MULTIPLICATION SIGN} 10|\N{MINUS SIGN}5"),
        ("16,000", "16,000"),
        ("only asymptotic", "only asymptotic"),
        ("2-3", "2-3"),
    ],
)
def test_a_number_of_a_notebook_is_set_as_a_number_and_words_stay(glued, shown):
    join = runpy.run_path(str(EXTENSIONS / "joins.py"))["join"]
    document = nodes.document(None, None)  # pyright: ignore[reportArgumentType]
    document += nodes.paragraph("", "", nodes.inline("", glued, classes=["pasted-text"]))
    join(None, document, "page")
    (number,) = document.findall(nodes.inline)
    assert "|".join(child.astext() for child in _merged(number)) == shown


def _merged(number):
    """The text of a number, with what stands above the line apart."""
    above = [child for child in number.children if isinstance(child, nodes.superscript)]
    line = "".join(child.astext() for child in number.children if child not in above)
    return [nodes.Text(line.replace("\N{NO-BREAK SPACE}", " ")), *above]
