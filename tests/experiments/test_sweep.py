import importlib
from dataclasses import dataclass

import joblib
import numpy as np
import pytest
import torch
import xarray as xr

from ntkbook import records
from ntkbook.experiments.sweep import cell_generator, log_slope, sweep, table

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
    """Stands for the sources that `measure` depends on; change it to change the code."""
    CALLS.clear()
    sources = {"toy": "hash of the code"}
    monkeypatch.setattr(module, "closure_of", lambda function: dict(sources))
    return sources


def test_results_come_in_the_order_of_the_cells():
    results = sweep(measure, CELLS, 1, identity=[])
    assert [int(result["size"]) for result in results] == [101, 21, 101, 21]
    with joblib.parallel_config("threading"):
        parallel = sweep(measure, CELLS, 1, identity=[], n_jobs=3)
    assert all(a.identical(b) for a, b in zip(results, parallel, strict=True))


def test_processes_share_the_threads_whatever_the_environment_says(monkeypatch):
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        monkeypatch.setenv(name, "2")
    threads = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        results = sweep(lambda cell: xr.Dataset({"threads": torch.get_num_threads()}), CELLS, identity=[], n_jobs=2)
    finally:
        torch.set_num_threads(threads)
    assert [int(result["threads"]) for result in results] == [1] * 4


def test_finished_cells_are_read_and_not_run_again(tmp_path):
    first = sweep(measure, CELLS, 1, identity=["data"], store=tmp_path)
    assert len(CALLS) == 4
    assert len(list(tmp_path.iterdir())) == 4
    again = sweep(measure, CELLS, 1, identity=["data"], store=tmp_path)
    assert len(CALLS) == 4
    assert all(a.identical(b) for a, b in zip(first, again, strict=True))


def measure_together(cells, offset):
    assert len({cell.width for cell in cells}) == 1
    CALLS.append(len(cells))
    return [xr.Dataset({"size": cell.width + offset, "length": len(cell.label)}) for cell in cells]


@pytest.mark.parametrize(("most", "groups"), [(1, [1] * 6), (2, [2, 1, 2, 1]), (9, [3, 3])])
def test_alike_cells_are_measured_together_and_come_in_order(most, groups, tmp_path):
    cells = [Cell(label, width) for label in ("a", "bb", "ccc") for width in (100, 20)]

    def run():
        settings = {"identity": [], "store": tmp_path, "together": lambda cell: (cell.width, most)}
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
    sweep(measure_together, cells, 1, identity=[], together=lambda cell: (cell.width, 4 - len(cell.label)))
    assert CALLS == [1, 1, 1]


def test_one_missing_cell_is_run_alone(tmp_path):
    sweep(measure, CELLS, 1, identity=[], store=tmp_path)
    next(tmp_path.iterdir()).unlink()
    sweep(measure, CELLS, 1, identity=[], store=tmp_path)
    assert len(CALLS) == 5


def test_changed_code_data_or_function_gives_other_keys(tmp_path, code):
    sweep(measure, CELLS, 1, identity=["data"], store=tmp_path)
    sweep(measure, CELLS, 2, identity=["other data"], store=tmp_path)
    assert len(CALLS) == 8
    code["toy"] = "hash of other code"
    sweep(measure, CELLS, 1, identity=["data"], store=tmp_path)
    assert len(CALLS) == 12

    def other(cell):
        return measure(cell, 0)

    sweep(other, CELLS, identity=["data"], store=tmp_path)
    assert len(CALLS) == 16
    assert len(list(tmp_path.iterdir())) == 16


def test_a_cell_that_fails_leaves_the_finished_ones(tmp_path):
    def fails_at_the_third(cell, offset):
        if len(CALLS) == 2:
            raise KeyboardInterrupt
        return measure(cell, offset)

    with pytest.raises(KeyboardInterrupt):
        sweep(fails_at_the_third, CELLS, 1, identity=[], store=tmp_path)
    files = list(tmp_path.iterdir())
    assert len(files) == 2
    assert all(records.load(file).sizes == {"step": 2} for file in files)


def test_table_has_the_fields_as_dimensions_in_the_order_of_the_cells():
    grid = table(CELLS, sweep(measure, CELLS, 1, identity=[]))
    assert grid["size"].dims == ("label", "width")
    assert grid["path"].dims == ("label", "width", "step")
    assert grid.label.values.tolist() == ["true", "random"]
    assert grid.width.values.tolist() == [100, 20]
    for cell in CELLS:
        found = grid.sel(label=cell.label, width=cell.width)
        assert int(found["size"]) == cell.width + 1
        assert found.path.values.tolist() == [cell.width, len(cell.label)]


def test_table_has_nan_where_there_is_no_cell():
    grid = table(CELLS[:3], sweep(measure, CELLS[:3], 1, identity=[]))
    assert np.isnan(grid["size"].sel(label="random", width=20))
    assert int(grid["size"].notnull().sum()) == 3


def test_generators_of_different_cells_are_independent_and_repeatable():
    draws = {key: cell_generator(*key).standard_normal(2000) for key in [(0, 1), (0, 2), (1, 1), (0, 1, 0), (0,)]}
    np.testing.assert_array_equal(cell_generator(0, 1).standard_normal(2000), draws[0, 1])
    correlations = np.corrcoef(list(draws.values()))
    assert np.abs(correlations - np.eye(len(draws))).max() <= 5 / 2000**0.5


@pytest.mark.parametrize("slope", [-0.5, 0.0, 2.0])
def test_log_slope_is_the_exponent(slope):
    x = np.array([1.0, 10.0, 70.0])
    assert log_slope(x, 3 * x**slope) == pytest.approx(slope, abs=1e-12)


@dataclass(frozen=True)
class OneField:
    angle: float


def test_table_of_cells_with_one_field_has_one_dimension():
    cells = [OneField(0.3), OneField(0.1)]
    grid = table(cells, [xr.Dataset({"size": 10 * cell.angle}) for cell in cells])
    assert grid["size"].dims == ("angle",)
    assert grid.angle.values.tolist() == [0.3, 0.1]
    assert grid["size"].values.tolist() == [3.0, 1.0]
