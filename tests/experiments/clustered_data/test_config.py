from dataclasses import replace

import pytest

from ntkbook.experiments.clustered_data.clusters import Clusters

from .tiny import CONFIG


@pytest.mark.parametrize(
    "change",
    [
        lambda: replace(CONFIG, widths=(32,)),
        lambda: replace(CONFIG, widths_images=(128, 32)),
        lambda: replace(CONFIG, n_seeds=0),
        lambda: replace(CONFIG, n_seeds_images=0),
        lambda: replace(CONFIG, n_images=0),
        lambda: replace(CONFIG, n_images_test=0),
        lambda: replace(CONFIG, n_arrays=0),
        lambda: replace(CONFIG.grid, sigmas=(0.0, 1.0)),
        lambda: replace(CONFIG.grid, dims=(5, 40)),
        lambda: replace(CONFIG.grid, ks=(3, 40)),
        lambda: replace(CONFIG.grid, ls=(1, 6)),
        lambda: replace(CONFIG.synthetic, n_points=0),
        lambda: replace(CONFIG.synthetic, n_probe=0),
        lambda: replace(CONFIG.structure, width=0),
        lambda: replace(CONFIG.labels, n_probe=0),
        lambda: replace(CONFIG.xor, n_points=0),
        lambda: replace(CONFIG.simple, width=0),
        lambda: Clusters(n_classes=3, dim=10),
    ],
)
def test_bad_settings_are_refused_at_construction(change):
    with pytest.raises(ValueError, match=r"expected .*found"):
        change()
