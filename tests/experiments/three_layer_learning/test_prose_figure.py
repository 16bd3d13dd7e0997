"""Sentences of the chapter on learners and targets that assert an order or a size, on the recorded run."""

import numpy as np
import pytest
from rooms import numbers

from ntkbook import records
from ntkbook.experiments.three_layer_learning.claims_figure import THREE, TWO, TWO_LAYERS, fresh_ratio
from ntkbook.experiments.three_layer_learning.readings_figure import frequencies

NAME = "three_layer_learning"


@pytest.fixture(scope="module")
def recorded():
    return records.load_best(NAME)


@pytest.fixture(scope="module")
def found(recorded):
    return numbers(NAME, recorded)


def test_three_layers_are_far_below_every_finite_rival(found):
    assert 0 < found["fig-ratio-min"] <= found["fig-ratio-max"] < 0.5


def test_a_gaussian_kernel_is_ahead_of_every_net_by_orders_of_magnitude(found):
    assert found["limit-gaussian"] < 0.05 * found["fig-three-max"]


def test_depth_buys_an_infinite_kernel_nothing(found):
    assert found["limit-three-ntk"] == pytest.approx(found["limit-two-ntk"], rel=0.05)
    assert found["limit-three-last"] == pytest.approx(found["limit-two-last"], rel=0.05)


def test_two_layers_are_starved_and_three_are_not(recorded):
    starved = recorded["widths"].dataset.starved
    wide = starved.sel(width=starved.width >= 100)
    assert bool((wide.sel(learner=THREE) == 0).all())
    assert bool((wide.sel(learner=TWO) == 1).all())


def test_no_net_without_biases_gets_below_the_odd_part(found):
    assert found["fig-raw-odd"] > 40
    assert found["fig-two-odd"] < 0.6 * found["fig-raw-odd"]
    assert found["fig-constant-odd"] < 0.6 * found["fig-raw-odd"]


def test_validation_chose_a_larger_rise_for_two_layers_with_biases_than_for_three(recorded):
    errors = recorded["tuning"].dataset.validation_error
    rise = {
        name: [
            float(at.rise[int(at.argmin(["step", "decay", "rise"])["rise"])])
            for at in (errors.sel(learner=name, width=width) for width in errors.width)
        ]
        for name in (THREE, TWO)
    }
    assert min(rise[TWO]) > max(rise[THREE])


def test_last_layers_starve_more_than_linearised_nets(found):
    over = {
        key: found[f"starve-{key}"] / found[f"ridge-{key}"]
        for key in ("three-last", "two-last", "three-ntk", "two-ntk")
    }
    assert min(over["three-last"], over["two-last"]) > 1.3 * max(over["three-ntk"], over["two-ntk"])


def test_linearised_nets_lose_at_their_own_width_and_win_for_two_layers_at_infinite_width(found):
    assert found["lin-three-ntk"] > found["fig-three-max"]
    assert found["lin-two-ntk"] > found["fig-two"]
    assert found["limit-two-ntk"] < found["fig-two"]
    assert found["limit-three-ntk"] > found["fig-three-max"]


def test_more_data_is_on_the_side_of_the_infinite_last_layer(found):
    assert found["size-last-there"] < found["size-three-there"]


def test_three_layers_suit_a_sum_as_well_as_products(found):
    products = [found[f"target-{name}"] for name in ("composed", "even", "odd")]
    assert max(products) < 1
    assert found["target-additive"] < 1.5 * found["target-composed"]


def test_three_layers_win_on_harmonic_targets_in_between_and_nobody_learns_at_the_end(recorded, found):
    named = frequencies(recorded)
    inside = [fresh_ratio(recorded, named[c], TWO_LAYERS) for c in (3.0, 5.0)]
    assert max(map(float, inside)) < 0.7
    assert found["wave-three-last"] > 30
    assert np.isfinite(found["wave-ratio-last"])
