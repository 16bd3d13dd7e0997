"""The session for a machine with a GPU, at toy size on the CPU."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
import xarray as xr

from ntkbook import data, records
from ntkbook.experiments.million_steps.config import PROFILES
from ntkbook.experiments.million_steps.readings import norm_gap
from ntkbook.gpu import __main__ as command
from ntkbook.gpu import benchmarks, checks, curves, plan, session
from ntkbook.gpu.assemble import assemble
from ntkbook.provenance import PROVENANCE
from ntkbook.training.windows import WindowSpace
from ntkbook.verdicts import not_numbers

ROOT = Path(__file__).resolve().parent.parent
TINY = {"n": 12, "m": 20, "steps": 300}
BARE = """
import sys
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {missing!r}:
            raise ModuleNotFoundError(name, name=name)
sys.meta_path.insert(0, Missing())
from ntkbook.gpu import plan, __main__
plan.BENCHMARKS = ()
__main__.main({arguments!r})
"""
"""A machine that has torch, numpy, scipy and xarray only."""


def parts(folder):
    return {part["part"]: part for part in json.loads((folder / "report.json").read_text())["parts"]}


@pytest.fixture
def no_cifar(monkeypatch):
    monkeypatch.setattr(data, "available", lambda name: name == "mnist")


def test_a_session_leaves_a_report_and_a_record_for_each_run(monkeypatch, tmp_path, no_cifar, capsys):
    monkeypatch.setattr(plan, "BENCHMARKS", ("empirical",))
    monkeypatch.setattr(plan, "ratios", lambda name, device: [{"what": name, "measured": 1.0}])
    command.main(["--out", str(tmp_path), "--minutes", "5", *(f"--{key}={value}" for key, value in TINY.items())])
    found = parts(tmp_path)
    runs = [f"{kind}-mnist-{labels}" for kind in ("exact", "long") for labels in ("true", "worst", "random")]
    assert list(found) == ["checks", "problem-mnist", *runs, "benchmark-empirical"]
    assert {part["status"] for part in found.values()} == {"done"}
    assert {row["verdict"] for row in found["checks"]["found"]} == {"same"}
    for run in runs:
        record = records.load_cell(tmp_path / f"{run}.nc")
        assert set(PROVENANCE) <= set(record.attrs)
        reached = record.measured if "measured" in record else True
        assert np.isfinite(record.residual.where(reached, 0)).all()
        assert record.residual.sizes["step"] == record.sizes["step"]
    long = records.load_cell(tmp_path / "long-mnist-random.nc")
    assert int(long.last_step) == TINY["steps"]
    assert int(long.exact_steps) == TINY["steps"]
    assert 0 <= float(long.error_of_mean) < 1e-3
    assert json.loads(long.attrs["config"])["runs"]["rtol"] == PROFILES["paper"].runs.rtol
    assert all(path.stat().st_size < 1e6 for path in tmp_path.iterdir())
    assert "| labels | steps |" in (tmp_path / "report.md").read_text()
    assert "long-mnist-random: done" in capsys.readouterr().out


def test_a_part_that_fails_is_reported_and_the_next_is_begun(monkeypatch, tmp_path, no_cifar, capsys):
    def fail(*_, **__):
        raise RuntimeError("out of memory")

    monkeypatch.setattr(plan, "BENCHMARKS", ("empirical", "sgd"))
    monkeypatch.setattr(plan, "ratios", fail)
    monkeypatch.setattr(plan, "check_device", fail)
    monkeypatch.setattr(curves.runs, "stepwise", fail)
    plan.run(tmp_path, minutes=5, n=12, m=20, steps=300)
    found = parts(tmp_path)
    assert {name for name, part in found.items() if part["status"] == "failed"} == {
        *("checks", "exact-mnist-true", "exact-mnist-worst", "exact-mnist-random"),
        *("benchmark-empirical", "benchmark-sgd"),
    }
    assert found["checks"]["reason"] == "RuntimeError: out of memory"
    assert found["long-mnist-worst"]["status"] == "done"
    assert records.load_cell(tmp_path / "long-mnist-worst.nc").exact_steps == 0
    monkeypatch.setattr(plan, "Curves", fail)
    plan.run(tmp_path, minutes=5, n=12, m=20, steps=300)
    assert parts(tmp_path)["problem-mnist"]["status"] == "failed"
    assert "long-mnist-worst" not in parts(tmp_path)
    capsys.readouterr()


def test_long_runs_end_when_their_time_is_over_and_leave_what_they_have(tmp_path, no_cifar, monkeypatch, capsys):
    monkeypatch.setattr(plan, "BENCHMARKS", ())
    plan.run(tmp_path, minutes=1e-6, n=12, m=20, steps=5000)
    record = records.load_cell(tmp_path / "long-mnist-true.nc")
    assert 0 < int(record.last_step) < 5000
    assert "left out" in {row["verdict"] for row in parts(tmp_path)["checks"]["found"]}
    capsys.readouterr()


def test_a_second_session_does_not_follow_gradient_descent_again(tmp_path, no_cifar, monkeypatch, capsys):
    monkeypatch.setattr(plan, "BENCHMARKS", ())
    monkeypatch.setattr(plan, "check_device", lambda *_: [])
    followed, real = [], curves.runs.stepwise

    def count(start, problem, labels, steps):
        followed.append(int(steps[-1]))
        return real(start, problem, labels, steps)

    monkeypatch.setattr(curves.runs, "stepwise", count)
    session = {"minutes": 5, "n": 12, "m": 20, "steps": 400, "labels": ["true"]}
    plan.run(tmp_path, **session)
    first = records.load_cell(tmp_path / "long-mnist-true.nc")
    assert followed == [5, 5, 400]
    plan.run(tmp_path, **session)
    assert followed == [5, 5, 400, 5, 5]
    again = records.load_cell(tmp_path / "long-mnist-true.nc")
    xr.testing.assert_identical(again.distance, first.distance)
    assert int(again.exact_steps) == int(parts(tmp_path)["exact-mnist-true"]["found"]["steps"]) == 400
    exact = records.load_cell(tmp_path / "exact-mnist-true.nc")
    records.save_cell(exact.isel(step=exact.step < 100), tmp_path / "exact-mnist-true.nc")
    plan.run(tmp_path, **session)
    assert followed[5:] == [5, 5, 400]
    for spoilt in (exact.drop_vars("residuals"), exact.assign_attrs(data_sha256="other")):
        records.save_cell(spoilt, tmp_path / "exact-mnist-true.nc")
        followed.clear()
        plan.run(tmp_path, **session)
        assert followed == [5, 5, 400]
    capsys.readouterr()


def test_a_second_session_goes_on_where_the_first_ended(tmp_path, no_cifar, monkeypatch, capsys):
    monkeypatch.setattr(plan, "BENCHMARKS", ())
    monkeypatch.setattr(plan, "check_device", lambda *_: [])
    asked, real = [], curves.long_gradient_descent

    def until(last):
        def run(*args, go_on, **settings):
            return real(*args, go_on=lambda step: asked.append(step) or step < last, **settings)

        monkeypatch.setattr(curves, "long_gradient_descent", run)

    until(400)
    plan.run(tmp_path / "once", minutes=5, n=12, m=20, steps=400, labels=["true"])
    until(200)
    plan.run(tmp_path / "twice", minutes=5, n=12, m=20, steps=400, labels=["true"])
    path = tmp_path / "twice" / "long-mnist-true.nc"
    short = records.load_cell(path)
    short.attrs |= {"seconds": "1000.0", "commit": "abc123"}
    records.save_cell(short, path)
    asked.clear()
    until(400)
    plan.run(tmp_path / "twice", minutes=5, n=12, m=20, steps=400, labels=["true"])
    whole, resumed = (records.load_cell(tmp_path / folder / "long-mnist-true.nc") for folder in ("once", "twice"))
    assert 200 <= int(short.last_step) <= min(asked)
    assert int(resumed.last_step) == 400
    gap = np.abs(resumed.residual - whole.residual).max()
    assert float(gap) < float(resumed.residual[0]) * PROFILES["paper"].runs.rtol
    assert float(resumed.attrs["seconds"]) >= 1000
    assert resumed.attrs["commit"].startswith("abc123; ")
    capsys.readouterr()


def test_a_session_goes_on_where_a_killed_one_was(tmp_path, no_cifar, monkeypatch, capsys):
    """It leaves a checkpoint and no record."""
    monkeypatch.setattr(plan, "BENCHMARKS", ())
    monkeypatch.setattr(plan, "check_device", lambda *_: [])
    plan.run(tmp_path, minutes=5, n=12, m=20, steps=400, labels=["true"])
    (tmp_path / "long-mnist-true.nc").unlink()
    monkeypatch.setattr(WindowSpace, "walk", None)  # no step is taken again
    monkeypatch.setattr(WindowSpace, "settle", None)
    plan.run(tmp_path, minutes=5, n=12, m=20, steps=400, labels=["true"])
    assert parts(tmp_path)["long-mnist-true"]["status"] == "done"
    assert int(records.load_cell(tmp_path / "long-mnist-true.nc").last_step) == 400
    capsys.readouterr()


@pytest.mark.parametrize("wrong", [{"rtol": 2.0}, {"n": 1}, {"m": 0}])
def test_settings_that_cannot_be_are_refused_and_leave_no_folder(tmp_path, no_cifar, wrong):
    with pytest.raises(ValueError, match=r"expected .*found"):
        plan.run(tmp_path / "out", minutes=5, **({"n": 12, "m": 20, "steps": 400} | wrong))
    assert not (tmp_path / "out").exists()


def test_curves_can_be_chosen(tmp_path, no_cifar, monkeypatch, capsys):
    monkeypatch.setattr(plan, "BENCHMARKS", ())
    monkeypatch.setattr(plan, "check_device", lambda *_: [])
    command.main(["--out", str(tmp_path), "--labels=worst", "--rtol=0.01", "--n=12", "--m=20", "--steps=100"])
    assert list(parts(tmp_path)) == ["checks", "problem-mnist", "exact-mnist-worst", "long-mnist-worst"]
    run = records.load_cell(tmp_path / "long-mnist-worst.nc")
    assert json.loads(run.attrs["config"])["runs"]["rtol"] == 0.01
    capsys.readouterr()


@pytest.mark.parametrize("wrong", [{"labels": ["false"]}, {"datasets": ["svhn"]}, {"labels": []}])
def test_curves_that_do_not_exist_are_refused_before_the_work(tmp_path, wrong):
    (name,) = wrong
    with pytest.raises(ValueError, match=rf"{name}: expected some of (true|mnist), "):
        plan.run(tmp_path / "out", minutes=5, **wrong)
    assert not (tmp_path / "out").exists()


def test_data_that_are_not_there_and_a_folder_of_other_settings_are_refused_before_the_work(tmp_path, no_cifar):
    with pytest.raises(ValueError, match="datasets: expected files of cifar10, found none; set NTKBOOK_DATA"):
        plan.run(tmp_path / "out", minutes=5, datasets=["cifar10"])
    assert not (tmp_path / "out").exists()
    (tmp_path / "settings.json").write_text('{"n": 12, "m": 20, "steps": 400, "rtol": 0.001}')
    with pytest.raises(ValueError, match=r"out: expected a folder of sessions with .*'m': 30.* found .*'m': 20"):
        plan.run(tmp_path, minutes=5, n=12, m=30, steps=400)
    assert [path.name for path in tmp_path.iterdir()] == ["settings.json"]


def test_a_record_has_of_each_curve_the_run_that_came_farthest(tmp_path, no_cifar, monkeypatch, capsys):
    monkeypatch.setattr(plan, "BENCHMARKS", ())
    monkeypatch.setattr(plan, "check_device", lambda *_: [])
    plan.run(tmp_path / "short", minutes=1e-6, n=12, m=20, steps=400)
    plan.run(tmp_path / "long", minutes=5, n=12, m=20, steps=400, labels=["true"], rtol=1e-2)
    with pytest.raises(FileNotFoundError, match="found no such set of files"):
        assemble([tmp_path / "long"])
    plan.run(tmp_path / "other", minutes=1e-6, n=12, m=21, steps=400, labels=["worst"])
    with pytest.raises(ValueError, match="folders: expected runs with the same config"):
        assemble([tmp_path / "other", tmp_path / "long", tmp_path / "short"])
    record = assemble([tmp_path / "short", tmp_path / "long"])
    reached = records.part(record, "runs").last_step.sel(data="mnist", seed=0)
    assert int(reached.sel(labels="true")) == 400
    assert int(reached.sel(labels="worst")) < 400
    curves = {curve["labels"]: curve for curve in json.loads(record.attrs["curves"])}
    assert {kind: curve["rtol"] for kind, curve in curves.items()} == {
        "true": "0.01",
        "random": "0.001",
        "worst": "0.001",
    }
    assert set(PROVENANCE) <= set(record.attrs)
    step, gap = norm_gap(record, "mnist", "true")
    assert step == 400
    assert 0 < gap < 1e-3
    assert set(not_numbers(record)) == {"runs/distance"}  # not at the first two steps, nor where not followed
    capsys.readouterr()


def test_it_runs_from_a_plain_copy_on_a_bare_machine(tmp_path):
    for folder in ("ntkbook", "benchmarks"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__", "*.nc"))
    missing = {
        "numba",
        "llvmlite",
        "tqdm",
        "typer",
        "rich",
        "joblib",
        "h5netcdf",
        "h5py",
        "matplotlib",
        "seaborn",
        "sklearn",
        "pooch",
    }
    arguments = ["--out", "found", "--minutes", "1", "--n", "12", "--m", "20", "--steps", "100"]
    code = BARE.format(missing=missing, arguments=arguments)
    place = {
        "PYTHONPATH": str(tmp_path),
        "NTKBOOK_COMMIT": "abc123",
        "PATH": os.environ["PATH"],
        "OMP_NUM_THREADS": "1",
    }
    place |= {name: os.environ[name] for name in ("NTKBOOK_DATA", "HOME") if name in os.environ}
    answer = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=place, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr
    assert records.load_cell(tmp_path / "found" / "long-mnist-true.nc").attrs["commit"] == "abc123"


def test_checks_tell_a_device_that_computes_something_else(monkeypatch):
    def wrong(device, dtype):
        return torch.ones(3, dtype=dtype) * (1 if device == "cpu" else 1.1)

    def broken(device, dtype):
        raise ValueError("no such kernel")

    cases = {"wrong": (wrong, torch.float64, 1e-3), "broken": (broken, torch.float64, 1e-3)}
    monkeypatch.setattr(checks, "CASES", cases)
    rows = checks.check_device("meta", 10)
    assert [row["verdict"] for row in rows] == ["DIFFERENT", "FAILED: ValueError: no such kernel"]
    assert rows[0]["difference"] == pytest.approx(0.1)


def test_every_benchmark_is_run(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT))
    named = {path.stem for path in (ROOT / "benchmarks").glob("*.py")} - {"__init__", "__main__", "measure", "suspects"}
    assert set(benchmarks.BENCHMARKS) == named


def test_the_device_has_a_name():
    assert session.device_name("cpu")
