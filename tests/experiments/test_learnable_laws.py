"""Laws that the numbers of a tiny run of `learnable_functions` obey, and what becomes of its cells."""

import numpy as np
import pytest
import tiny
import torch
import xarray as xr

from ntkbook import data
from ntkbook.bounds import arora2019 as bounds
from ntkbook.experiments import learnable_functions as experiment
from ntkbook.experiments import learnable_runs as runs
from ntkbook.experiments.learnable_claims import doubling
from ntkbook.kernels import h_infinity
from ntkbook.kernels.sphere import ridge_norm, zonal_eigenvalues


@pytest.fixture
def record():
    return tiny.record("learnable_functions")


def test_norms_grow_with_the_sample_and_stay_below_their_limit(record):
    assert bool((record.norm.diff("size") > 0).all())
    assert bool((record.norm < record.limit).all())
    assert bool((record.cubic_norm_with_bias.diff("size") > 0).all())
    assert bool((record.sphere_lambda_min.diff("size") < 0).all())


def test_norms_are_those_of_the_inputs_of_the_cell(record):
    x = data.sphere(160, 10, runs.cell_generator(0, runs._INPUTS, 10, 1))
    gram = h_infinity(torch.from_numpy(x[:40])).numpy()
    row = record.sel(dim=10, seed=1, size=40)
    z = x[:40, 0]
    for name, y in {"power 5": z**5, "cosine 2": np.cos(2 * z) - 1, "arctan": z * np.arctan(z / 2)}.items():
        assert float(row.norm.sel(function=name)) == pytest.approx(np.sqrt(y @ np.linalg.solve(gram, y)), rel=1e-9)
    assert float(row.sphere_lambda_min) == pytest.approx(np.linalg.eigvalsh(gram)[0], rel=2e-3)
    biased = h_infinity(torch.from_numpy(np.column_stack([x[:40], np.ones(40)]) / 2**0.5)).numpy()
    expected = np.sqrt(z**3 @ np.linalg.solve(biased, z**3))
    assert float(row.cubic_norm_with_bias) == pytest.approx(expected, rel=1e-9)


def test_ten_times_the_form_has_ten_times_the_norm(record):
    np.testing.assert_allclose(record.quadratic_norm_times_10, 10 * record.quadratic_norm, rtol=1e-10)


def test_bounds_and_limits_are_of_the_same_functions(record):
    known = record.set_index(function="function")
    assert float(known.bound.sel(function="power 4")) == 12
    assert np.isinf(known.bound.sel(function=["power 3", "power 5"])).all()
    assert float(known.bound.sel(function="cosine 2")) == pytest.approx(6 * np.sinh(2))
    assert float(known.limit.sel(function="cosine 2", dim=10)) == ridge_norm(lambda t: np.cos(2 * t) - 1, 10)
    assert bool((record.bound_in_proof <= record.bound).all())
    assert bool((record.limit <= record.bound_in_proof * (1 + 1e-12)).all())


def test_our_terms_sum_to_the_bound_of_the_example_and_the_rivals_ratio_is_theirs(record):
    assert float(record.our_terms.sum()) == pytest.approx(bounds.example_6_4_norm(1.0), rel=1e-12)
    ratio = record.rival_terms.isel(term=-1) / record.rival_terms.isel(term=-2) * 79 / 77
    np.testing.assert_allclose(ratio, record.rival_ratio)


def test_nets_start_at_zero_and_take_the_step_size_of_the_kernel(monkeypatch):
    config, seen = tiny.config("learnable_functions"), {}

    def watched(start, x, y, **settings):
        seen.update(start=start, x=x, y=y, **settings)
        return train(start, x, y, **settings)

    train = runs.gradient_descent
    monkeypatch.setattr(runs, "gradient_descent", watched)
    found = runs.train_net(runs.Net("quadratic", 50, 1), config, "cpu")
    start, x = seen["start"], seen["x"]
    assert start.width == 200
    assert float(start.weights.norm(dim=0).min()) > 0
    np.testing.assert_allclose(start(x), 0, atol=1e-6)
    np.testing.assert_allclose(start(seen["x_test"]), 0, atol=1e-6)
    gram = h_infinity(x.double())
    assert seen["step_size"] == pytest.approx(1 / float(torch.linalg.eigvalsh(gram)[-1]), rel=2e-3)
    np.testing.assert_allclose(seen["y"], x[:, 0] ** 2 - x[:, 1] ** 2, atol=1e-6)
    expected = float(bounds.complexity_measure(gram, seen["y"].double()))
    assert float(found.leading_term) == pytest.approx(expected, rel=1e-4)
    assert 0 < float(found.train_loss) < 0.1


def test_a_wide_net_trained_to_the_end_errs_like_kernel_regression():
    config = tiny.config("learnable_functions", width=8000, n_steps=400)
    found = runs.train_net(runs.Net("linear", 15, 0), config, "cpu")
    assert float(found.test_error) == pytest.approx(float(found.kernel_error), rel=0.05)
    assert float(found.train_loss) < 1e-6


def test_the_cubic_target_has_no_linear_part():
    def cubic(t):
        rest = np.zeros((len(t), 10))
        rest[:, 0] = t
        return runs.targets(rest)["cubic"]

    linear_part, cubic_part = zonal_eigenvalues(cubic, 10, 3)[[1, 3]]
    assert linear_part == pytest.approx(0, abs=1e-15)
    assert cubic_part > 1e-3


def test_growth_is_that_of_the_mean_over_seeds():
    values = xr.DataArray([[1.0, 3.0], [2.0, 4.0], [4.0, 5.0]], dims=("size", "seed"))
    assert float(doubling(values)) == pytest.approx(4.5 / 3)


def test_killed_run_goes_on_where_it_stopped(tmp_path, monkeypatch):
    config, store = tiny.config("learnable_functions"), tmp_path / "cells"
    train, calls = runs.gradient_descent, []

    def counted(*args, **kwargs):
        if len(calls) == limit:
            raise KeyboardInterrupt
        calls.append(1)
        return train(*args, **kwargs)

    monkeypatch.setattr(runs, "gradient_descent", counted)
    limit = 10
    with pytest.raises(KeyboardInterrupt):
        experiment.run(config, store=store)
    assert len(list(store.iterdir())) == 2 * 2 + 10  # dimensions x seeds, and nets
    limit = None
    xr.testing.assert_equal(experiment.run(config, store=store), tiny.record("learnable_functions"))
    assert len(calls) == 4 * 3 * 2  # targets x sizes x seeds


SMALL = {"dims": (3,), "n_seeds": 1, "train_sizes": (20, 30)}


@pytest.mark.parametrize(
    "changes",
    [{"seed": 1}, {"sizes": (40, 80)}, {"lengths": (1.0,)}, {"train_dim": 5}, {"width": 100}, {"n_steps": 90}],
)
def test_cells_made_with_other_settings_are_not_taken_up(tmp_path, changes):
    experiment.run(tiny.config("learnable_functions", **SMALL), store=tmp_path)
    changed = tiny.config("learnable_functions", **SMALL | changes)
    xr.testing.assert_equal(experiment.run(changed, store=tmp_path), experiment.run(changed))
