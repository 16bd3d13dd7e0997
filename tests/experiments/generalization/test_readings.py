"""Numbers and tables that the chapter quotes, and the sentences of its prose that assert an order or a size."""

import numpy as np
import pytest
import xarray as xr
from rooms import numbers, replace, tiny_record

from ntkbook import records
from ntkbook.experiments.generalization.claims_distance import movement_ratio
from ntkbook.experiments.generalization.claims_noise import inversions, theorem_bound
from ntkbook.experiments.generalization.readings import against_width, asked, fitted, noise, readings

SETS = ("mnist", "cifar10")


@pytest.fixture
def recorded():
    return records.load_best("generalization")


@pytest.fixture
def nets(recorded):
    return recorded["nets"].dataset.mean("draw")


@pytest.fixture
def balls(recorded):
    return recorded["balls"].dataset.mean("seed")


def by_hand():
    """A tiny record, as if of MNIST, in which some numbers are round."""
    record = tiny_record("generalization")
    for name in ("nets", "measures", "square"):
        record[name] = xr.DataTree(record[name].to_dataset().assign_coords(data=["mnist"]))
    measures, nets, balls, pairs = (record[name].dataset for name in ("measures", "nets", "balls", "pairs"))
    replace(record, "measures/measure", measures.portion + measures.seed)  # mean over the seeds 0, 1, 2: portion + 1
    replace(record, "nets/l1", nets.portion + nets.draw)  # mean over the draws 0, 1: portion + 1/2
    replace(record, "nets/movement", 3 * nets.norm)
    square = record["square"].dataset
    replace(record, "square/l1", square.portion + 0.75)  # mean over the draws of the others: portion + 1/2
    replace(record, "square/movement", 2 * square.norm)
    replace(record, "square/steps", square.linear_steps * 4)
    replace(record, "nets/steps", nets.linear_steps * (1 + nets.portion))
    replace(record, "nets/measure", 0.25 * (1 + nets.portion))
    replace(record, "nets/remainder", 0.5 + 20**-0.5)
    replace(record, "nets/loss", 0.02 * nets.portion)
    replace(record, "balls/neuron_movement", balls.width**-0.5)
    for name in ("", "low_"):
        replace(record, f"balls/{name}movement", 2 * balls[f"{name}linear_movement"])
    replace(record, "balls/bound", balls.seed)
    replace(record, "pairs/loss", xr.where(pairs.angle == 1.0, 0.05, 0.06))
    replace(record, "pairs/error", pairs.angle / 10)
    return record


def test_readings_of_a_record_made_by_hand():
    found = numbers("generalization", by_hand())
    assert (found["n"], found["m"], found["n-measure"], found["n-test"], found["stop"]) == (20, 64, 24, 20, 0.05)
    assert (found["mnist-measure-true"], found["mnist-measure-random"]) == pytest.approx((1, 2))
    assert [found[f"mnist-l1-{p}"] for p in ("true", "second", "random")] == pytest.approx([0.5, 0.75, 1.5])
    assert (found["mnist-moved-true"], found["mnist-steps-random"]) == pytest.approx((3, 2))
    assert (found["mnist-bound-true"], found["mnist-remainder-true"]) == pytest.approx((0.75, 0.5))
    assert (found["informative"], found["nets"]) == (4, 10)  # 0.75 + 0.25 p + sqrt(0.04 p) for p = 0, 1/4, ..., 1
    assert (found["total-theory-least"], found["low-total-paper-widest"]) == pytest.approx((2, 2))
    assert (found["inverted"], found["pairs-across"]) == (0, 25)
    assert (found["neuron-slope-true"], found["rms-slope-random"]) == pytest.approx((-0.5, -0.5))
    assert (found["m-widest"], found["ball-bound"]) == (512, pytest.approx(1))
    assert (found["pair-fitted"], found["pair-angles"], found["pair-angle"]) == (1, 2, 1.0)
    assert found["pair-error"] == found["pair-error-wide"] == pytest.approx(10)
    assert np.isnan(found["cifar10-l1-true"])
    assert (found["square-m"], found["square-rtol"], found["square-nets"]) == (20, 0.01, 2)
    assert (found["square-l1-gap"], found["square-steps"], found["square-steps-narrow"]) == pytest.approx((0.25, 4, 2))


