"""Settings so small that the experiment runs within a second, on images that are always there."""

from ntkbook.experiments.clustered_data import labels, simple, structure, synthetic, xor
from ntkbook.experiments.clustered_data.clusters import Clusters
from ntkbook.experiments.clustered_data.config import Config
from ntkbook.experiments.clustered_data.coupling import Pace
from ntkbook.experiments.clustered_data.training import Recipe

_SMALL = Clusters(n_classes=3, dim=30)
_RECIPE = Recipe(n_steps=30, batch_size=8, first=7)

CONFIG = Config(
    "tiny",
    n_seeds=2,
    widths=(32, 128, 512),
    synthetic=synthetic.Settings(Clusters(n_classes=3, dim=40), n_points=60, n_probe=30, recipe=_RECIPE),
    separated=synthetic.Settings(_SMALL, n_points=60, n_probe=30, recipe=_RECIPE, mixture="separated"),
    images="digits",
    n_seeds_images=2,
    n_images=200,
    n_images_test=50,
    widths_images=(32, 128),
    recipe_images=Recipe(n_steps=15, batch_size=16, rate=4000.0),
    grid=structure.Grid(sigmas=(0.5, 2.0), ks=(3, 4), ls=(1, 2), dims=(10, 40), base=_SMALL),
    structure=structure.Settings(width=64, n_points=60, n_probe=30, recipe=_RECIPE),
    labels=labels.Settings(width=64, recipe=Recipe(n_steps=40, batch_size=8), clusters=_SMALL, n_points=60, n_probe=30),
    xor=xor.Settings(width=50, recipe=Recipe(n_steps=40, batch_size=8), n_points=60),
    simple=simple.Settings(width=400, clusters=_SMALL),
    slow=Pace(rate=0.01, n_steps=10),
    paper=Pace(rate=10.0, n_steps=30),
    n_arrays=3,
)
