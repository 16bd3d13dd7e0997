"""Records, cells and stored notebooks that were edited or decayed: nothing is taken up that was not written.

Each test generates the relatives of one kind of damage. `pytest --hypothesis-show-statistics` counts them.
"""

import io

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from ntkbook import records
from ntkbook.checksum import checksum


def cell():
    rng = np.random.default_rng(0)
    values = {
        "loss": (("label", "step"), rng.standard_normal((2, 20))),
        "gap": ("step", np.where(np.arange(20) % 7, 1.5, np.nan)),
        "count": ("step", np.arange(20)),
        "flag": ("label", [True, False]),
        "least": 0.1,
    }
    return xr.Dataset(values, {"label": ["true", "random"], "step": np.arange(20)}, {"threads": "1"})


def record():
    tree = xr.DataTree.from_dict({"long": cell(), "short": cell().isel(step=slice(3))})
    tree.attrs = {"profile": "quick", "config": '{"n": 3}', "data": "three; numbers", "commit": "0123"}
    return tree


@pytest.fixture(scope="module", params=["record", "cell"])
def kept(request, tmp_path_factory):
    """A file, how it is read, its bytes, and the checksum of what was written."""
    path = tmp_path_factory.mktemp("kept") / "toy-quick.nc"
    if request.param == "record":
        records.save(record(), path)
        return path, records.load, path.read_bytes(), checksum(record())
    records.save_cell(cell(), path)
    return path, records.load_cell, path.read_bytes(), checksum(cell())


def refused_or_the_same(path, read, content, expected):
    """Whether a file with another content is refused in one line; if it is read, it must hold what was written."""
    path.write_bytes(content)
    try:
        found = read(path)
    except ValueError as error:
        assert str(error).startswith(f"{path}: expected")  # noqa: PT017
        assert "\n" not in str(error)  # noqa: PT017
        return True
    assert checksum(found) == expected
    return False


@pytest.mark.slow
@settings(max_examples=400, deadline=None)
@given(st.data())
def test_flipped_and_lost_bytes_are_refused_or_make_no_difference(kept, data):
    path, read, whole, expected = kept
    content = bytearray(whole)
    at = data.draw(st.integers(0, len(content) - 1))
    kind = data.draw(st.sampled_from(["flip", "replace", "zero", "cut", "insert"]))
    if kind == "flip":
        content[at] ^= 1 << data.draw(st.integers(0, 7))
    elif kind == "replace":
        content[at] = data.draw(st.integers(0, 255))
    elif kind == "zero":
        content[at : at + 64] = bytes(len(content[at : at + 64]))
    elif kind == "cut":
        del content[at : at + data.draw(st.integers(1, 64))]
    else:
        content[at:at] = data.draw(st.binary(min_size=1, max_size=16))
    refused_or_the_same(path, read, bytes(content), expected)


def edited(data, dataset):
    """A dataset with one value, one attribute, one name or one order changed."""
    kind = data.draw(st.sampled_from(["value", "attribute", "new attribute", "name", "drop", "roll"]))
    name = data.draw(st.sampled_from(sorted(dataset.data_vars)))
    values = dataset[name]
    if kind == "attribute" and dataset.attrs:
        key = data.draw(st.sampled_from(sorted(dataset.attrs)))
        return dataset.assign_attrs({key: dataset.attrs[key] + data.draw(st.text("ab1 <", min_size=1, max_size=3))})
    if "attribute" in kind:
        return dataset.assign_attrs({"note": data.draw(st.text("ab<>", min_size=1, max_size=5))})
    if kind == "name":
        return dataset.rename({name: f"{name}_"})
    if kind == "drop":
        return dataset.drop_vars(name)
    changed = values.values.copy().reshape(-1)
    if kind == "roll" and changed.size > 1 and not np.array_equal(np.roll(changed, 1), changed, equal_nan=True):
        changed = np.roll(changed, 1)
    else:
        at = data.draw(st.integers(0, changed.size - 1))
        old = changed[at]
        changed[at] = ~old if old.dtype == bool else -1 if np.isnan(old) else np.nextafter(old, old + 1)
        if changed[at] == old:
            changed[at] = old + 1
    return dataset.assign({name: (values.dims, changed.reshape(values.shape))})


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_an_edited_record_is_refused(tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / "edited-quick.nc"
    records.save(record(), path)
    with xr.open_datatree(path, engine="h5netcdf") as file:
        parts = {part.path: part.to_dataset(inherit=False).load() for part in file.subtree}
    where = data.draw(st.sampled_from(["/long", "/short"]))
    parts[where] = edited(data, parts[where])
    path.write_bytes(xr.DataTree.from_dict(parts).to_netcdf(engine="h5netcdf"))
    with pytest.raises(ValueError, match=r"edited-quick\.nc: expected the content that was written, by its checksum"):
        records.load(path)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_an_edited_cell_is_refused(tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / "edited-cell.nc"
    records.save_cell(cell(), path)
    content = edited(data, xr.load_dataset(io.BytesIO(path.read_bytes()), engine="scipy")).to_netcdf(engine="scipy")
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"edited-cell\.nc: expected the cell that was written under this name"):
        records.load_cell(path)