def test_tables_have_a_row_for_each_portion_and_for_each_scale_and_kind_of_labels():
    record = by_hand()
    assert [row[:3] for row in noise(record).rows] == [
        ("MNIST", "0", "0.500"),
        ("MNIST", "0.25", "0.750"),
        ("MNIST", "0.5", "1.000"),
        ("MNIST", "0.75", "1.250"),
        ("MNIST", "1", "1.500"),
    ]
    assert [row[6] for row in noise(record).rows] == ["0.75", "0.91", "1.02", "1.11", "1.20"]
    rows = against_width(record, record).rows
    assert [row[:7] for row in rows[:4]] == [
        ("512", scale, kind, "-0.50", "-0.50", "2.00 to 2.00", "2.00 to 2.00")
        for scale in ("1", "0.01")
        for kind in ("true", "random")
    ]
    assert rows[4:] == rows[:4]
    assert [row[2] for row in asked(record).rows[:3]] == ["0.01", "64", "0.5"]


def test_the_first_tenth_of_noise_does_the_most_damage_and_the_last_almost_none(recorded):
    steps = recorded["measures"].dataset.expected.diff("portion")
    assert bool((steps.diff("portion") < 0).all())
    assert bool((steps.isel(portion=-1) < 0.05 * steps.isel(portion=0)).all())


def test_airplanes_and_automobiles_are_more_than_halfway_to_coin_flips(recorded):
    found = numbers("generalization", recorded)
    assert found["cifar10-measure-true"] > found["cifar10-measure-random"] / 2
    assert found["mnist-measure-true"] < found["mnist-measure-random"] / 10


def test_losses_and_measure_start_and_end_as_the_figures_alternative_texts_say(nets):
    mnist, cifar = (nets.sel(data=name) for name in SETS)
    assert float(mnist.l1[0]) < 0.1
    assert float(mnist.error[0]) < 0.01
    assert float(mnist.measure[0]) < 1
    assert float(cifar.l1[0]) > 0.5
    assert float(cifar.error[0]) == pytest.approx(0.2, abs=0.05)
    assert float(cifar.measure[0]) == pytest.approx(4, abs=0.5)
    for name, end in {"l1": 1.1, "error": 0.5}.items():
        np.testing.assert_allclose(nets[name].isel(portion=-1), end, atol=0.05)


def test_each_curve_rises_with_the_noise(nets):
    rise = nets[["l1", "error", "measure"]].isel(portion=slice(None, 7)).diff("portion")
    assert bool((rise.to_dataarray() > 0).all())


def test_across_data_sets_one_pair_in_six_is_out_of_order_and_always_noisy_digits_measure_less_and_err_more(recorded):
    pairs, found = inversions(recorded, "l1"), numbers("generalization", recorded)
    assert {(one.split()[0], other.split()[0]) for one, other in pairs} == {("mnist", "cifar10")}
    assert found["pairs-across"] == 121
    assert len(pairs) == found["inverted"] == pytest.approx(121 / 6, abs=2)
    assert ("mnist 0.3", "cifar10 0") in pairs
    assert [other for one, other in pairs if one == "mnist 1"] == [f"cifar10 {p}" for p in (0.4, 0.5, 0.6)]
    assert 0.85 < found["pooled"] < 0.95


def test_from_a_portion_of_0_14_on_the_measure_alone_is_above_one_at_every_n():
    kept = lambda p: (1 - p) ** 2  # noqa: E731
    assert 2 * np.sqrt(1 - kept(0.13)) < 1 < 2 * np.sqrt(1 - kept(0.14))  # sqrt(2/n (1 - (1-p)^2) 2n)


def test_kernel_regression_has_a_lower_loss_than_the_nets_at_every_portion(nets):
    assert bool((nets.kernel_l1 < nets.l1).all())


def test_the_bound_speaks_for_true_labels_on_mnist_alone_and_barely(recorded):
    bound = theorem_bound(recorded).mean("draw")
    assert 0.9 < float(bound.sel(data="mnist", portion=0)) < 1
    assert int((bound < 1).sum()) == 1
    found = numbers("generalization", recorded)
    assert (found["informative"], found["nets"]) == (2, 44)
    assert numbers("generalization", recorded)["mnist-ramp-true"] < 0.05


def test_random_labels_take_more_steps_than_the_frozen_kernel(recorded):
    found = numbers("generalization", recorded)
    assert min(found[f"{name}-steps-random"] for name in SETS) > 10


