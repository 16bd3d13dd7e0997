"""Numbers and tables that the chapter quotes, and the sentences of its prose that assert an order or a size."""

import numpy as np
import pytest
from rooms import numbers, replace, tiny_record

from ntkbook import records
from ntkbook.experiments.learnable_functions.claims import COVERED, LEARNABLE, relative_square
from ntkbook.experiments.learnable_functions.readings import examples, rival_terms


@pytest.fixture
def recorded():
    return records.load_best("learnable_functions")


def test_readings_of_a_record_made_by_hand():
    record = tiny_record("learnable_functions")
    norms, nets = record["norms"].dataset, record["nets"].dataset
    replace(record, "norms/norm", norms.n * (1 + norms.seed))  # mean over the seeds 0 and 1: 1.5 n
    replace(record, "nets/zero_square", 0.25)
    replace(record, "nets/test_square", (5 / nets.n) ** 2)
    replace(record, "nets/kernel_square", (4 / nets.n) ** 2)
    replace(record, "nets/leading_term", 0.25)
    replace(record, "nets/remainder", 0.75)
    found = numbers("learnable_functions", record)
    assert (found["n-min"], found["n-max"], found["d-max"], found["train-max"], found["width"]) == (
        40,
        160,
        10,
        100,
        200,
    )
    assert found["cube-min"] == found["square"] / 4 == pytest.approx(60)
    assert found["cube-growth"] == pytest.approx(2)
    assert found["error-cosine"] == pytest.approx(10)
    assert found["error-min-linear"] == pytest.approx(40)
    assert found["over-kernel-linear"] == found["over-kernel-before"] == pytest.approx(1.25)
    assert (found["leading"], found["remainder"], found["stop"]) == pytest.approx((0.25, 0.75, 1e-6))


def test_tables_have_a_row_for_each_example_and_constant():
    record = tiny_record("learnable_functions")
    assert [row[0] for row in examples(record).rows][4:] == [
        "z arctan(z/2), |beta| = 1",
        "quadratic forms, trace norm 1",
        "random sums of five powers, over their bound",
    ]
    assert [row[0] for row in rival_terms(record).rows] == ["0.5", "1", "2", "4"]


def test_each_covered_power_sits_on_its_limit_in_three_dimensions(recorded):
    last = recorded["norms"].dataset.sel(dim=3, function=list(COVERED)).isel(n=-1)
    np.testing.assert_allclose(last.norm.mean("seed") / last.limit, 1, rtol=0.01)


def test_the_price_of_the_eighth_power_is_still_rising_in_high_dimension(recorded):
    found = numbers("learnable_functions", recorded)
    assert found["eight-high"] < 0.2 * found["eight-limit"]


def test_the_bound_of_the_cosine_overshoots_with_its_length(recorded):
    norms = recorded["norms"].dataset
    over = norms.bound / norms.norm.max(["seed", "n", "dim"])
    assert bool((over.sel(function=["cosine 0.5", "cosine 1", "cosine 2", "cosine 4"]).diff("function") > 0).all())


def test_errors_on_learnable_targets_fall_and_the_cubic_is_memorised(recorded):
    found, nets = numbers("learnable_functions", recorded), recorded["nets"].dataset
    assert all(found[f"error-{name}"] < found[f"error-min-{name}"] / 2 for name in LEARNABLE)
    assert found["error-cubic"] > 100
    assert float(nets.train_loss.max()) <= found["stop"] * 1.01


def test_losses_fall_below_the_leading_term_and_the_whole_bound_says_nothing_at_the_largest_sample(recorded):
    nets, found = recorded["nets"].dataset, numbers("learnable_functions", recorded)
    assert bool((nets.test_error < nets.leading_term).sel(target=list(LEARNABLE)).all())
    assert found["remainder"] > 3 * found["leading"]
    linear = nets.sel(target="linear")
    assert found["leading"] + found["remainder"] > float(linear.zero_error.max())
    assert bool((nets.remainder > nets.leading_term).sel(target="linear").all())


def test_nets_do_as_kernel_regression_at_first_and_fall_behind_at_the_largest_samples(recorded):
    found = numbers("learnable_functions", recorded)
    ratio = relative_square(recorded) / relative_square(recorded, "kernel")
    learnable = ratio.sel(target=list(LEARNABLE)) ** 0.5
    np.testing.assert_allclose(learnable.isel(n=slice(None, 2)), 1, atol=0.1)
    assert found["over-kernel-linear"] > found["over-kernel-quadratic"] > 1.5
    assert found["over-kernel-before"] < found["over-kernel-linear"]


def test_the_rivals_sum_diverges_from_the_constant_of_the_text_on(recorded):
    rival = recorded["rival"].dataset
    assert bool(((rival.ratio > 1) == (rival.constant > 1.32)).all())
