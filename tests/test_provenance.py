import json
import shutil
import subprocess
from importlib import metadata

import numpy as np
import pytest

from ntkbook import provenance


def test_provenance_names_all_that_made_the_number():
    found = provenance.provenance(
        experiment="toy",
        profile="quick",
        config={"widths": (1, 2), "profile": "quick"},
        seeds=range(3),
        data={"a": ("source a", "hash a"), "b": ("source b", "hash b")},
        device="cpu",
        dtype="float64",
        threads="2",
        seconds=1.26,
    )
    assert set(found) == set(provenance.PROVENANCE)
    assert all(isinstance(value, str) for value in found.values())
    assert json.loads(found["config"]) == {"widths": [1, 2], "profile": "quick"}
    assert found["seeds"] == "0, 1, 2"
    assert found["data"] == "source a; source b"
    assert found["data_names"] == "a; b"
    assert found["data_sha256"] == "hash a; hash b"
    assert found["seconds"] == "1.3"
    assert json.loads(found["versions"])["torch"] == metadata.version("torch")
    assert np.datetime64(found["created"].removesuffix("Z")) <= np.datetime64("now")


def test_a_package_that_runs_without_being_installed_says_so(monkeypatch):
    version = metadata.version

    def absent(name):
        if name == "ntkbook":
            raise metadata.PackageNotFoundError(name)
        return version(name)

    monkeypatch.setattr(metadata, "version", absent)
    found = provenance.provenance(
        experiment="toy",
        profile="quick",
        config={},
        seeds=[0],
        data={},
        device="cpu",
        dtype="float64",
        threads="1",
        seconds=0.0,
    )
    assert json.loads(found["versions"])["ntkbook"] == "not installed"


def test_commit_is_unknown_where_there_is_no_checkout(monkeypatch):
    def no_git(*args, **kwargs):
        raise FileNotFoundError("git")

    monkeypatch.setattr(subprocess, "run", no_git)
    monkeypatch.delenv("NTKBOOK_COMMIT", raising=False)
    assert provenance.commit() == "unknown"
    monkeypatch.setenv("NTKBOOK_COMMIT", "0123456789ab")  # a plain copy of the tree, on another machine
    assert provenance.commit() == "0123456789ab"


@pytest.mark.skipif(shutil.which("git") is None, reason="this machine has no git")
def test_commit_is_that_of_the_repository_that_tracks_the_package_and_of_no_other(monkeypatch, tmp_path):
    monkeypatch.delenv("NTKBOOK_COMMIT", raising=False)

    def git(*arguments):
        identity = ["-c", "user.name=Nobody", "-c", "user.email=nobody@example.org", "-c", "commit.gpgsign=false"]
        done = subprocess.run(["git", *identity, *arguments], cwd=tmp_path, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    installed = tmp_path / "venv" / "ntkbook" / "provenance.py"
    installed.parent.mkdir(parents=True)
    installed.write_text("one")
    (tmp_path / "thesis.tex").write_text("theirs")
    monkeypatch.setattr(provenance, "__file__", str(installed))
    monkeypatch.delenv("NTKBOOK_COMMIT", raising=False)
    assert provenance.commit() == "unknown"
    git("init", "--quiet")
    git("add", "thesis.tex")
    git("commit", "--quiet", "--message", "Somebody else's work")
    assert provenance.commit() == "unknown"
    git("add", "venv")
    git("commit", "--quiet", "--message", "The package itself")
    assert provenance.commit() == git("rev-parse", "--short=12", "HEAD")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "nowhere"))  # as in a hook of another repository
    assert provenance.commit() == git("-C", str(tmp_path), "--git-dir=.git", "rev-parse", "--short=12", "HEAD")
    monkeypatch.delenv("GIT_DIR")
    installed.write_text("two")
    assert provenance.commit() == git("rev-parse", "--short=12", "HEAD") + "-dirty"
