import json
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch
import xarray as xr

from ntkbook import book, ledger, records
from ntkbook.claims import Claim, inventory
from ntkbook.cli import main
from ntkbook.cli.complexity import measure
from ntkbook.cli.own_data import read_own_data, scale_labels
from ntkbook.data import sphere
from ntkbook.ending import Ended
from ntkbook.experiments import catalogue
from ntkbook.experiments.experiment import Experiment
from ntkbook.experiments.judging import above, decide
from ntkbook.kernels import h_infinity


@dataclass(frozen=True)
class ToyConfig:
    profile: str
    value: float
    n_seeds: int = 1
    seed: int = 0


class ToyExperiment(Experiment):
    """One that tells with what it was run."""

    def run(self, config, *, device="cpu", n_jobs=None, store=None):
        record = super().run(config, device=device, n_jobs=n_jobs, store=store)
        record.attrs |= {"store": str(store), "jobs": str(n_jobs)}
        return record


def toy_measure(config, lab):
    lab.note("toy", "toy data", "hash")
    return {"numbers": xr.Dataset({"value": config.value})}


def toy_check(record):
    value = float(record["numbers"].value)
    return decide(f"value [{value:g}]", reproduced=[above("value", value, 0)])


TOY = ToyExperiment(
    "toy",
    "One number.",
    {"quick": ToyConfig("quick", 1.0), "laptop": ToyConfig("laptop", 2.0), "paper": ToyConfig("paper", 3.0)},
    toy_measure,
    (Claim("A01", toy_check, "above 0", "none"),),
    lambda record: {},
    "float64",
)


@pytest.fixture
def toy(monkeypatch, tmp_path):
    """One experiment that takes no time, in an empty folder."""
    module = ModuleType("ntkbook.experiments.toy.experiment")
    vars(module)["EXPERIMENT"] = TOY
    monkeypatch.setitem(sys.modules, "ntkbook.experiments.toy", ModuleType("ntkbook.experiments.toy"))
    monkeypatch.setitem(sys.modules, "ntkbook.experiments.toy.experiment", module)
    monkeypatch.setattr(catalogue, "NAMES", ("toy",))
    monkeypatch.chdir(tmp_path)
    for name in ("NTKBOOK_RECORDS", "NTKBOOK_CELLS"):
        monkeypatch.delenv(name, raising=False)
    return ToyExperiment


@pytest.fixture
def call(capsys, monkeypatch):
    """Run a command line; returns exit code, standard output, standard error."""
    monkeypatch.setenv("COLUMNS", "200")

    def call(*arguments):
        with pytest.raises(SystemExit) as stop:
            main([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        return stop.value.code or 0, out, err

    return call


def commit_ledger(verdict, profile="quick", claim="A01"):
    row = dict.fromkeys(ledger.KEYS, "") | {"claim": claim, "profile": profile, "verdict": verdict}
    ledger.write_ledger([*ledger.read_ledger(Path("results/ledger.json")), row], Path("results/ledger.json"))


# run


def test_run_saves_a_record_that_check_judges_alike(toy, call):
    code, out, _ = call("run", "toy", "--profile", "laptop", "--out", "mine", "--jobs", "2")
    assert code == 0
    assert "reproduced" in out
    assert "value [2]" in out
    record = records.load(Path("mine/toy-laptop.nc"))
    assert (record.attrs["jobs"], record.attrs["device"]) == ("2", "cpu")
    code, out, _ = call("check", "--records", "mine")
    assert code == 0
    assert "value [2]" in out


def test_run_without_out_uses_the_folder_of_the_chapters(toy, call, monkeypatch):
    assert call("run", "toy")[0] == 0
    assert Path(".ntkbook/records/toy-quick.nc").is_file()
    monkeypatch.setenv("NTKBOOK_RECORDS", "elsewhere")
    assert call("run", "toy")[0] == 0
    assert Path("elsewhere/toy-quick.nc").is_file()


def test_cells_never_go_among_the_records(toy, call, monkeypatch):
    call("run", "toy", "--out", "ntkbook/results")
    assert records.load(Path("ntkbook/results/toy-quick.nc")).attrs["store"] == str(Path(".ntkbook/cells"))
    monkeypatch.setenv("NTKBOOK_CELLS", "cells")
    call("run", "toy", "--out", "ntkbook/results")
    assert records.load(Path("ntkbook/results/toy-quick.nc")).attrs["store"] == "cells"
    assert [path.name for path in Path("ntkbook/results").iterdir()] == ["toy-quick.nc"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "nothing"], "name: expected one of toy, found 'nothing'"),
        (["run", "toy", "--jobs", "0"], "--jobs: expected a number of processes"),
        (
            ["run", "toy", "--device", "abacus"],
            "--device: expected a device that this machine has and that knows float64, found 'abacus'",
        ),
        (["run", "toy", "--profile", "huge"], "huge"),
        (["run"], "xperiment"),
        (["swim"], "swim"),
    ],
)
def test_a_wrong_call_says_what_was_expected_and_exits_2(toy, call, monkeypatch, arguments, message):
    monkeypatch.setattr(toy, "run", lambda *_, **__: pytest.fail("work began before the check"))
    code, out, err = call(*arguments)
    assert code == 2
    assert message in err
    assert "Traceback" not in out + err


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a GPU")
def test_a_gpu_that_is_not_there_is_named_before_the_work(toy, call):
    code, _, err = call("run", "toy", "--device", "cuda")
    assert (code, "try --device cpu" in err) == (2, True)


