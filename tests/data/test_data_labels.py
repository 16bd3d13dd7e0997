import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ntkbook.data import random_labels, randomise_portion

SEEDS = st.integers(0, 2**32 - 1)


@given(n=st.integers(1, 200), seed=SEEDS)
def test_random_labels_are_plus_or_minus_one(n, seed):
    y = random_labels(n, np.random.default_rng(seed))
    assert y.shape == (n,)
    assert y.dtype == np.float64
    assert set(y) <= {-1.0, 1.0}


def test_random_labels_are_balanced_and_independent():
    y = random_labels(40_000, np.random.default_rng(0))
    assert abs(y.mean()) < 5 / 200  # five standard deviations
    assert abs((y[1:] * y[:-1]).mean()) < 5 / 200


@given(n=st.integers(1, 60), portion=st.floats(0, 1), seed=SEEDS)
def test_at_most_the_portion_changes(n, portion, seed):
    y = random_labels(n, np.random.default_rng(seed))
    before = y.copy()
    noisy = randomise_portion(y, portion, np.random.default_rng(seed + 1))
    np.testing.assert_array_equal(y, before)
    assert noisy is not y
    assert not np.shares_memory(noisy, y)
    assert noisy.shape == (n,)
    assert set(noisy) <= {-1.0, 1.0}
    assert (noisy != y).sum() <= round(portion * n)


@pytest.mark.parametrize(("n", "portion"), [(10, 0.3), (7, 0.5), (11, 0.26), (5, 1.0), (9, 0.0), (100, 0.125)])
def test_exactly_the_portion_is_drawn_anew(n, portion):
    # Entries never redrawn never change: over many draws the largest number changed at once is the number redrawn.
    rng = np.random.default_rng(1)
    y = np.ones(n)
    count = round(portion * n)
    changed = [(randomise_portion(y, portion, rng) != y).sum() for _ in range(4000)]
    assert max(changed) <= count
    # Each redrawn entry flips with probability 1/2: mean count / 2, variance count / 4.
    assert np.mean(changed) == pytest.approx(count / 2, abs=5 * np.sqrt(count / 4 / 4000))
    assert np.var(changed) == pytest.approx(count / 4, rel=0.15, abs=1e-12)


def test_every_entry_is_as_likely_to_be_chosen():
    rng = np.random.default_rng(2)
    flips = sum((randomise_portion(np.ones(10), 0.4, rng) == -1).astype(int) for _ in range(5000))
    np.testing.assert_allclose(flips / 5000, 0.2, atol=5 * np.sqrt(0.2 * 0.8 / 5000))


def test_no_portion_leaves_labels_and_full_portion_forgets_them():
    y = np.tile([1.0, -1.0], 5000)
    rng = np.random.default_rng(3)
    np.testing.assert_array_equal(randomise_portion(y, 0, rng), y)
    assert abs((randomise_portion(y, 1, rng) * y).mean()) < 5 / 100


def test_same_generator_state_gives_the_same_labels():
    y = np.ones(50)
    first, second = (randomise_portion(y, 0.5, np.random.default_rng(4)) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    first, second = (random_labels(50, np.random.default_rng(4)) for _ in range(2))
    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("portion", [-0.01, 1.01, float("nan"), float("inf")])
def test_portion_outside_zero_to_one_is_an_error(portion):
    with pytest.raises(ValueError, match=r"portion: expected a number in \[0, 1\].*, found"):
        randomise_portion(np.ones(3), portion, np.random.default_rng(0))


@pytest.mark.parametrize("y", [[], np.ones((2, 2)), [0.0, 1.0], [1.0, 2.0], [1.0, np.nan], [np.inf]])
def test_other_labels_are_an_error(y):
    with pytest.raises(ValueError, match=r"^y: expected .*found"):
        randomise_portion(y, 0.5, np.random.default_rng(0))


@pytest.mark.parametrize("n", [0, -3])
def test_no_labels_at_all_is_an_error(n):
    with pytest.raises(ValueError, match=f"n: expected a whole number >= 1, found {n}"):
        random_labels(n, np.random.default_rng(0))
