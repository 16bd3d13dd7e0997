import re
from importlib import resources
from itertools import combinations

import numpy as np
import pytest

from ntkbook.figures import palette
from ntkbook.figures.palette import DARK, GROUND, GUIDE, INK, contrast
from ntkbook.figures.style import COLOURS

MARKS = sorted(set(DARK) - {GROUND})


def test_contrast_of_black_on_white_is_21_and_of_a_colour_on_itself_1():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast(INK, INK) == pytest.approx(1)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.005)  # the known example of WCAG


def test_an_opacity_moves_the_contrast_from_1_to_that_of_the_solid_colour():
    values = [contrast(INK, GROUND, opacity) for opacity in np.linspace(0, 1, 11)]
    assert values[0] == 1
    assert values[-1] == contrast(INK, GROUND)
    assert (np.diff(values) > 0).all()


@pytest.mark.parametrize("colour", MARKS)
def test_every_mark_stands_out_three_to_one_in_the_light_and_in_the_dark(colour: str):
    assert contrast(colour, GROUND) >= 3
    assert contrast(DARK[colour], DARK[GROUND]) >= 3


@pytest.mark.parametrize("colour", [INK, GUIDE])
def test_text_stands_out_four_and_a_half_to_one_in_the_light_and_in_the_dark(colour: str):
    assert contrast(colour, GROUND) >= 4.5
    assert contrast(DARK[colour], DARK[GROUND]) >= 4.5


def test_grounds_are_those_of_the_theme():
    package = resources.files("sphinx_book_theme") / "theme" / "sphinx_book_theme" / "static" / "styles"
    sheet = (package / "sphinx-book-theme.css").read_text("utf-8")
    (dark,) = re.findall(r"--pst-color-background:\s*(#\w+)", sheet)
    base = resources.files("pydata_sphinx_theme") / "theme" / "pydata_sphinx_theme" / "static" / "styles"
    light = re.findall(r"--pst-color-background:\s*(#\w+)", (base / "pydata-sphinx-theme.css").read_text("utf-8"))
    assert dark == DARK[GROUND]
    assert "#fff" in light
    assert GROUND == "#FFFFFF"


def test_partners_differ_and_what_is_darker_in_a_ramp_stays_darker():
    assert len(set(DARK.values())) == len(DARK)
    for ramp in (palette.BLUES, palette.AMBERS):
        for colours in (ramp, [DARK[colour] for colour in ramp]):
            luminances = [contrast(colour, "#000000") for colour in colours]
            assert luminances == sorted(luminances, reverse=True)


def test_shades_are_distinct_and_reach_both_ends():
    for count in range(2, len(palette.BLUES) + 1):
        chosen = palette.shades(count)
        assert len(set(chosen)) == count
        assert (chosen[0], chosen[-1]) == (palette.BLUES[0], palette.BLUES[-1])


def test_colours_of_concepts_have_partners():
    assert set(COLOURS.values()) <= set(DARK)


@pytest.mark.parametrize("kinds", list(combinations(("true", "random", "worst"), 2)))
def test_labels_differ_for_readers_who_see_no_red_or_no_green(kinds: tuple[str, str]):
    """Distance of two colours in linear RGB as a deuteranope and a protanope see them (Machado et al. 2009)."""
    blind = (
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    )
    for colours in (COLOURS, {kind: DARK[COLOURS[kind]] for kind in kinds}):
        one, other = ([int(colours[kind][i : i + 2], 16) / 255 for i in (1, 3, 5)] for kind in kinds)
        for matrix in blind:
            seen = np.array(matrix) @ (np.power(one, 2.2) - np.power(other, 2.2))
            assert np.linalg.norm(seen) > 0.15
