"""The net around its start; the identity behind the sign matrix, with all 2^m_1 sign matrices written out."""

import itertools

import numpy as np
import pytest
import torch
from reference import unit_inputs

from ntkbook.networks import ThreeLayer, output_gradients, quadratic_term, sign_deviation, tangent_term

WIDTHS = (6, 8)
SIGNS = [torch.tensor(signs, dtype=torch.float64) for signs in itertools.product((-1, 1), repeat=WIDTHS[0])]


def pair(size=1.0, *, biases=True, seed=0):
    rng = np.random.default_rng(seed)
    start = ThreeLayer.initialise(4, WIDTHS, rng, biases=biases, dtype=torch.float64)
    first, second = (size * torch.from_numpy(rng.standard_normal(shape)) for shape in ((4, WIDTHS[0]), WIDTHS))
    return start, (first, second), start.moved(first, second)


def close(found, expected, tolerance=1e-12):
    torch.testing.assert_close(found, expected, rtol=0, atol=tolerance * float(expected.abs().max().clamp(min=1)))


@pytest.mark.parametrize("biases", [True, False])
def test_tangent_term_is_the_gradient_of_autograd_times_the_movement(biases):
    x = unit_inputs(7, 4)
    start, movement, network = pair(biases=biases)

    def forward(w, v):
        h_1 = torch.relu(x @ w + start.first_biases)
        return torch.relu(h_1 @ v + start.second_biases) @ start.output_weights

    weights = start.first_weights, start.second_weights
    jacobians = torch.autograd.functional.jacobian(forward, weights)
    slopes = [torch.tensordot(torch.as_tensor(j), part, 2) for j, part in zip(jacobians, movement, strict=True)]
    close(tangent_term(network, start, x), slopes[0] + slopes[1])
    close(start(x), forward(*weights))


@pytest.mark.parametrize("biases", [True, False])
def test_frozen_net_is_start_and_tangent_term_and_quadratic_term(biases):
    x = unit_inputs(7, 4)
    start, _, network = pair(biases=biases)
    parts = start(x) + tangent_term(network, start, x) + quadratic_term(network, start, x)
    close(network.frozen(x, start), parts)


def test_quadratic_term_is_the_papers_product_of_matrices():
    x = unit_inputs(7, 4)
    start, (first, second), network = pair()
    d_1, d_2 = (pattern.double() for pattern in start.patterns(x))
    a, w, v = start.output_weights, first.T, second.T  # the paper's orientation
    rows = [a @ torch.diag(d_2[i]) @ v @ torch.diag(d_1[i]) @ w @ x[i] for i in range(7)]
    close(quadratic_term(network, start, x), torch.stack(rows))


@pytest.mark.parametrize("biases", [True, False])
def test_mean_over_all_sign_matrices_leaves_no_tangent_term(biases):
    x = unit_inputs(7, 4)
    start, movement, network = pair(biases=biases)
    outputs = torch.stack([start.moved(*movement, signs).frozen(x, start) for signs in SIGNS])
    close(outputs.mean(0), start(x) + quadratic_term(network, start, x))
    close(outputs.var(0, unbiased=False).sqrt(), sign_deviation(network, start, x))
    assert float(tangent_term(network, start, x).norm()) > 0.5  # there was one to remove


def test_it_needs_frozen_patterns():
    x = unit_inputs(7, 4)
    start, movement, network = pair()
    outputs = torch.stack([start.moved(*movement, signs)(x) for signs in SIGNS])
    assert float((outputs.mean(0) - start(x) - quadratic_term(network, start, x)).abs().min()) > 0.01


def test_start_is_a_saddle_of_the_mean_over_the_signs():
    """Gradients by W' and V' at 0 cancel over the signs, and a movement raises or lowers f by its square only."""
    x, slopes = unit_inputs(7, 4), torch.from_numpy(np.random.default_rng(5).standard_normal(7))
    start, movement, _ = pair(1e-3)
    first, second = output_gradients(start, x, slopes)
    total = [sum(first * signs for signs in SIGNS), sum(signs[:, None] * second for signs in SIGNS)]
    for gradient in total:
        assert float(torch.as_tensor(gradient).abs().max()) <= 1e-12
    for sign in (1, -1):  # W', V' and -W', V': both signs occur, so the start is no minimum
        found = torch.stack([start.moved(sign * movement[0], movement[1], signs)(x) for signs in SIGNS]).mean(0)
        term = quadratic_term(start.moved(sign * movement[0], movement[1]), start, x)
        close((found - start(x)) / 1e-6, term / 1e-6, 1e-9)


def test_terms_scale_with_the_movement_and_its_square():
    x = unit_inputs(7, 4)
    start, movement, network = pair()
    tripled = start.moved(3 * movement[0], 3 * movement[1])
    close(tangent_term(tripled, start, x), 3 * tangent_term(network, start, x))
    close(quadratic_term(tripled, start, x), 9 * quadratic_term(network, start, x))
    close(sign_deviation(tripled, start, x), 3 * sign_deviation(network, start, x))
