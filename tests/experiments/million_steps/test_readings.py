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


@pytest.fixture(scope="module")
def whole():
    """The run to the end of the axes."""
    return records.load(records.RESULTS / "million_steps-laptop.nc")["runs"].dataset.isel(seed=0)


def test_windows_are_as_long_as_the_chapter_says(whole):
    mnist = whole.sel(data="mnist")
    assert bool((mnist.window < mnist.step).isel(step=mnist.step > 16).all())
    for kind, before, after in (("true", 297, 316), ("random", 525, 562), ("worst", 297, 316)):
        so_far = mnist.leaps_so_far.sel(labels=kind)
        assert int(so_far.sel(step=before)) == 0 < int(so_far.sel(step=after))
    at_the_end = mnist.window.isel(step=-1).sel(labels=list(LABELS))
    assert at_the_end.values.round().tolist() == [9520, 1081, 410]
    assert at_the_end.values == pytest.approx(mnist.window.max("step").sel(labels=list(LABELS)).values)
    random, worst = (mnist.window.sel(labels=kind, step=slice(562, 16_008)) for kind in ("random", "worst"))
    assert (round(float(random.min())), round(float(random.max()))) == (52, 119)
    assert (worst > random).mean() > 0.8
    worst = mnist.window.sel(labels="worst", step=slice(316, 16_008))
    assert (round(float(worst.min())), round(float(worst.max()))) == (56, 185)
    assert bool(
        (mnist.window.sel(labels="true") > mnist.window).sel(labels=["random", "worst"], step=slice(316, None)).all()
    )


@pytest.mark.parametrize(("name", "told"), [("mnist", "54 16 13"), ("cifar10", "6.7 3.3 4.9")])
def test_windows_pay_as_much_as_the_chapter_says(whole, name, told):
    steps_a_product = (whole.last_step / whole.evaluations).sel(data=name, labels=list(LABELS)).values
    assert " ".join(f"{steps:.2g}" for steps in steps_a_product) == told


def test_nets_at_n_500_are_as_slow_as_the_chapter_says(whole):
    mnist = whole.sel(data="mnist")

    def first(values, level):
        return int(mnist.step[int(np.argmax(values.values <= level))])

    for kind, level, trained, predicted in (
        ("true", 0.01, 15_000, 1641),
        ("random", 0.1, 16_008, 2900),
        ("worst", 0.1, 50_000, 5125),
    ):
        run = mnist.sel(labels=kind)
        assert (first(run.residual, level), first(run.predicted, level)) == (trained, predicted)
    true = mnist.sel(labels="true")
    ahead = true.step.where(true.residual < true.predicted, drop=True)
    assert ahead.values[ahead.values > 0].tolist() == true.step.sel(step=slice(2, 100)).values.tolist()
    end = mnist.isel(step=-1).sel(labels=list(LABELS))
    assert end.loss.values == pytest.approx([3e-6, 6e-5, 6e-4], rel=0.1)
    assert bool((end.predicted**2 / 2 < 1e-20).all())


def test_runs_of_the_laptop_record_are_as_near_to_gradient_descent_as_the_chapter_says(whole):
    assert bool((whole.exact_steps == whole.last_step).all())
    assert float(whole.error_of_mean.max()) < 3.05e-3
    distance, one = whole.distance_of_mean, {"data": "cifar10", "labels": "true"}
    assert int((distance > 0.01).sum()) == 1
    assert float(distance.sel(one)) == pytest.approx(1.1e-2, rel=0.05)
    assert float(whole.estimated_error.max("step").sel(one)) == pytest.approx(1.4e-2, rel=0.05)
    of_estimate = (distance / whole.estimated_error.max("step")).sel(data="mnist")
    assert 1.04 < float(of_estimate.min()) < float(of_estimate.max()) < 1.26


def test_nets_are_slower_than_predicted(recorded):
    for kind in LABELS:
        run = recorded["runs"].dataset.sel(data="mnist", labels=kind).isel(seed=0)
        last = run.isel(step=int(np.flatnonzero(run.measured)[-1]))
        assert last.residual > last.predicted


@pytest.mark.parametrize(("kind", "told"), [("true", (13, 24)), ("random", (47, 193))])
def test_windows_take_more_in_the_last_decade_than_in_the_one_before(whole, kind, told):
    so_far = whole.leaps_so_far.sel(data="mnist", labels=kind)
    first, middle, last = (int(so_far.sel(step=step)) for step in (562, 5125, 50_000))
    assert (middle - first, last - middle) == told


def test_oscillation_of_random_labels_is_large_at_n_500_and_small_at_the_papers_size(whole, recorded):
    for runs, low, high in ((whole, 0.06, 0.19), (recorded["runs"].dataset.isel(seed=0), 0, 0.02)):
        runs = runs.sel(data="mnist", labels="random")
        share = (runs.oscillation / runs.residual).where((runs.step >= 10) & (runs.step <= 15_000), drop=True)
        assert low < float(share.min()) <= float(share.max()) < high


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
