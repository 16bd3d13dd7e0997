import math

import pytest
from rooms import tiny_record

from ntkbook.experiments.deep_generalization import one_class
from ntkbook.streams import Streams


def test_ratio_is_its_expectation_on_many_points_and_neurons():
    settings = one_class.Settings(n=3000, width=3000)
    for dim in (4, 40):
        found = float(one_class.measure(one_class.Cell(dim, 1, 0), settings, Streams(0), "cpu").ratio)
        assert found == pytest.approx(float(one_class.expected((dim,), 3000).expected[0]), rel=0.1)


def test_few_points_add_their_own_share():
    settings = one_class.Settings(n=50, width=1000)
    found = [
        float(one_class.measure(one_class.Cell(40, 1, seed), settings, Streams(0), "cpu").ratio) for seed in range(20)
    ]
    assert sum(found) / 20 == pytest.approx(float(one_class.expected((40,), 50).expected[0]), rel=0.05)


def test_expectation_is_near_32_over_d_and_crosses_one_there():
    found = one_class.expected((2, 31, 34, 1000), 10**9).expected.values
    assert found[0] == pytest.approx(64 * math.pi * (2 / math.pi) ** 2 / 4)  # E|x_1| on the circle is 2 / pi
    assert found[1] > 1 > found[2]
    assert found[3] == pytest.approx(32 / 1000, rel=2e-3)


def test_a_second_layer_lifts_the_left_side_far_above_the_right_one():
    ratio = tiny_record("deep_generalization")["one_class"].dataset.ratio
    assert float(ratio.sel(depth=2).min()) > 20
    assert float(ratio.sel(depth=1).max()) < 10
