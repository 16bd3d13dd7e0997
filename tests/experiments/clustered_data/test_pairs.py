import numpy as np
import pytest

from ntkbook.experiments.clustered_data import pairs
from ntkbook.streams import Streams


def reach(kind, distance):
    found = pairs.measure(pairs.Cell(kind, distance, 0), 20_000, Streams(0), "cpu")
    return float(found.reach)


def test_pair_of_points_has_its_distance_and_the_norms_of_two_opposite_errors():
    found = pairs.measure(pairs.Cell("opposite", 0.5, 0), 20_000, Streams(0), "cpu")
    # E |(1{on both} (x - x') + 1{on one} x)|^2 E (a_1 - a_2)^2 = ((pi - t)/(2 pi) delta^2 + t/pi) * 2, t the angle
    angle = 2 * np.arcsin(0.25)
    expected = ((np.pi - angle) / (2 * np.pi) * 0.25 + angle / np.pi) * 2
    assert float(found.norm) ** 2 == pytest.approx(expected, rel=0.05)


def test_single_error_is_felt_by_half_of_the_neurons():
    found = pairs.measure(pairs.Cell("one entry", 1.0, 0), 20_000, Streams(0), "cpu")
    assert float(found.norm) ** 2 == pytest.approx(0.5, rel=0.05)  # E |a 1{on} x|^2


@pytest.mark.parametrize("distance", [0.1, 1.0, 2.0])
def test_worst_errors_are_no_easier_than_the_others(distance):
    assert reach("worst", distance) <= 1.01 * min(reach("opposite", distance), reach("one entry", distance))
