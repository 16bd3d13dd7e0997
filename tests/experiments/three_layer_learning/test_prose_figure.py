"""Sentences of the chapter on learners and targets that assert an order or a size, on the recorded run."""

import numpy as np
import pytest
from rooms import numbers

from ntkbook import records
from ntkbook.experiments.three_layer_learning.claims_figure import COMPOSED, THREE, TWO, TWO_LAYERS, fresh_ratio
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


def test_three_layers_have_converged_at_every_width_and_sample_size(recorded):
    assert not bool(recorded["widths"].dataset.starved.sel(learner=THREE).any())
    assert not bool(recorded["sizes"].dataset.starved.sel(learner=THREE).any())
    assert not bool(recorded["wide_sizes"].dataset.starved.sel(learner=THREE).any())


def test_nets_of_the_papers_width_at_1000_points_are_those_of_figure_1a(recorded):
    wide, same = recorded["wide_sizes"].dataset.sel(n=1000), recorded["widths"].dataset.sel(width=2000)
    assert wide.test_error.equals(same.test_error.sel(learner=wide.learner).drop_vars("width"))


def test_two_layers_are_starved_up_to_200_neurons_and_those_with_an_odd_part_are_not_at_the_widest(recorded):
    starved = recorded["widths"].dataset.starved.sel(learner=list(TWO_LAYERS))
    assert bool((starved.sel(width=starved.width <= 200) == 1).all())
    assert not bool(starved.isel(width=-1).sel(learner=[TWO, "2 layers, constant coordinate"]).any())


def test_three_layers_have_overtaken_the_infinite_last_layers_by_a_little(found):
    assert 0.7 < found["fig-three-max"] / found["limit-three-last"] < 1
    assert found["fig-three-max"] < found["limit-two-last"]


def test_the_rest_of_a_finite_linear_learner_is_its_draw_and_of_last_layers_nearly_all(found):
    assert 0.3 < found["limit-three-ntk"] / found["lin-three-ntk"] < 0.7
    assert max(found[f"limit-{key}"] / found[f"lin-{key}"] for key in ("three-last", "two-last")) < 0.2


def test_three_layers_beat_their_linearisation_by_eight_and_at_the_least_sample_by_three(recorded, found):
    assert 1 / found["fig-ratio-max"] > 8
    linear = recorded["linear_sizes"].dataset.test_error.mean("seed").sel(n=250)
    own = linear.sel(learner=["3 layers (last)", "3 layers (NTK)"]).min()
    assert 3 < 100 * float(own) / found["size-three-first"] < 4


def test_last_layers_flatten_out_and_finite_ntks_still_fall(recorded):
    error = recorded["linear_sizes"].dataset.test_error.mean("seed")
    halving = error.sel(n=4000) / error.sel(n=2000)
    assert float(halving.sel(learner=["3 layers (last)", "2 layers (last)"]).min()) > 0.8
    assert float(halving.sel(learner=["3 layers (NTK)", "2 layers (NTK)"]).max()) < 0.75


def test_two_layers_are_starved_at_large_samples(recorded):
    starved = recorded["sizes"].dataset.starved.sel(learner=TWO)
    assert bool((starved.sel(n=[2000, 4000, 8000]) == 1).all())


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
        for name in (THREE, TWO, "2 layers, constant coordinate")
    }
    assert min(rise[TWO] + rise["2 layers, constant coordinate"]) > max(rise[THREE])


def test_last_layers_starve_more_than_linearised_nets(found):
    over = {
        key: found[f"starve-{key}"] / found[f"ridge-{key}"]
        for key in ("three-last", "two-last", "three-ntk", "two-ntk")
    }
    assert min(over["three-last"], over["two-last"]) > 1.3 * max(over["three-ntk"], over["two-ntk"])


def test_linearised_nets_lose_at_their_own_width_and_two_layers_are_close_to_their_infinite_kernel(found):
    assert found["lin-three-ntk"] > found["fig-three-max"]
    assert found["lin-two-ntk"] > found["fig-two"]
    assert 1 < found["limit-two-ntk"] / found["fig-two"] < 1.5
    assert found["limit-three-ntk"] > found["fig-three-max"]


def test_more_data_is_on_the_side_of_the_infinite_last_layer(found):
    assert found["size-last-there"] < found["size-three-there"]


