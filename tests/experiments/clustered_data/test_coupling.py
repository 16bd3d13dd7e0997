"""Laws of gradient and pseudo-gradient in setting (S)."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from rooms import tiny_record

from ntkbook.bounds import li2018 as bounds
from ntkbook.experiments.clustered_data import coupling, simple
from ntkbook.streams import Streams

from .tiny import CONFIG

PACES = {"slow": CONFIG.slow, "paper": CONFIG.paper}


@pytest.fixture(params=PACES)
def pace(request):
    return request.param


@pytest.fixture
def measured(pace):
    return tiny_record("clustered_data")[pace].to_dataset()


def test_all_neurons_are_coupled_at_the_start(measured):
    assert bool((measured.coupled.isel(step=0) == 1).all())


def test_bound_of_lemma_5_1_is_that_of_the_step(measured, pace):
    m = CONFIG.simple.width
    expected = [bounds.lemma_5_1_coupled(PACES[pace].rate / m, int(t), 3, 2, m**-0.5) for t in measured.step]
    np.testing.assert_allclose(measured.bound, [expected] * CONFIG.n_seeds)


def test_differences_over_neurons_are_zero_for_the_coupled_ones(measured):
    share = float(measured.coupled.isel(step=-1).mean("seed").min())
    within = measured.difference.sel(quantile=measured["quantile"] <= share - 0.05)
    assert float(within.max()) <= 1e-12
    assert float(measured.difference.max()) <= 1e3


def test_differences_are_relative_to_the_pseudo_gradient_of_each_neuron(monkeypatch):
    kept = {}
    train: Any = coupling.sgd

    def watched(start, x, classes, **settings):
        plain = {name: value for name, value in settings.items() if name != "observe"}
        kept.update(start=start, x=x, classes=classes, end=train(start, x, classes, **plain))
        return train(start, x, classes, **settings)

    monkeypatch.setattr(coupling, "sgd", watched)
    found = coupling.measure(coupling.Cell(1), CONFIG.simple, replace(CONFIG.paper, n_steps=3), Streams(0), "cpu")
    start, x, end = kept["start"], kept["x"], kept["end"].network
    error = torch.softmax(end(x), 1) - torch.nn.functional.one_hot(kept["classes"], 3)
    pull = error @ start.output_weights / 6
    gradient, pseudo = (x.T @ (pull * (x @ weights >= 0)) for weights in (end.weights, start.weights))
    relative = ((gradient - pseudo).norm(dim=0) / pseudo.norm(dim=0)).nan_to_num(0.0, posinf=1e3).clamp(max=1e3)
    expected = np.quantile(relative.numpy(), coupling.QUANTILES)
    np.testing.assert_allclose(found.difference, expected, rtol=1e-6, atol=1e-9)


def test_error_falls_and_the_largest_error_with_it():
    paper = tiny_record("clustered_data")["paper"].to_dataset()
    assert bool((paper.v.isel(step=-1) < paper.v.isel(step=0) / 2).all())
    assert bool((paper.accuracy.isel(step=-1) == 1).all())
    assert bool((paper.v <= 1 / 6).all())


def test_points_have_norm_one_and_are_the_same_at_both_paces():
    start = simple.start(CONFIG.simple, 1, Streams(0), "cpu")
    np.testing.assert_allclose(start.x.norm(dim=1), 1)
    record = tiny_record("clustered_data")
    for pace in PACES:
        assert float(record[pace].delta.sel(seed=1)) == start.delta
    apart = torch.cdist(start.x, start.x)[start.classes[:, None] != start.classes]
    assert start.delta == pytest.approx(float(apart.min()), rel=1e-6)


def test_large_counts_the_neurons_above_the_norm_of_the_lemma():
    norms = torch.tensor([0.0, 0.05, 0.2, 0.4, 0.11, 0.0, 0.0, 0.0], dtype=torch.float64)
    found = simple.large(norms, 1.0, 0.6, 2, 1)  # norm 0.1, share 0.6/32, so one neuron
    assert found["large"] == 3 / 8
    assert found["reach"] == pytest.approx(0.4 / 0.1)
    assert found["norm"] == pytest.approx(float(norms.square().mean().sqrt()))
