"""The front page: numbers from recorded runs, a card a chapter, pictures for light and dark."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from nbformat.v4 import new_code_cell, new_notebook, new_output

from ntkbook import records
from ntkbook.book.about import changelog, citation, licence
from ntkbook.book.chapters import BookError, read_chapters
from ntkbook.book.front import card, filled, reading_time, thumbnail
from ntkbook.book.front_picture import INKS, front_picture, write_pictures
from ntkbook.book.ledger import by_claim, places
from ntkbook.experiments import catalogue
from ntkbook.figures.palette import DARK, GROUND, INK, contrast
from ntkbook.ledger import read_ledger
from ntkbook.typography import typeset

REPOSITORY = Path(__file__).parents[1]
RUNS = by_claim(read_ledger(REPOSITORY / "results" / "ledger.json"))
CHAPTERS = read_chapters(REPOSITORY)
NUMBERED = [chapter for chapter in CHAPTERS if chapter.number is not None]
INDEX = CHAPTERS[0].path.read_text("utf-8")


@cache
def recorded(experiment: str) -> dict[str, Any]:
    """Readings of the largest recorded run."""
    record = records.load_best(experiment)
    assert record is not None
    return dict(catalogue.get(experiment).readings(record))


def figures(chapter):
    """Names of the figures of a chapter."""
    return [cell.metadata.get("mystnb", {}).get("figure", {}).get("name") for cell in chapter.notebook.cells]


def test_the_front_page_is_the_index_of_the_site_and_says_what_one_would_search_for():
    assert CHAPTERS[0].name == "index"
    first = INDEX.split("```{image}")[0]
    assert "neural tangent kernel" in first
    assert "<!-- front: counts -->" in first
    assert "subtitle: the neural tangent kernel" in first
    assert {"running", "cite", "changelog", "ledger"} <= {chapter.stem for chapter in CHAPTERS}


def test_every_number_of_a_finding_is_that_of_the_record():
    page = filled(INDEX, RUNS, "index")
    assert "{reading}" not in page
    assert "{verdict}" not in page
    readings = re.findall(r"\{reading\}`(\w+)/([\w-]+):(\S+)`", INDEX)
    assert len(readings) >= 10
    for experiment, name, form in readings:
        shown = typeset(f"{recorded(experiment)[name]:{form}}")
        assert f"**{shown}**" in page
    findings = re.findall(r"^- \*\*.*?(?=^- |^##)", INDEX, re.DOTALL | re.MULTILINE)[:5]
    typed = [re.sub(r"\{\w+\}`.*?`", "", finding) for finding in findings]
    assert len(findings) == 5
    assert all("{verdict}" in finding for finding in findings)
    assert not any(re.search(r"\d", re.sub(r"[Aa]bove 1\b|exceed 1\b", "", text)) for text in typed)


def test_what_the_findings_assert_holds_in_the_records():
    """The words between the numbers: near, far, falling, less than."""
    convergence, layers, clusters = map(recorded, ("convergence", "three_layer_learning", "clustered_data"))
    measure = recorded("generalization")
    assert measure["mnist-measure-true"] < 1 < measure["mnist-measure-random"]
    assert convergence["paper-slope-random"] > -0.1
    assert convergence["theory-slope-random"] < -0.25
    assert convergence["theory-gap-random"] < convergence["paper-gap-random"] / 5
    assert layers["limit-gaussian"] < layers["fig-three-max"] < layers["lin-three-ntk"]
    assert clusters["accuracy-wide"] == 100
    assert clusters["learned-m"] > 100 * clusters["m-max"]
    assert recorded("deep_generalization")["whole"] > 1


def test_a_number_or_claim_that_is_not_there_is_an_error():
    with pytest.raises(BookError, match="expected a reading of kernel, found 'slop'"):
        filled("{reading}`kernel/slop:.2f`", RUNS, "index")
    with pytest.raises(BookError, match="expected an experiment, found 'kernels'"):
        filled("{reading}`kernels/slope:.2f`", RUNS, "index")
    with pytest.raises(BookError, match="expected a claim of the inventory, found A99"):
        filled("{verdict}`A99`", RUNS, "index")


@pytest.mark.parametrize("chapter", NUMBERED, ids=lambda chapter: chapter.stem)
def test_every_chapter_has_a_card_with_its_question_and_verdicts(chapter):
    stated = places(CHAPTERS)
    own = {claim: RUNS[claim] for claim, place in stated.items() if place == chapter}
    text = card(chapter, "A line.", own)
    assert f"\n:link: /{chapter.name}\n" in text
    assert re.search(r"^[A-Z][^*{`$]+\?$", text, re.MULTILINE)
    counts = re.findall(r'<span class="verdict [^"]+">(\d+) [a-z ]+</span>', text)
    assert sum(map(int, counts)) == len(own) > 0
    minutes = re.search(r"^(\d+) minutes$", text, re.MULTILINE)
    assert minutes is not None
    assert 5 <= int(minutes[1]) <= 90


def test_the_figure_of_a_card_is_the_named_one():
    from ntkbook.book.front import THUMBNAILS

    assert set(THUMBNAILS) == {chapter.stem for chapter in NUMBERED}
    assert all(THUMBNAILS[chapter.stem] in figures(chapter) for chapter in NUMBERED)


def figure_cell(name, svg):
    cell = new_code_cell("draw()", outputs=[new_output("display_data", data={"image/svg+xml": svg})])
    cell.metadata["mystnb"] = {"figure": {"name": name}, "image": {"alt": f"Alt of {name}"}}
    return cell


def test_a_thumbnail_comes_out_of_the_executed_notebook():
    kernel = next(chapter for chapter in CHAPTERS if chapter.stem == "kernel")
    notebook = new_notebook(cells=[figure_cell("fig-other", "<a/>"), figure_cell("fig-width-limit", "<b/>")])
    assert thumbnail(kernel, notebook) == ("<b/>", "Alt of fig-width-limit")
    with pytest.raises(BookError, match="expected a figure fig-width-limit as SVG"):
        thumbnail(kernel, new_notebook(cells=notebook.cells[:1]))


def test_code_and_solutions_take_no_reading_time():
    words = "word " * 1500
    folded = f"```{{solution-start}} ex\n```\n{words}\n```{{solution-end}}\n```\n"
    code = f"```{{code-cell}} ipython3\n{words}\n```\n"
    assert reading_time(words) == reading_time(words + folded + code) == 10


def test_the_picture_can_be_read_in_both_modes():
    (axes,) = front_picture(records.load(records.RESULTS / "million_steps-laptop.nc")).axes
    assert [text.get_text() for text in axes.texts] == ["true labels", "random labels", "worst-case labels"]
    for ink in (*INKS.values(), INK):
        assert contrast(ink, GROUND) >= 4.5
        assert contrast(DARK[ink], DARK[GROUND]) >= 4.5


def test_the_pictures_are_the_same_every_time_and_name_no_other_site(tmp_path: Path):
    write_pictures(tmp_path)
    first = {path.name: path.read_text() for path in tmp_path.iterdir()}
    write_pictures(tmp_path)
    assert set(first) == {"front-light.svg", "front-dark.svg"}
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == first
    assert all("<text" in svg and "<dc:date>" not in svg for svg in first.values())


def test_the_picture_says_in_order_what_its_text_says():
    runs = records.part(records.load(records.RESULTS / "million_steps-laptop.nc"), "runs").sel(data="mnist")
    assert len(INDEX.split("One network, the same 500 images")) == 2
    assert yaml.safe_load(records.load(records.RESULTS / "million_steps-laptop.nc").attrs["config"])["n"] == 500
    for curve in (runs.loss, runs.predicted):
        later = curve.isel(seed=0).where((runs.step > 0) & (runs.step < 2000), drop=True)
        true, random, worst = (later.sel(labels=kind) for kind in ("true", "random", "worst"))
        assert bool((true < random).all())
        assert bool((random < worst).all())


def test_the_pages_about_the_book_repeat_the_files_of_the_repository():
    assert (REPOSITORY / "CHANGELOG.md").read_text().endswith(changelog(REPOSITORY) + "\n")
    assert changelog(REPOSITORY).startswith("What a reader")
    assert "MIT License" in licence(REPOSITORY)
    cff = yaml.safe_load((REPOSITORY / "CITATION.cff").read_text())
    for value in (cff["version"], cff["authors"][0]["name"], "https://ntkbook.github.io/ntkbook/"):
        assert value in citation(REPOSITORY)
