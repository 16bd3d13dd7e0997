import numpy as np
import pytest

from ntkbook.streams import Streams


def test_streams_of_different_names_keys_and_seeds_are_independent():
    keys = [("weights",), ("labels",), ("weights", 0), ("weights", 1), ("weights", 0, 0), ("weights", 0, 1)]
    draws = [Streams(seed)(*key).standard_normal(2000) for seed in (0, 1) for key in keys]
    correlations = np.corrcoef(draws)
    assert np.abs(correlations - np.eye(len(draws))).max() <= 5 / 2000**0.5


def test_a_stream_is_repeatable_and_depends_on_its_own_name_alone():
    streams = Streams(3)
    first = streams("weights", 100, 2).standard_normal(5)
    streams("labels").standard_normal(7)
    np.testing.assert_array_equal(Streams(3)("weights", 100, 2).standard_normal(5), first)


def test_the_first_numbers_of_a_stream_are_pinned():
    """Records were made with them: another way to derive streams would be another experiment."""
    assert Streams(0)("weights", 64, 1).integers(1000, size=4).tolist() == [978, 210, 749, 283]


def test_a_negative_key_is_refused():
    with pytest.raises(ValueError):
        Streams(0)("weights", -1)
