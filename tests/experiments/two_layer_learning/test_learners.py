"""Laws of the learners: what biases do to parity, and that kernels and nets are fits of the tuning harness."""

import numpy as np
import pytest

from ntkbook import data
from ntkbook.experiments.two_layer_learning.learners import LEARNERS, KernelLearner, NetLearner, seen
from ntkbook.experiments.two_layer_learning.targets import figure_1
from ntkbook.streams import Streams

from .tiny import RECIPE

X = data.sphere(120, 4, np.random.default_rng(0))
Y = figure_1()(X)


def net(name, n_steps=60):
    return NetLearner(name, 40, n_steps, RECIPE, Streams(0), 0, "cpu")


def beyond_linear(predict):
    """Mean square of the odd part of predictions, less its best linear fit."""
    x = data.sphere(400, 4, np.random.default_rng(1))
    odd = (predict(x) - predict(-x)) / 2
    return float(np.square(odd - x @ np.linalg.lstsq(x, odd, rcond=None)[0]).mean())


@pytest.mark.parametrize("name", LEARNERS)
@pytest.mark.parametrize("kind", ["net", "kernel"])
def test_only_learners_without_biases_have_no_odd_part_beyond_degree_one(name, kind):
    if kind == "net":
        (fit,) = net(name)(X, Y, [{"step": 1.0}])
    else:
        (fit,) = KernelLearner(name, "cpu")(X, Y, [{"ridge": 1e-6}])
    assert fit is not None
    assert (beyond_linear(fit.predict) < 1e-8) == (name == "zero biases")


@pytest.mark.parametrize("name", LEARNERS)
def test_fits_report_their_own_train_error(name):
    fits = [*net(name)(X, Y, [{"step": 0.1}, {"step": 1.0}]), *KernelLearner(name, "cpu")(X, Y, [{"ridge": 1e-3}])]
    for fit in fits:
        assert fit is not None
        assert fit.convergence.train_error == pytest.approx(np.square(fit.predict(X) - Y).mean(), rel=1e-3)


def test_a_net_that_diverges_is_no_fit():
    good, bad = net("zero biases")(X, Y, [{"step": 0.1}, {"step": 1e12}])
    assert good is not None
    assert bad is None


def test_small_ridges_interpolate_and_large_ones_predict_nothing():
    small, large = KernelLearner("constant coordinate", "cpu")(X, Y, [{"ridge": 1e-10}, {"ridge": 1e6}])
    assert np.square(small.predict(X) - Y).mean() < 1e-3
    assert np.square(large.predict(X)).mean() < 1e-9


def test_only_the_last_learner_sees_the_constant_coordinate():
    assert [seen(name, X).shape[1] for name in LEARNERS] == [4, 4, 5]
    np.testing.assert_array_equal(seen("drawn biases", X), X)


def test_learners_without_the_coordinate_start_from_the_same_weights():
    zero, drawn = (net(name, 1)(X, Y, [{"step": 1e-9}])[0] for name in LEARNERS[:2])
    assert zero is not None
    assert drawn is not None
    far = 1e4 * X  # where biases are lost
    np.testing.assert_allclose(zero.predict(far), drawn.predict(far), rtol=1e-2, atol=1e-2 * np.abs(far).max())
