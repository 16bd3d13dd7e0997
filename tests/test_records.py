import json
import os
import shutil
import subprocess
from importlib import metadata

import numpy as np
import pytest
import xarray as xr

from ntkbook import records


def dataset(scale=1.0):
    """Numbers, whole numbers, truth values, words, a scalar, and gaps."""
    rng = np.random.default_rng(0)
    return xr.Dataset(
        {
            "loss": (("label", "step"), scale * rng.standard_normal((2, 50))),
            "gap": ("step", np.where(np.arange(50) % 7, 1.5, np.nan)),
            "count": ("step", np.arange(50)),
            "flag": ("label", [True, False]),
            "least": scale * 0.1,
        },
        {"label": ["true", "random"], "step": np.arange(50)},
        {"profile": "quick", "config": json.dumps({"n": 3}), "data": "three; numbers"},
    )


def test_round_trip_keeps_numbers_names_types_and_attributes(tmp_path):
    path = tmp_path / "new" / "folder" / "toy-quick.nc"
    records.save(dataset(), path)
    found = records.load(path)
    xr.testing.assert_identical(found, dataset())
    assert found["loss"].dtype == np.float64
    assert found["count"].dtype == np.int64
    assert found.label.values.tolist() == ["true", "random"]
    assert [p.name for p in path.parent.iterdir()] == ["toy-quick.nc"]


def test_a_cell_of_a_sweep_keeps_numbers_names_and_attributes(tmp_path):
    path = tmp_path / "cell.nc"
    records.save(dataset(), path, cell=True)
    found = records.load(path)
    xr.testing.assert_identical(found, dataset())
    assert found["loss"].dtype == np.float64
    assert found.flag.dtype == bool
    with pytest.raises(ValueError, match=r"int64|int32|cast"):
        records.save(xr.Dataset({"large": ("x", [2**40])}), path, cell=True)
    xr.testing.assert_identical(records.load(path), dataset())
    assert [p.name for p in tmp_path.iterdir()] == ["cell.nc"]


@pytest.mark.parametrize("cell", [True, False])
def test_a_loaded_record_does_not_hold_its_file_open(tmp_path, cell):
    path = tmp_path / "a.nc"
    records.save(dataset(), path, cell=cell)
    found = records.load(path)
    path.unlink()
    assert float(found.loss.sum()) == float(dataset().loss.sum())


def test_saving_again_replaces(tmp_path):
    path = tmp_path / "a.nc"
    records.save(dataset(), path)
    records.save(dataset(2.0), path)
    xr.testing.assert_identical(records.load(path), dataset(2.0))


@pytest.mark.parametrize("error", [OSError("disk full"), KeyboardInterrupt()])
def test_failing_write_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch, error):
    path = tmp_path / "a.nc"
    records.save(dataset(), path)

    def write_half(self, target, **kwargs):
        target.write_bytes(b"half")
        raise error

    monkeypatch.setattr(xr.Dataset, "to_netcdf", write_half)
    with pytest.raises(type(error)):
        records.save(dataset(2.0), path)
    assert [p.name for p in tmp_path.iterdir()] == ["a.nc"]
    xr.testing.assert_identical(records.load(path), dataset())


def test_the_file_appears_whole_or_not_at_all(tmp_path, monkeypatch):
    seen = []
    replace = os.replace
    monkeypatch.setattr(
        os, "replace", lambda source, target: (seen.append((records.load(source), target)), replace(source, target))
    )
    records.save(dataset(), tmp_path / "a.nc")
    xr.testing.assert_identical(seen[0][0], dataset())
    assert seen[0][1] == tmp_path / "a.nc"


def test_absent_record_says_how_to_make_it(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"toy-quick\.nc: no such record; make it with `ntkbook run"):
        records.load(tmp_path / "toy-quick.nc")


@pytest.mark.parametrize("keep", [0, 1, 100, 0.5, -1])
@pytest.mark.parametrize("cell", [True, False])
def test_truncated_record_is_named(tmp_path, keep, cell):
    path = tmp_path / "toy-quick.nc"
    records.save(dataset(), path, cell=cell)
    content = path.read_bytes()
    path.write_bytes(content[: int(keep * len(content)) if isinstance(keep, float) else keep])
    with pytest.raises(ValueError, match=r"toy-quick\.nc: expected a netCDF record, found a damaged file .*delete it"):
        records.load(path)


