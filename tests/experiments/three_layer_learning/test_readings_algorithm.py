"""Numbers and tables of the algorithm that the chapter quotes, and the sentences that assert an order or a size."""

import numpy as np
import pytest
from rooms import put, replace, tiny_record

from ntkbook import records
from ntkbook.experiments.three_layer_learning.algorithm_one import VARIANTS
from ntkbook.experiments.three_layer_learning.claims_algorithm import VARIANCE, cost_of_leaving_out
from ntkbook.experiments.three_layer_learning.readings_algorithm import (
    gap_at_distance,
    noisy,
    readings,
    risks,
    variants,
)

NAME = "three_layer_learning"


def numbers(record) -> dict[str, float]:
    """The readings of the algorithm's half alone; all of them are numbers."""
    return {key: float(value) for key, value in readings(record).items()}


@pytest.fixture
def recorded():
    return records.load_best(NAME)


def test_readings_of_a_record_made_by_hand():
    record = tiny_record(NAME)
    for variant, share in (("full", 0.4), ("no signs", 0.1), ("signs only", 0.3), ("plain", 0.05)):
        put("algorithm/test_error", share * VARIANCE, variant=variant)(record)
    put("algorithm/averaged_error", 0.2 * VARIANCE)(record)
    put("algorithm/sign_noise", 0.3 * VARIANCE)(record)
    put("shrinking/test_error", 0.25 * VARIANCE)(record)
    put("shrinking/test_error", 0.75 * VARIANCE, scale=0.5, sigma="with")(record)
    risk, frozen = record["risk"].dataset, record["frozen"].dataset
    replace(record, "risk/test_error", risk.width / risk.n + risk.noise)
    replace(record, "frozen/gap", (1 / frozen.width) * (frozen.depth + (frozen.seed - 0.5)))
    replace(record, "risk/sign_noise", risk.width**-0.5 * (1 + risk.noise))
    put("shrinking/test_error", 0.2 * VARIANCE, scale=0.5, sigma="without", seed=0)(record)
    put("risk/train_slope", -0.1)(record)
    put("risk/train_slope", -0.3, n=100, width=8, sigma="with", noise=0, seed=1)(record)
    put("scaling/biased_gap", 0.3)(record)
    found = numbers(record)
    expected = {
        "alg-m": 8,
        "alg-n": 60,
        "alg-rounds": 4,
        "alg-inner": 5,
        "alg-full": 40,
        "alg-full-averaged": 20,
        "alg-signs-only": 30,
        "alg-no-signs": 10,
        "alg-plain": 5,
        "alg-sign-noise": 30,
        "lam-min": 0.5,
        "lam-with-one": 25,
        "lam-with-min": 75,
        "lam-without-min": 22.5,
        "lam-best": 0.5,
        "frozen-m": 16,
        "frozen-2-lazy": 2 / 16,
        "frozen-3-F": 3 / 16,
        "frozen-3-slope": -1,
        "risk-n": 100,
        "risk-m": 8,
        "risk-slope-with": -1,
        "risk-growth-without": 2,
        "risk-rise-without": 2,
        "risk-kept-with": 0.5,
        "risk-sign-slope": -0.5,
        "risk-train-slope": -0.2,
        "scaling-half": 30,
    }
    assert {key: found[key] for key in expected} == pytest.approx(expected)


def test_gap_at_a_distance_is_read_off_where_the_net_first_gets_there():
    record = tiny_record(NAME)
    frozen = record["frozen"].dataset
    steps = frozen.step / frozen.step[-1]
    replace(record, "frozen/distance", 2 * steps)
    replace(record, "frozen/gap", frozen.depth * (2 * steps) ** 2)  # a line on log-log axes
    assert gap_at_distance(record, 3) == pytest.approx(3 * 0.2**2)
    assert gap_at_distance(record, 2) == pytest.approx(2 * 0.2**2)


def test_tables_have_a_row_for_each_run():
    record = tiny_record(NAME)
    assert len(variants(record).rows) == len(VARIANTS)
    put("algorithm/test_error", 0.5 * VARIANCE, variant="plain")(record)
    assert variants(record).rows[-1][:2] == ("SGD and nothing else", "0.500")
    assert [row[:2] for row in risks(record).rows] == [("with", "4"), ("with", "8"), ("without", "4"), ("without", "8")]
    assert [row[:2] for row in noisy(record).rows] == [("with", "0"), ("with", "2"), ("without", "0"), ("without", "2")]
    assert noisy(record).rows[0][-1] == ""
    risk = record["risk"].dataset.test_error.sel(sigma="with", width=8, n=100).mean("seed")
    added = float(np.diff(risk)[0]) / 4
    assert float(noisy(record).rows[1][-1]) == pytest.approx(added, abs=0.006)


def test_without_signs_most_of_the_error_is_gone(recorded):
    error = recorded["algorithm"].dataset.test_error.mean("seed")
    assert float(error.sel(variant="no signs")) < 0.25 * float(error.sel(variant="full"))
    assert float(error.sel(variant="plain")) < 0.25 * float(error.sel(variant="signs only"))


