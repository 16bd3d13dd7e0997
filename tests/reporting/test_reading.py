"""Tables and folders of images, read and refused."""

import re
import sys
from dataclasses import asdict
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from ntkbook.data import unit_rows
from ntkbook.reporting.reading import read
from ntkbook.reporting.thumbnails import thumbnails

RNG = np.random.default_rng(0)
FRAME = pd.DataFrame({"a": RNG.random(30), "b": RNG.random(30), "species": np.tile(["x", "y", "z"], 10)})


@pytest.fixture
def table(tmp_path):
    def write(frame, name="d.csv"):
        frame.to_csv(tmp_path / name, index=False)
        return tmp_path / name

    return write


def test_a_table_gives_its_numbers_as_inputs_and_names_its_lines(table):
    found = read(table(FRAME))
    np.testing.assert_allclose(found.x, unit_rows(FRAME[["a", "b"]].to_numpy()))
    assert found.labels.classes == ("x", "y", "z")
    assert (found.names[0], found.names[-1]) == ("line 2", "line 31")
    assert found.images is None


@pytest.mark.parametrize(
    ("change", "label", "classes"),
    [
        (lambda f: f[["species", "a", "b"]], None, ("x", "y", "z")),
        (lambda f: f.rename(columns={"species": "anything"}), None, ("x", "y", "z")),
        (lambda f: f.rename(columns={"species": "Label"})[["Label", "b", "a"]], None, ("x", "y", "z")),
        (lambda f: f.assign(other=np.arange(30) % 2).drop(columns="species"), "other", ("0", "1")),
    ],
)
def test_labels_are_found_by_name_or_are_the_last_column(table, change, label, classes):
    assert read(table(change(FRAME)), y=label).labels.classes == classes


def test_a_saved_index_is_left_out_and_said(table):
    found = read(table(FRAME.reset_index()))
    assert found.x.shape == (30, 2)
    assert any("left out 'index', which only count" in line for line in found.told)


def test_columns_of_other_scales_are_said_and_can_be_evened_out(table):
    path = table(FRAME.assign(a=1000 * FRAME.a, c=1.0, e=FRAME.b**2))
    (caution,) = read(path, y="species").cautions
    size = sorted(np.linalg.norm(column) for column in (1000 * FRAME.a, np.ones(30), FRAME.b**2, FRAME.b))
    assert f"Column 'a' is {size[3] / np.mean(size[1:3]):,.0f} times as large as the median" in caution
    assert "Run again with --standardise" in caution
    found = read(path, y="species", standardise=True)
    assert found.cautions == ()
    even = FRAME.assign(e=FRAME.b**2)[["a", "b", "e"]]
    even = (even - even.mean()) / even.std(ddof=0)
    np.testing.assert_allclose(found.x, unit_rows(even.to_numpy()), rtol=1e-9)
    assert any("1 constant ones left out" in line for line in found.told)


@pytest.mark.parametrize(
    ("change", "label", "message"),
    [
        (lambda f: f.assign(name="n"), "species", "found 'name'; drop such columns, encode them"),
        (
            lambda f: f.assign(a=f.a.where(f.a > 0.5)),
            None,
            r"found 1\d empty or infinite ones, in 'a', line \d+, .* and \d+ more; fill them",
        ),
        (
            lambda f: f.assign(species=f.species.where(f.a > 0.5)),
            None,
            "species: expected a label in every row, found none in line ",
        ),
        (lambda f: f, "colour", "expected a column 'colour', found 'species', 'a', 'b'; name yours with --y COLUMN"),
        (lambda f: f, "spices", "did you mean --y 'species'"),
        (
            lambda f: f.assign(**{f"c{k:02}": 1.0 * k for k in range(20)}),
            "q",
            r"found 'species', 'a', 'b', .* and 15 more;",
        ),
        (
            lambda f: f.assign(a=f.a.astype(object).where(f.index != 4, "?")),
            None,
            r"found '\?' in column 'a', line 6; write",
        ),
        (
            lambda f: f.assign(a=f.a.where(f.index != 4, np.inf)),
            None,
            "found 1 empty or infinite ones, in 'a', line 6;",
        ),
        (lambda f: f.assign(a=0 * f.a, b=0 * f.b), None, "a row of zeros in line 2; remove that row; 30 such rows"),
        (lambda f: f.assign(species=f.a.where(f.index != 4, np.inf)), None, "species: .* found inf in line 6"),
        (
            lambda f: f.set_axis(["0.1", "1.3", "y"], axis=1),
            None,
            r"first line, found numbers: 0\.1, 1\.3, y; add a line",
        ),
        (lambda f: f[["species"]], None, "expected a header, columns of numbers and one of labels"),
        (lambda f: f[:0], None, "expected a header, columns of numbers and one of labels"),
        (lambda f: f[["species", "species"]].set_axis(["u", "y"], axis=1), None, "found 'u'"),
    ],
)
def test_tables_that_cannot_be_used_are_named_with_a_remedy(table, change, label, message):
    with pytest.raises(ValueError, match=message):
        read(table(change(FRAME)), y=label)


