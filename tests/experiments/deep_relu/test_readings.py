"""Numbers and tables that the chapter quotes, and the sentences of its prose that assert an order or a size."""

import numpy as np
import pytest
import xarray as xr
from rooms import numbers, put, replace, tiny_record

from ntkbook import adversarial, records
from ntkbook.experiments.deep_relu.quantities import NORMS, local_slopes, slopes_in_tau
from ntkbook.experiments.deep_relu.readings import chain, constants, constants_by_size, norms, outputs, regime


@pytest.fixture
def recorded():
    return records.load_best("deep_relu")


def by_hand():
    """A tiny run's record with numbers that are easy to follow."""
    record = tiny_record("deep_relu")
    widths, long, moved = (record[name].dataset for name in ("widths", "long", "linearity"))
    n = record["certificates"].dataset.n
    values = {
        "widths/constant": 0.2 - 0.01 * xr.ones_like(widths.step) * (widths.step == 3),
        "widths/certificate": 0.1,
        "widths/movement": 8.0 * widths.depth,
        "widths/flipped": 3.2 / widths.width,
        "widths/time_to": 10 * widths.width / widths.epsilon,
        "widths/gradient_start": 0.7 + widths.seed / 10,
        "widths/largest": 0.5,
        "long/constant": xr.where(long.step == 0, 0.4, 0.2),
        "long/certificate": 0.1 / long.depth,
        "long/certificate_end": 0.3,
        "long/largest": 0.6,
        "long/surrogate": 0.05,
        "long/loss": xr.where(long.step == 0, 0.75, 0.25),
        "long/movement": 20.0,
        "long/time_to": long.epsilon**-1.5,
        "long/movement_at": long.epsilon**-0.5,
        "certificates/certificate": n**-0.5,
        "certificates/proof": n**-0.5 / (2 * record["certificates"].dataset.depth),
        "linearity/gap": moved.tau**2,
        "linearity/gap_printed": moved.tau,
        "linearity/adversarial_gap": adversarial.GAP * moved.width**0.5 * moved.tau ** (4 / 3),
        "linearity/adversarial_scale": moved.width**0.5 * moved.tau ** (4 / 3),
        "linearity/adversarial_flips": 0.25 * moved.width * moved.tau ** (2 / 3),
        "linearity/most_flips": 0.9,
        "linearity/constant_needed": 0.004,
        "start/largest": 2 * np.log(record["start"].dataset.n / 0.1) ** 0.5,
        "antipodal/least_linear_loss": 0.66,
        "antipodal/loss": 0.5 / record["antipodal"].dataset.depth,
        "antipodal/constant": 0.01 * record["antipodal"].dataset.depth,
        "large_steps/surrogate": (record["large_steps"].dataset.step % 2) / 1.0,
        "large_steps/best_step": 4,
        "antipodal/error": 0.3 / record["antipodal"].dataset.depth,
        "sizes/constant": record["sizes"].dataset.n ** -0.5 * (2 - 0.5 * (record["sizes"].dataset.step == 3)),
        "sizes/certificate": record["sizes"].dataset.n ** -0.5,
        "long/error": 0.01,
        "linearity/flips": moved.width * moved.tau,
        **dict.fromkeys((f"linearity/{name}" for name in NORMS if name != "most_flips"), 1.5),
    }
    for variable, value in values.items():
        replace(record, variable, value)
    return record