def test_averaging_over_signs_helps_and_does_not_make_up_for_them(recorded):
    found = numbers(recorded)
    assert found["alg-no-signs"] < found["alg-full-averaged"] < found["alg-full"]


def test_small_lambda_costs_with_signs_and_without_and_signs_cost_at_every_lambda(recorded):
    shrinking = recorded["shrinking"].dataset.mean("seed")
    error, least = shrinking.test_error, float(shrinking.scale.min())
    assert bool((error.sel(scale=least) > error.sel(scale=1)).all())
    assert bool((error.sel(sigma="without") < shrinking.averaged_error.sel(sigma="with")).all())
    noise = shrinking.sign_noise.sel(sigma="with")
    assert float(noise.sel(scale=least)) < float(noise.sel(scale=1))


def test_gaps_fall_with_the_width_and_are_a_matter_of_task_and_distance_and_not_of_depth(recorded):
    found, gap = numbers(recorded), recorded["frozen"].dataset.gap.isel(step=-1).mean("seed")
    assert bool((gap.isel(width=-1) < gap.isel(width=0)).all())
    assert float(gap.sel(task="lazy").max("depth")[-1]) < 0.25 < 0.5 < float(gap.sel(task="F").min("depth")[-1])
    assert found["frozen-3-at"] == pytest.approx(found["frozen-2-at"], rel=0.5)
    assert found["frozen-3-lazy-distance"] < 0.5 * found["frozen-2-F-distance"]


def test_a_little_shrinking_does_no_harm_within_the_bands(recorded):
    error = recorded["shrinking"].dataset.test_error.sel(sigma="without")
    best = error.sel(scale=numbers(recorded)["lam-best"])
    assert float(best.max()) > float(error.sel(scale=1).min())
    signed = recorded["shrinking"].dataset.test_error.sel(sigma="with").mean("seed").sortby("scale")
    assert bool((signed.diff("scale") < 0).all())


def test_other_ingredients_change_the_error_by_a_tenth_one_at_a_time_and_by_a_third_together(recorded):
    cost = cost_of_leaving_out(recorded)
    alone = cost.sel(variant=["no decay", "no smoothing", "no penalty", "no noise", "no choice"])
    assert float(abs(alone - 1).max()) < 0.1
    assert float(cost.sel(variant="signs only")) == pytest.approx(2 / 3, abs=0.03)


def test_at_short_distances_the_gap_falls_with_the_width_and_two_layers_do_not_fit_f(recorded):
    assert numbers(recorded)["frozen-2-train"] > 30
    for depth in (2, 3):
        nets = recorded["frozen"].dataset.sel(depth=depth, task="F").mean("seed")
        at = [
            float(np.interp(0.05, nets.distance.sel(width=m).values[:k], nets.gap.sel(width=m).values[:k]))
            for m in (nets.width.values[0], nets.width.values[-1])
            for k in [1 + int((nets.distance.sel(width=m).values >= 0.05).argmax())]
        ]
        assert at[1] < 0.7 * at[0]


def test_risk_falls_with_the_width_to_200_and_grows_again_in_each_seed(recorded):
    found, error = numbers(recorded), recorded["risk"].dataset.test_error.sel(noise=0).isel(n=-1)
    assert max(found["risk-growth-with"], found["risk-growth-without"]) < 1
    assert bool((error.mean("seed").idxmin("width") == 200).all())
    assert bool((error.sel(width=400) > error.sel(width=200)).all())
    assert 1.1 < found["risk-rise-without"] < found["risk-rise-with"] < 1.3


def test_with_sigma_runs_without_noise_are_the_worst(recorded):
    error = recorded["risk"].dataset.test_error.sel(sigma="with").isel(n=-1, width=-1).mean("seed")
    assert float(error.idxmax("noise")) == 0


def test_noise_stays_within_the_theorem_and_sigma_slows_the_rate(recorded):
    found = numbers(recorded)
    assert max(found["risk-kept-with"], found["risk-kept-without"]) < 0.25
    assert found["risk-slope-without"] < -0.5 < found["risk-slope-with"] < 0
    assert found["risk-train-slope"] < -0.1


def test_the_variance_over_signs_falls_like_one_over_the_root_of_the_width(recorded):
    assert numbers(recorded)["risk-sign-slope"] == pytest.approx(-0.5, abs=0.1)


def test_runs_with_signs_were_still_learning_and_the_noise_of_a_draw_is_the_smaller_part_of_what_they_cost(recorded):
    found, slope = numbers(recorded), recorded["algorithm"].dataset.train_slope.mean("seed")
    signed = [name for name in VARIANTS if name not in ("no signs", "plain")]
    assert float(slope.sel(variant=signed).max()) < -0.1
    assert found["alg-sign-noise"] < 0.5 * (found["alg-full"] - found["alg-no-signs"])
