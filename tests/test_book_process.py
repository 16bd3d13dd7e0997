"""How a notebook's process is started, and what is said of one that failed."""

import json
from pathlib import Path

from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

from ntkbook.book.chapters import Chapter
from ntkbook.book.process import failure, papermill

TOLD = """Traceback (most recent call last):
  File "client.py", line 791, in _async_poll_for_reply
nbclient.exceptions.CellTimeoutError: A cell timed out while it was being executed, after 4 seconds.
The message was: Timeout waiting for IOPub output.
-------------------
x = 1
-------------------
"""


def test_a_cell_on_a_busy_machine_has_minutes_to_hand_over_its_output():
    *_, options = papermill(Path("in.ipynb"), Path("out.ipynb"), Path(), {"profile": "quick"})
    asked = json.loads(options)
    assert asked["iopub_timeout"] > 10 * NotebookClient.iopub_timeout.default_value
    assert asked["parameters"] == {"profile": "quick"}


def test_a_run_that_failed_outside_its_cells_is_told_by_the_line_that_says_why(tmp_path):
    notebook = new_notebook(cells=[new_code_cell("x = 1")])
    told = failure(Chapter("book/one", Path("book/one.md"), notebook), notebook, 1, TOLD, tmp_path / "one.log")
    assert told is not None
    assert "CellTimeoutError: A cell timed out" in told
    assert (tmp_path / "one.log").read_text("utf-8") == TOLD
