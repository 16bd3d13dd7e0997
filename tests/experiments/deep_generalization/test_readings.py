"""Numbers and tables that the chapter quotes, and the sentences of its prose that assert an order or a size."""

import math

import numpy as np
import pytest
from rooms import numbers, put, replace, tiny_record

from ntkbook import records
from ntkbook.experiments.deep_generalization.claims import (
    HARD,
    MARGIN_DATA,
    PROJECTED,
    certificate_slopes,
    theorem_bound,
)
from ntkbook.experiments.deep_generalization.readings import demands, terms

NAME = "deep_generalization"


@pytest.fixture(scope="module")
def recorded():
    return records.load_best(NAME)


def test_readings_of_a_record_made_by_hand():
    record = tiny_record(NAME)
    margins, certificates, samples, widths = (
        record[part].dataset for part in ("margins", "certificates", "samples", "widths")
    )
    replace(record, "margins/margin", 2.0 ** -(1.5 * margins.layer) * (0.5 + margins.seed))  # scaled: 2^-l, mean 1
    replace(record, "certificates/certificate", certificates.n ** -(0.2 + certificates.portion / 2))
    for depth in (1, 2):
        put("samples/test_error", 0.02 * depth, depth=depth)(record)
    replace(record, "samples/test_error_fixed", 0.1 * samples.n**-0.125)
    put("samples/sharp_bound", 0.5)(record)
    put("samples/adversarial_gap", 2.0)(record)
    put("samples/gap", 0.5)(record)
    put("samples/gap", 1.0, depth=2)(record)
    put("samples/gap", 9.0, n=20)(record)
    replace(record, "widths/bartlett", widths.width**0.5)
    replace(record, "widths/linear_term", 0.25)
    put("widths/surrogate", 0.5)(record)
    put("widths/curvature_term", 3.0)(record)
    for part in ("samples", "widths"):
        put(f"{part}/allowed_radius", 1.0)(record)
        put(f"{part}/movement", 4.0)(record)
    put("samples/movement", 2.0, seed=1)(record)
    put("widths/movement", 9.0, seed=1, width=64)(record)
    put("samples/curvature_term", 10.0)(record)
    found = numbers("deep_generalization", record)
    assert (found["allowed-least"], found["allowed-most"], found["whole"]) == (2, 9, 4.25)
    assert found["change-easy"] == found["change-odd"] == pytest.approx(1 / 4)
    assert found["first-easy"] == found["first-hard"] == pytest.approx(1 / 2)
    assert (found["n"], found["seeds"], found["layers"], found["count"]) == (20, 2, 3, 60)
    assert (found["n-first"], found["n-last"], found["few"]) == (10, 40, 50)
    assert (found["slope-true"], found["slope-margin-few"]) == pytest.approx((-0.2, -0.45))
    assert found["slope-random"] == found["slope-margin-random"] == pytest.approx(-0.7)
    assert found["promise-true-first"] == pytest.approx(10**-0.3)
    assert found["promise-random-last"] == pytest.approx(40**0.2)
    assert (found["fall-least"], found["fall-most"], found["allowed"]) == pytest.approx((1, 1, 4**-0.25))
    assert found["fixed-least"] == found["fixed-most"] == pytest.approx(4**-0.125)
    assert (found["reach-one"], found["reach-two"]) == (18, 10)
    assert found["error-38-first"] == found["error-49-last"] == pytest.approx(3)
    assert (found["curved-shallow"], found["curved-deep"]) == pytest.approx((25, 50))
    assert (found["sharp-shallow"], found["adversarial-deep"]) == (0.5, 2)
    assert found["needed-shallow"] == pytest.approx(6 * math.log10(0.195 * 18 ** (4 / 3) / 0.5), abs=0.01)
    assert found["needed-deep"] == pytest.approx(6 * math.log10(0.195 * 10 ** (4 / 3) / 0.5), abs=0.01)
    assert found["slope-bartlett"] == pytest.approx(0.5)
    assert found["bartlett"] == 8
    assert (found["ours"], found["ours-whole"]) == (0.25, 4.25)
    assert found["demand"] == pytest.approx(math.log10(0.1**-14 * math.log(10)))  # gamma = 1 at L = 1
    assert samples.sizes["n"] == 2


def test_terms_give_the_constants_of_what_they_stand_for():
    record = tiny_record(NAME)
    put("samples/radius", 0.5)(record)
    put("samples/rademacher", 3.0)(record)
    put("samples/adversarial_gap", 2.0)(record)
    first, second = terms(record).rows
    assert float(first[-2]) == pytest.approx(3 / (0.5 * (32 / 80) ** 0.5), rel=0.01)
    assert float(second[-1]) == pytest.approx(2 / (16 * (32 * math.log(32)) ** 0.5 * 0.5 ** (4 / 3)), rel=0.01)


def test_demands_say_no_margin_where_there_is_none():
    record = tiny_record(NAME)
    put("margins/margin", 0.0, task="3/8, random labels", layer=0)(record)
    rows = demands(record).rows
    assert [row[:2] for row in rows[-2:]] == [("3/8, random labels", "1"), ("3/8, random labels", "2")]
    assert rows[-2][3] == rows[-2][6] == "no margin"
    assert rows[-1][3].startswith("1e")
    assert rows[0][4] == "64"


