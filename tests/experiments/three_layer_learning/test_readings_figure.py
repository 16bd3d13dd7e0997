"""Numbers and tables that the chapter quotes of learners and targets."""

import pytest
from rooms import numbers, put, tiny_record

from ntkbook.experiments.three_layer_learning.readings_figure import (
    VARIANCE,
    by_target,
    errors_at_the_widest,
    frequencies,
    winners,
)

from .test_claims_figure import mended

NAME = "three_layer_learning"


def test_readings_of_a_record_made_by_hand():
    record = mended()
    put("kernels/test_error", 0.001, learner="Gaussian")(record)
    put("widths/odd_error", 0.25, learner="2 layers, no biases", width=100)(record)
    put("starvation/sgd_error", 0.6, learner="2 layers (last)")(record)
    put("starvation/ridge_error", 0.4)(record)
    found = numbers(NAME, record)
    assert (found["fig-n"], found["fig-m-min"], found["fig-m-max"], found["size-n-max"]) == (80, 20, 100, 80)
    assert found["fig-trials"] == 27
    assert found["fig-three-min"] == pytest.approx(10)
    assert found["fig-three-max"] == pytest.approx(2)
    assert found["fig-three-paper"] == pytest.approx(0.02 * VARIANCE)
    assert found["fig-ratio-min"] == found["fig-ratio-max"] == pytest.approx(0.02 / 0.2)
    assert found["fig-raw-odd"] == pytest.approx(25)
    assert found["limit-gaussian"] == pytest.approx(0.1)
    assert found["size-three-last"] == pytest.approx(5)
    assert (found["size-n-min"], found["size-three-first"]) == pytest.approx((60, 10))
    assert (found["size-gaussian-first"], found["size-last-first"]) == pytest.approx((0.1, 30))
    assert (found["starve-two-last"], found["ridge-two-last"]) == pytest.approx((60, 40))
    assert found["target-composed"] == pytest.approx(0.05)
    assert found["target-additive"] == pytest.approx(0.25)
    assert found["wave-last"] == 5
    assert found["wave-three-last"] == pytest.approx(1)


def test_frequencies_are_named():
    assert frequencies(tiny_record(NAME)) == {1.0: "harmonic 1", 5.0: "harmonic 5"}


def test_tables_have_a_row_for_each_learner_and_target():
    record = mended()
    assert [row[0] for row in by_target(record).rows] == [
        "composed",
        "even",
        "odd",
        "additive",
        "harmonic 1",
        "harmonic 5",
    ]
    rows = errors_at_the_widest(record).rows
    assert [row[0] for row in rows[:4]] == [
        "3 layers",
        "2 layers",
        "2 layers, no biases",
        "2 layers, constant coordinate",
    ]
    assert rows[0][1].startswith("2 (")
    assert rows[-1][0] == "Gaussian kernel"


def test_winners_are_the_least_of_the_grid_and_their_neighbours_are_not():
    record = tiny_record(NAME)
    for row in winners(record).rows:
        errors = record["tuning"].dataset.validation_error.sel(learner=row[0], width=int(row[1]))
        assert float(row[6]) == pytest.approx(100 * float(errors.min()), rel=0.06)
        assert float(row[7]) >= float(row[6])
