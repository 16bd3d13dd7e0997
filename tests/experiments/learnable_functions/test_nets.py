"""Laws that the nets of a tiny run obey."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from ntkbook import data
from ntkbook.bounds import arora2019 as bounds
from ntkbook.experiments.learnable_functions import nets
from ntkbook.kernels import h_infinity
from ntkbook.kernels.sphere import zonal_eigenvalues
from ntkbook.streams import Streams

from .tiny import CONFIG


def test_nets_start_at_zero_and_take_the_step_size_of_the_kernel(monkeypatch):
    seen, train = {}, nets.gradient_descent

    def watched(start, x, y, **settings):
        seen.update(start=start, x=x, y=y, **settings)
        return train(start, x, y, **settings)

    monkeypatch.setattr(nets, "gradient_descent", watched)
    found = nets.measure(nets.Cell("quadratic", 50, 1), CONFIG.nets, Streams(0), "cpu")
    start, x = seen["start"], seen["x"]
    assert start.width == 200
    assert float(start.weights.norm(dim=0).min()) > 0
    np.testing.assert_allclose(start(x), 0, atol=1e-6)
    np.testing.assert_allclose(start(seen["x_test"]), 0, atol=1e-6)
    gram = h_infinity(x.double())
    assert seen["step_size"] == pytest.approx(1 / float(torch.linalg.eigvalsh(gram)[-1]), rel=2e-3)
    np.testing.assert_allclose(seen["y"], x[:, 0] ** 2 - x[:, 1] ** 2, atol=1e-6)
    expected = float(bounds.complexity_measure(gram, seen["y"].double()))
    assert float(found.leading_term) == pytest.approx(expected, rel=1e-4)
    assert 0 < float(found.train_loss) <= CONFIG.nets.stop * 1.01
    assert float(found.steps) < CONFIG.nets.max_steps
    assert float(found.zero_square) == pytest.approx(2 * 2 / (10 * 12), rel=0.05)  # E (x_1^2 - x_2^2)^2 = 4 / d(d + 2)


def test_a_wide_net_trained_to_the_end_errs_like_kernel_regression():
    settings = replace(CONFIG.nets, width=8000, max_steps=400)
    found = nets.measure(nets.Cell("linear", 15, 0), settings, Streams(0), "cpu")
    assert float(found.test_error) == pytest.approx(float(found.kernel_error), rel=0.05)
    assert float(found.train_loss) < 1e-6


@pytest.mark.parametrize("target", nets.TARGETS)
def test_targets_are_labels_that_the_theorem_allows(target):
    x = np.vstack([np.eye(10), -np.eye(10), data.sphere(2000, 10, np.random.default_rng(0))])
    assert float(np.abs(nets.targets(x)[target]).max()) <= 1


def test_the_cubic_target_has_no_linear_part():
    def cubic(t):
        rest = np.zeros((len(t), 10))
        rest[:, 0] = t
        return nets.targets(rest)["cubic"]

    linear_part, cubic_part = zonal_eigenvalues(cubic, 10, 3)[[1, 3]]
    assert linear_part == pytest.approx(0, abs=1e-15)
    assert cubic_part > 1e-3
