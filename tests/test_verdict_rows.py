"""Page, chapter and terminal say the same about a verdict."""

import numpy as np
import pytest
import xarray as xr

from ntkbook import records, verdict_table
from ntkbook.claims import Claim, Judgement, Verdict, inventory
from ntkbook.cli.console import print_verdicts
from ntkbook.figures import tables
from ntkbook.ledger import read_ledger
from ntkbook.typography import typeset
from ntkbook.verdict_rows import cells, is_fragile

ROW = {"claim": "A04", "profile": "quick", "verdict": "only asymptotic", "measured": "slope -0.31"}
ROW |= {"expected": "a slope of -1/2", "tolerance": "0.1"}


@pytest.mark.parametrize(
    ("margin", "told", "fragile"),
    [
        (2.34, "margin 2.3", False),
        (1.5, "margin 1.5", False),
        (1.44, "margin 1.4, fragile", True),
        (-3.0, "margin -3.0, fragile", True),
        (np.nan, "margin nan, fragile", True),
        ("exact", "exact", False),
        ("one seed", "one seed", False),
        ("", "", False),
    ],
)
def test_a_margin_below_one_and_a_half_is_fragile_and_a_word_is_not(margin, told, fragile):
    row = ROW | {"margin": margin}
    assert (cells(row).margin, is_fragile(row)) == (told, fragile)


def test_a_row_without_a_margin_shows_none():
    assert cells(ROW).margin == ""
    assert not is_fragile(ROW)


@pytest.mark.parametrize("margin", [{}, {"margin": 1.2}, {"margin": "exact"}])
def test_page_chapter_and_terminal_show_the_same_cells(margin, monkeypatch, capsys):
    row = ROW | margin
    page = verdict_table.row(inventory()["A04"], [row], place="convergence.html#a04")
    monkeypatch.setattr(tables, "judge", lambda claims, record: [row])
    claim = Claim("A04", lambda record: Judgement("", ()), "expected", "tolerance")
    shown = tables.verdicts([claim], xr.DataTree())
    monkeypatch.setenv("COLUMNS", "300")
    print_verdicts([row], [])
    terminal = capsys.readouterr().out
    for text in filter(None, cells(row)):
        assert typeset(text) in page
        assert typeset(text) in shown._repr_html_()
        assert text in str(shown)
        assert text in terminal
    told = (page, shown._repr_html_(), str(shown), terminal)
    assert all(("margin 1" in text or "exact" in text) == bool(margin) for text in told)


def test_every_committed_row_can_be_shown():
    rows = read_ledger(records.RESULTS.parents[1] / "results" / "ledger.json")
    assert rows
    assert all(cells(row).verdict in list(Verdict) for row in rows)
