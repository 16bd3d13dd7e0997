"""The page on a GPU shows the committed report, and the report's session is the one behind the committed record."""

import json
from pathlib import Path

from ntkbook import records
from ntkbook.gpu.report import page, table

ROOT = Path(__file__).resolve().parent.parent


def test_page_shows_the_committed_report():
    report = json.loads((ROOT / "results" / "gpu.json").read_text(encoding="utf-8"))
    assert page(report) in (ROOT / "book" / "gpu.md").read_text(encoding="utf-8")


def test_committed_record_is_of_that_session_but_for_the_curve_that_was_made_on_a_cpu():
    report = json.loads((ROOT / "results" / "gpu.json").read_text(encoding="utf-8"))
    record = records.load(records.RESULTS / "million_steps-paper.nc")
    told = {part["part"]: part["found"] for part in report["parts"]}
    others = []
    for curve in json.loads(record.attrs["curves"]):
        name, labels = curve["data"], curve["labels"]
        run = record["runs"].dataset.sel(data=name, labels=labels).isel(seed=0)
        found = told[f"long-{name}-{labels}"]
        if (curve["device"], curve["commit"]) == (report["device"], report["commit"]):
            assert int(run.last_step) == found["reached step"]
            assert int(run.evaluations) == found["gradients"]
        else:
            others.append((name, labels))
            assert int(run.last_step) > found["reached step"]
    assert others == [("mnist", "true")]


def test_a_table_shows_numbers_in_three_digits():
    assert table([{"what": "x", "measured": 1.23456}]) == ["| what | measured |", "| --- | --- |", "| x | 1.23 |"]