def test_the_ratio_on_the_sum_lies_between_those_on_the_products(found):
    assert found["target-composed"] < found["target-additive"] < min(found["target-even"], found["target-odd"]) < 1


def test_two_layers_are_starved_on_products_and_those_with_biases_have_fitted_the_sum(recorded):
    starved = recorded["targets"].dataset.starved
    assert bool((starved.sel(target=list(COMPOSED), learner=list(TWO_LAYERS)) == 1).all())
    assert not bool(starved.sel(target="additive", learner=[TWO, "2 layers, constant coordinate"]).any())


def test_without_biases_two_layers_are_on_a_par_on_the_even_part_and_learn_nothing_of_the_odd(recorded):
    error = recorded["targets"].dataset.test_error.mean("seed").sel(learner="2 layers, no biases")
    drawn = recorded["targets"].dataset.test_error.mean("seed").sel(learner=TWO)
    assert float(error.sel(target="even") / drawn.sel(target="even")) == pytest.approx(1, abs=0.25)
    assert float(error.sel(target="odd")) > 0.95


def test_settings_on_each_target_but_where_the_harness_refused_a_winner(recorded):
    here = recorded["targets"].dataset.tuned_here
    refused = ["even", "odd", f"harmonic {max(frequencies(recorded)):g}"]
    assert not bool(here.sel(target=refused).any())
    assert bool((here.drop_sel(target=refused) == 1).all())


def test_three_layers_win_on_harmonic_targets_and_hardly_anybody_learns_at_the_end(recorded, found):
    inside = [fresh_ratio(recorded, name, TWO_LAYERS) for c, name in frequencies(recorded).items() if c < 15]
    assert max(map(float, inside)) < 0.5
    assert found["wave-three-last"] > 50
    targets = recorded["targets"].dataset
    assert bool((targets.starved.sel(target=["harmonic 10", "harmonic 15"], learner=THREE) == 1).all())
    assert float(targets.test_error.mean("seed").sel(target="harmonic 15", learner=list(TWO_LAYERS)).min()) > 1


def test_a_net_beats_every_kernel_where_a_function_lives_in_a_cap_and_not_at_small_c(recorded, found):
    limits, nets = (recorded[name].dataset.test_error for name in ("target_limits", "targets"))
    for c, ahead in ((1.0, False), (5.0, False), (10.0, True)):
        target = frequencies(recorded)[c]
        wins = nets.sel(target=target, learner=THREE) < limits.sel(target=target).min("learner")
        assert bool((wins == ahead).all())
    others = found["wave-gaussian-next"], found["wave-last-layer-next"], found["wave-ntk-next"]
    assert found["wave-three-next"] < 0.6 * min(others)


def test_three_layers_are_ahead_of_every_kernel_at_the_least_sample_and_of_the_gaussian_nowhere_else(recorded):
    three = recorded["sizes"].dataset.test_error.sel(learner=THREE).mean("seed")
    kernels = recorded["kernels"].dataset.test_error.mean("seed")
    assert bool(three.sel(n=250) < kernels.sel(n=250).min())
    gaussian = kernels.sel(learner="Gaussian")
    best = recorded["sizes"].dataset.test_error.mean("seed").min("learner")
    assert bool((gaussian.sel(n=500) < best.sel(n=500)).all())
    assert bool((gaussian.where(gaussian.n >= 1000, drop=True) < 0.01 * best).all())


def test_with_more_data_two_layers_fall_far_behind_their_infinite_kernel(recorded):
    two = recorded["sizes"].dataset.test_error.sel(learner=TWO, n=4000).mean("seed")
    assert float(two / recorded["kernels"].dataset.test_error.sel(learner="2 layers (NTK)", n=4000).mean("seed")) > 5


def test_wider_nets_fall_less_steeply_at_the_end_and_are_less_trained_there(recorded):
    wide = recorded["wide_sizes"].dataset.sel(learner=THREE).mean("seed")
    first, middle, last = wide.test_error.sel(n=[1000, 4000, 16_000]).values
    assert np.log(middle / first) < 1.3 * np.log(last / middle)
    assert 0.35 < float((wide.train_error / wide.test_error).sel(n=16_000)) < 0.45
