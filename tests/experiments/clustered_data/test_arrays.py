import numpy as np
import pytest
import torch

from ntkbook import data
from ntkbook.diagnostics import neuron_norms
from ntkbook.experiments.clustered_data import arrays
from ntkbook.networks import TwoLayerClassifier


@pytest.mark.parametrize("kind", [kind for kind in arrays.KINDS if kind != "worst"])
def test_error_arrays_have_largest_entry_one(kind):
    array = arrays.draw_array(kind, 6, 3, np.random.default_rng(0))
    assert array.shape == (6, 3)
    assert array.max() == 1
    assert array.min() >= -1
    assert (np.count_nonzero(array) == 1) == (kind == "one entry")


def test_worst_array_keeps_its_largest_entry_and_makes_the_largest_pseudo_gradients_smaller():
    x = torch.from_numpy(data.sphere(6, 3, np.random.default_rng(0)))
    rng = np.random.default_rng(1)
    net = TwoLayerClassifier.initialise(3, 500, 3, rng, dtype=torch.float64)
    first = torch.from_numpy(arrays.draw_array("uniform", 6, 3, rng))
    products, gates = x @ x.T, x @ net.weights >= 0
    last = arrays.worst_array(first, products, gates, net.output_weights, 20)
    largest = [
        float(neuron_norms(products, (array @ net.output_weights) * gates).topk(20).values.mean())
        for array in (first, last)
    ]
    assert largest[1] < 0.7 * largest[0]
    assert float(last.max()) == float(last[first == 1.0].item()) == 1.0
    assert float(last.min()) >= -1


def test_step_towards_the_worst_array_follows_the_gradient(monkeypatch):
    monkeypatch.setattr(arrays, "_DESCENT", 1)
    x = torch.from_numpy(data.sphere(4, 3, np.random.default_rng(0)))
    net = TwoLayerClassifier.initialise(3, 50, 2, np.random.default_rng(1), dtype=torch.float64)
    gates, first = x @ net.weights >= 0, torch.full((4, 2), 0.1, dtype=torch.float64)
    first[1, 0] = 1.0
    array = first.clone().requires_grad_()
    squares = (x.T @ ((array @ net.output_weights) * gates)).square().sum(0)
    (gradient,) = torch.autograd.grad(squares.topk(10).values.sum(), array)
    step = first - arrays.worst_array(first, x @ x.T, gates, net.output_weights, 10)
    free = first < 1
    expected = 0.2 * (gradient / gradient.abs().max())[free]
    torch.testing.assert_close(step[free], expected)
