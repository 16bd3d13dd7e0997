"""Laws of nets of growing width on one sample."""

from dataclasses import replace

import numpy as np
import pytest

from ntkbook.experiments.two_layer_learning import widths
from ntkbook.streams import Streams

from .tiny import CONFIG


def measured(target="concept", width=60, **changes):
    return widths.measure(widths.Cell(target, width), replace(CONFIG.nets, **changes), Streams(0), "cpu")


def test_the_level_is_met_exactly_where_it_is_reached():
    found = measured(n_steps=400, level=0.05)
    np.testing.assert_allclose(found.fitted_train, 0.05)
    assert bool(((found.fitted_step > 0) & (found.fitted_step < 400)).all())
    assert bool((found.train.isel(moment=-1) < 0.05).all())


def test_a_net_that_does_not_reach_it_says_so():
    found = measured(n_steps=10, level=1e-6)
    assert bool((found.fitted_train > 1e-6).all())
    np.testing.assert_array_equal(found.fitted_step, 10)
    np.testing.assert_allclose(found.fitted_error, found.test.isel(moment=-1))


@pytest.mark.parametrize("target", widths.TARGETS)
def test_evenness_lies_between_one_and_one_neuron(target):
    found = measured(target)
    assert bool((found.evenness >= 1 - 1e-6).all())
    assert bool((found.evenness <= 60**0.25 + 1e-6).all())


def test_the_first_step_moves_neurons_in_proportion_to_their_output_weights():
    first = measured(width=20_000, n_steps=2).evenness.isel(moment=0)
    nulls = widths.nulls(CONFIG.nets.dim)
    assert bool((first > 1.1 * nulls.null).all())
    np.testing.assert_allclose(first, nulls.null_scaled, rtol=0.15)
