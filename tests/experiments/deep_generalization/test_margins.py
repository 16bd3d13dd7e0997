"""Laws of the margins of a tiny run, and what has none."""

import numpy as np
import pytest
import torch
from rooms import tiny_record

from ntkbook.experiments.deep_generalization.margins import kernel_margins
from ntkbook.kernels import conjugate_kernel


def unit(n, d, seed=0):
    x = np.random.default_rng(seed).standard_normal((n, d))
    return torch.from_numpy(x / np.linalg.norm(x, axis=1, keepdims=True))


def test_two_inputs_have_half_the_distance_of_their_features():
    """Labels +1 and -1: the point nearest to 0 is (phi(x) - phi(x')) / 2, and kappa^(l)(x, x) = 2^-l."""
    x, y = unit(2, 3), torch.tensor([1.0, -1.0], dtype=torch.float64)
    for layer, found in enumerate(kernel_margins(x, y, 4)):
        cosine = float(conjugate_kernel(x, layer)[0, 1])
        assert found == pytest.approx((2**-layer * (1 - cosine) / 2) ** 0.5, rel=1e-9)


def test_one_label_for_all_has_a_margin_from_the_first_layer_on_and_it_can_lack_one_in_the_inputs():
    margins = kernel_margins(unit(200, 3), torch.ones(200, dtype=torch.float64), 2)
    assert margins[0] == 0
    assert min(margins[1:]) > 0.2


def test_odd_labels_gain_from_depth_and_linear_ones_lose(request):
    margin = tiny_record("deep_generalization")["margins"].dataset.margin.mean("seed")
    scaled = 2 ** (margin.layer / 2) * margin
    odd, linear = scaled.sel(task="sphere, odd"), scaled.sel(task="sphere, margin")
    assert float(odd.sel(layer=3)) > float(odd.sel(layer=1))
    assert bool((linear.diff("layer") < 0).all())


def test_a_contradiction_and_antipodes_have_no_margin():
    cases = tiny_record("deep_generalization")["unseparable"].dataset
    contradiction, antipodes = (cases.margin.sel(case=name).values for name in cases.case.values)
    assert not contradiction.any()
    assert not antipodes[:2].any()
    assert antipodes[2:].min() > 1e-3
    assert not cases.gamma.values.any()
