import gzip
import struct

import numpy as np
import pytest
from data_files import batch_bytes, idx_bytes
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ntkbook.data import read_batch, read_idx

IMAGES = np.arange(2 * 3 * 4, dtype=np.uint8).reshape(2, 3, 4)


def written(tmp_path, content, name="file"):
    path = tmp_path / name
    path.write_bytes(content)
    return path


@pytest.fixture(scope="module")
def module_tmp(tmp_path_factory):
    return tmp_path_factory.mktemp("formats")


@given(
    array=st.integers(1, 3).flatmap(lambda k: arrays(np.uint8, st.tuples(*[st.integers(0, 5)] * k))), gz=st.booleans()
)
def test_idx_round_trip(module_tmp, array, gz):
    content = idx_bytes(array)
    path = written(module_tmp, gzip.compress(content) if gz else content)
    np.testing.assert_array_equal(read_idx(path, ndim=array.ndim), array)


def test_idx_is_big_endian_and_row_major(tmp_path):
    content = bytes.fromhex("0000 0802 00000002 00000003") + bytes([1, 2, 3, 4, 5, 6])
    np.testing.assert_array_equal(read_idx(written(tmp_path, content), ndim=2), [[1, 2, 3], [4, 5, 6]])


def test_gzip_is_told_by_content_and_not_by_name(tmp_path):
    plain = written(tmp_path, idx_bytes(IMAGES), "images.gz")
    np.testing.assert_array_equal(read_idx(plain, ndim=3), IMAGES)


def test_idx_view_is_read_only(tmp_path):
    images = read_idx(written(tmp_path, idx_bytes(IMAGES)), ndim=3)
    assert not images.flags.writeable


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "at least 4 bytes, found 0"),
        (b"\x00\x00\x08", "at least 4 bytes, found 3"),
        (b"\x89PNG" + bytes(40), "two zero bytes, found 89 50"),
        (b"\x00\x01" + idx_bytes(IMAGES)[2:], "two zero bytes, found 00 01"),
        (b"\x00\x00\x0d\x03" + idx_bytes(IMAGES)[4:], "type 0x08 .*found 0x0d"),
        (idx_bytes(IMAGES.reshape(6, 4)), r"3 dimension\(s\), found 2"),
        (idx_bytes(IMAGES)[:15], "header of 16 bytes, found 15"),
        (idx_bytes(IMAGES)[:-1], "24 bytes after the header .*found 23"),
        (idx_bytes(IMAGES) + b"\x00", "24 bytes after the header .*found more"),
        (struct.pack(">BBBB3I", 0, 0, 8, 3, *[2**32 - 1] * 3), "at most 1,000,000,000 bytes of data, found"),
        (struct.pack(">BBBB3I", 0, 0, 8, 3, 2, 2**14, 2**14), "536870912 bytes after the header .*found 0"),
    ],
)
@pytest.mark.parametrize("gz", [True, False])
def test_damaged_idx_names_file_expected_and_found(tmp_path, content, message, gz):
    path = written(tmp_path, gzip.compress(content) if gz else content, "damaged-idx")
    with pytest.raises(ValueError, match=rf"damaged-idx: expected .*{message}"):
        read_idx(path, ndim=3)


def damaged_gzip():
    stream = gzip.compress(idx_bytes(IMAGES))
    flipped = bytearray(stream)
    flipped[14] ^= 0xFF
    checksum = bytearray(stream)
    checksum[-6] ^= 0xFF
    return {
        "cut short": stream[:-9],
        "header only": stream[:5],
        "byte flipped": bytes(flipped),
        "checksum": bytes(checksum),
        "bytes after the end": stream + b"junk",
    }


@pytest.mark.parametrize("damage", damaged_gzip())
def test_damaged_gzip_names_file_expected_and_found(tmp_path, damage):
    path = written(tmp_path, damaged_gzip()[damage], "damaged.gz")
    with pytest.raises(ValueError, match=r"damaged\.gz: expected a whole gzip stream, found .*fetch it again"):
        read_idx(path, ndim=3)


@pytest.mark.parametrize("records", [1, 7])
def test_batch_round_trip(tmp_path, records):
    rng = np.random.default_rng(records)
    images = rng.integers(0, 256, (records, 3072), dtype=np.uint8)
    labels = rng.integers(0, 10, records)
    found_images, found_labels = read_batch(written(tmp_path, batch_bytes(images, labels)))
    np.testing.assert_array_equal(found_images, images)
    np.testing.assert_array_equal(found_labels, labels)
    assert not found_images.flags.writeable


@pytest.mark.parametrize("size", [0, 1, 3072, 3074, 2 * 3073 - 1])
def test_batch_that_is_no_whole_number_of_records_is_an_error(tmp_path, size):
    path = written(tmp_path, bytes(size), "batch.bin")
    with pytest.raises(
        ValueError, match=rf"batch\.bin: expected 1 to 100,000 whole records of 3073 bytes, found {size} "
    ):
        read_batch(path)


def test_batch_with_a_label_above_nine_is_an_error(tmp_path):
    path = written(tmp_path, batch_bytes(np.ones((3, 3072)), [9, 10, 3]), "batch.bin")
    with pytest.raises(ValueError, match=r"batch\.bin: expected labels 0 to 9, found 10 in record 1"):
        read_batch(path)


def test_a_pickle_is_refused(tmp_path):
    path = written(tmp_path, b"\x80\x04\x95" + bytes(100), "data_batch_1")
    with pytest.raises(ValueError, match="whole records"):
        read_batch(path)
