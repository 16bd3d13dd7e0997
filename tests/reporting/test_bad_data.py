"""Data as readers bring them: what cannot be used is named with a remedy, whatever it is."""

import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from ntkbook.data import sphere
from ntkbook.reporting.labels import check_labels, one_against_rest, read_labels
from ntkbook.reporting.memory import check_memory, fits
from ntkbook.reporting.npz import read_npz
from ntkbook.reporting.problem import problem

X = sphere(40, 5, np.random.default_rng(0))
Y = np.where(X[:, 0] > 0, 1.0, -1.0)
NAMES = {"--x": "x", "--y": "y"}
HOLES = np.where(np.arange(40)[:, None] % 7 == 3, 0, X)


def attempt(call) -> tuple[Any, str | None]:
    """What a call returned and None, or None and what it was refused with."""
    try:
        return call(), None
    except ValueError as error:
        return None, str(error)


def written(tmp_path, **arrays):
    np.savez(tmp_path / "d.npz", **arrays)
    return tmp_path / "d.npz"


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (np.eye(4)[np.arange(40) % 4], r"one-hot labels, shape \(40, 4\); take y.argmax\(axis=1\)"),
        (np.eye(2, dtype=bool)[np.arange(40) % 2], "take y.argmax"),
        (Y[:, None], r"try y.ravel\(\)"),
        (np.ones((40, 3)), "drop what has no partner"),
        (np.array(["a", 1] * 20, dtype=object), r"objects \(int, str\); convert with y.astype\(str\)"),
        (np.array([None, "a"] * 20, dtype=object), r"y.astype\(str\)"),
        (np.array(["2020-01-01", "NaT"] * 20, dtype="M8[D]"), r"found datetime64\[D\]; for classes .*astype\(str\)"),
        (np.array([1, 2] * 20, dtype="m8[s]"), "found timedelta64"),
        (Y + 0j, "found complex128"),
        (np.zeros(40, dtype=[("a", int)]), r"expected numbers or strings"),
        (np.where(Y > 0, np.nan, 0), "expected finite labels, found nan"),
        (np.where(Y > 0, np.inf, 0), "expected finite labels, found inf"),
        (np.ones(40), "expected labels that differ, found 1.0 everywhere"),
        (np.arange(40).astype(str), "expected classes that repeat, found 40 different labels"),
        (Y[1:], r"expected one label an input, shape \(40,\), found \(39,\)"),
        (np.array(1.0), r"shape \(40,\), found \(\)"),
    ],
)
def test_labels_that_cannot_be_used_are_named_with_a_remedy(y, message):
    with pytest.raises(ValueError, match=message):
        problem(X, y)


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (X.astype(object), r"x: expected real numbers, found object; convert with astype\(float\)"),
        (X + 1j, "found complex128"),
        (X.astype(str), "found <U"),
        (np.zeros((40, 5), "M8[D]"), r"found datetime64\[D\]; the difference to a first date"),
        (
            np.where(np.arange(40)[:, None] % 7 == 3, 0, X),
            "a row of zeros in row 3; remove that row; 6 such rows in all",
        ),
        (np.where(np.arange(40)[:, None] == 3, np.nan, X), "not finite in row 3"),
        (X[:, 0], r"expected shape \(n, d\)"),
        (X[:, :0], r"expected shape \(n, d\)"),
        (X[:0], r"expected shape \(n, d\)"),
    ],
)
def test_inputs_that_cannot_be_used_are_named_with_a_remedy(x, message):
    with pytest.raises(ValueError, match=message):
        problem(x, Y[: len(x)])


@given(
    raw=st.one_of(
        hnp.arrays(
            st.sampled_from(["f8", "f4", "i8", "u1", "?", "c16", "M8[s]", "m8[D]", "U3", "S3", "O", ">f8", "f2"]),
            hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=7),
        ),
        hnp.arrays(st.sampled_from(["f8", "i8", "U2", "O"]), st.just((6,))),
        hnp.arrays(st.just("i1"), st.just((6, 3)), elements=st.integers(0, 1)),
    )
)
@settings(max_examples=500, deadline=None)
def test_any_labels_are_accepted_rightly_or_refused_in_words(raw):
    labels, refusal = attempt(lambda: read_labels(raw, 6))
    if refusal is not None:
        assert refusal.startswith("y: expected ")
        assert ", found " in refusal
        return
    assert raw.shape == (6,)
    assert labels.targets.shape == (6, {0: 1, 2: 1}.get(len(labels.classes), len(labels.classes)))
    assert np.abs(labels.targets).max() <= 1
    assert np.isfinite(labels.targets).all()
    for i in range(6):
        for j in range(6):  # alike before, alike after, and the other way round
            assert (raw[i] == raw[j]) == (labels.targets[i] == labels.targets[j]).all() or raw.dtype.kind == "f"


