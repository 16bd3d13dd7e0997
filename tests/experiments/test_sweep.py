import copy
import importlib
import json
import os
import signal
from dataclasses import dataclass

import joblib
import numpy as np
import pytest
import torch
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from ntkbook import records
from ntkbook.experiments.sweep import identity, sweep, table

module = importlib.import_module("ntkbook.experiments.sweep")


@dataclass(frozen=True)
class Cell:
    label: str
    width: int


CELLS = [Cell(label, width) for label in ("true", "random") for width in (100, 20)]
CALLS = []


def measure(cell, offset):
    CALLS.append(cell)
    return xr.Dataset({"size": cell.width + offset, "path": ("step", [cell.width, len(cell.label)])}, {"step": [0, 5]})


@pytest.fixture(autouse=True)
def code(monkeypatch):
    """Stands for the code behind `measure`; change it to change the code."""
    CALLS.clear()
    sources = {"toy": "hash of the code"}
    monkeypatch.setattr(module, "closure_of", lambda function: dict(sources))
    return sources


def test_results_come_in_the_order_of_the_cells():
    results = sweep(measure, CELLS, 1)
    assert [int(result["size"]) for result in results] == [101, 21, 101, 21]
    with joblib.parallel_config("threading"):
        parallel = sweep(measure, CELLS, 1, n_jobs=3)
    assert all(a.identical(b) for a, b in zip(results, parallel, strict=True))


def test_processes_share_the_threads_whatever_the_environment_says(monkeypatch):
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        monkeypatch.setenv(name, "2")
    threads = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        results = sweep(lambda cell: xr.Dataset({"threads": torch.get_num_threads()}), CELLS, n_jobs=2)
    finally:
        torch.set_num_threads(threads)
    assert [int(result["threads"]) for result in results] == [1] * 4


def test_finished_cells_are_read_and_not_run_again(tmp_path):
    first = sweep(measure, CELLS, 1, store=tmp_path)
    assert len(CALLS) == 4
    assert len(list(tmp_path.iterdir())) == 4
    again = sweep(measure, CELLS, 1, store=tmp_path)
    assert len(CALLS) == 4
    assert all(a.identical(b) for a, b in zip(first, again, strict=True))


def test_damaged_and_swapped_cells_are_measured_again_and_named(tmp_path, capsys, monkeypatch):
    monkeypatch.delenv("TQDM_DISABLE", raising=False)
    first = sweep(measure, CELLS, 1, store=tmp_path)
    one, two, three, _ = sorted(tmp_path.iterdir())
    whole = one.read_bytes()
    one.write_bytes(two.read_bytes())
    two.write_bytes(whole)
    three.write_bytes(whole[: len(whole) // 2])
    again = sweep(measure, CELLS, 1, store=tmp_path)
    assert len(CALLS) == 4 + 3
    assert all(a.identical(b) for a, b in zip(first, again, strict=True))
    said = capsys.readouterr().err
    assert all(said.count(path.name) == 1 for path in (one, two, three))
    sweep(measure, CELLS, 1, store=tmp_path)
    assert len(CALLS) == 4 + 3


def measure_together(cells, offset):
    assert len({cell.width for cell in cells}) == 1
    CALLS.append(len(cells))
    return [xr.Dataset({"size": cell.width + offset, "length": len(cell.label)}) for cell in cells]


@pytest.mark.parametrize(("most", "groups"), [(1, [1] * 6), (2, [2, 1, 2, 1]), (9, [3, 3])])
def test_alike_cells_are_measured_together_and_come_in_order(most, groups, tmp_path):
    cells = [Cell(label, width) for label in ("a", "bb", "ccc") for width in (100, 20)]

    def run():
        settings = {"store": tmp_path, "together": lambda cell: (cell.width, most)}
        results = sweep(measure_together, cells, 1, **settings)
        assert [(int(r["size"]), int(r["length"])) for r in results] == [(c.width + 1, len(c.label)) for c in cells]

    run()
    assert groups == CALLS
    run()
    assert groups == CALLS  # all read
    next(tmp_path.iterdir()).unlink()
    run()
    assert CALLS[len(groups) :] == [1]  # of a group, only what is missing


def test_a_group_is_as_small_as_any_of_its_cells_asks():
    cells = [Cell(label, 20) for label in ("a", "bb", "ccc")]
    sweep(measure_together, cells, 1, together=lambda cell: (cell.width, 4 - len(cell.label)))
    assert CALLS == [1, 1, 1]


def killed(cell, offset):
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.slow
def test_a_process_that_is_killed_is_told_as_memory_with_what_to_lower():
    with pytest.raises(MemoryError, match=r"memory ran out; run fewer at a time \(--jobs 1\): finished cells are kept"):
        sweep(killed, CELLS, 1, n_jobs=2)


def test_what_a_sweep_returns_is_what_its_files_say_with_and_without_them(tmp_path):
    """Types as well: netCDF-3 knows neither 64 bits nor all kinds of small ones."""

    def narrow(cell, offset):
        values = {"a": ("n", np.arange(2, dtype=np.int32)), "b": ("n", np.arange(2, dtype=np.uint8)), "c": ("m", ["x"])}
        return xr.Dataset(values | {"d": np.float32(0.1), "e": True, "f": ("n", np.arange(2) > 0)}, {"n": [5, 6]})

    runs = [sweep(narrow, CELLS, 1, store=store) for store in (None, tmp_path, tmp_path)]
    for other in runs[1:]:
        for a, b in zip(runs[0], other, strict=True):
            xr.testing.assert_identical(a, b)
            assert {name: a[name].dtype for name in a.variables} == {name: b[name].dtype for name in b.variables}
            assert list(a.sizes) == list(b.sizes)
    assert runs[0][0].attrs == {"threads": str(torch.get_num_threads())}


def test_one_missing_cell_is_run_alone(tmp_path):
    sweep(measure, CELLS, 1, store=tmp_path)
    next(tmp_path.iterdir()).unlink()
    sweep(measure, CELLS, 1, store=tmp_path)
    assert len(CALLS) == 5


def test_changed_arguments_code_or_function_give_other_keys(tmp_path, code):
    sweep(measure, CELLS, 1, store=tmp_path)
    sweep(measure, CELLS, 2, store=tmp_path)
    assert len(CALLS) == 8
    code["toy"] = "hash of other code"
    sweep(measure, CELLS, 1, store=tmp_path)
    assert len(CALLS) == 12

    def other(cell, offset):
        return measure(cell, offset)

    sweep(other, CELLS, 1, store=tmp_path)
    assert len(CALLS) == 16
    assert len(list(tmp_path.iterdir())) == 16


@dataclass(frozen=True)
class Data:
    values: np.ndarray
    sha256: str


def test_data_count_by_their_hash_and_by_nothing_else(tmp_path):
    def size(cell, data):
        return measure(cell, int(data.values.sum()))

    sweep(size, CELLS, Data(np.arange(3), "a"), store=tmp_path)
    sweep(size, CELLS, Data(np.arange(5), "a"), store=tmp_path)
    assert len(CALLS) == 4
    sweep(size, CELLS, Data(np.arange(3), "b"), store=tmp_path)
    assert len(CALLS) == 8


@dataclass(frozen=True)
class Twin:
    label: str
    width: int


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.lists(inner, max_size=3).map(tuple) | st.dictionaries(st.text(), inner)
    ),
    max_leaves=8,
)


