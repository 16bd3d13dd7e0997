import pytest
import xarray as xr
from IPython.core.formatters import format_display_data
from markdown_it import MarkdownIt

from ntkbook.figures.notes import Note, missing_data

RECORDED = xr.Dataset(attrs={"profile": "laptop", "commit": "0123abc"})


def test_a_data_set_that_was_found_needs_no_note():
    assert missing_data("cifar10", xr.DataArray(["mnist", "cifar10"]).values, RECORDED) is None
    assert missing_data("cifar10", ["cifar10"], None) is None


def test_a_missing_data_set_is_named_with_the_run_that_stands_in_and_the_remedy():
    note = missing_data("cifar10", xr.DataArray(["mnist"]).values, RECORDED)
    assert str(note).startswith("CIFAR-10 was not found. ")
    assert all(text in str(note) for text in ("profile laptop, commit 0123abc", "NTKBOOK_DATA"))


def test_neither_data_nor_record_is_an_error():
    with pytest.raises(ValueError, match=r"cifar10: expected the data set or a recorded run, found neither"):
        missing_data("cifar10", ["mnist"], None)


def test_a_note_is_an_admonition_in_which_markup_is_text():
    shown, _ = format_display_data(Note("a < b", "c & d"))
    html = shown["text/html"]
    assert html.startswith('<div class="admonition note"><p class="admonition-title">')
    assert "a &lt; b" in html
    assert "c &amp; d" in html
    assert [token.type for token in MarkdownIt().parse(html)] == ["html_block"]
