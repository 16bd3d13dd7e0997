"""Figures on a page: one drawing, two palettes, text as text, and where its numbers come from."""

import io
import re
from pathlib import Path
from xml.etree import ElementTree

import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest
import xarray as xr
from fontTools.ttLib import TTFont

from ntkbook.book.chapters import BookError
from ntkbook.book.pictures import darkened, picture, style_sheet
from ntkbook.book.typefaces import write_faces
from ntkbook.figures import use_style
from ntkbook.figures.palette import BLUES, DARK
from ntkbook.figures.style import COLOURS, panels, stamp

ATTRIBUTES = {"experiment": "toy", "profile": "tiny", "commit": "0123abc", "data": "MNIST", "data_names": "mnist"}


def drawing(colour: str = COLOURS["true"], opacity: float = 1.0, data: tuple[str, ...] = ("mnist",)) -> str:
    """A figure of each kind of mark and text, as a notebook would hold it."""
    with mpl.rc_context():
        plt.switch_backend("agg")
        use_style()
        figure, (axes,) = panels(1)
        axes.plot([1, 10], [1, 2], "o-", label=r"$\sqrt{\lambda_0}$", color=colour, alpha=opacity)
        axes.fill_between([1, 10], [0, 1], [1, 2], color=COLOURS["random"], alpha=0.2, lw=0)
        axes.set(xscale="log", xlabel="samples $n$", ylabel="error")
        axes.legend()
        stamp(figure, xr.DataTree(xr.Dataset(attrs=ATTRIBUTES)), "nets", seeds=4, data=data)
        file = io.StringIO()
        figure.savefig(file, format="svg", metadata={"Date": None}, bbox_inches="tight")
    return file.getvalue()


@pytest.fixture(scope="module")
def drawn() -> str:
    return drawing()


def words(svg: str) -> list[str]:
    return [text.strip() for text in ElementTree.fromstring(svg).itertext() if text.strip()]


def test_every_colour_becomes_a_variable_that_has_a_value_in_the_light_and_in_the_dark(drawn: str):
    shown = picture(drawn, "one").svg
    assert not re.search(r"(?<!url\()#[0-9a-f]{6}\b", shown)
    sheet = style_sheet()
    used = set(re.findall(r"var\((--ink-\w+)\)", shown))
    assert "--ink-0072b2" in used
    for variable in used - {"--ink-ffffff"}:
        assert sheet.count(f"{variable}: #") == 3  # light, dark, and paper
    assert "--ink-ffffff: var(--pst-color-background)" in sheet


def test_a_darkened_drawing_differs_in_nothing_but_its_colours(drawn: str):
    dark = darkened(drawn)
    hexadecimal = re.compile(r"(?<!url\()#[0-9a-fA-F]{6}\b")
    assert hexadecimal.sub("#", dark) == hexadecimal.sub("#", drawn)
    pairs = set(zip(hexadecimal.findall(drawn), hexadecimal.findall(dark), strict=True))
    assert {(colour.upper(), DARK[colour.upper()]) for colour, _ in pairs} == {(one.upper(), two) for one, two in pairs}


def test_an_unknown_colour_is_an_error_that_names_it():
    with pytest.raises(BookError, match=r"found #12ab34: give it a partner"):
        picture(drawing("#12ab34"), "one")


def test_a_line_that_is_too_faint_is_an_error_and_a_faint_band_is_none():
    with pytest.raises(BookError, match=r"#4498C7 at opacity 0\.6: draw it solid"):
        picture(drawing(BLUES[0], 0.6), "one")


def test_text_stays_text(drawn: str):
    found = words(picture(drawn, "one").svg)
    assert {"error", "λ"} <= set(found)
    assert "samples" in "".join(found)


@pytest.mark.parametrize(("data", "lines", "strip"), [(("mnist",), ["MNIST"], 20), ((), [], 10)])
def test_the_stamp_is_taken_out_with_the_strip_that_held_it(data: tuple[str, ...], lines: list[str], strip: float):
    drawn = drawing(data=data)
    shown = picture(drawn, "one")
    assert shown.stamp == ("stamp:toy:tiny:0123abc:nets", "profile tiny, 4 seeds", *lines)
    assert not {"MNIST", "profile tiny, 4 seeds"} & set(words(shown.svg))
    heights = [float(re.findall(r'viewBox="0 0 \S+ ([\d.]+)"', svg)[0]) for svg in (drawn, shown.svg)]
    assert strip < heights[0] - heights[1] < strip + 10
    lowest = max(float(y) for y in re.findall(r"translate\(\S+ ([\d.]+)\)", shown.svg))
    assert lowest < heights[1]


def test_ids_of_two_drawings_on_a_page_differ_and_lead_to_something(drawn: str):
    shown = [picture(drawn, name).svg for name in ("one", "two")]
    ids = [re.findall(r' id="([^"]+)"', svg) for svg in shown]
    assert not set(ids[0]) & set(ids[1])
    for svg, own in zip(shown, ids, strict=True):
        targets = set(re.findall(r'href="#([^"]+)"|url\(#([^)]+)\)', svg))
        assert {one or other for one, other in targets} == set(own)


def test_a_drawing_has_no_style_sheet_that_would_hold_for_the_whole_page(drawn: str):
    assert "<style" in drawn
    assert "<style" not in picture(drawn, "one").svg


def test_what_a_figure_shows_is_told_to_those_who_cannot_see_it(drawn: str):
    root = ElementTree.fromstring(picture(drawn, "one", "Two\n lines & a band.").svg)
    assert (root.get("role"), root.get("aria-label")) == ("img", "Two lines & a band.")


def test_typefaces_hold_every_letter_of_the_figures_and_little_else(drawn: str, tmp_path: Path):
    letters = picture(drawn, "one").letters
    rules = write_faces(letters, tmp_path / "figures")
    for face in {face for face, _ in letters}:
        family, slant = face.split("/")
        (source,) = re.findall(rf"'{family}'; font-style: {slant}.*url\(([^)]+)\)", rules)
        with TTFont(tmp_path / source) as font:
            held = {chr(code) for code in font.getBestCmap() or ()}
        own = {letter for name, letter in letters if name == face}
        assert own <= held
        assert len(held - own) < 5
        assert (tmp_path / source).stat().st_size < 30_000


def test_typefaces_are_the_same_each_time(drawn: str, tmp_path: Path):
    letters = picture(drawn, "one").letters
    for name in ("first", "second"):
        write_faces(letters, tmp_path / name)
    for path in (tmp_path / "first").iterdir():
        assert path.read_bytes() == (tmp_path / "second" / path.name).read_bytes()
