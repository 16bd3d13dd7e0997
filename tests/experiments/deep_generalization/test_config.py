from dataclasses import replace

import pytest

from .tiny import CONFIG


@pytest.mark.parametrize(
    "change",
    [
        lambda: replace(CONFIG, n_seeds=0),
        lambda: replace(CONFIG, pool=(79, 60)),
        lambda: replace(CONFIG, widths=(32,)),
        lambda: replace(CONFIG, widths=(64, 32)),
        lambda: replace(CONFIG, train_sizes=(20, 20)),
        lambda: replace(CONFIG, portions=(0.1, 1)),
        lambda: replace(CONFIG, portions=(0, 0.5)),
        lambda: replace(CONFIG, portions=(0, 0.5, 0.2, 1)),
        lambda: replace(CONFIG, depths=(1, 4)),
        lambda: replace(CONFIG.margins, n=1),
        lambda: replace(CONFIG.margins, depth=1),
        lambda: replace(CONFIG.features, counts=(60,)),
        lambda: replace(CONFIG.features, counts=(60, 20)),
        lambda: replace(CONFIG.features, counts=(12, 60)),
        lambda: replace(CONFIG.certificates, sizes=(10,)),
        lambda: replace(CONFIG.certificates, sizes=(20, 10)),
        lambda: replace(CONFIG.by_width, n_steps=0),
        lambda: replace(CONFIG.by_width, rate=0),
        lambda: replace(CONFIG.by_width, reach=(1.0, 0.0)),
        lambda: replace(CONFIG.by_width, delta=1),
    ],
)
def test_bad_settings_are_refused_at_construction(change):
    with pytest.raises(ValueError, match=r"expected .*found"):
        change()
