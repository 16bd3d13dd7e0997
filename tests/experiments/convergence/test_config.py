from dataclasses import replace

import pytest

from .tiny import CONFIG


@pytest.mark.parametrize(
    "change",
    [
        lambda: replace(CONFIG, n_spectra=1),
        lambda: replace(CONFIG, n_curves=1),
        lambda: replace(CONFIG, n_short_runs=1),
        lambda: replace(CONFIG, n_seeds=0),
        lambda: replace(CONFIG, widths=(8,)),
        lambda: replace(CONFIG, init_scales=(1.0,)),
        lambda: replace(CONFIG.step_size, step_scale=0.0),
        lambda: replace(CONFIG.step_size, max_sharpness=2.0),
        lambda: replace(CONFIG.step_size, max_sharpness=0.0),
        lambda: replace(CONFIG.curves, width=0),
        lambda: replace(CONFIG.curves, n_steps=0),
        lambda: replace(CONFIG.curves, horizon=0),
        lambda: replace(CONFIG.curves, init_scale=0.0),
        lambda: replace(CONFIG.short_runs, n_steps=0),
        lambda: replace(CONFIG.short_runs, per_decade=0),
    ],
)
def test_bad_settings_are_refused_at_construction(change):
    with pytest.raises(ValueError, match=r"expected .*found"):
        change()