def test_overwritten_record_is_named(tmp_path):
    path = tmp_path / "toy-quick.nc"
    path.write_text("<html>not found</html>" * 100)
    with pytest.raises(ValueError, match="found a damaged file"):
        records.load(path)


def test_provenance_names_all_that_made_the_number():
    found = records.provenance(
        experiment="toy",
        profile="quick",
        config={"widths": (1, 2), "profile": "quick"},
        seeds=range(3),
        data={"source a": "hash a", "source b": "hash b"},
        device="cpu",
        dtype="float64",
        seconds=1.26,
    )
    assert set(found) == set(records.PROVENANCE)
    assert all(isinstance(value, str) for value in found.values())
    assert json.loads(found["config"]) == {"widths": [1, 2], "profile": "quick"}
    assert found["seeds"] == "0, 1, 2"
    assert found["data"] == "source a; source b"
    assert found["data_sha256"] == "hash a; hash b"
    assert found["seconds"] == "1.3"
    assert json.loads(found["versions"])["torch"] == metadata.version("torch")
    assert np.datetime64(found["created"].removesuffix("Z")) <= np.datetime64("now")


def test_commit_is_unknown_where_there_is_no_checkout(monkeypatch):
    def no_git(*args, **kwargs):
        raise FileNotFoundError("git")

    monkeypatch.setattr(subprocess, "run", no_git)
    assert records.commit() == "unknown"


@pytest.mark.skipif(shutil.which("git") is None, reason="this machine has no git")
def test_commit_is_that_of_the_repository_that_tracks_the_package_and_of_no_other(monkeypatch, tmp_path):
    def git(*arguments):
        identity = ["-c", "user.name=Nobody", "-c", "user.email=nobody@example.org", "-c", "commit.gpgsign=false"]
        done = subprocess.run(["git", *identity, *arguments], cwd=tmp_path, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    installed = tmp_path / "venv" / "ntkbook" / "records.py"
    installed.parent.mkdir(parents=True)
    installed.write_text("one")
    (tmp_path / "thesis.tex").write_text("theirs")
    monkeypatch.setattr(records, "__file__", str(installed))
    assert records.commit() == "unknown"
    git("init", "--quiet")
    git("add", "thesis.tex")
    git("commit", "--quiet", "--message", "Somebody else's work")
    assert records.commit() == "unknown"
    git("add", "venv")
    git("commit", "--quiet", "--message", "The package itself")
    assert records.commit() == git("rev-parse", "--short=12", "HEAD")
    installed.write_text("two")
    assert records.commit() == git("rev-parse", "--short=12", "HEAD") + "-dirty"


def test_records_and_cells_lie_where_the_environment_says(monkeypatch, tmp_path):
    monkeypatch.delenv("NTKBOOK_RECORDS", raising=False)
    monkeypatch.delenv("NTKBOOK_CELLS", raising=False)
    assert records.path("kernel", "quick").as_posix() == ".ntkbook/records/kernel-quick.nc"
    assert records.cell_folder().as_posix() == ".ntkbook/cells"
    monkeypatch.setenv("NTKBOOK_RECORDS", str(tmp_path))
    monkeypatch.setenv("NTKBOOK_CELLS", str(tmp_path / "cells"))
    assert records.path("kernel", "laptop") == tmp_path / "kernel-laptop.nc"
    assert records.cell_folder() == tmp_path / "cells"


def test_best_record_is_the_paper_one_then_the_laptop_one_and_never_the_quick_one(tmp_path):
    assert records.load_best("toy", tmp_path) is None
    for scale, profile in ((1.0, "quick"), (2.0, "laptop"), (3.0, "paper")):
        records.save(dataset(scale), tmp_path / f"toy-{profile}.nc")
        best = records.load_best("toy", tmp_path)
        if profile == "quick":
            assert best is None
        else:
            assert best is not None
            assert float(best.least) == pytest.approx(scale * 0.1)
