import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ntkbook.atomic import check_writable, replacing, sweep_parts


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


@pytest.mark.parametrize(
    ("number", "remedy"),
    [
        (errno.ENOSPC, "make room"),
        (errno.EFBIG, "ulimit -f"),
        (errno.EROFS, "make it writable"),
        (errno.EACCES, "make it writable"),
    ],
)
def test_a_write_that_fails_names_folder_and_remedy_and_leaves_nothing(tmp_path, monkeypatch, number, remedy):
    path = tmp_path / "folder" / "a.txt"

    def refused(self, content):
        self.touch()
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(Path, "write_bytes", refused)
    said = f"{path.parent}: expected a folder in which {{}} can be written, found otherwise"
    with pytest.raises(OSError, match=said.format("a.txt") + f".*{remedy}"), replacing(path) as part:
        part.write_bytes(b"")
    with pytest.raises(OSError, match=said.format("a megabyte") + f".*{remedy}"):
        check_writable(path.parent)
    assert list(path.parent.iterdir()) == []


def test_a_folder_that_can_be_written_is_made_and_left_empty(tmp_path):
    check_writable(tmp_path / "new" / "folder")
    assert list((tmp_path / "new" / "folder").iterdir()) == []
