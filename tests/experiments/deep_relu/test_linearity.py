"""Gap, flips and norms of moved nets, by routes of their own."""

import itertools

import numpy as np
import pytest
import torch
from rooms import tiny_record

from ntkbook import data
from ntkbook.experiments.deep_relu import linearity
from ntkbook.losses import logistic
from ntkbook.networks import DeepReLU
from ntkbook.streams import Streams

from .tiny import CONFIG

DEPTH, WIDTH, TAU = 2, 64, 0.1


@pytest.fixture(scope="module")
def measured():
    cell = linearity.Cell(DEPTH, WIDTH, 1)
    return linearity.measure(cell, CONFIG.linearity, Streams(0), "cpu").sel(tau=TAU)


@pytest.fixture(scope="module")
def nets():
    """Start, the net moved along the gradient by autograd, inputs and labels."""
    streams, settings = Streams(0), CONFIG.linearity
    rng = streams("weights of linearity", DEPTH, WIDTH, 1)
    start = DeepReLU.initialise(settings.dim, (WIDTH,) * DEPTH, rng, dtype=torch.float64)
    x = torch.tensor(data.sphere(settings.n, settings.dim, streams("inputs of linearity", 1)))
    y = torch.tensor(data.random_labels(settings.n, streams("labels of linearity", 1)))
    gradients = by_autograd(start, lambda net: logistic(y * net(x)).mean())
    scale = TAU / max(float(g.norm()) for g in gradients)
    weights = [w - scale * g for w, g in zip(start.weights, gradients, strict=True)]
    return start, DeepReLU(tuple(weights), start.output_weights), x, y


def by_autograd(net, value):
    weights = [w.clone().requires_grad_() for w in net.weights]
    with torch.enable_grad():
        outputs = value(lambda x: torch.relu(torch.relu(x @ weights[0]) @ weights[1]) @ net.output_weights)
    return torch.autograd.grad(outputs, weights)


def first_order(at, start, moved, x):
    """<moved - start, grad f_at(x)>."""
    gradients = by_autograd(at, lambda f: f(x[None])[0])
    terms = zip(gradients, start.weights, moved.weights, strict=True)
    return sum(float((g * (w_moved - w)).sum()) for g, w, w_moved in terms)


def test_gaps_are_those_of_autograd_with_gradients_at_the_start_and_as_printed(measured, nets):
    start, moved, x, _ = nets
    change = (moved(x) - start(x)).numpy()
    gap = change - [first_order(start, start, moved, row) for row in x]
    printed = np.array([first_order(moved, start, moved, row) for row in x])
    assert float(measured.gap) == pytest.approx(np.sqrt(np.mean(gap**2)), rel=1e-8)
    assert float(measured.gap_largest) == pytest.approx(np.abs(gap).max(), rel=1e-8)
    assert float(measured.gap_printed) == pytest.approx(np.sqrt(np.mean(printed**2)), rel=1e-8)


def test_flips_are_counted_in_the_layer_with_the_most(measured, nets):
    start, moved, x, _ = nets
    pairs = zip(start.hidden(x)[1:], moved.hidden(x)[1:], strict=True)
    counts = [float(((before > 0) != (after > 0)).sum(1).double().mean()) for before, after in pairs]
    assert float(measured.flips) == max(counts)


def test_norms_are_those_of_matrices_written_out(measured, nets):
    start, moved, x, _ = nets
    norm = torch.linalg.matrix_norm
    assert float(measured.weight_norm) == pytest.approx(max(float(norm(w, 2)) for w in moved.weights), rel=1e-10)
    gates = [h > 0 for h in moved.hidden(x)[1:]]
    rows, products = [], []
    for i in range(len(x)):
        second = moved.weights[1] @ torch.diag(gates[1][i].double())
        both = moved.weights[0] @ torch.diag(gates[0][i].double()) @ second
        products.append(max(float(norm(second, 2)), float(norm(both, 2))) / DEPTH)
        rows += [second @ moved.output_weights, both @ moved.output_weights]
    assert float(measured["product"]) == pytest.approx(products[0], rel=1e-10)
    assert float(measured.pull) == pytest.approx(max(float(row.norm()) for row in rows) / WIDTH**0.5, rel=1e-10)
    moves = [float(norm(w_moved - w, 2)) for w, w_moved in zip(start.weights, moved.weights, strict=True)]
    shifts = [(a - b).norm(dim=1).max() for a, b in zip(moved.hidden(x)[1:], start.hidden(x)[1:], strict=True)]
    assert float(measured["shift"]) >= float(max(shifts)) / (DEPTH**0.5 * sum(moves)) * (1 - 1e-9)
    assert float(measured.bound) == pytest.approx(
        DEPTH**2 * TAU ** (1 / 3) * (WIDTH * np.log(WIDTH)) ** 0.5 * sum(moves), rel=1e-10
    )


def test_sparse_pull_is_the_best_of_all_small_sets_of_entries():
    """Four neurons in each layer and a radius that allows two of them."""
    start = DeepReLU.initialise(5, (4, 4), np.random.default_rng(3), dtype=torch.float64)
    x = torch.tensor(data.sphere(3, 5, np.random.default_rng(4)))
    tau = 0.1  # floor(2^(4/3) 0.1^(2/3) 4) = 2
    found = linearity._norms(start, x, tau)["sparse_pull"] * 2 ** (2 / 3) * tau ** (1 / 3) * (4 * np.log(4)) ** 0.5
    hidden = start.hidden(x)
    rows = [row for b, w in zip(start.pulls(hidden), start.weights, strict=True) for row in b @ w.T]
    best = max(float(row[list(two)].norm()) for row in rows for two in itertools.combinations(range(len(row)), 2))
    assert found == pytest.approx(best, rel=1e-12)


def test_loss_is_below_its_sharp_inequality_and_close_to_it_at_small_radii(measured, nets):
    start, moved, x, y = nets
    record = tiny_record("deep_relu")["linearity"].to_dataset()
    assert bool((record.excess.where(record.measured, -1) <= 0).all())
    increase = float((logistic(y * moved(x)) - logistic(y * start(x))).mean())
    assert increase < 0  # along the descent direction
    assert float(measured.excess) < 0


def test_movements_that_use_up_the_radius_stay_below_what_any_can_do():
    record = tiny_record("deep_relu")["linearity"].to_dataset()
    depth = record.depth
    most = record.most_flips * depth ** (4 / 3) * record.tau ** (2 / 3) * record.width
    assert bool((record.adversarial_flips <= most).where(record.measured, True).all())


def test_spectral_norm_is_that_of_either_side():
    matrix = torch.tensor(np.random.default_rng(0).standard_normal((7, 3)))
    expected = float(torch.linalg.matrix_norm(matrix, 2))
    assert linearity._spectral_norm(matrix) == pytest.approx(expected, rel=1e-12)
    assert linearity._spectral_norm(matrix.T) == pytest.approx(expected, rel=1e-12)
