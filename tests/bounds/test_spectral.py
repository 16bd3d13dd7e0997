"""The bounds that Remark 4.6 compares with, on nets whose norms are known."""

import numpy as np
import pytest
import torch

from ntkbook.bounds import spectral
from ntkbook.networks import DeepReLU


def net(widths, seed=0, d=6):
    return DeepReLU.initialise(d, widths, np.random.default_rng(seed), dtype=torch.float64)


def moved(start, radius, seed=1):
    rng, weights = np.random.default_rng(seed), []
    for w in start.weights:
        step = torch.from_numpy(rng.standard_normal(w.shape))
        weights.append(w + radius * step / step.norm())
    return DeepReLU(tuple(weights), start.output_weights)


@pytest.mark.parametrize("shape", [(3, 5), (200, 70), (70, 200), (19, 400)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_spectral_norm_is_the_largest_singular_value(shape, dtype):
    matrix = torch.from_numpy(np.random.default_rng(0).standard_normal(shape)).to(dtype)
    assert spectral.spectral_norm(matrix) == pytest.approx(float(torch.linalg.matrix_norm(matrix, 2)), rel=1e-5)
    assert spectral.spectral_norm(torch.zeros(shape, dtype=dtype)) == 0


@pytest.mark.parametrize("widths", [(8,), (7, 12), (9, 5, 14)])
def test_bounds_are_the_formulas_of_remark_4_6(widths):
    start = net(widths)
    after = moved(start, 0.3)
    v, sigma = len(start.output_weights) ** 0.5, [np.linalg.norm(w, 2) for w in after.weights]
    for reference in (start, None):
        steps = [w - (0 if reference is None else o) for w, o in zip(after.weights, start.weights, strict=True)]
        for axis, transposed in ((0, False), (1, True)):  # columns are neurons; rows those of the layer below
            spread = sum((np.linalg.norm(s, axis=axis).sum() / c) ** (2 / 3) for s, c in zip(steps, sigma, strict=True))
            found = spectral.bartlett2017(after, reference, 50, transposed=transposed)
            assert found == pytest.approx(v / 50**0.5 * np.prod(sigma) * spread**1.5, rel=1e-6)
        total = sum(min(widths) * float(s.square().sum()) / c**2 for s, c in zip(steps, sigma, strict=True))
        expected = len(widths) * v / 50**0.5 * np.prod(sigma) * total**0.5
        assert spectral.neyshabur2018(after, reference, 50) == pytest.approx(expected, rel=1e-6)


def test_a_net_that_did_not_move_costs_nothing_centred():
    start = net((40, 30))
    assert spectral.bartlett2017(start, start, 50) == spectral.neyshabur2018(start, start, 50) == 0
    assert spectral.bartlett2017(start, None, 50) > 0


def test_movements_of_one_over_root_m_cost_root_m_centred_and_m_uncentred():
    """Slopes 1/2 and 1 or more in m at |W_l - W_l(0)|_F = R / sqrt(m); the transposed norm loses its slope at l = 1."""
    values = {}
    for m in (256, 1024):
        start = net((m,), d=8)
        after = moved(start, 2 / m**0.5)
        values[m] = [
            spectral.bartlett2017(after, start, 100),
            spectral.neyshabur2018(after, start, 100),
            spectral.bartlett2017(after, None, 100),
            spectral.neyshabur2018(after, None, 100),
            spectral.bartlett2017(after, start, 100, transposed=True),
        ]
    slopes = np.log(np.divide(values[1024], values[256])) / np.log(4)
    np.testing.assert_allclose(slopes, [0.5, 0.5, 1.0, 1.0, 0.0], atol=0.06)
