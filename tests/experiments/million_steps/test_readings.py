"""Numbers and tables that the chapter quotes, and the sentences of its prose that assert an order or a size."""

import json

import numpy as np
import pytest
import xarray as xr
from rooms import numbers, replace, tiny_record

from ntkbook import records
from ntkbook.experiments.million_steps.readings import costs, norm_gap, origins, readings
from ntkbook.experiments.problem import LABELS


@pytest.fixture
def recorded():
    return records.load_best("million_steps")


def test_readings_of_a_record_made_by_hand():
    record = tiny_record("million_steps")
    replace(record, "runs/loss", 0.25)
    replace(record, "runs/residual", 0.75)
    replace(record, "runs/predicted", 0.5)
    found = numbers("million_steps", record)
    assert (found["n"], found["axis"], found["rtol"]) == (12, 1200, 0.01)
    for kind in LABELS:
        assert found[f"loss-{kind}"] == 0.25
        assert found[f"slower-{kind}"] == pytest.approx(25)
        assert found[f"reached-{kind}"] == 1200


def test_table_has_a_row_for_each_run(recorded):
    names = [f"{name}, {kind}" for name in ("mnist", "cifar10") for kind in LABELS]
    assert [row[0] for row in costs(recorded).rows] == names


def test_recorded_run_has_the_papers_size_and_ended_early(recorded):
    found = readings(recorded)
    assert (found["n"], found["axis"]) == (10_000, 1_000_000)
    assert all(30_000 < int(found[f"reached-{kind}"]) < 60_000 for kind in ("random", "worst"))
    assert 100_000 < int(found["reached-true"]) < 1_000_000
    mnist = recorded["runs"].dataset.sel(data="mnist", labels=["random", "worst"])
    assert bool(((mnist.last_step >= 40_000) & (mnist.last_step < 60_000)).all())  # 4 to 6 % of the axis
    cifar = recorded["runs"].dataset.sel(data="cifar10")
    assert int(cifar.last_step.max()) < 1400


def test_windows_are_as_long_and_pay_as_much_as_the_chapter_says():
    whole = records.load(records.RESULTS / "million_steps-laptop.nc")["runs"].dataset.isel(seed=0).sel(data="mnist")
    longest, steps_a_product = {}, {}
    for kind in LABELS:
        run = whole.sel(labels=kind)
        longest[kind] = float(run.window.max())
        steps_a_product[kind] = int(run.last_step) / int(run.evaluations)
        assert bool((run.window < run.step)[whole.step > 16].all())
    for kind, before, after in (("true", 316, 422), ("random", 750, 928), ("worst", 750, 928)):
        so_far = whole.leaps_so_far.sel(labels=kind)
        assert int(so_far.sel(step=before)) == 0 < int(so_far.sel(step=after))
    middle = whole.window.sel(labels="random", step=slice(1000, 16_008))
    assert 50 < float(middle.min()) < float(middle.max()) < 170
    middle = whole.window.sel(labels="worst", step=slice(928, 28_291))
    assert 48 <= float(middle.min()) < 49 < float(middle.max()) < 125
    assert longest["true"] > 5000 > longest["random"] > longest["worst"]
    assert 51 < steps_a_product["true"] < 52
    assert 7 < steps_a_product["random"] < 7.5
    assert 6 < steps_a_product["worst"] < 6.5


def test_windows_pay_less_on_cifar_10():
    whole = records.load(records.RESULTS / "million_steps-laptop.nc")["runs"].dataset.isel(seed=0).sel(data="cifar10")
    true, random, worst = (whole.last_step / whole.evaluations).sel(labels=list(LABELS)).values
    assert 3.4 < true < 3.6
    assert 1.6 < random < 1.75
    assert 1.6 < worst < 1.75


def test_every_run_of_the_laptop_record_is_within_rtol_of_gradient_descent():
    whole = records.load(records.RESULTS / "million_steps-laptop.nc")
    runs = whole["runs"].dataset
    assert float(runs.error_of_mean.max()) < float(readings(whole)["rtol"])
    assert bool((runs.exact_steps == runs.last_step).all())


def test_nets_are_slower_than_predicted(recorded):
    for kind in LABELS:
        run = recorded["runs"].dataset.sel(data="mnist", labels=kind).isel(seed=0)
        last = run.isel(step=int(np.flatnonzero(run.measured)[-1]))
        assert last.residual > last.predicted


