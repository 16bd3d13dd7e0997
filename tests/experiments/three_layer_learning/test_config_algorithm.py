"""Settings of the algorithm's half refuse what its claims could not be read from."""

from dataclasses import replace

import pytest

from ntkbook.experiments.three_layer_learning.claims_algorithm import NEEDLESS
from ntkbook.experiments.three_layer_learning.config_algorithm import ALGORITHM

from .tiny import ALGORITHM as TINY


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"variants": ("plain", "no signs")}, "variants: expected full and some of .* found plain, no signs"),
        ({"variants": ("full", "no momentum")}, "variants: expected full and some of .* found full, no momentum"),
        ({"risk_sizes": (100,)}, r"risk_sizes: expected at least two increasing values, found \(100,\)"),
        ({"frozen_widths": (16, 8)}, r"frozen_widths: expected at least two increasing values, found \(16, 8\)"),
        ({"risk_noises": (1.0, 2.0)}, "risk_noises, factors: expected 0 first"),
        ({"factors": (0.1,)}, "risk_noises, factors: .* 1/2 among the factors"),
    ],
)
def test_settings_are_refused_by_name(changes, message):
    with pytest.raises(ValueError, match=message):
        replace(TINY, **changes)


def test_profiles_grow_and_the_larger_ones_try_every_ingredient():
    quick, laptop, paper = (ALGORITHM[name] for name in ("quick", "laptop", "paper"))
    for small, large in ((quick, laptop), (laptop, paper)):
        assert small.risk_sizes[-1] < large.risk_sizes[-1]
        assert small.frozen_widths[-1] < large.frozen_widths[-1]
        assert set(small.variants) <= set(large.variants)
    assert set(NEEDLESS) <= set(laptop.variants)
    assert "no signs" in quick.variants
