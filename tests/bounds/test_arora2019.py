import math

import mpmath
import numpy as np
import pytest
import torch
from reference import unit_inputs

from ntkbook import data
from ntkbook.bounds import arora2019 as bounds
from ntkbook.kernels import empirical_gram, feature_distance, h_infinity, monte_carlo_gram
from ntkbook.label_norm import NotPositiveDefiniteError, label_norms
from ntkbook.networks import TwoLayer
from ntkbook.spectrum import eigendecompose
from ntkbook.training import gradient_descent


def gate_probability(radius, init_scale):
    """P(|z| <= R) for z ~ N(0, kappa^2), from above by the density at zero times the length 2 R."""
    return 2 * radius / (math.sqrt(2 * math.pi) * init_scale)


def test_rate_and_widths_are_the_printed_formulas():
    assert bounds.theorem_3_1_rate(0.1, 0.4) == pytest.approx(0.98)
    assert bounds.theorem_3_1_width(10, 0.5, 0.1, 0.2) == pytest.approx(10**6 * 2**4 * 10**2 * 5**3)
    assert bounds.theorem_4_1_width(10, 0.5, 0.1, 0.2, 0.25) == pytest.approx(10**7 * 2**4 * 10**2 * 5**4 * 4**2)


def test_movement_is_the_sum_of_the_steps_that_theorem_3_1_allows():
    n, m, lam, size, eta = 30, 500, 0.3, 5.0, 0.01
    # A step moves a neuron by at most eta sqrt(n / m) |y - u(k)|, which falls as (1 - eta lambda_0 / 4)^k or faster.
    steps = mpmath.nsum(lambda k: eta * math.sqrt(n / m) * (1 - eta * lam / 4) ** k * size, [0, mpmath.inf])
    assert bounds.lemma_c1_movement(n, m, lam, size) == pytest.approx(float(steps), rel=1e-9)
    assert math.sqrt(bounds.theorem_3_1_rate(eta, lam)) <= 1 - eta * lam / 4


def test_drifts_are_markov_on_the_share_of_gates_that_can_flip():
    n, radius, kappa, delta = 20, 0.003, 0.1, 0.05
    p = gate_probability(radius, kappa)
    mean_gram_drift = sum(2 * p for _ in range(n) for _ in range(n))  # |H_ij(k) - H_ij(0)|: either gate flips
    assert bounds.lemma_c2_gram_drift(n, radius, kappa, delta) == pytest.approx(mean_gram_drift / delta)
    mean_square = sum(p for _ in range(n))  # |Z(k) - Z(0)|_F^2: one column a sample, each of norm^2 at most p
    assert bounds.lemma_c2_feature_drift(n, radius, kappa, delta) == pytest.approx(math.sqrt(mean_square / delta))


def test_deviation_is_hoeffding_and_a_union_bound_over_entries():
    n, m, delta = 15, 400, 0.01
    entry = bounds.lemma_c3_gram_deviation(n, m, delta) / n
    assert n**2 * 2 * math.exp(-2 * m * entry**2) == pytest.approx(delta, rel=1e-12)


@pytest.mark.parametrize("m", [10, 100, 1000])
def test_deviation_bound_is_not_crossed(m):
    x = unit_inputs(10, 4)
    gram = h_infinity(x)
    seeds = range(20)
    worst = max(float((monte_carlo_gram(x, m, np.random.default_rng(s)) - gram).norm()) for s in seeds)
    bound = bounds.lemma_c3_gram_deviation(10, m, 0.1)
    assert 0.05 * bound <= worst <= bound


@pytest.mark.parametrize("init_scale", [1.0, 0.1])
def test_bounds_along_a_run_are_not_crossed(init_scale):
    n, m, delta = 8, 4000, 0.5
    x = unit_inputs(n, 6)
    y = torch.from_numpy(np.random.default_rng(1).choice([-1.0, 1.0], n))
    spectrum = eigendecompose(h_infinity(x))
    start = TwoLayer.initialise(6, m, np.random.default_rng(2), init_scale=init_scale, dtype=torch.float64)
    eta = 1 / spectrum.lambda_max
    path = gradient_descent(start, x, y, step_size=eta, n_steps=60, record_at=range(61))
    factor = bounds.theorem_3_1_rate(eta, spectrum.lambda_min)
    assert (path.loss[1:] <= factor * path.loss[:-1]).all()
    radius = bounds.lemma_c1_movement(n, m, spectrum.lambda_min, path.residual_norms[0])
    moved = float(path.movement.neurons.max())
    assert 0 < moved <= radius
    weights = path.network.weights
    drift = float((empirical_gram(x, weights) - empirical_gram(x, start.weights)).norm())
    features = feature_distance(x, weights, start.weights)
    assert 0 < drift <= bounds.lemma_c2_gram_drift(n, moved, init_scale, delta)
    assert 0 < features <= bounds.lemma_c2_feature_drift(n, moved, init_scale, delta)


