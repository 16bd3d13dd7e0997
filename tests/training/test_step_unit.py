import numpy as np
import pytest
import torch

from ntkbook.training import linearised_sgd, step_unit

N, D, B = 1000, 20, 50


def quadratic(d=D):
    """Features of one norm, sqrt(d), and targets that they can fit."""
    rng = np.random.default_rng(0)
    features = torch.from_numpy(rng.standard_normal((N, d)))
    features *= d**0.5 / features.norm(dim=1, keepdim=True)
    return features @ features.T, features @ torch.from_numpy(rng.standard_normal(d))


def growth(gram, y, step_size, momentum):
    """Train error after 1000 steps of one size, over that at the start."""
    settings = {"batch_size": B, "n_steps": 2000, "momentum": momentum, "record_at": (1000,)}
    path = linearised_sgd(gram, y, step_size=step_size, rng=np.random.default_rng(1), **settings)
    return path.train_errors[path.steps == 1000][0] / path.train_errors[0]


def test_unit_is_the_formula():
    gram, _ = quadratic()
    lam, trace = float(torch.linalg.eigvalsh(gram)[-1]), float(gram.trace())
    for beta in (0.0, 0.9):
        unit = 1 / (lam / N / (1 + beta) + trace / (N * B * (1 - beta)))
        np.testing.assert_allclose(step_unit(gram, B, momentum=beta), unit, rtol=1e-10)
    np.testing.assert_allclose(step_unit(torch.tensor([[4.0]]), 1), 1 / 8)


@pytest.mark.parametrize(("d", "momentum"), [(20, 0.0), (20, 0.5), (20, 0.9), (200, 0.9)])
def test_twice_the_unit_is_the_edge_of_stability(d, momentum):
    gram, y = quadratic(d)
    unit = step_unit(gram, B, momentum=momentum)
    assert growth(gram, y, unit, momentum) < 1e-8
    assert growth(gram, y, 1.6 * unit, momentum) < 1e-4
    assert growth(gram, y, 2.5 * unit, momentum) > 1e3


def test_without_the_second_term_a_batch_of_50_diverges_at_d_20_under_momentum():
    gram, y = quadratic()
    top = float(torch.linalg.eigvalsh(gram)[-1]) / N
    assert growth(gram, y, 1 / top, momentum=0.9) > 1e20
    with_noise_but_no_momentum_in_it = 1 / (top + float(gram.trace()) / (N * B))
    assert growth(gram, y, with_noise_but_no_momentum_in_it, momentum=0.9) > 1e10
    assert growth(gram, y, with_noise_but_no_momentum_in_it, momentum=0.0) < 1e-20


def test_without_momentum_the_second_term_decides_where_d_exceeds_the_batch():
    gram, y = quadratic(200)
    top = float(torch.linalg.eigvalsh(gram)[-1]) / N
    assert growth(gram, y, 1 / top, momentum=0.0) > 1e20


def test_full_batches_with_momentum_may_go_to_2_of_1_plus_beta_over_lambda():
    gram, y = (part[..., :40] for part in quadratic())
    gram = gram[:40]
    top = float(torch.linalg.eigvalsh(gram)[-1]) / 40
    for factor, stable in ((0.99, True), (1.01, False)):
        settings = {"batch_size": 40, "n_steps": 4000, "momentum": 0.5, "record_at": (2000,)}
        path = linearised_sgd(gram, y, step_size=factor * 3 / top, rng=np.random.default_rng(1), **settings)
        assert (path.train_errors[path.steps == 2000][0] < path.train_errors[0]) == stable
