"""Laws of the bracket of gamma, and of the margins that nets keep."""

import math

import numpy as np
import pytest
import torch
from rooms import tiny_record

from ntkbook.experiments.deep_generalization.features import bracket


@pytest.fixture
def features():
    return tiny_record("deep_generalization")["features"].to_dataset()


def normal(*shape, seed=0):
    return torch.from_numpy(np.random.default_rng(seed).standard_normal(shape))


def test_bracket_closes_on_gamma_of_one_class():
    """One label for all: c = 1 is best for every input, so that gamma = E relu(u.x) = 1 / sqrt(2 pi)."""
    x = torch.nn.functional.normalize(normal(10, 4))
    low, high = bracket(x, torch.ones(10, dtype=torch.float64), normal(4, 4000, seed=1), normal(4, 100_000, seed=2))
    assert low <= high
    assert low == pytest.approx(1 / math.sqrt(2 * math.pi), rel=0.05)
    assert high == pytest.approx(1 / math.sqrt(2 * math.pi), rel=0.02)


def test_a_sample_that_is_not_separable_has_zero_and_some_ceiling():
    x = normal(2, 3)
    x = torch.cat([x, x[:1]])
    low, high = bracket(x, torch.tensor([1.0, 1.0, -1.0], dtype=torch.float64), normal(3, 50), normal(3, 50, seed=1))
    assert low == 0
    assert high > 0


def test_gamma_lies_between_what_the_inputs_and_the_kernel_say(features):
    mean = features.mean("seed")
    assert bool((mean.gamma.isel(count=-1) <= mean.kernel).all())
    assert bool((mean.linear <= mean.ceiling.isel(count=-1)).all())
    assert bool((mean.gamma.diff("count") > 0).all())
    assert float(mean.ceiling.diff("count").mean()) < 0


def test_layers_and_certificates_keep_more_than_the_lemmas_ask(features):
    upper = features.ceiling.mean("seed").isel(count=-1)
    assert bool((features.layer_margin > 2.0 ** -(features.layer + 1) * upper).all())
    assert bool((features.certificate.sel(layer=2) ** 2 > upper**2 / 128).all())
