import dataclasses
import json

import joblib
import numpy as np
import pytest
import tiny
import torch
import xarray as xr

from ntkbook import data, experiments, records
from ntkbook.claims import Verdict, inventory, judge
from ntkbook.experiments import convergence_runs
from ntkbook.experiments import kernel as kernel_experiment

EXPECTED_CLAIMS = {
    "kernel": ["A01", "A02", "A20"],
    "convergence": ["A03", "A04", "A05", "A06", "A07", "A14", "A15", "A16"],
    "generalization": ["A08", "A09", "A10", "A11", "A12", "A13", "A23"],
    "learnable_functions": ["A17", "A18", "A19", "A21", "A22", "A24"],
    "clustered_data": [f"S{i:02d}" for i in range(1, 13)],
}

DATA = {"learnable_functions": "uniform on the sphere", "clustered_data": "points drawn from mixtures; digits"}
VARIABLES = {
    "kernel": "deviation",
    "convergence": "width_residual",
    "generalization": "noisy_l1",
    "learnable_functions": "norm",
    "clustered_data": "synthetic_distance",
}


def write_cifar(folder, n):
    """CIFAR-10 batches in the binary format, one byte of label and 3072 of image, labels 0 and 1 in turn."""
    rng = np.random.default_rng(0)
    for name in ("data_batch_1.bin", "test_batch.bin"):
        images = rng.integers(1, 256, (n, 3072), dtype=np.uint8)
        (folder / name).write_bytes(np.column_stack([np.arange(n) % 2, images]).astype(np.uint8).tobytes())


def test_every_experiment_has_settings_profiles_a_run_and_known_claims():
    for name in experiments.NAMES:
        module = experiments.get(name)
        assert set(module.PROFILES) == {"quick", "laptop", "paper"}
        for profile, config in module.PROFILES.items():
            assert config.profile == profile
            assert isinstance(config, module.Config)
            assert json.loads(json.dumps(dataclasses.asdict(config)))["profile"] == profile
        assert [claim.id for claim in module.CLAIMS] == EXPECTED_CLAIMS[name]
        assert all(c.id in inventory() and c.place == c.id.lower() and c.expected for c in module.CLAIMS)


def test_unknown_experiment_is_named_with_those_there_are():
    with pytest.raises(ValueError, match=r"name: expected one of kernel, convergence.* found 'kernels'"):
        experiments.get("kernels")


@pytest.mark.parametrize("name", tiny.CONFIGS)
def test_settings_cannot_be_changed(name):
    with pytest.raises(dataclasses.FrozenInstanceError):
        tiny.config(name).profile = "other"


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("kernel", {"n": 1}),
        ("kernel", {"n_seeds": 0}),
        ("kernel", {"widths": (8,)}),
        ("kernel", {"widths": (0, 8)}),
        ("kernel", {"delta": 0.0}),
        ("kernel", {"delta": 1.0}),
        ("convergence", {"n_curves": 1}),
        ("convergence", {"n_spectrum": 1}),
        ("convergence", {"n_widths": 1}),
        ("convergence", {"n_seeds": 0}),
        ("convergence", {"widths": (8,)}),
        ("convergence", {"step_scale": 0.0}),
        ("convergence", {"max_sharpness": 2.0}),
        ("convergence", {"max_sharpness": 0.0}),
        ("generalization", {"n_train": 1}),
        ("generalization", {"n_test": 1}),
        ("generalization", {"trained": ("mnist",)}),
        ("generalization", {"trained": ()}),
        ("generalization", {"n_signs": 0}),
        ("generalization", {"n_draws": (2, 1)}),
        ("generalization", {"n_draws": (0,)}),
        ("generalization", {"portions": (0.0, 1.0)}),
        ("generalization", {"portions": (0.0, 0.6, 0.3, 1.0)}),
        ("generalization", {"portions": (0.1, 0.5, 1.0)}),
        ("generalization", {"portions": (0.0, 0.5, 0.9)}),
        ("generalization", {"widths": (32,)}),
        ("generalization", {"widths": (32, 63)}),
        ("generalization", {"stop_loss": 0.0}),
        ("generalization", {"max_sharpness": 2.0}),
        ("generalization", {"delta": 1.0}),
        ("learnable_functions", {"dims": (2, 3)}),
        ("learnable_functions", {"sizes": (40,)}),
        ("learnable_functions", {"sizes": (80, 40)}),
        ("learnable_functions", {"sizes": (40, 40)}),
        ("learnable_functions", {"n_seeds": 0}),
        ("clustered_data", {"widths": (32,)}),
        ("clustered_data", {"widths_images": (128, 32)}),
        ("clustered_data", {"sigmas": (0.0, 1.0)}),
        ("clustered_data", {"n_seeds": 0}),
        ("clustered_data", {"n_images": 0}),
        ("clustered_data", {"dims": (5, 40)}),
        ("clustered_data", {"dim": 10}),
        ("clustered_data", {"ks": (3, 40)}),
    ],
)
def test_bad_settings_are_refused_at_construction(name, changes):
    with pytest.raises(ValueError, match=r"expected .*found"):
        tiny.config(name, **changes)


