"""Images, their hash, and the ends of their spectrum."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from rooms import tiny_record

from ntkbook import data
from ntkbook.experiments.kernel.experiment import EXPERIMENT
from ntkbook.experiments.kernel.images import Inputs, least_angle, measure
from ntkbook.verdicts import judge

from .tiny import CONFIG


def orthogonal(n):
    """n orthogonal inputs, of which any two share a quarter of all neurons and have the inner product 0."""
    return data.Sample(np.eye(n), np.ones(n), np.zeros((0, n)), np.zeros(0), "axes", "unit vectors")


def write_cifar(folder, n):
    """CIFAR-10 batches in the binary format, one byte of label and 3072 of image, labels 0 and 1 in turn."""
    rng = np.random.default_rng(0)
    for name in (*(f"data_batch_{k}.bin" for k in range(1, 6)), "test_batch.bin"):
        images = rng.integers(1, 256, (n, 3072), dtype=np.uint8)
        (folder / name).write_bytes(np.column_stack([np.arange(n) % 2, images]).astype(np.uint8).tobytes())


def test_orthogonal_inputs_have_half_the_identity_as_kernel():
    inputs = Inputs.of(orthogonal(5), "cpu")
    torch.testing.assert_close(inputs.gram, torch.eye(5, dtype=torch.float64) / 2, rtol=0, atol=1e-15)
    found = measure({"axes": inputs}).sel(data="axes")
    assert float(found.lambda_min) == pytest.approx(0.5)
    assert float(found.lambda_max) == pytest.approx(0.5)
    assert float(found.least_angle) == pytest.approx(np.pi / 2)


def test_hash_tells_images_and_devices_apart():
    samples, devices = (orthogonal(4), orthogonal(5)), ("cpu", "cpu:0")
    assert len({Inputs.of(sample, device).sha256 for sample in samples for device in devices}) == 4
    assert Inputs.of(orthogonal(4), "cpu").sha256 == Inputs.of(orthogonal(4), "cpu").sha256


@pytest.mark.parametrize("angle", [1e-3, 0.1, 1.0])
def test_least_angle_is_found_from_the_gram(angle):
    entry = np.cos(angle) * (np.pi - angle) / (2 * np.pi)
    assert least_angle(torch.tensor([[0.5, entry], [entry, 0.5]])) == pytest.approx(angle, rel=1e-5)


def test_least_angle_is_that_of_the_images():
    x = Inputs.of(data.load("digits", n_train=12, n_test=0, rng=np.random.default_rng(0)), "cpu")
    angles = torch.acos((x.x @ x.x.T).fill_diagonal_(-1.0))
    assert least_angle(x.gram) == pytest.approx(float(angles.min()), rel=1e-6)


def test_data_sets_that_are_not_found_are_left_out(data_dir, monkeypatch):
    config = replace(CONFIG, datasets=("digits", "cifar10"))
    without, tiny = EXPERIMENT.run(config, n_jobs=1), tiny_record("kernel")
    assert without.equals(tiny)
    write_cifar(data_dir, 60)
    monkeypatch.setenv("NTKBOOK_DATA", str(data_dir))
    record = EXPERIMENT.run(config, n_jobs=1)
    assert record.attrs["data_names"] == "digits; cifar10"
    assert "CIFAR-10" in record.attrs["data"]
    for part in ("deviations", "images", "series"):
        both = record[part].dataset
        assert both["data"].values.tolist() == ["digits", "cifar10"]
        assert both.sel(data=["digits"]).equals(tiny[part].dataset)
    assert len(judge(EXPERIMENT.claims, record)) == len(EXPERIMENT.claims)
