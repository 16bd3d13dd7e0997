"""Laws that the nets of growing width and their balls obey."""

import numpy as np
import pytest
import torch
from rooms import tiny_record

from ntkbook import data
from ntkbook.experiments.generalization import balls, descent
from ntkbook.experiments.generalization.descent import Descent
from ntkbook.kernels import h_infinity
from ntkbook.streams import Streams


@pytest.fixture
def found():
    return tiny_record("generalization")["balls"].to_dataset()


@pytest.fixture
def sample():
    return data.load("digits", n_train=10, n_test=20, rng=np.random.default_rng(0))


@pytest.mark.parametrize(("scale", "zero"), [(1.0, True), (0.01, False)])
def test_the_theorys_net_starts_at_zero_and_the_papers_does_not(monkeypatch, sample, scale, zero):
    seen, train = {}, descent.gradient_descent

    def watched(start, x, y, **settings):
        seen.setdefault("start", start)
        seen["x"] = x
        return train(start, x, y, **settings)

    monkeypatch.setattr(descent, "gradient_descent", watched)
    cell = balls.Cell(scale, 64, "true", 0)
    balls.measure(cell, balls.Settings(n_signs=1), Descent(stop_loss=0.1), sample, Streams(0), "cpu")
    start = seen["start"]
    assert start.width == 64
    assert (float(start(seen["x"]).abs().max()) < 1e-6) == zero
    assert float(start.weights.std()) == pytest.approx(scale, rel=0.05)
    distinct = torch.unique(start.weights, dim=1).shape[1]
    assert distinct == 64 // cell.copies == (32 if zero else 64)


def test_a_net_of_the_ball_is_above_no_bound_on_the_ball(found):
    assert bool((found.ascended <= found.jensen + found.flips_capped).all())
    assert bool((found.ascended <= found.bound).all())
    np.testing.assert_allclose(found.bound, found.linear_term + found.flips_term + found.deviation_term)


def test_gates_in_reach_are_a_share_and_cost_what_the_proof_charges(found):
    assert bool(((found.in_reach >= 0) & (found.in_reach <= 1)).all())
    charged = 2 * found.neuron_movement * found.width**0.5 * found.in_reach
    np.testing.assert_allclose(found.flips_counted, charged)


def test_first_term_is_the_jensen_bound_of_a_unit_gram_in_the_limit_of_wide_nets(found):
    widest = found.isel(width=-1).sel(init_scale=1.0)
    np.testing.assert_allclose(widest.jensen, widest.movement / (2 * 12) ** 0.5, rtol=0.1)


def test_a_wide_net_trained_to_the_end_moves_and_errs_like_the_frozen_kernel(sample):
    cell, descent = balls.Cell(1.0, 20_000, "true", 0), Descent(stop_loss=1e-6)
    found = balls.measure(cell, balls.Settings(n_signs=1), descent, sample, Streams(0), "cpu")
    assert float(found.movement) == pytest.approx(float(found.linear_movement), rel=0.05)
    assert float(found.movement) == pytest.approx(float(found.norm), rel=0.05)
    x, x_test = torch.tensor(sample.x_train), torch.tensor(sample.x_test)
    outputs = h_infinity(x_test, x) @ torch.linalg.solve(h_infinity(x), torch.tensor(sample.y_train))
    assert float(found.l1) == pytest.approx(np.abs(outputs.numpy() - sample.y_test).mean(), rel=0.05)


def test_nets_go_on_to_the_low_loss_and_frozen_gates_nearly_to_their_end(found):
    assert float(found.low_loss.max()) <= 1e-2 * (1 + 1e-4)  # the run counts in float32
    assert bool((found.low_linear_movement > found.linear_movement).all())
    assert bool((found.low_linear_movement < found.norm).all())
    wide = found.sel(init_scale=1.0, width=512)
    assert bool((wide.low_movement > wide.movement).all())
    np.testing.assert_allclose(wide.low_movement, wide.low_linear_movement, rtol=0.35)
    assert bool((found.low_neuron_movement < found.low_movement).all())


def test_labels_are_the_same_for_all_seeds_and_widths(found):
    for kind in ("true", "random"):
        assert np.ptp(found.norm.sel(labels=kind).values) < 1e-9
    assert float(found.norm.sel(labels="random").mean()) > float(found.norm.sel(labels="true").mean())
