"""Settings so small that the experiment runs within a second, on data that are always there."""

from ntkbook.experiments.generalization import balls, nets, pairs
from ntkbook.experiments.generalization.config import Config
from ntkbook.experiments.generalization.descent import Descent

CONFIG = Config(
    "tiny",
    datasets=("digits",),
    trained=("digits",),
    n_measure=24,
    n_train=20,
    n_test=20,
    portions=(0.0, 0.25, 0.5, 0.75, 1.0),
    n_draws=(2,),
    nets=nets.Settings(width=64, max_steps=2000),
    square=nets.Settings(width=20, max_steps=2000, rtol=1e-2),
    square_portions=(0.0, 1.0),
    n_widths=12,
    widths=(32, 128, 512),
    n_seeds=3,
    balls=balls.Settings(max_steps=2000, low_loss=1e-2),
    n_pair=10,
    pairs=pairs.Settings(width=64, max_steps=50),
    angles=(1.0, 0.1),
    descent=Descent(stop_loss=0.05),
)
