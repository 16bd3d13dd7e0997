import json
import os
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from ntkbook import records


def cell(scale=1.0):
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
    )


def record(scale=1.0):
    """Two parts whose dimensions have the same names and other sizes, and attributes."""
    tree = xr.DataTree.from_dict({"long": cell(scale), "short": cell(scale).isel(step=slice(3))})
    tree.attrs = {"profile": "quick", "config": json.dumps({"n": 3}), "data": "three; numbers"}
    return tree


def test_round_trip_keeps_parts_numbers_names_types_and_attributes(tmp_path):
    path = tmp_path / "new" / "folder" / "toy-quick.nc"
    records.save(record(), path)
    found = records.load(path)
    xr.testing.assert_identical(found, record())
    part = records.part(found, "short")
    assert part["loss"].dtype == np.float64
    assert part["count"].dtype == np.int64
    assert part.label.values.tolist() == ["true", "random"]
    assert records.part(found, "long").sizes["step"] == 50
    assert [p.name for p in path.parent.iterdir()] == ["toy-quick.nc"]


def test_a_cell_of_a_sweep_keeps_numbers_names_and_types(tmp_path):
    path = tmp_path / "cell.nc"
    records.save_cell(cell(), path)
    found = records.load_cell(path)
    xr.testing.assert_identical(found, cell())
    assert {name: found[name].dtype for name in found.variables} == {n: cell()[n].dtype for n in cell().variables}
    with pytest.raises(ValueError, match=r"int64|int32|cast"):
        records.save_cell(xr.Dataset({"large": ("x", [2**40])}), path)
    xr.testing.assert_identical(records.load_cell(path), cell())
    assert [p.name for p in tmp_path.iterdir()] == ["cell.nc"]


def test_a_loaded_record_does_not_hold_its_file_open(tmp_path):
    path = tmp_path / "a.nc"
    records.save(record(), path)
    found = records.load(path)
    path.unlink()
    assert float(records.part(found, "long").loss.sum()) == float(cell().loss.sum())


def test_saving_again_replaces(tmp_path):
    path = tmp_path / "a.nc"
    records.save(record(), path)
    records.save(record(2.0), path)
    xr.testing.assert_identical(records.load(path), record(2.0))


@pytest.mark.parametrize("error", [OSError("disk full"), KeyboardInterrupt()])
def test_failing_write_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch, error):
    path = tmp_path / "a.nc"
    records.save(record(), path)

    def write_half(self, content):
        with self.open("wb") as target:
            target.write(content[:100])
        raise error

    monkeypatch.setattr(Path, "write_bytes", write_half)
    with pytest.raises(type(error)):
        records.save(record(2.0), path)
    monkeypatch.undo()
    assert [p.name for p in tmp_path.iterdir()] == ["a.nc"]
    xr.testing.assert_identical(records.load(path), record())


def test_the_file_appears_whole_or_not_at_all(tmp_path, monkeypatch):
    seen = []
    replace = os.replace
    monkeypatch.setattr(
        os, "replace", lambda source, target: (seen.append((records.load(source), target)), replace(source, target))
    )
    records.save(record(), tmp_path / "a.nc")
    xr.testing.assert_identical(seen[0][0], record())
    assert seen[0][1] == tmp_path / "a.nc"


def test_absent_record_says_how_to_make_it(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"toy-quick\.nc: no such record; make it with `ntkbook run"):
        records.load(tmp_path / "toy-quick.nc")


def halve(found):
    found["long/loss"] = found["long/loss"] * 0.5


def rename(found):
    found["long/loose"] = found["long/loss"]
    found["long"] = found["long"].to_dataset().drop_vars("loss")


def change_an_attribute(found):
    found.attrs["profile"] = "laptop"


def change_the_last_bit(found):
    found["short/least"] = np.nextafter(found["short/least"].values, 1)


def change_a_coordinate(found):
    found["long"] = found["long"].to_dataset().assign_coords(label=["true", "worst"])


def turn_a_row_round(found):
    found["short"] = found["short"].to_dataset().assign(loss=(("label", "step"), found["short/loss"].values[:, ::-1]))


@pytest.mark.parametrize(
    "change",
    [halve, rename, change_an_attribute, change_the_last_bit, change_a_coordinate, turn_a_row_round],
    ids=lambda change: change.__name__,
)
def test_a_record_that_was_changed_is_refused(tmp_path, change):
    path = tmp_path / "toy-quick.nc"
    records.save(record(), path)
    with xr.open_datatree(path, engine="h5netcdf") as file:
        changed = file.load()
    change(changed)
    changed.to_netcdf(path, engine="h5netcdf")
    with pytest.raises(ValueError, match=r"toy-quick\.nc: expected the content that was written, by its checksum"):
        records.load(path)


def test_a_record_without_a_checksum_is_refused(tmp_path):
    path = tmp_path / "toy-quick.nc"
    record().to_netcdf(path, engine="h5netcdf")
    with pytest.raises(ValueError, match=r"toy-quick\.nc: expected the content.*, found none"):
        records.load(path)


def test_a_cell_that_was_changed_or_renamed_is_refused(tmp_path):
    path, other = tmp_path / "a.nc", tmp_path / "b.nc"
    records.save_cell(cell(), path)
    path.rename(other)
    with pytest.raises(ValueError, match=r"b\.nc: expected the cell that was written under this name, found another"):
        records.load_cell(other)
    changed = xr.load_dataset(other, engine="scipy")
    changed["loss"] = changed["loss"] * 0.5
    changed.to_netcdf(path, engine="scipy")
    with pytest.raises(ValueError, match=r"a\.nc: expected the cell"):
        records.load_cell(path)


@pytest.mark.parametrize("keep", [0, 1, 100, 0.5, -1])
@pytest.mark.parametrize(
    ("save", "load", "content"), [(records.save, records.load, record), (records.save_cell, records.load_cell, cell)]
)
def test_truncated_record_is_named(tmp_path, keep, save, load, content):
    path = tmp_path / "toy-quick.nc"
    save(content(), path)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(keep * len(whole)) if isinstance(keep, float) else keep])
    with pytest.raises(ValueError, match=r"toy-quick\.nc: expected a netCDF record, found a damaged file .*delete it"):
        load(path)


def test_overwritten_record_is_named(tmp_path):
    path = tmp_path / "toy-quick.nc"
    path.write_text("<html>not found</html>" * 100)
    with pytest.raises(ValueError, match="found a damaged file"):
        records.load(path)


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
        records.save(record(scale), tmp_path / f"toy-{profile}.nc")
        best = records.load_best("toy", tmp_path)
        if profile == "quick":
            assert best is None
        else:
            assert best is not None
            assert float(records.part(best, "long").least) == pytest.approx(scale * 0.1)
