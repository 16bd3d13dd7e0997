"""The scaling identity: exact without biases, exact with biases that scale like what they are added to."""

import pytest

from ntkbook.experiments.three_layer_learning import scaling
from ntkbook.streams import Streams


@pytest.mark.parametrize("factor", [1e-3, 0.5, 7.0])
def test_scaling_the_weights_scales_the_output_where_biases_are_zero_or_scale_too(factor):
    found = scaling.measure(scaling.Cell(factor, 0), 20, Streams(0), "cpu")
    assert float(found.plain_gap) < 1e-14
    assert float(found.restored_gap) < 1e-14
    assert float(found.biased_gap) > 0.05


def test_nothing_is_scaled_by_one():
    found = scaling.measure(scaling.Cell(1.0, 0), 20, Streams(0), "cpu")
    assert float(found.biased_gap) == 0