def test_an_interrupted_run_says_that_it_can_go_on(toy, monkeypatch):
    def interrupted(*_, **__):
        raise Ended(signal.SIGTERM)

    monkeypatch.setattr(toy, "run", interrupted)
    with pytest.raises(Ended) as end:
        main(["run", "toy"])
    assert end.value.code == 143
    assert end.value.told().startswith("stopped; finished cells are in ")
    assert "goes on from there" in end.value.told()
    assert not Path(".ntkbook/records/toy-quick.nc").exists()


def test_a_folder_that_cannot_be_written_shows_before_the_work(toy, call, monkeypatch):
    Path("file").write_text("")
    monkeypatch.setattr(toy, "run", lambda *args, **kwargs: pytest.fail("it ran"))
    for environment, arguments in (({}, ["--out", "file/below"]), ({"NTKBOOK_CELLS": "file"}, [])):
        with monkeypatch.context() as patch:
            for name, value in environment.items():
                patch.setenv(name, value)
            code, _, err = call("run", "toy", *arguments)
        assert code == 2
        assert f"{Path('file').absolute()}" in err
        assert "expected a folder in which a megabyte can be written, found otherwise" in err
        assert err.count("\n") == 1


@pytest.mark.parametrize("command", ["complexity", "report"])
def test_a_place_that_cannot_be_written_shows_before_data_are_read(command, call, tmp_path):
    (tmp_path / "file").write_text("")
    code, _, err = call(command, "absent.npz", "--out", str(tmp_path / "file" / "below" / "mine.svg"))
    assert code == 2
    assert "expected a folder in which a megabyte can be written, found otherwise" in err


