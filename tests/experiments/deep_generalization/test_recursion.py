import numpy as np
import pytest
import torch
from rooms import tiny_record

from ntkbook.experiments.deep_generalization.recursion import standard_error
from ntkbook.kernels import conjugate_kernel, monte_carlo_layer


def test_standard_error_is_the_spread_of_repeated_sampling():
    gram = torch.tensor([[1.0, 0.6, -0.7], [0.6, 1.0, 0.1], [-0.7, 0.1, 1.0]], dtype=torch.float64)
    rng = np.random.default_rng(0)
    draws = torch.stack([monte_carlo_layer(gram, 50, rng) for _ in range(4000)])
    expected = standard_error(gram, draws.mean(0), 50)
    np.testing.assert_allclose(draws.std(0), expected, rtol=0.06)
    assert float(standard_error(gram, torch.full((3, 3), 0.5, dtype=torch.float64), 1)[0, 0]) == pytest.approx(
        (1.5 - 0.25) ** 0.5
    )


def test_deviations_are_of_the_size_of_a_standard_error_at_every_layer():
    deviation = tiny_record("deep_generalization")["recursion"].dataset.deviation
    assert 0.5 < float((deviation**2).mean() ** 0.5) < 1.5


def test_a_wrong_layer_is_many_standard_errors_off():
    x = torch.nn.functional.normalize(torch.from_numpy(np.random.default_rng(1).standard_normal((12, 5))))
    below, wrong = conjugate_kernel(x, 1), conjugate_kernel(x, 3) / 2
    sampled = monte_carlo_layer(below, 100_000, np.random.default_rng(0))
    z = (sampled - wrong) / standard_error(below, wrong, 100_000)
    assert float(z.square().mean().sqrt()) > 20
