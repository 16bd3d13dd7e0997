"""The ledger page: a row for each claim, counts that agree with it, links both ways."""

import html
import re
from collections import Counter
from pathlib import Path

import pytest

from ntkbook.book.badges import marked
from ntkbook.book.chapters import BookError, Chapter, read_chapters
from ntkbook.book.ledger import PAPERS, address, by_claim, counted, ledger_page, places
from ntkbook.claims import Verdict, inventory
from ntkbook.ledger import read_ledger
from ntkbook.verdict_table import FIRM, FRAGILE, UNCERTAIN

REPOSITORY = Path(__file__).parents[1]
RUNS = by_claim(read_ledger(REPOSITORY / "results" / "ledger.json"))
CHAPTERS = read_chapters(REPOSITORY)
STATED = places(CHAPTERS)
PAGE = ledger_page(RUNS, STATED)
ROWS = re.findall(r'<tr id="(\w+)" data-verdict="([^"]*)" data-paper="(\w+)" data-margin="(\w+)">(.*?)</tr>', PAGE)


def verdict_row(claim: str, profile: str, verdict: str, margin: float | str = "exact") -> dict[str, float | str]:
    row = {"claim": claim, "profile": profile, "verdict": verdict, "measured": "0.1"}
    return row | {"expected": "0.1", "tolerance": "0", "margin": margin}


def test_each_claim_has_one_row_under_its_paper():
    assert [row[0] for row in ROWS] == list(inventory())
    assert all(inventory()[claim].paper == paper and paper in PAPERS for claim, _, paper, _, _ in ROWS)
    headings = [PAGE.index(f"## {heading}") for heading in PAPERS.values()]
    assert headings == sorted(headings)


def test_counts_agree_with_the_rows_and_with_the_committed_ledger():
    sizes = ["quick", "laptop", "paper"]
    rows = [row for runs in RUNS.values() for row in runs]
    best = {row["claim"]: row for row in sorted(rows, key=lambda row: sizes.index(row["profile"]))}
    expected = Counter(row["verdict"] for row in best.values())
    expected["not run"] += len(inventory()) - len(best)
    assert Counter(row[1] for row in ROWS) == +expected
    told = re.findall(r'href="#verdict=([\w-]+)">(\d+) ([\w ]+)</a>', PAGE)
    assert {verdict: int(count) for _, count, verdict in told} == +expected
    assert all(link == verdict.replace(" ", "-") for link, _, verdict in told)


def test_rows_and_statements_lead_to_each_other():
    for claim, *_, cells in ROWS:
        link = re.search(r'<th scope="row"><a href="(\w+)\.html#(\w+)">', cells)
        assert link is not None
        assert (link[1], link[2]) == (STATED[claim].stem, claim.lower())
    for claim, chapter in STATED.items():
        text = marked(chapter.path.read_text("utf-8"), RUNS, chapter.name)
        assert text.count(f'href="ledger.html#{claim}">{claim}: {RUNS[claim][0]["verdict"]}</a>') == 1


def test_a_claim_without_a_verdict_is_not_run():
    page = ledger_page(by_claim([]), STATED)
    assert page.count('data-verdict="not run"') == len(inventory())
    assert f">{len(inventory())} not run</a>" in page
    assert "<details>" not in page


def test_quick_and_recorded_runs_both_show_and_the_largest_profile_counts():
    runs = by_claim([verdict_row("A04", "quick", "reproduced"), verdict_row("A04", "laptop", "only asymptotic", 1.2)])
    page = ledger_page(runs, STATED)
    row = re.search(r'<tr id="A04".*?</tr>', page)
    assert row is not None
    assert 'data-verdict="only asymptotic"' in row[0]
    assert row[0].index("laptop, margin 1.2, fragile") < row[0].index("quick, exact")
    assert ">1 only asymptotic</a>" in page
    assert "reproduced</a>" not in page