@pytest.mark.parametrize("error", [MemoryError("a process was killed"), OSError(28, "No space left on device")])
def test_what_the_machine_refuses_is_one_line(toy, call, monkeypatch, error):
    def refused(*args, **kwargs):
        raise error

    monkeypatch.setattr(toy, "run", refused)
    code, _, err = call("run", "toy")
    assert (code, err.count("\n")) == (2, 1)
    assert str(error) in err


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("bash") is None, reason="this machine has no bash")
@pytest.mark.parametrize("blocks", [4, 512])
def test_a_limit_on_the_size_of_files_is_one_line_and_no_crash(tmp_path, blocks):
    command = f"ulimit -f {blocks}; exec {sys.executable} -m ntkbook run kernel"
    done = subprocess.run(["bash", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "raise the limit on the size of files (ulimit -f)" in done.stderr
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_symlinked_package_gives_the_same_messages(tmp_path):
    """A check is told from a bug by the file that raised it, whatever the way to that file is called."""
    (tmp_path / "ntkbook").symlink_to(Path(book.__file__).parents[1])
    command = [sys.executable, "-m", "ntkbook", "complexity", "mine.npz", "--out", "mine.txt"]
    environment = os.environ | {"PYTHONPATH": str(tmp_path)}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("error: --out: expected a picture")
    assert done.stderr.count("\n") == 1


def test_a_bug_keeps_its_traceback(toy, monkeypatch):
    monkeypatch.setattr(toy, "run", lambda *_, **__: np.zeros(2).reshape(3))
    with pytest.raises(ValueError, match="reshape"):
        main(["run", "toy"])


@pytest.mark.slow
def test_a_real_experiment_runs_and_goes_on_from_its_cells(call, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NTKBOOK_CELLS", raising=False)
    assert call("run", "kernel", "--out", "out")[0] == 0
    cells = {path: path.stat().st_mtime_ns for path in Path(".ntkbook/cells").iterdir()}
    first = records.load(Path("out/kernel-quick.nc"))
    assert call("run", "kernel", "--out", "out")[0] == 0
    assert cells == {path: path.stat().st_mtime_ns for path in Path(".ntkbook/cells").iterdir()}
    again = records.load(Path("out/kernel-quick.nc"))
    xr.testing.assert_identical(
        first.map_over_datasets(xr.Dataset.drop_attrs), again.map_over_datasets(xr.Dataset.drop_attrs)
    )


# check


def test_check_fails_when_a_verdict_got_worse(toy, call):
    call("run", "toy", "--out", "ntkbook/results")
    commit_ledger("reproduced")
    assert call("check")[0] == 0
    record = records.load(Path("ntkbook/results/toy-quick.nc"))
    record["numbers/value"] = -1.0
    records.save(record, Path("ntkbook/results/toy-quick.nc"))
    before = Path("results/ledger.json").read_text()
    code, out, err = call("check")
    assert code == 1
    assert "A01 (quick): was reproduced, is not reproduced; measured value [-1]" in err
    assert "was reproduced" in out
    assert Path("results/ledger.json").read_text() == before


def test_check_fails_when_the_same_run_has_other_numbers(toy, call):
    call("run", "toy", "--out", "ntkbook/results")
    assert call("check", "--update")[0] == 0
    assert call("check")[0] == 0
    record = records.load(Path("ntkbook/results/toy-quick.nc"))
    record["numbers/value"] = 0.5
    records.save(record, Path("ntkbook/results/toy-quick.nc"))
    code, _, err = call("check")
    assert (code, "A01 (quick): the same run, but measured was value [1]; is value [0.5]" in err) == (1, True)
    assert call("check", "--update")[0] == 0
    assert call("check")[0] == 0


@pytest.mark.parametrize("committed", ["not run", "vacuous", "not reproduced", "reproduced"])
def test_a_verdict_that_did_not_get_worse_passes(toy, call, committed):
    call("run", "toy", "--out", "ntkbook/results")
    commit_ledger(committed)
    assert call("check")[0] == 0


def test_update_writes_what_was_judged_and_keeps_the_rest(toy, call):
    call("run", "toy", "--out", "ntkbook/results")
    call("run", "toy", "--profile", "laptop", "--out", "_build/records")
    commit_ledger("vacuous", "laptop")
    commit_ledger("only asymptotic", "paper")
    commit_ledger("reproduced", claim="A02")
    assert call("check", "--update")[0] == 0
    ledger = {(row["claim"], row["profile"]): row for row in json.loads(Path("results/ledger.json").read_text())}
    verdicts = {key: row["verdict"] for key, row in ledger.items()}
    assert verdicts == {
        ("A01", "quick"): "reproduced",
        ("A01", "laptop"): "reproduced",
        ("A01", "paper"): "only asymptotic",
        ("A02", "quick"): "reproduced",
    }
    assert ledger["A01", "laptop"]["measured"] == "value [2]"
    written = Path("results/ledger.json").read_bytes()
    assert call("check", "--update")[0] == 0
    assert Path("results/ledger.json").read_bytes() == written


def test_update_accepts_a_worse_verdict_and_names_it(toy, call):
    commit_ledger("reproduced")
    record = TOY.run(ToyConfig("quick", -1.0))
    records.save(record, Path("ntkbook/results/toy-quick.nc"))
    code, _, err = call("check", "--update")
    assert (code, "was reproduced, is not reproduced" in err) == (0, True)
    assert call("check")[0] == 0


def test_check_without_records_says_how_to_make_them(toy, call):
    code, _, err = call("check")
    assert code == 2
    assert "ntkbook run EXPERIMENT" in err
    code, _, err = call("check", "--records", "absent")
    assert (code, "expected a folder, found none at absent" in err) == (2, True)


def test_a_record_that_cannot_be_judged_is_named(toy, call):
    Path("bad").mkdir()
    path = Path("bad/toy-quick.nc")
    path.write_bytes(b"not netCDF")
    code, _, err = call("check", "--records", "bad")
    assert (code, "damaged" in err) == (2, True)
    record = TOY.run(ToyConfig("quick", 1.0))
    del record["numbers"]
    records.save(record, path)
    code, _, err = call("check", "--records", "bad")
    assert (code, "older than the experiment" in err) == (2, True)
    records.save(xr.DataTree.from_dict({"numbers": xr.Dataset({"value": 1.0})}), path)
    code, _, err = call("check", "--records", "bad")
    assert (code, "expected a record with provenance" in err) == (2, True)


# list, book, help


def test_list_shows_claims_with_their_place_and_committed_verdicts(toy, call):
    commit_ledger("only asymptotic", "laptop")
    code, out, _ = call("list")
    assert code == 0
    statement = inventory()["A01"]
    for text in ("toy: One number.", "quick, laptop, paper", statement.where, "laptop: only asymptotic"):
        assert text in out


def test_list_works_without_a_ledger(toy, call):
    code, out, _ = call("list")
    assert (code, "not run" in out) == (0, True)


def test_book_passes_its_options_on(call, monkeypatch, tmp_path):
    calls = []
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(book, "build", lambda root, **options: calls.append((root, options)))
    assert call("book", "--profile", "laptop", "--jobs", "3", "--force")[0] == 0
    assert calls == [(tmp_path, {"profile": "laptop", "device": "cpu", "jobs": 3, "force": True})]


def test_a_book_that_cannot_be_built_exits_1(call, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    code, _, err = call("book")
    assert (code, "_toc.yml" in err, "Traceback" in err) == (1, True, False)


@pytest.mark.parametrize("command", ["list", "run", "check", "complexity", "report", "book"])
def test_help_shows_an_example(call, command):
    code, out, _ = call(command, "--help")
    assert code == 0
    assert "For example" in out
    assert f"ntkbook {command}" in out.partition("For example")[2]


def test_module_runs_and_help_loads_no_torch():
    program = (
        "import sys, runpy; sys.argv = ['ntkbook', '--help']\ntry: runpy.run_module('ntkbook', run_name='__main__')\n"
    )
    program += "except SystemExit as stop: sys.exit(stop.code or 'torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "ntkbook complexity" in done.stdout


# complexity


@pytest.fixture
def own(tmp_path, monkeypatch):
    """Write mine.npz in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def write(**arrays):
        np.savez("mine.npz", **arrays)
        return Path("mine.npz")

    return write


X = sphere(40, 5, np.random.default_rng(0))
Y = np.where(X[:, 0] > 0, 1.0, -1.0)


def test_complexity_reports_the_measure_and_draws_the_spectrum(own, call):
    code, out, err = call("complexity", own(x=3 * X, y=Y))
    assert (code, err) == (0, "")
    gram = h_infinity(torch.tensor(X)).numpy()
    assert f"true labels      {np.sqrt(2 * Y @ np.linalg.solve(gram, Y) / 40):.4f}" in out
    assert f"lambda_min {np.linalg.eigvalsh(gram)[0]:.4g}" in out
    assert "rows scaled to unit norm" in out
    assert "over 20 shuffles" in out
    assert Path("mine-spectrum.svg").read_text().startswith("<?xml")


def test_complexity_takes_other_names_and_a_place_for_the_picture(own, call):
    arguments = ["--x", "images", "--y", "digit", "--out", "pictures/s.png", "--shuffles", "2", "--seed", "1"]
    code, out, _ = call("complexity", own(images=X, digit=Y > 0), *arguments)
    assert code == 0
    assert "two classes, False -> -1 and True -> +1" in out
    assert Path("pictures/s.png").read_bytes().startswith(b"\x89PNG")


def test_measure_agrees_with_the_spectrum_it_returns():
    record = measure(X, Y, 3, np.random.default_rng(1))
    through_spectrum = np.sqrt(2 * (record.projection**2 / record.eigenvalue).sum() / 40)
    np.testing.assert_allclose(record.measure, through_spectrum, rtol=1e-9)
    first = np.sqrt(2 * (record.shuffled_projection**2 / record.eigenvalue).sum() / 40)
    np.testing.assert_allclose(record.shuffled_measure[0], first, rtol=1e-9)
    np.testing.assert_allclose([(record.projection**2).sum(), (record.shuffled_projection**2).sum()], 40)
    assert (record.shuffled_measure > record.measure).all()


def test_the_seed_decides_the_shuffles(own, call):
    file = own(x=X, y=Y)
    first, second, third = (call("complexity", file, "--seed", seed)[1] for seed in (0, 0, 1))
    assert first == second != third


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"x": np.vstack([X, 2 * X[3]]), "y": np.append(Y, 1)}, "row 3, row 40"),
        ({"x": np.where(np.arange(40)[:, None] == 7, np.nan, X), "y": Y}, "not finite in row 7"),
        ({"x": np.where(np.arange(40)[:, None] == 7, 0, X), "y": Y}, "a row of zeros in row 7"),
        ({"x": X, "y": np.append(Y[1:], np.nan)}, "y: expected finite labels, found nan in row 39"),
        ({"x": X, "y": np.ones(40)}, "y: expected labels that differ, found 1.0 everywhere"),
        ({"x": X, "y": Y[1:]}, "y: expected one label an input, shape (40,), found (39,)"),
        ({"x": X, "y": Y[:, None]}, "try y.ravel()"),
        ({"x": X.reshape(40, 5, 1), "y": Y}, "flatten each input: x.reshape(len(x), -1)"),
        ({"x": X[:, 0], "y": Y}, "expected shape (n, d)"),
        ({"x": X[:0], "y": Y[:0]}, "expected shape (n, d)"),
        ({"x": X[:1], "y": Y[:1]}, "labels that differ"),
        ({"x": X + 1j, "y": Y}, "x: expected real numbers, found complex128"),
        ({"x": X, "y": np.array(list("abcd" * 10))}, "y: expected numbers or two classes, found 4 values"),
        ({"x": X, "y": Y.astype(object)}, "found Python objects"),
        ({"a": X, "b": Y}, "expected an array 'x', found a, b; name yours with --x NAME"),
        ({"x": X}, "expected an array 'y', found x; name yours with --y NAME"),
        ({}, "expected an array 'x', found none"),
    ],
)
def test_unusable_arrays_are_named_with_a_remedy(own, call, arrays, message):
    code, out, err = call("complexity", own(**arrays))
    assert code == 2
    assert message in err
    assert "Traceback" not in out + err
    assert not Path("mine-spectrum.svg").exists()


def test_unusable_files_are_named(own, call):
    good = own(x=X, y=Y).read_bytes()
    for content, message in (
        (b"", "found something else"),
        (b"x,y\n1,2\n", "found something else"),
        (good[:200], "found something else"),
        (good.replace(X.tobytes()[:64], bytes(64)), "found a damaged one"),
    ):
        Path("mine.npz").write_bytes(content)
        code, _, err = call("complexity", "mine.npz")
        assert (code, message in err) == (2, True), err
    code, _, err = call("complexity", "absent.npz")
    assert (code, "found no such file" in err) == (2, True)
    code, _, err = call("complexity", "absent.npz", "--out", "picture.doc")
    assert (code, "expected a picture ending in" in err) == (2, True)


def test_beyond_the_limit_of_eigh_the_measure_is_not_lost(own, call, monkeypatch):
    _, full, _ = call("complexity", own(x=X, y=Y))
    Path("mine-spectrum.svg").unlink()
    monkeypatch.setattr("ntkbook.spectrum.EIGH_LIMIT", 39)
    code, out, err = call("complexity", own(x=X, y=Y))
    assert (code, "too many for a spectrum" in err) == (0, True)
    assert [line for line in full.splitlines() if "labels" in line] == [
        line for line in out.splitlines() if "labels" in line
    ]
    assert not Path("mine-spectrum.svg").exists()


def test_what_does_not_fit_in_memory_is_refused_with_what_does(own, call, monkeypatch):
    monkeypatch.setattr("ntkbook.reporting.memory.available", lambda: 3e8 + 8 * (2.5 * 30**2 + 3 * 30 * 5))
    code, _, err = call("complexity", own(x=X, y=Y))
    assert (code, "a random subset of at most 30" in err or "at most 29" in err) == (2, True), err


@pytest.mark.parametrize(
    ("raw", "expected", "said"),
    [
        ([-1, 1, 1], [-1, 1, 1], "1 times -1, 2 times +1"),
        ([3, 7, 3], [-1, 1, -1], "two classes, 3 -> -1 and 7 -> +1; 2 times -1, 1 times +1"),
        (["no", "yes", "no"], [-1, 1, -1], "two classes, no -> -1 and yes -> +1"),
        ([0.0, 0.5, -1.0], [0, 0.5, -1], "taken as they are"),
        ([0, 5, -10], [0, 0.5, -1], "divided by 10"),
        (np.array([0, 128, 255], np.uint8), [0, 128 / 255, 1], "divided by 255"),
        (np.array([-128, 0, 64], np.int8), [-1, 0, 0.5], "divided by 128"),
    ],
)
def test_labels_come_into_the_unit_interval(raw, expected, said):
    labels, told = scale_labels(np.array(raw))
    np.testing.assert_allclose(labels, expected, rtol=1e-15)
    assert said in told


def test_integer_inputs_are_converted_and_unit_rows_left(own):
    sample, told = read_own_data(own(x=np.array([[3, 4], [0, 2]], np.uint8), y=np.array([0, 1])))
    np.testing.assert_allclose(sample.x_train, [[0.6, 0.8], [0, 1]], rtol=1e-15)
    assert "uint8 numbers; rows scaled" in told[0]
    assert "unit norm already" in read_own_data(own(x=X.astype(np.float32), y=Y))[1][0]