@pytest.mark.parametrize(
    ("raw", "classes", "said"),
    [
        (["b", "a", "b", "a"], ("a", "b"), "2 classes: a (2), b (2)"),
        (np.array(["b", "a", "b", "a"], dtype=object), ("a", "b"), "2 classes"),
        (np.array([b"b", b"a", b"b", b"a"]), ("a", "b"), "2 classes"),
        ([True, False, True, True], ("False", "True"), "2 classes"),
        ([0.5, 1.5, 1.5, 0.5], ("0.5", "1.5"), "2 classes"),
        (np.arange(60) % 3, ("0", "1", "2"), "taken as classes, not as values"),
        (np.arange(60) / 7, (), "60 different numbers, taken as values, divided by 8.4"),
        (np.arange(60), (), "taken as values"),
    ],
)
def test_classes_and_values_are_told_apart_and_said(raw, classes, said):
    labels = read_labels(np.asarray(raw), len(raw))
    assert labels.classes == classes
    assert said in labels.told


def test_values_can_be_asked_for_and_are_refused_of_words():
    labels = read_labels(np.array([0, 5, -10, 5]), 4, regression=True)
    assert labels.targets[:, 0].tolist() == [0, 0.5, -1, 0.5]
    assert labels.scale == 10
    with pytest.raises(ValueError, match="expected numbers for a regression"):
        read_labels(np.array(["a", "b"]), 2, regression=True)


def test_one_column_for_two_classes_and_one_each_for_more():
    assert one_against_rest(np.array([0, 1]), 2).tolist() == [[-1], [1]]
    assert one_against_rest(np.array([0, 2]), 3).tolist() == [[1, -1, -1], [-1, -1, 1]]


def test_checked_labels_are_left_as_they_are():
    assert check_labels(Y, 40) is Y


# files


def test_arrays_come_as_they_were_saved(tmp_path):
    for y in (Y, Y > 0, np.where(Y > 0, "a", "b"), Y.astype(">f4"), np.asfortranarray(Y)):
        x, labels = read_npz(written(tmp_path, x=np.asfortranarray(X), y=y), NAMES)
        np.testing.assert_array_equal(x, X)
        np.testing.assert_array_equal(labels, y)


def header(shape, descr="<f8"):
    out = io.BytesIO()
    np.lib.format.write_array_header_1_0(out, {"descr": descr, "fortran_order": False, "shape": shape})
    return out.getvalue()


@pytest.mark.parametrize("shape", [(2 * 10**12, 5), (41, 5), (39, 5), (40, 5, 2), (0, 5)])
def test_a_header_that_claims_another_size_is_refused_before_the_body(tmp_path, shape):
    path = written(tmp_path, y=Y)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("x.npy", header(shape) + X.tobytes())
    with pytest.raises(ValueError, match="expected as many bytes in 'x' as its shape"):
        read_npz(path, NAMES)


def test_an_honest_giant_is_refused_before_it_is_read(tmp_path, monkeypatch):
    path = written(tmp_path, x=X, y=Y)
    monkeypatch.setattr("ntkbook.reporting.npz.available", lambda: 1000)
    with pytest.raises(ValueError, match=r"that fits in memory, found 0\.0 GB; take a random subset"):
        read_npz(path, NAMES)


