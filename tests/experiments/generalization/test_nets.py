"""Laws that the nets with noisy labels obey."""

import numpy as np
import pytest
import torch
from rooms import tiny_record

from ntkbook import data
from ntkbook.kernels import h_infinity
from ntkbook.streams import Streams

from .tiny import CONFIG


@pytest.fixture
def trained():
    return tiny_record("generalization")["nets"].to_dataset()


def test_every_net_stops_at_the_loss_that_was_set_or_is_cut_off(trained):
    converged = trained.loss <= 0.05 * (1 + 1e-4)  # the run counts in float32
    assert bool((converged == (trained.steps < 2000)).all())
    assert int(converged.sum()) >= 5
    assert bool((trained.c1_ratio < 1).all())


def test_losses_stand_in_their_order(trained):
    for name in ("", "kernel_"):
        assert bool((trained[f"{name}l1"] >= trained[f"{name}ramp"]).all())
        assert bool((trained[f"{name}ramp"] >= trained[f"{name}error"]).all())
    np.testing.assert_array_equal(trained.clean_error.sel(portion=0), trained.error.sel(portion=0))


def test_measure_and_kernel_regression_are_those_of_the_labels_and_images_of_the_draw(trained):
    streams = Streams(CONFIG.seed)
    sample = data.load("digits", n_train=20, n_test=20, rng=streams("images", 1))
    y = data.randomise_portion(sample.y_train, 0.5, streams("labels", 1))
    y_test = data.randomise_portion(sample.y_test, 0.5, streams("test labels", 1))
    x, x_test = torch.tensor(sample.x_train), torch.tensor(sample.x_test)
    gram, row = h_infinity(x).numpy(), trained.sel(data="digits", portion=0.5, draw=1)
    alpha = np.linalg.solve(gram, y)
    assert float(row.norm) == pytest.approx(np.sqrt(y @ alpha), rel=1e-9)
    assert float(row.measure) == pytest.approx(np.sqrt(y @ alpha / 10), rel=1e-9)
    outputs = h_infinity(x_test, x).numpy() @ alpha
    assert float(row.kernel_l1) == pytest.approx(np.abs(outputs - y_test).mean(), rel=1e-9)