@pytest.mark.parametrize("n", [1, 2, 30])
def test_complexity_matches_numpy_solve(n):
    gram = h_infinity(unit_inputs(n, 5))
    y = torch.from_numpy(np.random.default_rng(0).uniform(-1, 1, n))
    expected = math.sqrt(2 * y.numpy() @ np.linalg.solve(gram.numpy(), y.numpy()) / n)
    found = bounds.complexity_measure(gram, y)
    assert found.shape == ()
    assert float(found) == pytest.approx(expected, rel=1e-11)


def test_complexity_of_an_eigenvector_is_two_over_n_lambda():
    spectrum = eigendecompose(h_infinity(unit_inputs(12, 5)))
    for i in (0, 5, 11):
        found = float(bounds.complexity_measure(h_infinity(unit_inputs(12, 5)), spectrum.eigenvectors[:, i]))
        assert found == pytest.approx(math.sqrt(2 / (12 * float(spectrum.eigenvalues[i]))), rel=1e-10)


def test_complexity_of_many_columns_is_that_of_each_and_scales_with_the_labels():
    gram = h_infinity(unit_inputs(12, 5))
    labels = torch.from_numpy(np.random.default_rng(0).choice([-1.0, 1.0], (12, 4)))
    together = bounds.complexity_measure(gram, labels)
    assert together.shape == (4,)
    for c in range(4):
        torch.testing.assert_close(bounds.complexity_measure(gram, labels[:, c]), together[c], rtol=1e-12, atol=0)
    torch.testing.assert_close(bounds.complexity_measure(gram, labels / 2), together / 2, rtol=1e-12, atol=0)
    torch.testing.assert_close(bounds.complexity_measure(gram, labels.float()), together, rtol=1e-12, atol=0)
    assert float(bounds.complexity_measure(gram, torch.zeros(12))) == 0


@pytest.mark.parametrize("labels", [torch.ones(11), torch.ones(12, 2, 2), torch.tensor(1.0)])
def test_labels_of_another_shape_are_refused(labels):
    with pytest.raises(ValueError, match=r"labels: expected shape \(n,\) or \(n, c\) with n = 12 .* found"):
        bounds.complexity_measure(h_infinity(unit_inputs(12, 5)), labels)


@pytest.mark.parametrize("value", [1.5, -2.0, float("nan"), float("inf")])
def test_labels_beyond_one_are_refused(value):
    labels = torch.ones(12)
    labels[3] = value
    with pytest.raises(ValueError, match=r"labels: expected (values in \[-1, 1\], found .*rescale|finite numbers)"):
        bounds.complexity_measure(h_infinity(unit_inputs(12, 5)), labels)


def test_what_is_no_gram_matrix_is_refused():
    with pytest.raises(ValueError, match="gram: expected float64"):
        bounds.complexity_measure(torch.eye(3), torch.ones(3))


@pytest.mark.parametrize("scale", [1.0, 1e-3, 20.0])
def test_duplicates_are_named(scale):
    x = unit_inputs(20, 5)
    x[13] = scale * x[4]
    with pytest.raises(NotPositiveDefiniteError, match=r"closest inputs are rows 4 and 13 .*drop duplicates"):
        label_norms(h_infinity(x), torch.ones(20))


def test_a_near_parallel_pair_is_no_duplicate():
    pair = torch.from_numpy(data.near_parallel_pair(1e-6, 5, np.random.default_rng(0)))
    found = float(bounds.complexity_measure(h_infinity(pair), torch.tensor([1.0, -1.0])))
    assert found == pytest.approx(math.sqrt(2 * 2 * math.pi / 1e-6), rel=1e-3)  # y along v_min: sqrt(2 / lambda_0)


def test_complexity_of_inputs_that_are_not_of_unit_norm_is_refused():
    with pytest.raises(ValueError, match=r"gram: expected H-infinity of unit inputs, diagonal 1/2, found .*unit_rows"):
        bounds.complexity_measure(h_infinity(2 * unit_inputs(5, 3)), torch.ones(5))


def test_constant_labels_are_a_function_like_any_other():
    gram = h_infinity(unit_inputs(12, 5))
    ones = torch.ones(12, dtype=torch.float64)
    expected = float(2 / 12 * ones @ torch.linalg.solve(gram, ones)) ** 0.5
    assert float(bounds.complexity_measure(gram, ones)) == pytest.approx(expected, rel=1e-12)