def test_readings_of_a_record_made_by_hand():
    found = numbers("deep_relu", by_hand())
    expected = {"n": 20, "m-long": 32, "m-max": 64, "k-max": 15, "k-best": 4, "rises": 100 * 8 / 15}
    expected |= {
        "kept-least": 1.9,
        "kept-narrow": 1.9,
        "kept-wide": 1.9,
        "kept-long": 2,
        "c-largest": 0.6,
        "c-start": 0.75,
    }
    expected |= {f"b-slope-n-{task}": -0.5 for task in ("true", "random", "margin")}
    expected |= {"k-nets": 2, "k-stuck": 2, "start-most": 2, "one-error": 30, "two-error": 15}
    expected |= {f"b-start-{task}": 0.4 for task in ("true", "random", "margin")}
    expected |= {f"b-end-{task}": 0.2 for task in ("true", "random", "margin")}
    expected |= {f"margin-{task}": 0.1 for task in ("true", "random", "margin")}
    expected |= {f"slope-n-{task}": -0.5 for task in ("true", "random", "margin")}
    expected |= {"deep-margin-end": 6, "slope-n-true-first": -0.5, "slope-n-true-last": -0.5}
    expected |= {f"proof-{name}-{end}": 2 for name in ("true", "random", "margin") for end in ("least", "most")}
    expected |= {"proof-deep-least": 4, "proof-deep-most": 4, "two-over-errors": 10, "radius-over-gates": 8 / 128**0.5}
    expected |= {"slope-m": 0, "radius-one": 8, "radius-deep": 16, "steps-power": 1.5, "movement-power": 0.5}
    expected |= {
        "time-width-deep": 1,
        "time-width-last": 1,
        "flipped-narrow": 10,
        "flipped-wide": 5,
        "path-over": 2 * 0.5 / (0.2 * 0.05) / 20,
    }
    expected |= {"steps-power-deep": 1.5, "steps-power-margin": 1.5, "steps-before": 1.5}
    expected |= {"time-over": 2 * 0.75 / (0.2 * 0.1) ** 2 / 0.1**-1.5}
    expected |= {"gap-slope-one": 2, "gap-slope-deep": 2, "printed-slope-one": 1, "printed-slope-deep": 1}
    expected |= {"flips-slope-one": 1, "flips-slope-deep": 1, "norm-largest": 1.5, "m-shallow": 1024, "m-deep": 512}
    expected |= {"adversarial-flips-slope-one": 2 / 3, "adversarial-flips-slope-deep": 2 / 3}
    expected |= {"adversarial-slope-one": 4 / 3, "adversarial-slope-deep": 4 / 3}
    expected |= {"adversarial-constant": adversarial.GAP, "flips-constant": 0.25, "most-flips": 0.9, "needed": 0.004}
    expected |= {"gap-ratio": adversarial.GAP * 32 * 0.1 ** (-2 / 3), "start-constant": 2}
    expected |= {"gap-ratio-deep": adversarial.GAP * 512**0.5 * 0.1 ** (-2 / 3)}
    expected |= {"linear-loss": 0.66, "one-loss": 0.5, "two-loss": 0.25, "one-b": 0.01, "two-b": 0.02}
    assert found == pytest.approx(expected)


def test_tables_have_a_row_for_each_run_part_size_and_depth():
    record = by_hand()
    assert [row[:2] for row in chain(record).rows] == [(t, L) for t in ("true", "random", "margin") for L in ("1", "2")]
    assert [row[0] for row in norms(record).rows] == ["(i)", "(i)", "(ii)", "(iii)", "(iv)", "(v)", "(vi)"]
    assert norms(record).header[2:] == ("L = 1, m = 1024", "L = 2, m = 512")
    assert norms(record).rows[4][2:] == ("0.90", "0.90")
    assert constants(record).header == ("data", "L", "m = 32", "m = 64")
    assert constants(record).rows[-1] == ("random", "2", "0.190 (1.90)", "0.190 (1.90)")
    assert constants_by_size(record).header == ("data", "L", "n = 10", "n = 20")
    assert constants_by_size(record).rows[-1] == ("margin", "2", "0.474 (1.50)", "0.335 (1.50)")
    put("start/largest", 3.0)(record)
    assert [row[:3] for row in outputs(record).rows] == [("5", "3.00", "3.00"), ("20", "3.00", "3.00")]
    first, second = regime(record).rows
    assert first == ("1", "0.100", "2e+06", "2e+16", "2e+10", "64", "1e-02 / m", "1e+06")  # log 10 = 2.3 on top
    assert second[2:5] == ("9e+09", "6e+21", "8e+14")


def test_with_one_layer_b_starts_high_and_ends_near_the_margin_for_every_kind_of_labels(recorded):
    found = numbers("deep_relu", recorded)
    for task in ("true", "random", "margin"):
        assert found[f"b-start-{task}"] > 1.3 * found[f"margin-{task}"]
        assert found[f"b-end-{task}"] == pytest.approx(found[f"margin-{task}"], rel=0.2)
    assert found["b-end-random"] < found["margin-random"]
    shallow = recorded["long"].dataset.sel(task="random", depth=1).mean()
    assert float(shallow.certificate_end) < float(shallow.certificate)


def test_with_three_layers_b_comes_down_and_rises_and_the_margin_of_the_features_has_risen(recorded):
    deep = recorded["long"].dataset.isel(width=0).sel(task="true", depth=3).mean("seed")
    assert float(deep.constant.min()) < 0.7 * min(float(deep.constant[0]), float(deep.constant[-1]))
    assert numbers("deep_relu", recorded)["deep-margin-end"] > 1.5


def test_feature_change_fades_with_the_width_and_no_wide_net_goes_below_the_margin(recorded):
    found = numbers("deep_relu", recorded)
    assert found["kept-wide"] < 0.6 * found["kept-narrow"]
    assert found["kept-least"] > 1


