"""Settings so small that the experiment runs within a few seconds."""

from ntkbook.experiments.three_layer_learning import nets, starvation
from ntkbook.experiments.three_layer_learning.config import Config
from ntkbook.experiments.three_layer_learning.config_figure import FigureConfig

FIGURE = FigureConfig(
    steps=(0.1, 1.0, 10.0),
    decays=(0.0, 1e-5, 1e-3),
    rises=(0.1, 3.0, 100.0),
    tuned_widths=(10,),
    nets=nets.Settings(n_steps=60, least_epochs=1),
    widths=(10, 100),
    sizes=(500, 1000),
    size_width=20,
    linear_sizes=(500, 1000),
    target_nets=nets.Settings(n_steps=40, least_epochs=1),
    target_width=10,
    frequencies=(1.0, 5.0),
    starvation=starvation.Settings(width=20, n_train=100, epochs=(1, 2)),
)
CONFIG = Config("tiny", n_seeds=2, figure=FIGURE)
