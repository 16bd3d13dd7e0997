"""What the samples hold, and that larger ones contain smaller ones."""

import numpy as np
import pytest

from ntkbook import data
from ntkbook.experiments.deep_generalization import tasks
from ntkbook.streams import Streams

ALL = ("0/1", "3/8", "4/9", "3/8, random labels", "3/8, projected", "sphere, margin", "sphere, odd")


@pytest.fixture(scope="module")
def pools():
    rng = Streams(0)
    return {
        name: data.load("digits", n_train=100, n_test=30, rng=rng("images"), classes=classes)
        for name, classes in tasks.PAIRS.items()
    }


@pytest.mark.parametrize("task", ALL)
def test_larger_samples_contain_smaller_ones_and_seeds_differ(task, pools):
    small, large, other = (tasks.draw(task, n, seed, pools, Streams(0)) for n, seed in ((20, 0), (60, 0), (20, 1)))
    assert len(small.x_train) == len(small.y_train) == 20
    np.testing.assert_array_equal(large.x_train[:20], small.x_train)
    np.testing.assert_array_equal(large.y_train[:20], small.y_train)
    assert not np.array_equal(other.x_train, small.x_train)
    assert set(small.y_train) == {-1.0, 1.0}


@pytest.mark.parametrize("pair", tasks.PAIRS)
def test_images_are_of_the_pair_and_tested_on_the_whole_test_pool(pair, pools):
    sample, pool = tasks.draw(pair, 100, 0, pools, Streams(0)), pools[pair]
    order = np.lexsort(sample.x_train.T), np.lexsort(pool.x_train.T)
    np.testing.assert_array_equal(sample.x_train[order[0]], pool.x_train[order[1]])
    np.testing.assert_array_equal(sample.y_train[order[0]], pool.y_train[order[1]])
    np.testing.assert_array_equal(sample.x_test, pool.x_test)


def test_random_labels_keep_the_inputs_and_forget_the_digits(pools):
    true, random = (tasks.draw(task, 100, 0, pools, Streams(0)) for task in ("3/8", "3/8, random labels"))
    np.testing.assert_array_equal(random.x_train, true.x_train)
    assert abs((random.y_train * true.y_train).mean()) < 0.3


def test_projection_is_one_linear_map_for_training_and_test_images(pools):
    full, low = (tasks.draw(task, 60, 0, pools, Streams(0)) for task in ("3/8", "3/8, projected"))
    assert low.x_train.shape[1] == low.x_test.shape[1] == 10
    projection = Streams(0)("projection", 0).standard_normal((64, 10))
    for before, after in ((full.x_train, low.x_train), (full.x_test, low.x_test)):
        image = before @ projection
        np.testing.assert_allclose(after, image / np.linalg.norm(image, axis=1, keepdims=True), atol=1e-12)
    np.testing.assert_array_equal(low.y_test, full.y_test)


def test_points_with_a_margin_keep_it_and_odd_labels_turn_over():
    sample = tasks.draw("sphere, margin", 200, 0, {}, Streams(0))
    assert float((sample.y_train * sample.x_train[:, 0]).min()) >= tasks.RHO
    x = tasks.draw("sphere, odd", 200, 0, {}, Streams(0)).x_train
    np.testing.assert_array_equal(tasks.odd_labels(-x), -tasks.odd_labels(x))
    assert not np.array_equal(tasks.odd_labels(x), np.sign(x[:, 0]))
