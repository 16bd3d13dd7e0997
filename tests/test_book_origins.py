"""How a figure was made: the tables equal the record, and the folded line names the run."""

import re
from html import unescape
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from ntkbook import records
from ntkbook.book.chapters import BookError
from ntkbook.book.origins import Origins, tables
from ntkbook.provenance import provenance

COMMIT = "0123456789ab"
STAMP = (f"stamp:toy:tiny:{COMMIT}:nets", "profile tiny, 4 seeds", "MNIST <here>")


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """A folder with one record, of a part with numbers, words, NaN, and variables of different dimensions."""
    rng = np.random.default_rng(0)
    nets = xr.Dataset(
        {
            "error": (("kind", "seed"), rng.normal(size=(2, 3))),
            "loss": (("kind", "seed"), rng.normal(size=(2, 3)).astype(np.float32)),
            "steps": (("kind",), np.array([3.0, np.nan])),
            "floor": ((), 1 / 3),
        },
        {"kind": ["true", "random"], "seed": [0, 1, 2]},
    )
    record = xr.DataTree.from_dict({"nets": nets, "other": nets})
    record.attrs = provenance(
        experiment="toy",
        profile="tiny",
        config={},
        seeds=[0],
        data={"mnist": ("MNIST", "0")},
        device="cpu",
        dtype="float64",
        threads="1",
        seconds=1.0,
    ) | {"commit": COMMIT}
    records.save(record, tmp_path / "built" / "toy-tiny.nc")
    return tmp_path / "built"


def test_tables_hold_the_record_to_the_last_bit(built: Path, tmp_path: Path):
    Origins(built, tmp_path / "site").told(STAMP, "../_static/records/")
    part = records.part(records.load(built / "toy-tiny.nc"), "nets")
    folder = tmp_path / "site" / f"toy-tiny-{COMMIT}"
    assert sorted(path.name for path in folder.iterdir()) == ["nets-kind-seed.csv", "nets-kind.csv", "nets.csv"]
    for path in folder.iterdir():
        table = pd.read_csv(path)
        dims = path.stem.split("-")[1:]
        found = table.set_index(dims).to_xarray() if dims else table.iloc[0]
        for name in set(table.columns) - set(dims):
            expected = part[name]
            values = found[name].sel({dim: expected[dim] for dim in dims}).transpose(*dims) if dims else found[name]
            np.testing.assert_array_equal(np.asarray(values).astype(expected.dtype), expected.values)


def test_every_variable_is_in_just_one_table():
    part = xr.Dataset({"a": ("x", [1]), "b": (("x", "y"), [[1]]), "c": ("x", [2]), "d": ((), 0)}, {"x": [0], "y": [0]})
    found = tables(part)
    assert {dims: set(table.columns) - set(dims) for dims, table in found.items()} == {
        ("x",): {"a", "c"},
        ("x", "y"): {"b"},
        (): {"d"},
    }


def test_the_folded_line_names_the_run_and_leads_to_its_numbers(built: Path, tmp_path: Path):
    told = Origins(built, tmp_path / "_static" / "records").told(STAMP, "../_static/records/")
    for part in ("Profile tiny, 4 seeds", "MNIST &lt;here&gt;", COMMIT, "ntkbook run toy --profile tiny"):
        assert part in told
    links = [unescape(link) for link in re.findall(r'href="\.\./([^"]+)"', told)]
    assert len(links) == 4
    for link in links:
        assert (tmp_path / link).is_file()
    assert (tmp_path / links[-1]).read_bytes() == (built / "toy-tiny.nc").read_bytes()


def test_a_figure_without_a_stamp_says_nothing(built: Path, tmp_path: Path):
    assert Origins(built, tmp_path / "records").told((), "") == ""
    assert not (tmp_path / "records").exists()


def test_a_record_that_was_put_together_has_files_with_plain_names(built: Path, tmp_path: Path):
    record = records.load(built / "toy-tiny.nc")
    record.attrs["commit"] = "0123abc; nets 4567def"
    records.save(record, built / "toy-tiny.nc")
    told = Origins(built, tmp_path).told(("stamp:toy:tiny:0123abc; nets 4567def:nets", "profile tiny, 4 seeds"), "")
    links = re.findall(r'href="([^"]+)"', told)
    assert all(re.fullmatch(r"[\w./-]+", link) and (tmp_path / link).is_file() for link in links)


def test_a_record_of_another_commit_is_an_error(built: Path, tmp_path: Path):
    with pytest.raises(BookError, match="expected the record toy-tiny of commit ba9876543210, found none"):
        Origins(built, tmp_path / "records").told((STAMP[0].replace(COMMIT, "ba9876543210"), *STAMP[1:]), "")
