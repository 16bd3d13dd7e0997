"""A kernel that lost its port to another one is started again; any other failure is not."""

import os
import sys

import pytest

from ntkbook.book.process import attempt

SCRIPT = """
import sys
from pathlib import Path
tries = Path("tries")
count = len(tries.read_text()) if tries.exists() else 0
tries.write_text("x" * (count + 1))
if count < 2:
    sys.exit(sys.argv[1])
"""


@pytest.mark.parametrize(
    ("message", "tries", "code"),
    [("RuntimeError: Kernel died before replying to kernel_info", 3, 0), ("NameError: x", 1, 1)],
)
def test_only_a_lost_port_is_tried_again(tmp_path, message, tries, code):
    processes = []
    found, stderr = attempt([sys.executable, "-c", SCRIPT, message], tmp_path, dict(os.environ), processes)
    assert found == code
    assert len(processes) == len((tmp_path / "tries").read_text()) == tries
    assert (message in stderr) == (code == 1)
