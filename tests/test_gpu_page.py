"""The page on a GPU shows the committed report, and the report's session is the one behind the committed record."""

import json
from pathlib import Path

from ntkbook import records
from ntkbook.gpu.report import page, table

ROOT = Path(__file__).resolve().parent.parent


def test_page_shows_the_committed_report():
    report = json.loads((ROOT / "results" / "gpu.json").read_text(encoding="utf-8"))
    assert page(report) in (ROOT / "book" / "gpu.md").read_text(encoding="utf-8")


def test_committed_record_is_of_that_session():
    report = json.loads((ROOT / "results" / "gpu.json").read_text(encoding="utf-8"))
    record = records.load(records.RESULTS / "million_steps-paper.nc")
    assert (record.attrs["device"], record.attrs["commit"]) == (report["device"], report["commit"])
    told = {part["part"]: part["found"] for part in report["parts"]}
    for name in ("mnist", "cifar10"):
        for labels in ("true", "random", "worst"):
            run = record["runs"].dataset.sel(data=name, labels=labels).isel(seed=0)
            found = told[f"long-{name}-{labels}"]
            assert int(run.last_step) == found["reached step"]
            assert int(run.evaluations) == found["gradients"]


def test_a_table_shows_numbers_in_three_digits():
    assert table([{"what": "x", "measured": 1.23456}]) == ["| what | measured |", "| --- | --- |", "| x | 1.23 |"]