@pytest.mark.parametrize("name", tiny.CONFIGS)
def test_record_is_whole_saves_and_can_be_judged_again(name, tmp_path):
    record = tiny.record(name)
    assert set(record.attrs) == set(records.PROVENANCE)
    assert record.attrs["experiment"] == name
    assert record.attrs["profile"] == "tiny"
    assert json.loads(record.attrs["config"])["n_seeds"] == tiny.CONFIGS[name]["n_seeds"]
    assert record.attrs["data"].startswith(DATA.get(name, "digits"))
    assert all(bool(variable.notnull().all()) for variable in record.data_vars.values())
    records.save(record, tmp_path / "record.nc")
    found = records.load(tmp_path / "record.nc")
    xr.testing.assert_identical(found, record)
    claims = experiments.get(name).CLAIMS
    assert judge(claims, found) == judge(claims, record)
    assert all(Verdict(row["verdict"]) != Verdict.NOT_RUN for row in judge(claims, record))


@pytest.mark.parametrize("name", tiny.CONFIGS)
def test_run_is_repeatable_and_the_seed_counts(name):
    module = experiments.get(name)
    with joblib.parallel_config("threading"):
        again = module.run(tiny.config(name), n_jobs=2)
    xr.testing.assert_equal(again, tiny.record(name))
    other = module.run(tiny.config(name, seed=1))
    assert not np.allclose(other[VARIABLES[name]], again[VARIABLES[name]])


@pytest.mark.parametrize("name", ["kernel", "convergence"])
def test_data_sets_that_are_not_found_are_left_out(name, data_dir, monkeypatch):
    module, config = experiments.get(name), tiny.config(name, datasets=("digits", "cifar10"))
    without = module.run(config)
    assert without.data.values.tolist() == ["digits"]
    xr.testing.assert_equal(without, tiny.record(name))
    write_cifar(data_dir, 60)
    monkeypatch.setenv("NTKBOOK_DATA", str(data_dir))
    record = module.run(config)
    assert record.data.values.tolist() == ["digits", "cifar10"]
    assert "CIFAR-10" in record.attrs["data"]
    assert len(record.attrs["data_sha256"].split("; ")) == 2
    xr.testing.assert_equal(record.sel(data="digits", drop=True), tiny.record(name).isel(data=0, drop=True))
    assert len(judge(module.CLAIMS, record)) == len(module.CLAIMS)


def test_killed_run_goes_on_where_it_stopped(tmp_path, monkeypatch):
    module, config, store = experiments.get("convergence"), tiny.config("convergence"), tmp_path / "cells"
    train, calls = convergence_runs.gradient_descent, []

    def counted(*args, **kwargs):
        if len(calls) == limit:
            raise KeyboardInterrupt
        calls.append(1)
        return train(*args, **kwargs)

    monkeypatch.setattr(convergence_runs, "gradient_descent", counted)
    limit = 10
    with pytest.raises(KeyboardInterrupt):
        module.run(config, store=store)
    assert len(list(store.iterdir())) == 10
    limit = None
    record = module.run(config, store=store)
    total = 3 + 2 * 3 * 3 * 2  # curves, and scales x widths x labels x seeds
    assert len(calls) == total
    xr.testing.assert_equal(record, tiny.record("convergence"))
    module.run(config, store=store)
    assert len(calls) == total  # all from the store


@pytest.mark.parametrize("changes", [{"seed": 1}, {"n_widths": 13}, {"steps_widths": 21}, {"step_scale": 9.0}])
def test_cells_made_with_other_settings_are_not_taken_up(tmp_path, changes):
    module, store, small = experiments.get("convergence"), tmp_path / "cells", {"widths": (8, 16), "n_seeds": 1}
    module.run(tiny.config("convergence", **small), store=store)
    changed = tiny.config("convergence", **small | changes)
    xr.testing.assert_equal(module.run(changed, store=store), module.run(changed))


def test_one_more_width_takes_up_the_cells_there_are(tmp_path):
    module, store = experiments.get("kernel"), tmp_path / "cells"
    module.run(tiny.config("kernel"), store=store)
    before = len(list(store.iterdir()))
    module.run(tiny.config("kernel", widths=(16, 64, 256, 512)), store=store)
    assert len(list(store.iterdir())) == before + 3


def test_least_angle_is_found_from_the_gram():
    gram = np.array([[0.5, 0.3], [0.3, 0.5]])
    t = kernel_experiment._least_angle(torch.from_numpy(gram))
    assert np.cos(t) * (np.pi - t) / (2 * np.pi) == pytest.approx(0.3, abs=1e-6)


def test_quick_run_on_generalization_takes_no_more_images_than_a_dependency_ships():
    config = experiments.get("generalization").PROFILES["quick"]
    rng = np.random.default_rng(0)
    for n in (config.n_train, config.n_widths, config.n_pair):
        data.load("mnist", n_train=n, n_test=config.n_test, rng=rng)
    data.load("mnist", n_train=config.n_measure, n_test=0, rng=rng)


def test_a_recorded_run_on_generalization_has_nets_for_each_data_set():
    """The chapter shows it where a build does not find CIFAR-10."""
    recorded = [records.load(path) for path in records.RESULTS.glob("generalization-*.nc")]
    assert {name for record in recorded for name in record.trained.values} == {"mnist", "cifar10"}
