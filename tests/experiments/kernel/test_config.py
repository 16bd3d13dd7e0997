from dataclasses import FrozenInstanceError, replace

import pytest

from .tiny import CONFIG


@pytest.mark.parametrize(
    "changes",
    [{"n": 1}, {"n_seeds": 0}, {"widths": (8,)}, {"widths": (0, 8)}, {"delta": 0.0}, {"delta": 1.0}],
)
def test_bad_settings_are_refused_at_construction(changes):
    with pytest.raises(ValueError, match=r"expected .*found"):
        replace(CONFIG, **changes)


def test_settings_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        CONFIG.__setattr__("profile", "other")
