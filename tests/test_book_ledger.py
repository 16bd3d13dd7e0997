"""The ledger page lists every claim, whatever its statement is written with, and finds each claim's place."""

from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from ntkbook.book.chapters import BookError, Chapter
from ntkbook.book.ledger import escape, ledger_markdown, place_link
from ntkbook.claims import Verdict, inventory


def verdict_row(claim: str, profile: str, verdict: str, measured: str = "0.1") -> dict[str, str]:
    row = {"claim": claim, "profile": profile, "verdict": verdict, "measured": measured}
    return row | {"expected": "0.1", "tolerance": "0"}


def test_every_claim_is_listed_and_not_run_without_a_verdict():
    page = ledger_markdown([], inventory(), {})
    assert all(f"* - {claim}\n" in page for claim in inventory())
    assert page.count("[not run]{.verdict .verdict-not-run}") == len(inventory()) + 1
    assert page.startswith(f"Of {len(inventory())} claims")


def test_quick_and_recorded_runs_both_show_and_the_largest_profile_counts():
    rows = [verdict_row("A04", "laptop", "only asymptotic"), verdict_row("A04", "quick", "reproduced")]
    page = ledger_markdown(rows, {"A04": inventory()["A04"]}, {"A04": "{ref}`A04 <a04>`"})
    assert page.index("quick: ") < page.index("laptop: ")
    assert page.count("{ref}`A04 <a04>`") == 1
    assert "1 [only asymptotic]" in page.splitlines()[0]
    assert "reproduced]" not in page.splitlines()[0]


def test_a_fresh_verdict_replaces_the_committed_one_of_the_same_profile():
    rows = [verdict_row("A01", "quick", "vacuous"), verdict_row("A01", "quick", "reproduced")]
    page = ledger_markdown(rows, {"A01": inventory()["A01"]}, {})
    assert "vacuous" not in page


@pytest.mark.parametrize("text", [statement.says for statement in inventory().values()])
def test_a_statement_shows_as_it_was_written(text: str):
    tokens = MarkdownIt().parseInline(escape(text))
    children = tokens[0].children or []
    assert {token.type for token in children} <= {"text", "text_special"}
    assert "".join(token.content for token in children) == " ".join(text.split())


@pytest.mark.parametrize("verdict", list(Verdict))
def test_each_verdict_has_a_colour_in_both_modes(verdict: Verdict):
    sheet = Path(__file__).parents[1].joinpath("book", "_static", "custom.css").read_text()
    assert sheet.count(f".verdict-{verdict.value.replace(' ', '-')} {{") == 2


def test_a_place_is_a_target_or_the_label_of_a_theorem(tmp_path: Path):
    page = tmp_path / "kernel.md"
    page.write_text("(a01)=\n# Kernel\n\n:::{prf:theorem}\n:label: a04\nText\n:::\n")
    chapters = [Chapter("book/kernel", page, None)]
    assert place_link("A01", chapters) == "{ref}`A01 <a01>`"
    assert place_link("A04", chapters) == "{prf:ref}`A04 <a04>`"
    with pytest.raises(BookError, match="A05: expected the label 'a05' in a chapter"):
        place_link("A05", chapters)
