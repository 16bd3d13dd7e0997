"""Tuned nets on the test set."""

import numpy as np
import pytest

from ntkbook.experiments.three_layer_learning import nets, starvation
from ntkbook.experiments.three_layer_learning.targets import target
from ntkbook.streams import Streams

from .test_tuning import AXES, SETTINGS, table
from .test_tuning import tuning as _tuning

STREAMS = Streams(0)
TUNED = [_tuning.Tuned.of(table(AXES), SETTINGS, "composed", 10)]


def test_steps_are_as_many_for_each_sample_but_for_the_least_epochs():
    settings = nets.Settings(n_steps=1000, least_epochs=100)
    assert [settings.steps(n) for n in (50, 500, 1000)] == [1000, 1000, 2000]


def test_parity_splits_an_error():
    waves = target("composed")
    even = nets.parity(waves.even, "composed", 0, STREAMS)
    odd = nets.parity(waves.odd, "composed", 0, STREAMS)
    assert even[0] == pytest.approx(0, abs=1e-20)
    assert odd[1] == pytest.approx(0, abs=1e-20)
    assert even[1] == pytest.approx(waves.odd.sphere_variance(), rel=0.2)
    assert odd[0] == pytest.approx(waves.even.sphere_variance(), rel=0.2)


def test_a_net_without_biases_leaves_the_odd_part():
    cell = nets.Cell("2 layers, no biases", "odd", 10, 60, 0)
    found = nets.measure(cell, nets.Settings(200, 1), TUNED, STREAMS, "cpu")
    assert float(found.odd_error) > 0.8
    assert float(found.tuned_here) == 0
    assert float(found.even_error + found.odd_error) == pytest.approx(float(found.test_error), rel=0.3)


def test_longer_training_is_told_beside_the_usual_one():
    found = nets.measure_longer(nets.LongCell("3 layers", 10), nets.Settings(100, 1), TUNED, STREAMS, "cpu")
    assert float(found.train_error_longer) < float(found.train_error)
    assert np.isfinite(found.validation_error_longer)


def test_sgd_nears_the_closed_form_of_a_linear_learner():
    settings = starvation.Settings(width=40, epochs=(2, 40))
    found = starvation.measure(starvation.Cell("3 layers (NTK)", 0), 500, settings, 60, STREAMS, "cpu")
    gap = found.gap.min("step")
    assert float(gap[1]) < 0.5 * float(gap[0])
    assert float(found.condition) > 1
