"""Laws of outputs at the start."""

import numpy as np
import pytest
from rooms import tiny_record

from ntkbook import data
from ntkbook.experiments.deep_relu import start
from ntkbook.streams import Streams

from .tiny import CONFIG


def test_largest_output_grows_with_the_sample_and_is_above_the_mean_square():
    nets = tiny_record("deep_relu")["start"].to_dataset()
    assert bool((nets.largest.diff("n") >= 0).all())
    assert bool((nets.largest.isel(n=-1) ** 2 >= nets.mean_square).all())


def test_outputs_are_those_of_two_matrix_products():
    found = start.measure(start.Cell(2, 16, 3), CONFIG.start, Streams(0), "cpu")
    rng = Streams(0)("weights at the start", 2, 16, 3)
    w_1, w_2 = (rng.standard_normal((rows, 16), dtype=np.float32) / 8**0.5 for rows in (30, 16))
    x = data.sphere(20, 30, Streams(0)("inputs at the start", 3))
    outputs = np.maximum(np.maximum(x @ w_1, 0) @ w_2, 0) @ np.repeat([1.0, -1.0], 8)
    assert float(found.mean_square) == pytest.approx(np.square(outputs).mean(), rel=1e-5)
    np.testing.assert_allclose(found.largest, [np.abs(outputs[:5]).max(), np.abs(outputs).max()], rtol=1e-5)