def test_columns_counted_by_pandas_have_names(table):
    assert read(table(FRAME.set_axis(["0", "1", "y"], axis=1))).x.shape == (30, 2)


@pytest.mark.parametrize("mark", [";", "\t", "|"])
def test_other_separators_than_commas_are_named(tmp_path, mark):
    FRAME.to_csv(tmp_path / "d.csv", index=False, sep=mark, decimal=",")
    with pytest.raises(ValueError, match="expected commas between cells, found " + re.escape(repr(mark))):
        read(tmp_path / "d.csv")


def test_lines_are_those_of_an_editor(tmp_path):
    (tmp_path / "d.csv").write_text('a,"b\nc",y\n\n1,2,u\n3,4,"v\nw"\n  \n5,6,u\r\n7,8,"v\nw"\n', newline="")
    assert read(tmp_path / "d.csv").names == ("line 4", "line 5", "line 8", "line 9")


def test_a_column_that_looks_like_an_id_is_said(table):
    shuffled = np.random.default_rng(1).permutation(30) + 1000
    assert any(
        "Column 'id' holds another whole" in said
        for said in read(table(FRAME.assign(id=shuffled)), y="species").cautions
    )
    repeated = FRAME.assign(id=shuffled // 2)
    assert not any("whole" in said for said in read(table(repeated), y="species").cautions)


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2,3\n1,2,3,4\n", b"\xff\xfe\x00a,b", b"\0\0\0"])
def test_files_that_are_no_tables_are_named(tmp_path, content):
    (tmp_path / "d.csv").write_bytes(content)
    with pytest.raises(ValueError, match="expected"):
        read(tmp_path / "d.csv")


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_damaged_table_is_read_or_refused_by_its_name(tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / "damaged.csv"
    content = bytearray(FRAME.to_csv(index=False).encode())
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(content)))
        content[at : at + data.draw(st.integers(0, 40))] = data.draw(
            st.one_of(
                st.binary(max_size=4), st.sampled_from([b"\0", b"\n", b'"', b",", b"\r", b"1e999", b"\xef\xbb\xbf"])
            )
        )
    path.write_bytes(bytes(content))
    try:
        found = read(path)
    except ValueError as error:
        assert re.match(r".+: expected .*, found", str(error), re.DOTALL)  # noqa: PT017
        return
    np.testing.assert_allclose(np.linalg.norm(found.x, axis=1), 1)


