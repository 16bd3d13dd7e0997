"""What the record holds: the data that are found, each with its own draws, and no gap but those that it declares."""

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr
from rooms import tiny_record

from ntkbook import records
from ntkbook.experiments.generalization.experiment import EXPERIMENT
from ntkbook.verdicts import not_numbers

from .tiny import CONFIG


def write_cifar(folder, n):
    """CIFAR-10 batches in the binary format, one byte of label and 3072 of image, labels 0 and 1 in turn."""
    rng = np.random.default_rng(0)
    for name in (*(f"data_batch_{k}.bin" for k in range(1, 6)), "test_batch.bin"):
        images = rng.integers(1, 256, (n, 3072), dtype=np.uint8)
        (folder / name).write_bytes(np.column_stack([np.arange(n) % 2, images]).astype(np.uint8).tobytes())


@pytest.fixture
def both():
    """Settings for two data sets, of which the second is drawn once."""
    sets = ("digits", "cifar10")
    return replace(CONFIG, datasets=sets, trained=sets, n_draws=(2, 1))


def test_every_number_is_there():
    assert list(not_numbers(tiny_record("generalization"))) == []


def test_a_data_set_that_is_not_found_is_left_out(both):
    assert EXPERIMENT.run(both, n_jobs=1).equals(tiny_record("generalization"))


def test_each_data_set_has_the_draws_that_were_asked_for_and_the_others_are_declared_missing(
    both, data_dir, monkeypatch
):
    write_cifar(data_dir, 60)
    monkeypatch.setenv("NTKBOOK_DATA", str(data_dir))
    record, alone = EXPERIMENT.run(both, n_jobs=1), tiny_record("generalization")
    assert record.attrs["data_names"] == "digits; cifar10"
    nets, measures = record["nets"].to_dataset(), record["measures"].to_dataset()
    assert nets["data"].values.tolist() == measures["data"].values.tolist() == ["digits", "cifar10"]
    assert nets.measured.values.tolist() == [[[True, True]] * 5, [[True, False]] * 5]
    assert bool((nets.notnull() == nets.measured).drop_vars("measured").all().to_dataarray().all())
    xr.testing.assert_equal(
        nets.drop_vars("measured").sel(data="digits"), alone["nets"].to_dataset().sel(data="digits")
    )
    assert list(not_numbers(record)) == []


def test_the_recorded_run_has_nets_for_each_data_set():
    """The chapter shows it where a build does not find CIFAR-10."""
    recorded = records.load_best("generalization")
    assert recorded is not None
    assert records.part(recorded, "nets")["data"].values.tolist() == ["mnist", "cifar10"]