def test_movement_has_the_right_size_only_for_true_labels_on_mnist(recorded):
    found = numbers("generalization", recorded)
    assert found["mnist-moved-true"] < 0.5
    assert found["mnist-frozen-true"] == pytest.approx(1, abs=0.1)
    assert min(found["mnist-moved-random"], found["cifar10-moved-true"], found["cifar10-moved-random"]) > 2
    assert found["mnist-moved0-random"] > 1.5 > found["cifar10-moved0-random"] > 1  # with H(0) part of it goes
    assert found["c1"] > 100


def test_neurons_move_as_the_lemma_says_in_the_root_mean_square_and_the_farthest_somewhat_more_slowly(recorded):
    found = numbers("generalization", recorded)
    assert [found[f"rms-slope-{kind}"] for kind in ("true", "random")] == pytest.approx([-0.5, -0.5], abs=0.1)
    assert found["neuron-slope-random"] > found["rms-slope-random"]
    assert found["neuron-slope-random"] < -0.25


def test_at_kappa_one_the_excess_over_frozen_gates_falls_at_both_losses_and_at_the_papers_it_hardly_does(recorded):
    for low in (False, True):
        total = movement_ratio(recorded, low=low).mean("seed")
        theory, paper = (total.sel(init_scale=scale, labels="random") for scale in (1.0, 0.01))
        assert bool((theory.diff("width") < 0).all())
        assert float(theory[-1]) < 1.15
        assert bool((paper > 1.4).all())
        assert float(paper[0] - paper[-1]) < 0.15
        np.testing.assert_allclose(total.sel(labels="true"), 1, atol=0.1)


def test_frozen_gates_have_come_most_of_their_way_at_the_low_loss_only(recorded):
    found = numbers("generalization", recorded)
    assert found["total-frozen"] < 95 < 98 < found["low-total-frozen"] < 100


def test_the_ramp_loss_hardly_changes_with_the_width_but_rises_a_little_at_the_papers_kappa(recorded, balls):
    assert bool((np.abs(balls.ramp / balls.ramp.isel(width=0) - 1) < 0.15).all())
    found = numbers("generalization", recorded)
    assert 1 < found["ramp-paper-true-widest"] / found["ramp-paper-true-least"] < 1.15


def test_the_cap_takes_a_small_factor_off_the_lemma_which_stays_empty(balls):
    widest = balls.isel(width=-1).sel(init_scale=1.0, labels="random")
    capped = widest.jensen + widest.flips_capped
    assert 2 < float(widest.bound / capped) < 10
    assert float(capped) > 0.5
    assert float(widest.bound) > 10 * float(widest.linear_term)
    assert 0.5 * float(widest.in_reach_bound) < float(widest.in_reach) < float(widest.in_reach_bound)
    assert float(np.abs(widest.ascended / widest.linear - 1)) < 0.1
    assert float(balls.bound.min()) > 0.5


def test_the_bound_on_gates_in_reach_says_nothing_at_the_papers_kappa_nor_for_random_labels_in_the_narrowest_net(balls):
    assert bool((balls.in_reach_bound.sel(init_scale=0.01) > 1).all())
    theory = balls.in_reach_bound.sel(init_scale=1.0)
    assert float(theory.sel(labels="random")[0]) > 1
    assert float(theory.isel(width=-1).max()) < 1


def test_the_closer_the_fitted_pair_the_worse_the_net_and_the_longer_it_takes(recorded):
    pairs = recorded["pairs"].dataset
    done = pairs.isel(angle=fitted(recorded).values)
    assert done.angle.values.tolist() == [1.0, 0.3, 0.1, 0.03, 0.01]
    assert bool((done.error.diff("angle") > 0).all())
    assert float(done.error[0]) < 0.01
    assert float(done.error[-1]) > 0.1
    assert bool(((done.steps / done.linear_steps).diff("angle") > 0).all())


def test_the_measure_of_a_close_pair_obeys_its_law(recorded):
    pairs = recorded["pairs"].dataset.sel(angle=slice(0.1, None))
    np.testing.assert_allclose(pairs.measure, np.sqrt(8 * np.pi / (51 * pairs.angle)), rtol=0.05)
    assert float(pairs.measure[-1]) > 12


def test_nets_as_wide_as_there_are_images_are_like_the_others(recorded):
    found = readings(recorded)
    assert (found["square-m"], found["square-nets"]) == (found["n"], 4)
    assert float(found["square-l1-gap"]) < 0.05
    assert float(found["square-error-gap"]) < 0.04
    for name in ("steps", "flipped"):
        assert float(found[f"square-{name}"]) == pytest.approx(float(found[f"square-{name}-narrow"]), rel=0.1)
