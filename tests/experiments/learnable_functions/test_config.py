from dataclasses import replace

import pytest

from .tiny import CONFIG


@pytest.mark.parametrize(
    "change",
    [
        lambda: replace(CONFIG, dims=(2, 3)),
        lambda: replace(CONFIG, dims=(4, 5)),
        lambda: replace(CONFIG, n_seeds=0),
        lambda: replace(CONFIG, train_sizes=(50,)),
        lambda: replace(CONFIG, train_sizes=(50, 25)),
        lambda: replace(CONFIG.norms, sizes=(40,)),
        lambda: replace(CONFIG.norms, sizes=(80, 40)),
        lambda: replace(CONFIG.norms, sizes=(40, 40)),
        lambda: replace(CONFIG.nets, width=3),
        lambda: replace(CONFIG.nets, dim=2),
        lambda: replace(CONFIG.nets, max_steps=0),
        lambda: replace(CONFIG.nets, stop=0.0),
        lambda: replace(CONFIG.nets, delta=1.0),
    ],
)
def test_bad_settings_are_refused_at_construction(change):
    with pytest.raises(ValueError, match=r"expected .*found"):
        change()
