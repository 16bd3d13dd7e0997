from math import comb

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from ntkbook.reporting.guessing import LEVEL, beats_guessing


@given(n=st.integers(2, 40), k=st.integers(2, 4), skill=st.floats(0, 1), seed=st.integers(0, 999))
@settings(max_examples=60, deadline=None)
def test_the_rule_is_the_binomial_tail_of_inputs_that_one_of_both_gets_right(n, k, skill, seed):
    rng = np.random.default_rng(seed)
    of = np.append(np.arange(k), rng.integers(0, k, n))
    margins = np.where(rng.random(len(of)) < skill, 0.5, -0.5)
    largest = np.bincount(of).argmax()
    won = sum(m > 0 and c != largest for m, c in zip(margins, of, strict=True))
    lost = sum(m < 0 and c == largest for m, c in zip(margins, of, strict=True))
    tail = sum(comb(won + lost, j) for j in range(won, won + lost + 1)) / 2 ** (won + lost)
    assert beats_guessing(margins, of) == (tail <= LEVEL)


def test_guessing_does_not_beat_itself_and_silence_does_not_either():
    of = np.array([0] * 30 + [1] * 10)
    assert not beats_guessing(np.where(of == 0, 1.0, -1.0), of)
    assert not beats_guessing(np.zeros(40), of)
    assert beats_guessing(np.ones(40), of)


def test_coins_pass_for_better_as_rarely_as_the_level_says():
    rng, of = np.random.default_rng(0), np.arange(120) % 2
    passed = np.mean([beats_guessing(rng.choice([-1.0, 1.0], 120), of) for _ in range(1000)])
    assert passed < LEVEL + 3 * (LEVEL / 1000) ** 0.5
