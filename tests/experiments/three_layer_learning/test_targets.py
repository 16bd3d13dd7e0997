import numpy as np
import pytest

from ntkbook.data import figure_1_target, sphere
from ntkbook.experiments.three_layer_learning.targets import Draw, target, task
from ntkbook.streams import Streams

NAMES = ["composed", "even", "odd", "additive", "harmonic 1", "harmonic 3.5"]
POINTS = sphere(200_000, 4, np.random.default_rng(0))


@pytest.mark.parametrize("name", NAMES)
def test_every_target_has_variance_one(name):
    assert target(name).sphere_variance() == pytest.approx(1)
    assert target(name)(POINTS).var() == pytest.approx(1, rel=0.05)


def test_the_composed_target_is_that_of_figure_1_and_the_sum_of_its_parts():
    f, x = figure_1_target(), POINTS[:100]
    np.testing.assert_allclose(target("composed")(x), f(x) / f.sphere_variance() ** 0.5)
    even, odd = f.even.sphere_variance() ** 0.5, f.odd.sphere_variance() ** 0.5
    np.testing.assert_allclose(even * target("even")(x) + odd * target("odd")(x), f(x), atol=1e-12)


def test_a_harmonic_target_has_the_value_of_its_centre_as_its_mean():
    waves = target("harmonic 3")
    centre = waves(np.zeros((1, 4)))[0]
    assert waves.sphere_mean() == pytest.approx(centre)


def test_unknown_target_is_refused():
    with pytest.raises(KeyError, match="cubic"):
        target("cubic")


def test_tasks_of_one_place_are_equal_and_their_sets_are_not():
    one, same = (task("odd", 20, 3, Streams(0)) for _ in range(2))
    assert one == same
    assert one != task("odd", 20, 4, Streams(0))
    assert Draw("odd") != Draw("even")
    assert not np.isin(one.train[0], task("odd", 20, 4, Streams(0)).train[0]).any()
