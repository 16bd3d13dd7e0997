from dataclasses import replace

import pytest

from .tiny import CONFIG


@pytest.mark.parametrize(
    "change",
    [
        lambda: replace(CONFIG, widths=(64,)),
        lambda: replace(CONFIG, widths=(64, 32)),
        lambda: replace(CONFIG, start_widths=(64, 64)),
        lambda: replace(CONFIG, sizes=(10, 30)),
        lambda: replace(CONFIG, run_sizes=(20, 10)),
        lambda: replace(CONFIG, n_seeds=0),
        lambda: replace(CONFIG, n_start_seeds=0),
        lambda: replace(CONFIG, shapes=((1, 64), (2, 64), (2, 128))),
        lambda: replace(CONFIG, shapes=()),
        lambda: replace(CONFIG, shapes=((1, 64), (1, 128))),
        lambda: replace(CONFIG.short, n=1),
        lambda: replace(CONFIG.short, n_steps=1),
        lambda: replace(CONFIG.short, rate=0.0),
        lambda: replace(CONFIG.certificates, width=3),
        lambda: replace(CONFIG.linearity, radii=(0.1,)),
        lambda: replace(CONFIG.linearity, radii=(0.1, 0.05)),
        lambda: replace(CONFIG.linearity, radii=(0.0, 0.05)),
        lambda: replace(CONFIG.linearity, n_probes=11),
        lambda: replace(CONFIG.start, sizes=(5,)),
        lambda: replace(CONFIG.start, sizes=(1, 5)),
        lambda: replace(CONFIG.antipodal, n_pairs=10),
        lambda: replace(CONFIG.antipodal, width=3),
        lambda: replace(CONFIG.large_steps, n_steps=1),
        lambda: replace(CONFIG.large_steps, width=3),
    ],
)
def test_bad_settings_are_refused_at_construction(change):
    with pytest.raises(ValueError, match=r"expected .*found"):
        change()
