"""A record that refers to anything but itself is refused before any array is read."""

import h5py
import numpy as np
import pytest
import xarray as xr

from ntkbook import records
from ntkbook.seal import check_seal


def external_link(file, other):
    file["elsewhere"] = h5py.ExternalLink(str(other), "/secret")


def soft_link(file, other):
    file["part/also"] = h5py.SoftLink("/part/x")


def twice(file, other):
    file["again"] = file["part"]


def a_circle(file, other):
    file["part/up"] = file["part"]


def external_storage(file, other):
    file.create_dataset("raw", (4,), "f8", external=[(str(other), 0, 32)])


def a_virtual_array(file, other):
    layout = h5py.VirtualLayout((4,), "f8")
    layout[:] = h5py.VirtualSource(str(other), "secret", (4,))
    file.create_virtual_dataset("virtual", layout)


def terabytes(file, other):
    file.create_dataset("large", (10**6, 10**6), "f8", chunks=(10, 10))


@pytest.mark.parametrize(
    "extend",
    [external_link, soft_link, twice, a_circle, external_storage, a_virtual_array, terabytes],
    ids=lambda extend: extend.__name__,
)
def test_a_record_that_reaches_outside_itself_is_refused(tmp_path, extend):
    other = tmp_path / "other.h5"
    with h5py.File(other, "w") as file:
        file["secret"] = np.arange(4.0)
    path = tmp_path / "toy-quick.nc"
    records.save(xr.DataTree.from_dict({"part": xr.Dataset({"x": ("n", np.arange(4.0))})}), path)
    records.load(path)
    with h5py.File(path, "a") as file:
        extend(file, other)
    path.write_bytes(path.read_bytes().rpartition(b"\nsha256 ")[0] or path.read_bytes())  # as whoever made it would
    check_seal(path.read_bytes())
    with pytest.raises(ValueError, match=r"toy-quick\.nc: expected a netCDF record, found a damaged file \(.*\)"):
        records.load(path)


@pytest.mark.parametrize("path", sorted(records.RESULTS.glob("*.nc")), ids=lambda path: path.stem)
def test_committed_records_are_contained(path):
    records.check_contained(path.read_bytes())