def test_in_the_long_runs_only_one_layer_goes_below_the_margin_and_furthest_with_random_labels(recorded):
    long = recorded["long"].dataset.isel(width=0)
    kept = (long.constant.min("step") / long.certificate).min("seed")
    assert numbers("deep_relu", recorded)["kept-long"] == float(kept.sel(depth=1, task="random")) < 0.9
    assert bool((kept.sel(depth=kept.depth > 1) > 1).all())
    own = (long.certificate_end / long.certificate).mean("seed").sel(depth=1)
    assert own.idxmin("task") == "random"


def test_from_two_layers_on_nets_improve_their_own_margin_and_one_does_not(recorded):
    long = recorded["long"].dataset.isel(width=0)
    improved = (long.certificate_end / long.certificate).mean("seed") > 1
    assert bool(improved.sel(depth=improved.depth > 1).all())
    assert not bool(improved.sel(depth=1).any())


def test_movement_keeps_to_a_logarithm_with_a_margin_or_five_layers_and_comes_down_to_it_from_two_layers_on(recorded):
    at = recorded["long"].dataset.isel(width=0).movement_at.sel(task=["true", "margin"])
    found = local_slopes(at)
    over = found - local_slopes(-np.log(2 * at.epsilon) * xr.ones_like(at.seed))
    assert not bool((over > 0).sel(task="margin").any())
    assert not bool((over > 0).sel(depth=5).any())
    true = over.sel(task="true")
    assert bool((true.isel(epsilon=0).sel(depth=[1, 2, 3]) > 0).all())
    assert bool((true.isel(epsilon=3).sel(depth=[2, 3]) < 0.04).all())
    assert not bool(np.isfinite(true.sel(depth=1)[1:]).any())


def test_time_of_one_layer_and_true_labels_alone_is_steeper_than_the_theorem_and_less_so_from_level_to_level(recorded):
    found = numbers("deep_relu", recorded)
    assert found["steps-power-deep"] < 2 < found["steps-power"] < found["steps-before"]
    assert found["steps-power-margin"] < 1.2
    powers = local_slopes(recorded["long"].dataset.isel(width=0).time_to.sel(task="true"))
    assert found["steps-power"] == float(powers.sel(depth=1)[0])
    assert found["time-over"] > 20


def test_margins_of_true_labels_fall_faster_with_n_later_on_and_slower_than_those_of_random_labels(recorded):
    found = numbers("deep_relu", recorded)
    assert found["slope-n-random"] < found["slope-n-true-last"] < 2 * found["slope-n-true-first"] < 0


def test_time_to_a_fixed_error_flattens_over_the_last_doubling(recorded):
    found = numbers("deep_relu", recorded)
    assert 0 < found["time-width-last"] < 0.5 * found["time-width-deep"]


def test_with_512_most_nets_rest_at_one_half_and_the_others_have_come_down(recorded):
    found = numbers("deep_relu", recorded)
    assert 0.5 * found["k-nets"] < found["k-stuck"] < found["k-nets"]
    ends = recorded["large_steps"].dataset.surrogate.sel(rate=512).isel(step=-1)
    assert bool(((ends < 0.35) | (abs(ends - 0.5) < 0.01)).all())


def test_surrogate_error_is_not_tight_and_for_true_labels_the_second_link_is_the_loose_one(recorded):
    rows = {row[:2]: [float(number) for number in row[2:]] for row in chain(recorded).rows}
    errors, ramp, surrogate, _ = rows["true", "1"]
    assert surrogate > 9 * errors
    assert surrogate / ramp > 2 * ramp / errors
    assert all(rows["true", L][0] == 0 for L in "35")
    assert all(loss < 1.34 * surrogate for _, _, surrogate, loss in rows.values())


def test_largest_norm_is_that_of_a_square_weight_matrix(recorded):
    table = norms(recorded)
    assert numbers("deep_relu", recorded)["norm-largest"] == pytest.approx(2 * 2**0.5, rel=0.01)
    assert max(float(number) for row in table.rows for number in row[2:]) == float(table.rows[0][3])


def test_flips_have_slope_one_along_the_gradient_and_two_thirds_adversarially(recorded):
    for name, power in (("flips", 1), ("adversarial_flips", 2 / 3)):
        assert list(slopes_in_tau(recorded["linearity"].dataset, name).values()) == pytest.approx([power] * 2, abs=0.02)


def test_largest_output_over_the_log_stays_below_the_limit_of_independent_ones(recorded):
    for row in outputs(recorded).rows:
        assert all(0.9 < float(number) < (2 * (1 - 1 / np.pi)) ** 0.5 for number in row[3:])


def test_c_of_every_net_is_set_by_narrow_nets_of_three_layers(recorded):
    nets = recorded["start"].dataset
    largest = (nets.largest / np.log(nets.n / 0.1) ** 0.5).max(["seed", "n"])
    assert float(largest.max()) == float(largest.sel(depth=3, width=64))