def encrypted(data):
    """Set the flag of every member, in its own header and in the central directory."""
    out = bytearray(data)
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = out.find(signature)
        while at >= 0:
            out[at + offset] |= 1
            at = out.find(signature, at + 4)
    return bytes(out)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (encrypted, "found an encrypted one; save it without a password"),
        (lambda data: b"#!/bin/sh\n" + data, "found a zip file with something before it"),
        (lambda data: data[: len(data) // 2], "found something else"),
        (lambda data: b"", "found something else"),
        (lambda data: b"x,y\n1,2\n", "found something else"),
        (lambda data: data.replace(X.tobytes()[:64], bytes(64)), "found a damaged one"),
    ],
)
def test_files_that_are_something_else_are_named(tmp_path, change, message):
    path = tmp_path / "d.npz"
    np.savez(path, x=X, y=Y)
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(ValueError, match=message):
        read_npz(path, NAMES)


def test_pickles_are_never_read(tmp_path):
    path = written(tmp_path, x=X, y=np.array(["a", "b"] * 20, dtype=object))
    with pytest.raises(ValueError, match=r"found Python objects; save y.astype\(str\)"):
        read_npz(path, NAMES)


def test_a_member_that_is_no_array_is_named(tmp_path):
    path = written(tmp_path, y=Y)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("x.npy", b"x,y")
    with pytest.raises(ValueError, match=r"found raw bytes; write it with numpy\.savez"):
        read_npz(path, NAMES)


def test_missing_arrays_and_files_are_named(tmp_path):
    with pytest.raises(ValueError, match="expected an array 'x', found a, b; name yours with --x NAME"):
        read_npz(written(tmp_path, a=X, b=Y), NAMES)
    with pytest.raises(FileNotFoundError, match="found no such file"):
        read_npz(Path("absent.npz"), NAMES)


@given(st.data())
@settings(max_examples=400, deadline=None)
def test_a_damaged_file_gives_the_arrays_or_a_line(tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / "damaged.npz"
    data.draw(st.sampled_from([np.savez, np.savez_compressed]))(path, x=X, y=Y)
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.one_of(st.integers(0, 200), st.integers(0, len(content)), st.integers(-250, -1)))
        at %= len(content)
        kind = data.draw(st.sampled_from(["flip", "cut", "insert"]))
        if kind == "flip":
            content[at] ^= data.draw(st.integers(1, 255))
        elif kind == "cut":
            del content[at : at + data.draw(st.integers(1, 60))]
        else:
            content[at:at] = data.draw(st.binary(min_size=1, max_size=8))
    path.write_bytes(bytes(content))
    arrays, refusal = attempt(lambda: read_npz(path, NAMES))
    if refusal is not None:
        assert refusal.startswith(f"{path}: expected ")
        assert ", found " in refusal
    else:
        np.testing.assert_array_equal(arrays[0], X)
        np.testing.assert_array_equal(arrays[1], Y)


@pytest.mark.parametrize("version", [1, 2, 3, 9])
@pytest.mark.parametrize(
    "text",
    [
        "{'descr': '<f8', 'fortran_order': False, 'shape': (-40, -5)}",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (True, 200)}",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (2**70,)}",
        "{'descr': ('<f8', (5,)), 'fortran_order': False, 'shape': (40,)}",
        "{'descr': '|S0', 'fortran_order': False, 'shape': (40,)}",
        "{'descr': '<f8', 'fortran_order': False, 'shape': " + "(" * 3000 + "}",
        "{'descr': '<f8', 'fortran_order': False, 'shape': ",
        "__import__('os').abort()",
        "\0\0",
    ],
)
def test_headers_of_any_kind_are_refused_in_a_line(tmp_path, text, version):
    path = written(tmp_path, y=Y)
    head = text.encode() + b"\n"
    length = len(head).to_bytes(2 if version == 1 else 4, "little")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("x.npy", b"\x93NUMPY" + bytes([version, 0]) + length + head + X.tobytes())
    with pytest.raises(ValueError, match=r"d\.npz: expected .*, found "):
        read_npz(path, NAMES)


def test_memory_is_predicted_and_the_largest_that_fits_is_one_that_fits(monkeypatch):
    monkeypatch.setattr("ntkbook.reporting.memory.available", lambda: 2e9)
    with pytest.raises(ValueError, match=r"n = 20,000, which takes 7.4 GB of the 1.7 GB that are free") as caught:
        check_memory(20_000, 784, 2.2)
    largest = int(str(caught.value).split()[-1].replace(",", ""))
    assert fits(largest, 784, 2.2)
    assert not fits(largest + 2, 784, 2.2)
