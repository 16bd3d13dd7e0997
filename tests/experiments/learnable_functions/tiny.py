"""Settings so small that the experiment runs within a second."""

from ntkbook.experiments.learnable_functions import nets, norms
from ntkbook.experiments.learnable_functions.config import Config

CONFIG = Config(
    "tiny",
    dims=(3, 10),
    n_seeds=2,
    norms=norms.Settings(sizes=(40, 80, 160)),
    train_sizes=(25, 50, 100),
    nets=nets.Settings(width=200, max_steps=2000),
)
