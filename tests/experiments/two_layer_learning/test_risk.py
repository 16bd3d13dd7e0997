"""Laws of the nets whose risk is measured."""

from dataclasses import replace

import numpy as np
import pytest

from ntkbook.experiments.two_layer_learning import risk
from ntkbook.streams import Streams

from .tiny import CONFIG


def measured(n=20, width=8, **changes):
    return risk.measure(risk.Cell(n, width), replace(CONFIG.risk, **changes), Streams(0), "cpu")


def test_stopping_is_where_noisy_validation_is_least(monkeypatch):
    paths, train = [], risk.train
    monkeypatch.setattr(risk, "train", lambda *args: paths.extend(train(*args)) or paths)
    found = measured(n_steps=300).stack(run=("noise", "seed"))
    for path, run in zip(paths, np.arange(found.sizes["run"]), strict=True):
        best = np.argmin(path.observations["validation"])
        assert float(found.stopped[run]) == path.observations["test"][best]
        assert float(found.final[run]) == path.observations["test"][-1]
        assert float(found.stopped_at[run]) == path.steps[best] / 300
    assert float(found.stopped_at.min()) < 1


def test_the_excess_risk_is_on_clean_targets():
    """A net that has learnt the target has an excess far below the noise in its labels."""
    found = measured(n=400, width=100, n_steps=800, n_test=500, n_validation=500).isel(noise=-1)
    assert float(found.opt[0]) == 0.25
    assert float(found.stopped.max()) < 0.15
    assert float(found.train.min()) > 0.1


def test_more_noise_costs_more():
    found = measured(n=100, width=50, n_steps=200, noise=(0.0, 0.5, 2.0)).stopped.mean("seed")
    assert list(found.values) == sorted(found.values)


def test_a_larger_sample_continues_a_smaller_one_and_noise_leaves_the_inputs():
    settings, streams = CONFIG.risk, Streams(0)
    small, large = (risk._run(risk.Cell(n, 8), 0.5, 0, settings, streams) for n in (10, 20))
    clean = risk._run(risk.Cell(20, 8), 0.0, 0, settings, streams)
    np.testing.assert_array_equal(small.x, large.x[:10])
    np.testing.assert_array_equal(small.y, large.y[:10])
    np.testing.assert_array_equal(clean.x, large.x)
    assert np.std(large.y - clean.y) == pytest.approx(0.5, abs=0.25)
    np.testing.assert_array_equal(clean.watched["test"][1], large.watched["test"][1])
    assert np.abs(clean.watched["validation"][1] - large.watched["validation"][1]).max() > 0.1
