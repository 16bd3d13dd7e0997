"""Small MNIST and CIFAR-10 files in their real formats."""

import gzip
import struct
from pathlib import Path

import numpy as np


def idx_bytes(array):
    return struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape) + array.tobytes()


def batch_bytes(images, labels):
    return np.column_stack([labels, images]).astype(np.uint8).tobytes()


def mnist_files(seed=0, n_train=40, n_test=20):
    """The four files' bytes: images with no blank one, labels 0, 1, 2, 0, 1, 2, ..."""
    rng = np.random.default_rng(seed)
    files = {}
    for stem, n in (("train", n_train), ("t10k", n_test)):
        files[f"{stem}-images-idx3-ubyte"] = idx_bytes(rng.integers(1, 256, (n, 28, 28), dtype=np.uint8))
        files[f"{stem}-labels-idx1-ubyte"] = idx_bytes((np.arange(n) % 3).astype(np.uint8))
    return files


def write_mnist(folder: Path, *, gz=True, **sizes):
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in mnist_files(**sizes).items():
        if gz:
            (folder / f"{name}.gz").write_bytes(gzip.compress(content))
        else:
            (folder / name).write_bytes(content)
    return folder


def cifar_files(seed=0):
    """Five training batches of different lengths and a test batch, labels 0, 1, 2, 0, 1, 2, ..."""
    rng = np.random.default_rng(seed)
    sizes = {f"data_batch_{k}.bin": n for k, n in zip(range(1, 6), (6, 3, 6, 3, 3), strict=True)} | {
        "test_batch.bin": 6
    }
    return {
        name: batch_bytes(rng.integers(1, 256, (n, 3072), dtype=np.uint8), np.arange(n) % 3)
        for name, n in sizes.items()
    }


def write_cifar(folder: Path, **kwargs):
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in cifar_files(**kwargs).items():
        (folder / name).write_bytes(content)
    return folder
