"""Folders of images that are damaged, huge, something else, or links: read as what they are, or refused by name."""

import io
import os
import struct
import warnings
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import EpsImagePlugin, Image

from ntkbook.reporting.folder import read_folder

RNG = np.random.default_rng(0)
KINDS = ("png", "jpg", "bmp", "gif", "webp", "tiff", "pgm", "ppm")


def encoded(kind, mode="RGB", size=(16, 12)):
    image, out = Image.fromarray(RNG.integers(1, 255, (*size[::-1], 3), dtype=np.uint8)).convert(mode), io.BytesIO()
    image.save(out, {"jpg": "jpeg", "pgm": "ppm"}.get(kind, kind))
    return out.getvalue()


WHOLE = {kind: encoded(kind, "L" if kind in ("pgm", "gif") else "RGB") for kind in KINDS}


def write(root, kind="png", content=None, first=None):
    """Two images each of two classes; `first` is the content of the first."""
    for place, label in enumerate(("cat", "dog", "cat", "dog")):
        folder = root / label
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{place}.{kind}").write_bytes(content or WHOLE[kind])
    if first is not None:
        (root / "cat" / f"0.{kind}").write_bytes(first)
    return root


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_damaged_image_is_read_or_refused_by_its_name(tmp_path_factory, data):
    kind = data.draw(st.sampled_from(KINDS))
    content = bytearray(WHOLE[kind])
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.one_of(st.integers(0, 40), st.integers(0, len(content))))
        if data.draw(st.booleans()):
            content[at : at + 1] = data.draw(st.binary(min_size=1, max_size=4))
        else:
            del content[at : at + data.draw(st.integers(1, 60))]
    root = write(tmp_path_factory.getbasetemp() / f"damaged-{kind}", kind, first=bytes(content))
    try:
        found = read_folder(root)
    except ValueError as error:
        assert f"0.{kind}: expected " in str(error) or f"2.{kind}: expected images of one size" in str(error)  # noqa: PT017
        return
    assert found.x.shape[0] == 4
    np.testing.assert_allclose(np.linalg.norm(found.x, axis=1), 1)


def test_what_pillow_hands_to_a_program_is_not_opened(tmp_path, monkeypatch):
    monkeypatch.setattr(EpsImagePlugin, "Ghostscript", lambda *_, **__: pytest.fail("a program was called"))
    script = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 16 12\n%%EndComments\nshowpage\n"
    with pytest.raises(ValueError, match=r"0\.png: expected an image, found a damaged or huge one \(cannot identify"):
        read_folder(write(tmp_path, first=script))


@pytest.mark.parametrize("dtype", [np.uint16, np.int32, np.float32])
def test_more_than_eight_bits_are_refused_not_cut(tmp_path, dtype):
    out = io.BytesIO()
    Image.fromarray(RNG.integers(0, 65536, (12, 16)).astype(dtype)).save(out, "tiff")
    with pytest.raises(ValueError, match=r"tiff: expected 8 bits a channel, found Pillow's mode [IF]"):
        read_folder(write(tmp_path, "tiff", out.getvalue()))


def chunk(name, content):
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png(width, height, *extra):
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(extra) + chunk(b"IDAT", zlib.compress(b"0")) + chunk(b"IEND", b"")


BOMB = zlib.compress(bytes(50_000_000))


@pytest.mark.parametrize(
    "content",
    [
        png(9500, 9500),  # Pillow warns
        png(60_000, 60_000),
        png(2**31 - 1, 2**31 - 1),
        png(16, 12, chunk(b"zTXt", b"k\0\0" + BOMB)),
        png(16, 12, chunk(b"iCCP", b"k\0\0" + BOMB)),
    ],
    ids=["large", "huge", "largest", "text", "profile"],
)
def test_what_would_unpack_to_gigabytes_is_refused(tmp_path, content):
    with pytest.raises(ValueError, match=r"0\.png: expected an image, found a damaged or huge one"):
        read_folder(write(tmp_path, first=content))


def test_images_that_do_not_fit_in_memory_are_refused_before_a_pixel_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr("ntkbook.reporting.memory.available", lambda: 5e9)
    with pytest.raises(ValueError, match="x: expected inputs that fit in memory, found n = 4"):
        read_folder(write(tmp_path, content=png(9000, 9000)))


@pytest.mark.parametrize(
    "make", [os.mkfifo, lambda path: path.symlink_to("/dev/zero"), lambda path: path.symlink_to(path)]
)
@pytest.mark.parametrize("name", ["cat/9.png", "bird"])
def test_pipes_devices_and_link_loops_are_refused(tmp_path, make, name):
    root = write(tmp_path)
    make(root / name)
    with pytest.raises(ValueError, match=rf"{name}: expected a regular file, found something else"):
        read_folder(root)


def test_what_is_left_out_is_said(tmp_path):
    clear, moving = io.BytesIO(), io.BytesIO()
    Image.fromarray(RNG.integers(0, 255, (12, 16, 4), dtype=np.uint8), "RGBA").save(clear, "png")
    told = read_folder(write(tmp_path / "clear", first=clear.getvalue())).told
    assert "of 1 images the transparency is left out" in told
    frames = [Image.fromarray(RNG.integers(0, 255, (12, 16), dtype=np.uint8)) for _ in range(3)]
    frames[0].save(moving, "gif", save_all=True, append_images=frames[1:])
    told = read_folder(write(tmp_path / "moving", "gif", first=moving.getvalue())).told
    assert "of 1 images with several pictures the first is taken" in told


def test_opaque_images_lose_nothing_and_nothing_is_printed(tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        told = read_folder(write(tmp_path, content=encoded("png", "RGBA"))).told
    assert not [line for line in told if "left out" in line]
