"""Laws of the measure of eq. (10) against noise."""

import numpy as np
import pytest
import torch

from ntkbook import data
from ntkbook.experiments.generalization import measures
from ntkbook.kernels import h_infinity
from ntkbook.streams import Streams


@pytest.fixture
def sample():
    return data.load("digits", n_train=24, n_test=0, rng=np.random.default_rng(1))


def test_measures_are_those_of_the_labels_of_each_draw(sample):
    found, gram = measures.measure(sample, 2, Streams(3)), h_infinity(torch.tensor(sample.x_train)).numpy()
    for portion in (0.0, 0.4, 1.0):
        for seed in (0, 1):
            y = data.randomise_portion(sample.y_train, portion, Streams(3)("labels", seed))
            expected = np.sqrt(2 * y @ np.linalg.solve(gram, y) / 24)
            assert float(found.measure.sel(portion=portion, seed=seed)) == pytest.approx(expected, rel=1e-9)
    extremes = np.linalg.eigvalsh(gram)[[0, -1]]
    np.testing.assert_allclose([found.lambda_min, found.lambda_max], extremes, rtol=2e-3)


def test_closed_form_is_the_root_of_the_mean_square_over_many_draws():
    """Up to 1/n: the images drawn anew, three of 30 for each tenth, are chosen without replacement."""
    sample = data.load("digits", n_train=30, n_test=0, rng=np.random.default_rng(1))
    found = measures.measure(sample, 400, Streams(0))
    mean_square = (found.measure**2).mean("seed") ** 0.5
    np.testing.assert_allclose(mean_square, found.expected, rtol=0.03)
    assert float(found.expected[0]) == pytest.approx(float(found.measure[0, 0]), rel=1e-9)
