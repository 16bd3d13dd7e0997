"""Numbers and tables that the chapter quotes, and the sentences of its prose that assert an order or a size."""

import numpy as np
import pytest
from rooms import numbers, replace, tiny_record

from ntkbook.experiments.two_layer_learning.readings import demands, parity_table

NAME = "two_layer_learning"


def test_readings_of_a_record_made_by_hand():
    record = tiny_record(NAME)
    risk, nets, parity = (record[name].dataset for name in ("risk", "widths", "parity"))
    replace(record, "risk/stopped", 2 / (risk.n * risk.width**0.5))
    replace(record, "risk/final", 6 / (risk.n * risk.width**0.5))
    replace(record, "widths/evenness", nets.width**0.1)
    replace(record, "widths/fitted_error", 0.02 * (1 + 2 * nets.seed))  # mean over the seeds 0 and 1: 0.04
    replace(record, "parity/odd", 0.1 * parity.output_scale * (1 + 2 * parity.seed))
    replace(record, "parity/converged", (parity.seed == 1).astype(float))
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
