"""Settings so small that the experiment runs within a few seconds."""

from ntkbook.experiments.three_layer_learning import nets, starvation
from ntkbook.experiments.three_layer_learning.config import Config
from ntkbook.experiments.three_layer_learning.config_figure import FigureConfig

FIGURE = FigureConfig(
    n_train=200,
    steps=(1e-4, 1.0, 100.0),
    decays=(0.0, 1e-5, 100.0),
    rises=(1e-25, 3.0, 1e4),
    tuned_widths=(20,),
    nets=nets.Settings(n_steps=200, least_epochs=1),
    widths=(20, 100),
    sizes=(100, 200),
    size_width=20,
    linear_sizes=(100, 200),
    tunes_targets=True,
    target_nets=nets.Settings(n_steps=100, least_epochs=1),
    target_width=10,
    frequencies=(1.0, 5.0),
    starvation=starvation.Settings(width=20, epochs=(1, 2)),
)
CONFIG = Config("tiny", n_seeds=2, figure=FIGURE)
