"""Laws of two close inputs of opposite label."""

import numpy as np
import pytest

from ntkbook import data
from ntkbook.experiments.generalization import descent, pairs
from ntkbook.experiments.generalization.descent import Descent
from ntkbook.streams import Streams


@pytest.fixture
def sample():
    return data.load("digits", n_train=10, n_test=20, rng=np.random.default_rng(0))


def test_the_copy_is_turned_by_the_angle_and_has_the_opposite_label(monkeypatch, sample):
    seen, train = {}, descent.gradient_descent

    def watched(start, x, y, **settings):
        seen.update(x=x.double(), y=y)
        return train(start, x, y, **settings)

    monkeypatch.setattr(descent, "gradient_descent", watched)
    pairs.measure(pairs.Cell(0.3), pairs.Settings(width=20, max_steps=5), Descent(), sample, Streams(0), "cpu")
    x, y = seen["x"], seen["y"]
    np.testing.assert_allclose(x[:-1], sample.x_train, atol=1e-6)
    assert float(x[-1].norm()) == pytest.approx(1, abs=1e-6)
    assert float(x[0] @ x[-1]) == pytest.approx(np.cos(0.3), abs=1e-6)
    assert y.tolist() == [*sample.y_train, -sample.y_train[0]]


@pytest.mark.parametrize("angle", [1.0, 0.1, 0.01, 0.001])
def test_measure_and_least_eigenvalue_obey_the_bounds_that_the_pair_sets(sample, angle):
    """With v = (1, -1) / sqrt(2) on the pair: v'Hv = 1/2 - h(angle), and (v'y)^2 = 2."""
    settings = pairs.Settings(width=20, max_steps=5)
    found = pairs.measure(pairs.Cell(angle), settings, Descent(), sample, Streams(0), "cpu")
    on_pair = 0.5 - np.cos(angle) * (np.pi - angle) / (2 * np.pi)
    assert float(found.lambda_min) <= on_pair * (1 + 1e-6)
    assert float(found.measure) >= np.sqrt(2 / 11 * 2 / on_pair) * (1 - 1e-6)
    if angle <= 0.01:
        assert float(found.measure) == pytest.approx(np.sqrt(8 * np.pi / (11 * angle)), rel=0.05)
