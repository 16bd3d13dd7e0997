from dataclasses import replace

import pytest

from .tiny import CONFIG, RECIPE


@pytest.mark.parametrize(
    "change",
    [
        lambda: replace(CONFIG, sizes=(20,)),
        lambda: replace(CONFIG, risk_widths=(8, 4)),
        lambda: replace(CONFIG, net_widths=(4, 4)),
        lambda: replace(CONFIG, portions=(0.0, 0.5)),
        lambda: replace(CONFIG, portions=(0.5, 1.0)),
        lambda: replace(CONFIG, output_scales=(1.0,)),
        lambda: replace(CONFIG, n_seeds=3),
        lambda: replace(CONFIG.risk, n_steps=0),
        lambda: replace(CONFIG.risk, noise=(0.5, 1.0)),
        lambda: replace(CONFIG.risk, noise=(0.0,)),
        lambda: replace(CONFIG.nets, n_steps=0),
        lambda: replace(CONFIG.nets, level=1.0),
        lambda: replace(CONFIG.nets, moments=(0.0, 0.5)),
        lambda: replace(CONFIG.nets, moments=(0.5, 0.1, 1.0)),
        lambda: replace(CONFIG.memory, width=0),
        lambda: replace(CONFIG.memory, n=1),
        lambda: replace(CONFIG.parity, n_validation=0),
        lambda: replace(RECIPE, step=0.0),
        lambda: replace(RECIPE, batch_size=0),
        lambda: replace(RECIPE, output_scale=0.0),
    ],
)
def test_bad_settings_are_refused_at_construction(change):
    with pytest.raises(ValueError, match=r"expected .*found"):
        change()
