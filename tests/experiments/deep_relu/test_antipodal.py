"""Laws of odd labels on antipodal pairs."""

import numpy as np
import pytest
import torch
from rooms import tiny_record
from scipy.optimize import minimize

from ntkbook.experiments.deep_relu import antipodal


def test_labels_are_odd():
    x, y = antipodal.pairs(60, np.random.default_rng(0))
    np.testing.assert_array_equal(x[60:], -x[:60])
    np.testing.assert_array_equal(y[60:], -y[:60])
    np.testing.assert_array_equal(y, np.sign(np.prod(x[:, :3], axis=1)))


def test_logistic_regression_agrees_with_a_general_minimiser():
    x, y = antipodal.pairs(60, np.random.default_rng(1))
    found = antipodal.logistic_regression(torch.tensor(x), torch.tensor(y))
    expected = minimize(lambda u: np.logaddexp(0, -y * (x @ u)).mean(), np.zeros(4), tol=1e-12)
    assert found == pytest.approx(expected.fun, abs=1e-9)
    assert found < np.log(2)


def test_one_hidden_layer_stays_above_logistic_regression_and_two_do_not_have_to():
    runs = tiny_record("deep_relu")["antipodal"].to_dataset()
    assert bool((runs.loss.sel(depth=1) >= runs.least_linear_loss.sel(depth=1)).all())
    assert bool((runs.certificate.sel(depth=1) == 0).all())
    assert bool((runs.certificate.sel(depth=2) > 0).all())