@given(plain, plain)
def test_equal_values_have_one_identity_and_different_ones_another(a, b):
    assert json.dumps(identity(a)) == json.dumps(identity(copy.deepcopy(a)))
    if json.dumps(identity(a)) == json.dumps(identity(b)):
        assert json.dumps(a) == json.dumps(b)  # a tuple equals the list of its items


def test_dataclasses_are_told_apart_by_their_kind_and_their_fields():
    values = Cell("a", 1), Cell("a", 2), Twin("a", 1), {"Cell": {"label": "a", "width": 1}}
    found = [identity(value) for value in values]
    assert all(found.count(value) == 1 for value in found)


@pytest.mark.parametrize(
    "value", [np.arange(3), torch.ones(2), np.int64(1), {"x": np.arange(3)}, (1, torch.ones(1)), object(), Cell]
)
def test_an_argument_without_an_identity_is_refused_before_any_work(value, tmp_path):
    with pytest.raises(TypeError, match=r"common: expected plain values.*found \w+; give it a hash"):
        sweep(measure, CELLS, value, store=tmp_path)
    assert not CALLS


def test_a_cell_that_fails_leaves_the_finished_ones(tmp_path):
    def fails_at_the_third(cell, offset):
        if len(CALLS) == 2:
            raise KeyboardInterrupt
        return measure(cell, offset)

    with pytest.raises(KeyboardInterrupt):
        sweep(fails_at_the_third, CELLS, 1, store=tmp_path)
    files = list(tmp_path.iterdir())
    assert len(files) == 2
    assert all(records.load_cell(file).sizes == {"step": 2} for file in files)


def test_table_has_the_fields_as_dimensions_in_the_order_of_the_cells():
    grid = table(CELLS, sweep(measure, CELLS, 1))
    assert grid["size"].dims == ("label", "width")
    assert grid["path"].dims == ("label", "width", "step")
    assert grid.label.values.tolist() == ["true", "random"]
    assert grid.width.values.tolist() == [100, 20]
    for cell in CELLS:
        found = grid.sel(label=cell.label, width=cell.width)
        assert int(found["size"]) == cell.width + 1
        assert found.path.values.tolist() == [cell.width, len(cell.label)]


def test_table_has_nan_where_there_is_no_cell():
    grid = table(CELLS[:3], sweep(measure, CELLS[:3], 1))
    assert np.isnan(grid["size"].sel(label="random", width=20))
    assert int(grid["size"].notnull().sum()) == 3
    assert grid.measured.dtype == bool
    assert bool((grid.measured == grid["size"].notnull()).all())


@dataclass(frozen=True)
class OneField:
    angle: float


def test_table_of_cells_with_one_field_has_one_dimension():
    cells = [OneField(0.3), OneField(0.1)]
    grid = table(cells, [xr.Dataset({"size": 10 * cell.angle}) for cell in cells])
    assert grid["size"].dims == ("angle",)
    assert grid.angle.values.tolist() == [0.3, 0.1]
    assert grid["size"].values.tolist() == [3.0, 1.0]
