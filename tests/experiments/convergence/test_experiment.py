"""Which data and which finished cells a run takes up."""

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr
from rooms import tiny_record

from ntkbook.experiments.convergence import curves, short_runs
from ntkbook.experiments.convergence.experiment import EXPERIMENT
from ntkbook.records import part
from ntkbook.training import gradient_descent

from .tiny import CONFIG

RUNS = 3 + 2 * 3 * 3 * 2  # long ones, and scales x widths x labels x seeds


def run(config, store=None):
    return EXPERIMENT.run(config, n_jobs=1, store=store)


class Trainer:
    """Gradient descent that counts its runs, and stops at a limit as a killed process does."""

    def __init__(self):
        self.runs, self.limit = 0, None

    def __call__(self, *args, **kwargs):
        if self.runs == self.limit:
            raise KeyboardInterrupt
        self.runs += 1
        return gradient_descent(*args, **kwargs)


@pytest.fixture
def trainer(monkeypatch):
    trainer = Trainer()
    for module in (curves, short_runs):
        monkeypatch.setattr(module, "gradient_descent", trainer)
    return trainer


def test_killed_run_goes_on_where_it_stopped(tmp_path, trainer):
    trainer.limit = 10
    with pytest.raises(KeyboardInterrupt):
        run(CONFIG, tmp_path)
    assert len(list(tmp_path.iterdir())) == trainer.limit
    trainer.limit = None
    record = run(CONFIG, tmp_path)
    assert trainer.runs == RUNS
    assert record.equals(tiny_record("convergence"))
    run(CONFIG, tmp_path)
    assert trainer.runs == RUNS  # all from the store


def test_another_width_seed_or_scale_takes_up_the_cells_there_are(tmp_path, trainer):
    run(CONFIG, tmp_path)
    wider = replace(CONFIG, widths=(16, *CONFIG.widths), n_seeds=3, init_scales=(1.0, 0.1, 0.01))
    run(wider, tmp_path)
    assert trainer.runs == 3 + 3 * 4 * 3 * 3


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 1},
        {"n_short_runs": 13},
        {"short_runs": short_runs.Settings(n_steps=21)},
        {"step_size": replace(CONFIG.step_size, step_scale=9.0)},
        {"curves": replace(CONFIG.curves, init_scale=0.1)},
    ],
)
def test_cells_made_with_other_settings_are_not_taken_up(tmp_path, change):
    small = replace(CONFIG, widths=(8, 16), n_seeds=1)
    run(small, tmp_path)
    changed = replace(small, **change)
    assert run(changed, tmp_path).equals(run(changed))


def write_cifar(folder, n):
    """CIFAR-10 batches in the binary format, one byte of label and 3072 of image, labels 0 and 1 in turn."""
    rng = np.random.default_rng(0)
    for name in (*(f"data_batch_{k}.bin" for k in range(1, 6)), "test_batch.bin"):
        images = rng.integers(1, 256, (n, 3072), dtype=np.uint8)
        (folder / name).write_bytes(np.column_stack([np.arange(n) % 2, images]).astype(np.uint8).tobytes())


def test_data_sets_that_are_not_found_are_left_out(data_dir, monkeypatch):
    config, digits = replace(CONFIG, datasets=("digits", "cifar10")), tiny_record("convergence")
    assert run(config).equals(digits)
    write_cifar(data_dir, 80)
    monkeypatch.setenv("NTKBOOK_DATA", str(data_dir))
    record = run(config)
    assert record.attrs["data_names"] == "digits; cifar10"
    assert "CIFAR-10" in record.attrs["data"]
    assert len(record.attrs["data_sha256"].split("; ")) == 2
    for name in ("spectra", "curves"):
        assert part(record, name).data.values.tolist() == ["digits", "cifar10"]
        xr.testing.assert_equal(part(record, name).sel(data=["digits"]), part(digits, name))
    for name in ("short_runs", "identity"):
        xr.testing.assert_equal(part(record, name), part(digits, name))
    measured = {claim.id: claim.check(record).measured for claim in EXPERIMENT.claims}
    assert "cifar10" in measured["A06"]