@pytest.mark.parametrize(("margin", "kind"), [(1.4, FRAGILE), (1.5, FIRM), ("exact", FIRM), ("one seed", UNCERTAIN)])
def test_rows_say_which_margin_they_have(margin, kind):
    page = ledger_page(by_claim([verdict_row("A04", "laptop", "reproduced", margin)]), STATED)
    assert f'<tr id="A04" data-verdict="reproduced" data-paper="arora2019fine" data-margin="{kind}">' in page


def test_a_fresh_verdict_replaces_the_committed_one_of_the_same_profile():
    runs = by_claim([verdict_row("A01", "quick", "vacuous"), verdict_row("A01", "quick", "reproduced")])
    assert [row["verdict"] for row in runs["A01"]] == ["reproduced"]


@pytest.mark.parametrize(
    "bad", ["<script>x</script>", "<img src=x onerror=x>", "x\n```\n# x\n{raw}`html <b>`", "&lt;b&gt;"]
)
def test_words_of_a_record_show_as_what_they_are(bad):
    row = dict.fromkeys(("profile", "measured", "expected", "tolerance", "margin"), bad)
    page = ledger_page(by_claim([row | {"claim": "A04", "verdict": "reproduced"}]), STATED)
    plain = ledger_page(by_claim([verdict_row("A04", "laptop", "reproduced")]), STATED)
    assert "<script>" not in page
    assert "<img" not in page
    assert len(page.splitlines()) == len(plain.splitlines())
    assert html.escape(" ".join(bad.split()), quote=False).replace("`", "") in page.replace("`", "")


def test_counts_on_another_page_lead_to_the_ledger():
    assert 'href="book/ledger.html#verdict=vacuous">' in counted(RUNS, "index")
    assert address("book/ledger", "book/kernel", "A01") == "ledger.html#A01"
    assert address("book/ledger", "book/ledger", "A01") == "#A01"


def test_the_filters_know_every_verdict_paper_and_margin():
    script = (REPOSITORY / "book" / "_static" / "ledger.js").read_text("utf-8")
    values = set(re.findall(r'^ +\["([\w-]+)", "', script, re.MULTILINE))
    assert values == {v.replace(" ", "-") for v in Verdict} | set(PAPERS) | {FRAGILE, FIRM, UNCERTAIN}


@pytest.mark.parametrize("verdict", list(Verdict))
def test_each_verdict_has_a_colour_in_both_modes(verdict: Verdict):
    sheet = REPOSITORY.joinpath("book", "_static", "custom.css").read_text()
    assert sheet.count(f".verdict-{verdict.value.replace(' ', '-')} {{") == 2


def test_a_claim_needs_a_place(tmp_path: Path):
    page = tmp_path / "kernel.md"
    page.write_text("(a01)=\n# Kernel\n\n:::{prf:theorem}\n:label: a02\nText\n:::\n")
    with pytest.raises(BookError, match="A03: expected the label 'a03' in a chapter"):
        places([Chapter("book/kernel", page, None)])


def test_a_badge_stands_under_the_title_and_the_id_leaves_it():
    text = ":::{prf:theorem} The *frozen* kernel (A07)\n:class: dropdown\n:label: a07\nIt stays.\n:::\n"
    assert marked(text, RUNS, "book/convergence") == (
        ":::{prf:theorem} The *frozen* kernel\n:class: dropdown\n:label: a07\n\n"
        '<p class="claim-badge">'
        '<a class="verdict verdict-reproduced" href="ledger.html#A07">A07: reproduced</a></p>\n\n'
        "It stays.\n:::\n"
    )
    assert marked("(a18)=\n### Sums\nText", RUNS, "book/learnable_functions").startswith("(a18)=\n### Sums\n\n<p class")


def test_what_is_not_a_claim_has_no_badge():
    text = ":::{prf:lemma} Of ours\n:label: lem-sigma\nText\n:::\n\n(eq-x)=\n## Section\n"
    assert marked(text, RUNS, "book/convergence") == text
