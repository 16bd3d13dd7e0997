import numpy as np
import pytest

from ntkbook.experiments.generalization.losses import losses


def test_losses_of_single_predictions():
    assert losses(np.array([0.25]), np.array([1.0])) == {"l1": 0.75, "ramp": 0.75, "error": 0.0}
    assert losses(np.array([-3.0]), np.array([1.0])) == {"l1": 4.0, "ramp": 1.0, "error": 1.0}
    assert losses(np.array([-3.0]), np.array([-1.0])) == {"l1": 2.0, "ramp": 0.0, "error": 0.0}
    assert losses(np.array([0.0]), np.array([-1.0]))["error"] == 1.0


def test_l1_is_above_the_ramp_and_that_above_the_error():
    rng = np.random.default_rng(0)
    outputs, labels = rng.standard_normal(1000), rng.choice([-1.0, 1.0], 1000)
    each = [losses(u, y) for u, y in zip(outputs[:, None], labels[:, None], strict=True)]
    assert all(loss["l1"] >= loss["ramp"] >= loss["error"] for loss in each)
    assert losses(outputs, labels) == pytest.approx({k: np.mean([loss[k] for loss in each]) for k in each[0]})
