import numpy as np
import pytest
import torch
from reference import forward, unit_inputs

from ntkbook import rademacher
from ntkbook.kernels import empirical_gram, feature_matrix
from ntkbook.networks import TwoLayer

X = unit_inputs(6, 4)
START = TwoLayer.initialise(4, 30, np.random.default_rng(0), dtype=torch.float64)
SIGNS = torch.from_numpy(np.random.default_rng(1).choice([-1.0, 1.0], (6, 5)))


def gain(moved, eps):
    """(1/n) sum_i eps_i (f_W(x_i) - f_W(0)(x_i))."""
    a = START.output_weights
    return float(eps @ (forward(X, START.weights + moved, a) - forward(X, START.weights, a))) / len(X)


def test_linear_suprema_are_attained_in_the_direction_z_eps_and_nowhere_passed():
    z = feature_matrix(X, START.weights, START.output_weights)
    found = rademacher.linear_suprema(empirical_gram(X, START.weights, START.output_weights), SIGNS, 2.5)
    rng = np.random.default_rng(2)
    for eps, supremum in zip(SIGNS.T, found, strict=True):
        best = z @ eps
        best *= 2.5 / best.norm()
        assert float(eps @ (z.T @ best)) / 6 == pytest.approx(float(supremum), rel=1e-12)
        other = torch.from_numpy(rng.standard_normal((len(z), 50)))
        other *= 2.5 / other.norm(dim=0)
        assert bool(((eps @ (z.T @ other)) / 6 <= supremum).all())


def test_mean_linear_supremum_is_below_jensens_bound_and_near_it():
    gram = empirical_gram(X, START.weights)
    signs = torch.from_numpy(np.random.default_rng(3).choice([-1.0, 1.0], (6, 4000)))
    mean = float(rademacher.linear_suprema(gram, signs, 1.0).mean())
    jensen = float(gram.diagonal().sum().sqrt()) / 6
    assert 0.9 * jensen < mean < jensen


def test_inputs_in_reach_are_counted_for_each_neuron():
    expected = [sum(abs(float(w @ x)) <= 0.3 for x in X) for w in START.weights.T]
    assert rademacher.inputs_in_reach(X, START.weights, 0.3).tolist() == expected
    assert float(rademacher.inputs_in_reach(X, START.weights, 0.0).sum()) == 0
    assert float(rademacher.inputs_in_reach(X, START.weights, 1e9).mean()) == 6


@pytest.mark.parametrize(("neuron", "total"), [(0.05, 0.2), (0.3, 1.0), (0.1, 10.0), (10.0, 0.5)])
def test_ascent_stays_below_the_bound_that_holds_for_every_net_of_the_ball(neuron, total):
    found = rademacher.ascended_suprema(START, X, SIGNS, neuron_radius=neuron, total_radius=total)
    linear = rademacher.linear_suprema(empirical_gram(X, START.weights), SIGNS, total)
    in_reach = rademacher.inputs_in_reach(X, START.weights, neuron)
    flips = 2 * neuron * 30**0.5 * float(in_reach.mean()) / 6
    assert bool((found <= linear + flips).all())
    assert bool((found <= linear + rademacher.flips_capped(in_reach, 6, total)).all())
    assert bool((found > 0).all())


@pytest.mark.parametrize(("neuron", "total"), [(0.05, 0.2), (0.3, 1.0), (10.0, 0.5)])
def test_ascent_beats_random_nets_of_the_ball(neuron, total):
    found = rademacher.ascended_suprema(START, X, SIGNS, neuron_radius=neuron, total_radius=total)
    rng = np.random.default_rng(4)
    for eps, attained in zip(SIGNS.T, found, strict=True):
        for _ in range(100):
            moved = torch.from_numpy(rng.standard_normal((4, 30)))
            moved *= 100
            moved *= rademacher._inside(moved.norm(dim=0), neuron, total)
            assert float(moved.norm()) <= total * (1 + 1e-12)
            assert float(moved.norm(dim=0).max()) <= neuron * (1 + 1e-12)
            assert gain(moved, eps) <= float(attained)


@pytest.mark.parametrize(("neuron", "total"), [(0.05, 0.2), (0.3, 1.0), (10.0, 0.5)])
def test_ascent_is_that_in_weight_space_with_the_gradient_of_autograd(neuron, total):
    found = rademacher.ascended_suprema(START, X, SIGNS, neuron_radius=neuron, total_radius=total, n_steps=7)
    for eps, attained in zip(SIGNS.T, found, strict=True):
        moved, seen = torch.zeros_like(START.weights), [0.0]
        for step in range(7):
            weights = (START.weights + moved).requires_grad_()
            (gradient,) = torch.autograd.grad(eps @ forward(X, weights, START.output_weights), weights)
            moved += gradient / gradient.norm() * total / (4 if step else 1)
            moved *= (neuron / moved.norm(dim=0)).clamp(max=1)
            moved *= min(1.0, total / float(moved.norm()))
            seen.append(gain(moved, eps))
        assert float(attained) == pytest.approx(max(seen), rel=1e-10)


def test_ascent_in_a_small_ball_finds_the_linear_supremum():
    radius = 1e-6  # no gate flips
    found = rademacher.ascended_suprema(START, X, SIGNS, neuron_radius=radius, total_radius=radius)
    linear = rademacher.linear_suprema(empirical_gram(X, START.weights), SIGNS, radius)
    torch.testing.assert_close(found, linear, rtol=1e-6, atol=0)


def test_ascent_leaves_the_start_alone_and_ignores_its_output():
    before = START.weights.clone()
    rademacher.ascended_suprema(START, X, SIGNS, neuron_radius=0.1, total_radius=1.0)
    assert torch.equal(START.weights, before)
    frozen = rademacher.ascended_suprema(START, X, SIGNS, neuron_radius=0.0, total_radius=1.0)
    torch.testing.assert_close(frozen, torch.zeros(5, dtype=torch.float64))


def test_cap_on_flips_is_what_cauchy_schwarz_says():
    in_reach = torch.tensor([3.0, 0.0, 4.0, 0.0])
    assert rademacher.flips_capped(in_reach, 10, 2.0) == pytest.approx(2.0 * 5 / (10 * 2))