def test_windows_for_true_labels_take_more_in_the_last_decade_than_in_the_one_before():
    runs = records.load(records.RESULTS / "million_steps-laptop.nc")["runs"].dataset.isel(seed=0)
    so_far = runs.leaps_so_far.sel(data="mnist", labels="true")
    first, middle, last = (int(so_far.sel(step=step)) for step in (525, 5125, 50_000))
    assert (middle - first, last - middle) == (17, 23)


def test_oscillation_of_random_labels_is_large_at_n_500_and_small_at_the_papers_size(recorded):
    whole = records.load(records.RESULTS / "million_steps-laptop.nc")
    for record, low, high in ((whole, 0.06, 0.19), (recorded, 0, 0.02)):
        runs = record["runs"].dataset.isel(seed=0).sel(data="mnist", labels="random")
        share = (runs.oscillation / runs.residual).where((runs.step >= 10) & (runs.step <= 15_000), drop=True)
        assert low < float(share.min()) <= float(share.max()) < high


def test_distances_of_means_are_within_rtol():
    runs = records.load(records.RESULTS / "million_steps-laptop.nc")["runs"].dataset.isel(seed=0)
    assert float(runs.distance_of_mean.max()) < 0.01


def of_sessions(exact):
    """A record as sessions leave it, by hand; `exact` are norms followed to step 4."""
    record = tiny_record("million_steps")
    runs = record["runs"].dataset
    steps = np.array([0, 1, 2, 4])
    norms = xr.DataArray(exact, {"step": steps}).broadcast_like(runs.last_step).transpose(*runs.last_step.dims, "step")
    record["exact"] = xr.DataTree(xr.Dataset({"residual": norms, "measured": norms.notnull()}))
    replace(record, "runs/residual", 2.0)
    replace(record, "runs/exact_steps", 0)
    told = {"device": "x86_64", "threads": "2", "commit": "abc; def", "seconds": "600.0", "rtol": "0.01"}
    names = [(str(name), kind) for name in runs.data.values for kind in LABELS]
    record.attrs["curves"] = json.dumps([{"data": name, "labels": kind} | told for name, kind in names])
    return record


def test_norms_of_another_session_stand_where_the_run_was_not_compared():
    record = of_sessions([2.0, 1.0, 1.25, 0.5])
    name = str(record["runs"].dataset.data.values[0])
    assert norm_gap(record, name, "true") == (4, 0.75)
    assert costs(record).rows[0][5:] == ("4 (norms)", *["\N{EN DASH}"] * 3, "8e-01")
    found = readings(record)
    assert (found["norms-step"], found["norms-gap"], found["minutes-true"]) == (4, 0.75, 10)
    assert origins(record).rows[0] == (f"{name}, true", "x86_64, 2 threads", "abc; def", "0.01", "10")


def test_table_has_the_largest_estimate_where_the_run_is_compared():
    record = tiny_record("million_steps")
    step = record["runs"].dataset.step
    replace(record, "runs/estimated_error", xr.where(step > 500, 0.9, step / 10_000))
    replace(record, "runs/distance", xr.where(step > 400, np.nan, 0.1))
    last = int(step[step <= 400].max())
    assert [row[6] for row in costs(record).rows] == [f"{last / 10_000:.0e}"] * 3


def test_a_curve_without_norms_of_another_session_has_none():
    record = of_sessions([np.nan] * 4)
    assert costs(record).rows[0][5] == "0"
    assert readings(record)["norms-step"] == 0


def test_windows_for_true_labels_at_the_papers_size_are_as_the_chapter_says(recorded):
    run = recorded["runs"].dataset.sel(data="mnist", labels="true").isel(seed=0)
    assert round(float(run.window.sel(step=237))) == 189
    assert round(float(run.window.sel(step=5623))) == 909
    assert float(run.loss.sel(step=10_000)) ** 0.5 * 2**0.5 == pytest.approx(0.045, abs=5e-4)
    step, gap = norm_gap(recorded, "mnist", "true")
    assert (step, gap) == (1000, pytest.approx(1.3e-5, rel=0.05))
    tolerances = {(row[0], row[3]) for row in origins(recorded).rows}
    assert ("mnist, true", "0.01 to step 10,000, then 0.1") in tolerances
    assert {tolerance for name, tolerance in tolerances if name != "mnist, true"} == {"0.001"}


def test_a_record_that_one_run_made_has_no_origins_of_its_curves():
    record = tiny_record("million_steps")
    assert origins(record).rows == []
    found = readings(record)
    assert found["norms-step"] == 0
    assert np.isnan([found["norms-gap"], found["minutes-true"]]).all()
