"""Bounds of Section 5: what the nets that gradient descent finds do on new inputs."""

import math

import numpy as np
import pytest

from ntkbook.bounds import arora2019_generalization as bounds
from ntkbook.networks import TwoLayer

SETTING = {"neuron_radius": 0.02, "total_radius": 3.0, "n": 50, "width": 4000, "init_scale": 0.5, "delta": 0.1}


def test_lemma_5_4_is_the_sum_of_its_terms_as_printed():
    found = bounds.lemma_5_4_rademacher(**SETTING)
    r, b, n, m, kappa, delta = SETTING.values()
    log = math.log(2 / delta)
    printed = b / math.sqrt(2 * n) * (1 + (2 * log / m) ** (1 / 4)) + 2 * r**2 * m**0.5 / kappa + r * (2 * log) ** 0.5
    assert found.total == pytest.approx(printed, rel=1e-14)
    assert found.total == found.linear + found.flips + found.deviation


def test_lemma_5_4_rounds_the_constants_of_its_proof_up():
    found = bounds.lemma_5_4_rademacher(**SETTING)
    r, b, n, m, kappa, delta = SETTING.values()
    share = bounds.lemma_5_4_events(r, m, kappa, delta)
    gates_on = n * (0.5 + math.sqrt(math.log(2 / delta) / (2 * m)))  # bound on |Z(0)|_F^2
    in_proof = b / n * math.sqrt(gates_on) + 2 * r * m**0.5 * share
    assert in_proof <= found.total <= 1.3 * in_proof


def test_copies_of_neurons_count_once_in_hoeffdings_inequality_and_fully_in_the_width():
    once, twice = (bounds.lemma_5_4_rademacher(**SETTING, copies=c) for c in (1, 2))
    assert twice.linear == bounds.lemma_5_4_rademacher(**SETTING | {"width": 2000}).linear
    assert twice.flips == once.flips
    assert twice.deviation == pytest.approx(2**0.5 * once.deviation)
    share = [bounds.lemma_5_4_events(0.02, 4000, 0.5, 0.1, copies=c) for c in (1, 2)]
    mean = math.sqrt(2 / math.pi) * 0.02 / 0.5
    assert share[1] - mean == pytest.approx(2**0.5 * (share[0] - mean))


def test_first_term_of_lemma_5_4_tends_to_b_over_root_2n():
    wide = bounds.lemma_5_4_rademacher(**SETTING | {"width": 10**16})
    assert wide.linear == pytest.approx(3 / math.sqrt(100), rel=1e-3)
    for m in (100, 10_000):
        narrow, wider = (bounds.lemma_5_4_rademacher(**SETTING | {"width": w}) for w in (m, 16 * m))
        excess = (narrow.linear / 0.3 - 1) / (wider.linear / 0.3 - 1)
        assert excess == pytest.approx(2, rel=1e-12)


@pytest.mark.parametrize("init_scale", [1.0, 0.1])
def test_share_of_flippable_gates_stays_under_its_bound(init_scale):
    rng, radius = np.random.default_rng(0), 0.05 * init_scale
    x = np.eye(6)[:3]
    weights = TwoLayer.initialise(6, 200_000, rng, init_scale=init_scale).weights.numpy()
    share = (np.abs(x @ weights) <= radius).mean()
    bound = bounds.lemma_5_4_events(radius, 200_000, init_scale, 0.1)
    assert 0.9 * bound < share <= bound  # tight for small R / kappa: the density of a Gaussian at 0


def test_theorem_b_1_is_twice_the_complexity_and_the_price_of_a_sample():
    assert bounds.theorem_b_1(0.25, 200, 0.1) == pytest.approx(0.5 + 3 * math.sqrt(math.log(20) / 400))
    finite = [bounds.theorem_b_1(0.0, n, 0.1) for n in (100, 400)]
    assert finite[0] == pytest.approx(2 * finite[1])


def test_theorem_b_1_holds_for_a_class_whose_complexity_is_known():
    """Thresholds on [0, 1] with 0-1 loss: the largest gap between population and sample over many samples."""
    rng, n, gaps = np.random.default_rng(1), 200, []
    grid = np.linspace(0, 1, 101)
    for _ in range(200):
        sample = rng.uniform(size=n)
        gaps.append(np.max(grid - (sample[:, None] < grid).mean(0)))
    rademacher = []
    sample = rng.uniform(size=n)
    for _ in range(300):
        signs = rng.choice([-1, 1], n)
        rademacher.append(np.max(signs @ (sample[:, None] < grid)) / n)
    bound = bounds.theorem_b_1(float(np.mean(rademacher)), n, 0.1)
    assert np.mean(np.array(gaps) <= bound) >= 0.9
    assert bound < 1


def test_remainder_of_theorem_5_1_has_the_order_that_the_theorem_prints():
    ratio = [
        bounds.theorem_5_1_remainder(n, lam, 0.1) / math.sqrt(math.log(n / lam / 0.1) / n)
        for n in (10**2, 10**4, 10**8)
        for lam in (1e-1, 1e-4)
    ]
    assert max(ratio) / min(ratio) < 2
    assert bounds.theorem_5_1_remainder(10**12, 0.1, 0.1) < 1e-4


def test_remainder_of_theorem_5_1_is_the_proof_added_up():
    n, lam, delta = 100, 0.04, 0.2
    balls = 50  # sqrt(100 / 0.04)
    expected = 1 / 10 + 2 * 2 / 10 + 3 * math.sqrt(math.log(2 * 3 * balls / delta) / 200)
    assert bounds.theorem_5_1_remainder(n, lam, delta) == pytest.approx(expected, rel=1e-12)


def test_what_the_theorem_asks_of_kappa_and_what_kappa_costs():
    assert bounds.theorem_5_1_init_scale(1000, 0.02, 0.1) == pytest.approx(2e-6)
    assert bounds.lemma_5_3_leading(7.0, 100, 0.05, 0.0, 0.1) == 7
    assert bounds.lemma_5_3_leading(7.0, 100, 0.05, 0.01, 0.1) == pytest.approx(7 + 1 / 0.005)