def test_least_b_over_the_margin_falls_with_the_width_and_rises_with_n_and_b_itself_falls_with_n(recorded):
    found = numbers("deep_relu", recorded)
    of = {
        dim: (recorded[part].dataset.constant.min("step") / recorded[part].dataset.certificate).mean("seed")
        for dim, part in (("width", "widths"), ("n", "sizes"))
    }
    assert bool((of["width"].sel(task="true").diff("width") < 0.01).all())
    assert bool((of["width"].sel(task="true").isel(width=-1) < 0.93 * of["width"].sel(task="true").isel(width=0)).all())
    assert float(of["width"].min()) > 1
    assert bool((of["n"].sel(task=["true", "margin"]).diff("n") > 0).all())
    assert float(of["n"].min()) > 1
    assert found["b-slope-n-random"] < -0.3 < -0.1 < found["b-slope-n-true"] < found["b-slope-n-margin"] < 0
    at_three = of["width"].sel(task="random", depth=3)
    assert float(at_three.max()) > 4 > 2 * float(of["width"].sel(task="random", depth=[1, 2]).isel(width=-1).max())


def test_margins_fall_fastest_for_random_labels_and_flatten_where_the_data_have_one(recorded):
    found, margins = numbers("deep_relu", recorded), recorded["certificates"].dataset.certificate.mean("seed")
    assert found["slope-n-random"] < found["slope-n-true"] < found["slope-n-margin"] < 0
    steps = np.log(margins.sel(task="margin")).diff("n")
    assert bool((steps.isel(n=-1) > steps.isel(n=0) / 1.5).all())


def test_proof_is_close_at_one_layer_far_at_three_and_lost_where_images_are_hardly_separable(recorded):
    found, margins = numbers("deep_relu", recorded), recorded["certificates"].dataset.mean("seed")
    assert (
        1
        < found["proof-margin-least"]
        < found["proof-margin-most"]
        < min(found["proof-true-least"], found["proof-random-least"])
        < 3
    )
    assert found["proof-true-most"] < 5 < found["proof-random-most"]
    assert found["proof-deep-least"] > 10
    drop = margins.sel(task="random").isel(n=[-2, -1])
    assert np.diff(np.log(drop.proof.sel(depth=1)))[0] < 3 * np.diff(np.log(drop.certificate.sel(depth=1)))[0]


def test_deeper_nets_take_less_time_and_less_movement_to_a_tenth(recorded):
    at = recorded["long"].dataset.isel(width=0).sel(task="true", epsilon=0.1).mean("seed")
    assert bool((at.time_to.diff("depth") < 0).all())
    assert bool((at.movement_at.diff("depth") < 0).all())
    found = numbers("deep_relu", recorded)
    assert found["radius-one"] > found["radius-deep"]
    assert found["flipped-wide"] < found["flipped-narrow"]
    assert 0.02 < found["time-width-deep"] < 0.15
    assert found["path-over"] > 5


def test_steps_of_128_rise_and_end_lowest_and_those_of_512_do_not_settle(recorded):
    runs, found = recorded["large_steps"].dataset.isel(seed=0), numbers("deep_relu", recorded)
    ends = runs.surrogate.isel(step=-1)
    assert float(ends.sel(rate=128)) < float(ends.sel(rate=16)) < float(ends.sel(rate=512))
    rising = runs.surrogate.sel(rate=128).diff("step") > 0
    assert bool(rising[:20].any())
    assert not bool(rising[20:].any())
    assert found["k-best"] < 0.5 * found["k-max"]


def test_adversarial_gap_lies_on_the_derivation_and_is_hundreds_of_times_that_along_the_gradient(recorded):
    found = numbers("deep_relu", recorded)
    assert found["adversarial-constant"] == pytest.approx(adversarial.GAP, rel=0.02)
    assert found["flips-constant"] == pytest.approx(adversarial.FLIPS, rel=0.03)
    assert found["most-flips"] == pytest.approx(adversarial.MOST_FLIPS, rel=0.02)
    assert found["gap-ratio"] > 100
    assert found["needed"] < 0.01


def test_one_layer_stalls_at_logistic_regression_and_two_are_freed(recorded):
    found = numbers("deep_relu", recorded)
    assert found["one-loss"] == pytest.approx(found["linear-loss"], rel=1e-3)
    assert found["one-b"] < 1e-3 < found["two-b"]
    assert found["two-loss"] < 0.2 * found["one-loss"]


def test_no_net_comes_near_the_width_asked_for_and_steps_are_thousands_of_times_longer(recorded):
    for row in regime(recorded).rows:
        assert min(float(m) for m in row[2:5]) > 1000 * int(row[5])
        assert 16 / float(row[6].partition(" ")[0]) > 1000
