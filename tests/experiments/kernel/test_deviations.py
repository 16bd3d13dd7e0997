"""Laws of the distance between H(0) and its limit."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from rooms import tiny_record

from ntkbook.experiments.kernel.deviations import Cell, exact_variance, measure, references
from ntkbook.experiments.kernel.experiment import EXPERIMENT
from ntkbook.experiments.kernel.images import Inputs
from ntkbook.kernels import h_infinity
from ntkbook.streams import Streams

from .tiny import CONFIG


def inputs(n=8, d=3):
    x = torch.from_numpy(np.random.default_rng(0).standard_normal((n, d)))
    x /= x.norm(dim=1, keepdim=True)
    return Inputs(x, h_infinity(x), "")


def test_deviation_is_that_of_the_gates_of_the_cells_own_weights():
    few = inputs()
    weights = torch.from_numpy(Streams(7)("weights", 20, 1).standard_normal((3, 20)))
    gates = (few.x @ weights >= 0).double()
    gap = few.x @ few.x.T * (gates @ gates.T) / 20 - few.gram
    found = measure(Cell("points", 20, 1), {"points": few}, Streams(7))
    assert float(found.frobenius) == pytest.approx(float(gap.square().sum().sqrt()))
    assert float(found.largest_entry) == pytest.approx(float(gap.abs().max()))


def test_mean_square_of_many_nets_is_the_exact_variance_over_the_width():
    few, m = inputs(), 40
    squares = [
        float(measure(Cell("points", m, seed), {"points": few}, Streams(0)).frobenius) ** 2 for seed in range(500)
    ]
    error = np.std(squares) / len(squares) ** 0.5
    assert np.mean(squares) == pytest.approx(exact_variance(few) / m, abs=4 * error)
    assert error < 0.05 * np.mean(squares)


def test_variance_of_orthogonal_inputs_is_that_of_fair_coins_on_the_diagonal():
    x = torch.eye(6, dtype=torch.float64)
    assert exact_variance(Inputs(x, h_infinity(x), "")) == pytest.approx(6 / 4)


def test_references_fall_as_the_root_of_the_width_and_the_exact_one_is_below_the_bound():
    found = references({"a": inputs(), "b": inputs(d=5)}, (10, 40, 160), 0.1)
    for values in (found.bound, *found.expected):
        np.testing.assert_allclose(values / values.sel(width=10), [1, 1 / 2, 1 / 4])
    assert float(found.bound.sel(width=40)) == pytest.approx(8 * np.sqrt(np.log(2 * 8**2 / 0.1) / 80))
    assert bool((found.expected < found.bound).all())


def test_one_more_width_takes_up_the_cells_there_are(tmp_path):
    EXPERIMENT.run(CONFIG, n_jobs=1, store=tmp_path)
    before = len(list(tmp_path.iterdir()))
    assert before == 9
    wider = EXPERIMENT.run(replace(CONFIG, widths=(16, 64, 256, 512)), n_jobs=1, store=tmp_path)
    assert len(list(tmp_path.iterdir())) == before + 3
    narrower = wider["deviations"].dataset.sel(width=[16, 64, 256])
    assert narrower.equals(tiny_record("kernel")["deviations"].dataset)


@pytest.mark.parametrize("changes", [{"seed": 1}, {"n": 13}])
def test_cells_made_with_other_settings_are_not_taken_up(tmp_path, changes):
    EXPERIMENT.run(CONFIG, n_jobs=1, store=tmp_path)
    changed = replace(CONFIG, **changes)
    assert EXPERIMENT.run(changed, n_jobs=1, store=tmp_path).equals(EXPERIMENT.run(changed, n_jobs=1))
