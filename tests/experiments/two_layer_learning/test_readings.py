"""Numbers and tables that the chapter quotes, and the sentences of its prose that assert an order or a size."""

import numpy as np
import pytest
from rooms import numbers, replace, tiny_record

from ntkbook import records
from ntkbook.experiments.two_layer_learning.readings import demands, parity_table

NAME = "two_layer_learning"


@pytest.fixture
def recorded():
    return records.load_best(NAME)


@pytest.fixture
def found(recorded):
    return numbers(NAME, recorded)


def test_readings_of_a_record_made_by_hand():
    record = tiny_record(NAME)
    risk, nets, parity = (record[name].dataset for name in ("risk", "widths", "parity"))
    replace(record, "risk/stopped", 2 / (risk.n * risk.width**0.5))
    replace(record, "risk/final", 6 / (risk.n * risk.width**0.5))
    replace(record, "widths/evenness", nets.width**0.1)
    replace(record, "widths/fitted_error", 0.02 * (1 + 2 * nets.seed))  # mean over the seeds 0 and 1: 0.04
    replace(record, "parity/odd", 0.1 * parity.output_scale * (1 + 2 * parity.seed))
    replace(record, "parity/converged", (parity.seed == 1).astype(float))
    replace(record, "parity/validation_longer", 0.2 * (1 + parity.seed))
    found = numbers(NAME, record)
    assert found["risk-slope"] == found["risk-slope-noise"] == pytest.approx(-1)
    assert found["gain"] == pytest.approx(2**0.5)
    assert found["over-opt"] == pytest.approx(100 * 2 / (20 * 8**0.5) / 0.25)
    assert found["over-opt-first"] == pytest.approx(2 * found["over-opt"])
    assert found["unstopped-first"] == found["unstopped-last"] == pytest.approx(3)
    assert found["even-slope"] == pytest.approx(0.1)
    assert found["even-figure-wide"] == pytest.approx(8**0.1)
    assert found["one-neuron"] == pytest.approx(8**0.25)
    assert found["fitted-narrow"] == found["fitted-wide"] == pytest.approx(4)
    assert (found["odd-drawn-small"], found["odd-drawn-large"]) == pytest.approx((20, 60))
    assert found["odd-zero"] == pytest.approx(20)
    assert (found["settled"], found["nets"]) == (6, 12)
    assert found["zero-longer"] == found["constant-longer"] == pytest.approx(30)
    assert (found["m-min"], found["m-max"], found["sample"], found["level"]) == (4, 8, 20, pytest.approx(0.1))
    assert (found["memory-weights"], found["risk-weights"]) == (200, 40)


def test_numbers_that_no_seed_enters():
    found = numbers(NAME, tiny_record(NAME))
    assert found["exp-size"] == pytest.approx(1e4 / np.log(10), rel=1e-6)
    assert found["exp-begins"] == pytest.approx(4839.1, abs=0.1)
    assert found["wall"] + found["share-even"] + found["share-linear"] == pytest.approx(100)
    assert found["wall"] == pytest.approx(41.69, abs=0.01)


def test_tables_have_a_row_for_each_activation_and_constant_and_for_each_learner():
    record = tiny_record(NAME)
    rows = demands(record).rows
    assert len(rows) == 16
    assert next(row for row in rows if row[:2] == ("tanh", "10000"))[2:4] == ("infinite", "infinite")
    assert next(row for row in rows if row[:2] == ("exp", "10000"))[2] == "10^4342.9"
    table = parity_table(record)
    assert [row[1] for row in table.rows] == ["net, 1", "net, 3", "kernel"] * 3
    assert all(len(row) == len(table.header) for row in table.rows)


def test_risk_falls_faster_than_the_theorem_asks_and_with_the_width(recorded, found):
    assert found["risk-slope"] < -0.5
    assert found["risk-slope-noise"] < -0.5
    assert found["gain"] > 5
    assert 1 < found["gain-noise"] < found["gain"]
    mean = recorded["risk"].dataset.stopped.mean("seed")
    assert bool((mean.isel(n=-1) < 0.4 * mean.isel(n=0)).all())


def test_not_stopping_costs_most_where_samples_are_few(found):
    assert found["unstopped-first"] > 1.3
    assert found["unstopped-first"] > found["unstopped-last"]


def test_at_equal_convergence_targets_differ_more_than_widths(recorded, found):
    error = recorded["widths"].dataset.fitted_error.sel(target="concept")
    between_targets = error.mean("width").max() / error.mean("width").min()
    between_widths = error.mean("seed").max() / error.mean("seed").min()
    assert float(between_targets) > 1.5 * float(between_widths)
    assert found["steps-wide"] < found["steps-narrow"]


def test_random_labels_are_never_predicted_and_their_error_only_rises(recorded, found):
    assert found["memory-least-random"] > 1
    assert found["memory-test-random"] > 1.5
    assert found["memory-test-true"] < 1
    last = recorded["memory"].dataset.test.isel(step=-1).mean("seed")
    best = 1 - (1 - last.portion) ** 2
    assert bool((last > best).all())
    excess = (last / best).sel(portion=last.portion > 0)
    assert bool(((excess > 1.4) & (excess < 2.6)).all())  # "about as much again"


def test_increments_are_about_as_even_as_their_output_weights_on_the_easier_target(found):
    for where in ("narrow", "wide"):
        assert found["null"] < found[f"even-{where}"] < 1.15 * found["null-scaled"]
        assert found["null-scaled"] < found[f"even-figure-{where}"] < 0.6 * found["one-neuron"]
        assert found[f"even-{where}"] < found[f"even-figure-{where}"]


def test_zero_biases_end_on_the_wall_and_a_constant_coordinate_far_below(recorded, found):
    odd = recorded["parity"].dataset.odd.mean("seed")
    assert found["wall"] < found["odd-zero"] < 1.15 * found["wall"]
    assert float(odd.sel(learner="zero biases").max()) < 0.01 * 1.2 * found["wall"]
    assert bool((odd.sel(learner="constant coordinate") < odd.sel(learner="drawn biases")).all())
    assert float(odd.sel(learner="constant coordinate").max()) < 0.01 * 0.3 * found["wall"]


def test_four_times_the_training_helps_those_who_are_not_on_the_wall(found):
    assert found["constant-longer"] < 0.75 * found["constant-error"]
    assert found["zero-longer"] > found["zero-error"]


def test_drawn_biases_help_more_the_larger_the_output_scale(recorded, found):
    odd = recorded["parity"].dataset.odd.mean("seed").sel(learner="drawn biases")
    assert bool((odd.diff("output_scale") < 0).all())
    assert found["odd-drawn-small"] == pytest.approx(found["wall"], rel=0.15)
    assert found["odd-drawn-large"] < 0.6 * found["wall"]


def test_to_a_kernel_drawn_biases_are_a_constant_coordinate(found):
    assert found["kernel-odd-drawn"] == pytest.approx(found["kernel-odd-constant"], rel=0.1)
    assert found["kernel-odd-drawn"] < 0.25 * found["wall"]


def test_the_failure_has_one_parity(found):
    assert found["even-most"] < 0.5 * found["wall"]
