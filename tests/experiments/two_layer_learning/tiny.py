"""Settings so small that the experiment runs within two seconds."""

from ntkbook.experiments.two_layer_learning import memory, parity, risk, widths
from ntkbook.experiments.two_layer_learning.config import Config
from ntkbook.experiments.two_layer_learning.nets import Recipe

RECIPE = Recipe(batch_size=10)
CONFIG = Config(
    "tiny",
    n_seeds=2,
    sizes=(10, 20),
    risk_widths=(4, 8),
    risk=risk.Settings(n_steps=30, n_seeds=2, n_validation=40, n_test=50, recipe=RECIPE),
    net_widths=(4, 8),
    nets=widths.Settings(n_steps=20, n_seeds=2, sizes=(20, 30), n_test=50, recipe=RECIPE),
    portions=(0.0, 1.0),
    memory=memory.Settings(width=20, n_steps=30, n=20, n_test=50, recipe=RECIPE),
    output_scales=(1.0, 3.0),
    parity=parity.Settings(
        width=60, n_steps=100, n_train=300, n_validation=100, n_test=100, steps=(0.01, 0.1, 1.0, 10.0)
    ),
)
