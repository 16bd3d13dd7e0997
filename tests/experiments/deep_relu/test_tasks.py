"""Laws of what the nets are trained on."""

import numpy as np
import pytest
import torch

from ntkbook import data
from ntkbook.experiments.deep_relu import tasks
from ntkbook.streams import Streams

GAP = tasks.Gap(dim=6, rho=0.4)


def test_points_keep_the_margin_under_the_first_direction_on_both_sides():
    sample = GAP.sample(500, Streams(0))
    first = sample.x_train[:, 0]
    assert np.abs(first).min() >= 0.4
    np.testing.assert_array_equal(sample.y_train, np.sign(first))
    assert 200 < (first > 0).sum() < 300


def test_points_are_uniform_where_there_is_no_gap():
    """E x_2^2 = (1 - E x_1^2) / (d - 1), and directions beside e_1 have no preference."""
    x = GAP.sample(4000, Streams(0)).x_train
    second = (1 - np.square(x[:, 0])) / 5
    assert np.square(x[:, 1]).mean() == pytest.approx(second.mean(), rel=0.1)
    np.testing.assert_allclose(x[:, 1:].mean(0), 0, atol=0.03)


def test_a_larger_sample_holds_the_smaller_one():
    few, many = GAP.sample(10, Streams(0)), GAP.sample(1500, Streams(0))
    np.testing.assert_array_equal(many.x_train[:10], few.x_train)


def test_random_labels_are_on_the_images_of_true_labels_and_change_with_the_seed():
    images = data.load("digits", n_train=60, n_test=0, rng=np.random.default_rng(0))
    samples = {tasks.IMAGES: images, tasks.GAPPED: GAP.sample(60, Streams(0))}

    def problem(task, seed):
        return tasks.problem(task, 50, seed, samples, Streams(0), torch.float32, "cpu")

    (x, y), (x_random, first), (_, second) = problem("true", 0), problem("random", 0), problem("random", 1)
    assert x.dtype == y.dtype == torch.float32
    assert x.shape == (50, 64)
    assert torch.equal(x, x_random)
    assert torch.equal(y, torch.tensor(images.y_train[:50], dtype=torch.float32))
    assert 10 < int((first != y).sum()) < 40
    assert not torch.equal(first, second)
    assert problem("margin", 0)[0].shape == (50, 6)


@pytest.mark.parametrize("change", [{"dim": 1}, {"rho": 0.0}, {"rho": 1.0}])
def test_bad_gap_is_refused(change):
    with pytest.raises(ValueError, match=r"(dim, )?rho: expected .*found"):
        tasks.Gap(**change)