def test_corollary_4_11_asks_for_nothing_at_one_layer_where_its_proof_fails():
    rows = demands(tiny_record(NAME)).rows
    assert {(row[2], row[5]) for row in rows if row[1] == "1"} == {("-", "-")}
    assert all(row[2].startswith("1e") and row[5].startswith("1e") for row in rows if row[1] == "2")


def test_scaled_margins_fall_with_depth_for_linear_labels_and_rise_for_odd_ones(recorded):
    margin = recorded["margins"].dataset.margin.mean("seed")
    steps = (2 ** (margin.layer / 2) * margin).diff("layer")
    assert bool((steps.sel(task=["0/1", MARGIN_DATA]) < 0).all())
    assert bool((steps.sel(task="sphere, odd") > 0).all())
    assert bool((steps.sel(task=["3/8", "4/9"], layer=slice(3, None)) < 0).all())
    assert (
        numbers("deep_generalization", recorded)["first-easy"]
        < 1
        < numbers("deep_generalization", recorded)["first-hard"]
    )
    jumps = (margin.shift(layer=-1) / margin.where(margin > 0)).max("layer")
    assert str(jumps.idxmax("task").values) == "3/8, random labels"
    random = margin.sel(task="3/8, random labels")
    assert 2**0.5 * float(random.sel(layer=1)) > 10 * float(random.sel(layer=0))
    found = numbers("deep_generalization", recorded)
    easy_to_odd = [found[f"change-{key}"] for key in ("margin", "easy", "hard", "random", "odd")]
    assert easy_to_odd == sorted(easy_to_odd)


def test_gamma_of_random_labels_is_the_smallest_and_positive(recorded):
    features = recorded["features"].dataset
    last = features.gamma.isel(count=-1).mean("seed")
    assert str(last.idxmin("task").values) == "3/8, random labels"
    assert float(features.gamma.min()) > 0


def test_one_layer_crosses_one_near_32_dimensions_and_two_layers_do_not_depend_on_them(recorded):
    ratio = recorded["one_class"].dataset.ratio.mean("seed")
    assert float(ratio.sel(depth=1, dim=16)) > 1 > float(ratio.sel(depth=1, dim=64))
    deep = ratio.sel(depth=2)
    assert float(deep.max() / deep.min()) < 1.5


def test_promise_falls_with_true_labels_and_rises_with_random_ones(recorded):
    found = numbers("deep_generalization", recorded)
    assert found["promise-true-last"] < found["promise-true-first"]
    assert found["promise-random-last"] > found["promise-random-first"]


def test_slopes_fall_with_every_portion_of_noise_and_most_within_the_first_tenth(recorded):
    slopes = certificate_slopes(recorded)
    assert bool((slopes.diff("portion") < 0).all())
    sphere = slopes.sel(task=MARGIN_DATA)
    tenth = sphere.sel(portion=0) - sphere.sel(portion=0.1)
    assert bool((tenth > 0.5 * (sphere.sel(portion=0) - sphere.sel(portion=1))).all())


def test_errors_fall_with_every_doubling_of_the_sample_and_little_with_the_width(recorded):
    error = recorded["samples"].dataset.test_error.sel(task=list(HARD)).mean(["seed", "depth"])
    assert bool((error.diff("n") < 0).all())
    found = numbers("deep_generalization", recorded)
    assert 0.75 < found["error-m-last"] / found["error-m-first"] < 1.05


def test_bounds_stand_in_the_order_of_the_figure(recorded):
    found = numbers("deep_generalization", recorded)
    assert found["uncentred"] > found["neyshabur"] > found["bartlett"] > 10 > found["ours"] > found["error-low"] / 100
    assert abs(found["slope-transposed"]) < 0.1
    assert found["slope-uncentred"] > 0.9


def test_the_whole_bound_falls_and_is_the_largest_until_one_layer_meets_the_others(recorded):
    nets = recorded["widths"].dataset.sel(task=PROJECTED).mean("seed")
    whole, others = theorem_bound(nets), np.maximum(nets.bartlett, nets.neyshabur)
    assert bool((whole.sel(depth=[2, 3]).diff("width") < 0).all())
    assert bool((whole > others).sel(depth=[2, 3]).all())
    assert (whole > others).sel(depth=1).values.tolist() == 6 * [True] + [False]
    assert numbers("deep_generalization", recorded)["ours-whole"] > 100


def test_trained_nets_depart_from_linearity_by_more_with_layers_and_samples(recorded):
    nets = recorded["samples"].dataset.sel(task="0/1")
    share = (nets.gap / nets.adversarial_gap).mean("seed")
    assert bool((share.diff("n") > 0).all())
    assert bool((share.diff("depth") > 0).all())
    found = numbers("deep_generalization", recorded)
    assert found["curved-shallow"] < 2
    assert 25 < found["curved-deep"] < 50


def test_the_linear_part_is_below_one_and_above_the_test_error_and_curvature_is_not(recorded):
    nets = recorded["samples"].dataset.sel(task="0/1")
    last = nets.isel(n=-1)
    assert float(last.sharp_bound.max()) < 1
    assert bool((last.sharp_bound + last.adversarial_gap / 2 > 1).all())
    assert bool((last.sharp_bound > 10 * last.linear_test_error).all())
    np.testing.assert_array_less(nets.movement, nets.radius)


def test_only_a_stop_that_shrinks_with_n_reaches_the_rate(recorded):
    found = numbers("deep_generalization", recorded)
    assert found["fall-most"] < found["allowed"] < found["fixed-least"]
