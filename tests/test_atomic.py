import os
import subprocess
import sys

import pytest

from ntkbook.atomic import replacing, sweep_parts


def test_a_block_that_ends_replaces_the_file_and_makes_its_folder(tmp_path):
    path = tmp_path / "new" / "a.txt"
    for text in ("one", "two"):
        with replacing(path) as part:
            part.write_text(text)
            assert part.parent == path.parent
        assert path.read_text() == text
    assert os.listdir(path.parent) == ["a.txt"]


def test_a_block_that_fails_leaves_the_old_file_and_no_other(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")

    def fail():
        with replacing(path) as part:
            part.write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["a.txt"]


def test_parts_of_dead_processes_are_swept_and_of_living_ones_kept(tmp_path):
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    left, own, other = (tmp_path / f"a.nc.{name}.part" for name in (dead.pid, os.getpid(), "mine"))
    for path in (left, own, other, tmp_path / "a.nc"):
        path.write_text("half")
    sweep_parts(tmp_path)
    sweep_parts(tmp_path / "absent")
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["a.nc", own.name, other.name])
