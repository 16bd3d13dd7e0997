"""The data that a built page names are those of the experiments that it ran."""

import pytest
import xarray as xr
from toybook import REPOSITORY

from ntkbook import records
from ntkbook.book.chapters import read_chapters
from ntkbook.book.provenance import data_source

CHAPTERS = {chapter.stem: chapter for chapter in read_chapters(REPOSITORY) if chapter.notebook}


@pytest.fixture
def build(tmp_path):
    """A build with a record of every experiment, whose data are its name."""
    for chapter in CHAPTERS:
        records.save(xr.DataTree(xr.Dataset(attrs={"data": chapter})), tmp_path / "records" / f"{chapter}-quick.nc")
    return tmp_path


@pytest.mark.parametrize("stem", sorted(CHAPTERS.keys() - {"report"}))
def test_a_chapter_names_the_data_of_its_own_run_and_not_of_one_whose_figures_it_borrows(stem, build):
    assert data_source(CHAPTERS[stem], build, "quick") == stem


def test_a_page_without_an_experiment_names_no_data(build):
    assert data_source(CHAPTERS["report"], build, "quick") == ""