@pytest.mark.parametrize("name", ["d.csv", "D.CSV", "d.Csv"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_a_table_is_one_however_its_ending_is_written_and_with_a_byte_order_mark(tmp_path, name, mark):
    (tmp_path / name).write_bytes(mark + FRAME.to_csv(index=False).encode())
    assert read(tmp_path / name).labels.classes == ("x", "y", "z")


def test_a_table_without_a_header_loses_no_row_and_one_that_counts_its_columns_is_read(table):
    path = table(FRAME)
    path.write_text(path.read_text().split("\n", 1)[1])
    with pytest.raises(ValueError, match="expected the names of the columns in the first line, found numbers"):
        read(path)
    assert read(table(FRAME.set_axis(["0", "1", "2"], axis=1))).x.shape == (30, 2)


def test_zero_bytes_do_not_cut_numbers_short(table):
    path = table(FRAME)
    content = path.read_bytes()
    path.write_bytes(content[:60] + b"\0" + content[60:])
    with pytest.raises(ValueError, match="found: zero bytes; save it as a text in UTF-8"):
        read(path)


def test_a_table_larger_than_memory_is_refused_before_it_is_read(table, monkeypatch):
    monkeypatch.setattr("ntkbook.reporting.table.available", lambda: 1000)
    with pytest.raises(ValueError, match="which do not fit in memory"):
        read(table(FRAME))


def test_an_old_pyarrow_which_unpickles_is_not_called(tmp_path, monkeypatch):
    (tmp_path / "d.parquet").write_bytes(b"PAR1")
    monkeypatch.setitem(sys.modules, "pyarrow", SimpleNamespace(__version__="14.0.0"))
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", SimpleNamespace())
    with pytest.raises(ValueError, match=r"expected pyarrow 14\.0\.1 or later"):
        read(tmp_path / "d.parquet")


def test_other_endings_and_absent_files_are_named(tmp_path, monkeypatch):
    (tmp_path / "d.xlsx").write_bytes(b"PK")
    with pytest.raises(ValueError, match=r"expected \.npz, \.csv, \.parquet or a folder of images, found \.xlsx"):
        read(tmp_path / "d.xlsx")
    for name in ("absent.csv", "absent.npz", "absent"):
        with pytest.raises(FileNotFoundError, match="found no such file"):
            read(tmp_path / name)
    (tmp_path / "d.parquet").write_bytes(b"PAR1")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ValueError, match="expected pyarrow"):
        read(tmp_path / "d.parquet")


# folders


@pytest.fixture
def folder(tmp_path):
    """Six images of two classes, of a mode and size."""

    def write(mode="L", size=(5, 4), more=()):
        for k in range(6):
            place = tmp_path / "images" / ("cat", "dog")[k % 2]
            place.mkdir(parents=True, exist_ok=True)
            pixels = RNG.integers(1, 255, (*size[::-1], 3), dtype=np.uint8)
            Image.fromarray(pixels).convert(mode).save(place / f"{k}.png")
        for name, content in more:
            (tmp_path / "images" / name).write_bytes(content)
        return tmp_path / "images"

    return write


@pytest.mark.parametrize(("mode", "shape"), [("L", (6, 4, 5)), ("RGB", (6, 4, 5, 3)), ("P", (6, 4, 5, 3))])
def test_a_folder_gives_grey_or_coloured_images_by_class(folder, mode, shape):
    found = read(folder(mode, more=[("cat/notes.txt", b"no image"), ("readme.png", b"beside the classes")]))
    assert found.images is not None
    assert found.images.shape == shape
    assert found.labels.classes == ("cat", "dog")
    assert found.labels.of.tolist() == [0, 0, 0, 1, 1, 1]
    assert found.names[0] == "cat/0.png"
    np.testing.assert_allclose(found.x, unit_rows(found.images.reshape(6, -1)))


def test_images_that_cannot_be_used_are_named(folder, tmp_path):
    path = folder()
    Image.new("L", (3, 3), 9).save(path / "dog" / "z.png")
    with pytest.raises(ValueError, match=r"z\.png: expected images of one size, 5 x 4 as in 0\.png, found 3 x 3"):
        read(path)
    (path / "dog" / "z.png").write_bytes((path / "dog" / "1.png").read_bytes()[:60])
    with pytest.raises(ValueError, match=r"z\.png: expected an image, found a damaged"):
        read(path)
    (path / "dog").rename(tmp_path / "dog")
    with pytest.raises(ValueError, match=r"expected a folder of images for each class, .* found 3 images in 1 f"):
        read(path)


def test_thumbnails_are_small_and_stretched():
    images = np.stack([np.zeros((200, 100)), np.linspace(-1, 3, 20_000).reshape(200, 100)])
    found = thumbnails(images, np.array([1, 0, 1]))
    assert list(found) == [0, 1]
    assert all(uri.startswith("data:image/png;base64,") for uri in found.values())
    assert thumbnails(np.zeros((1, 2, 2, 3), np.uint8), np.array([0]))


def test_rows_that_stay_keep_their_names_and_numbers(folder):
    found = read(folder())
    kept = found.keep(np.array([1, 5]), "thinned")
    assert (kept.names, kept.rows.tolist(), kept.told[-1]) == (("cat/2.png", "dog/5.png"), [1, 5], "thinned")
    assert asdict(kept.labels)["of"].tolist() == [0, 1]
