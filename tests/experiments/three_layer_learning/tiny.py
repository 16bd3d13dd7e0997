"""Settings so small that the experiment runs within a few seconds."""

from dataclasses import replace

from ntkbook.experiments.three_layer_learning import algorithm_one, frozen_patterns, nets, starvation
from ntkbook.experiments.three_layer_learning.algorithm_runs import Constants
from ntkbook.experiments.three_layer_learning.config import Config
from ntkbook.experiments.three_layer_learning.config_algorithm import ALL_VARIANTS, AlgorithmConfig
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
SHORT = Constants(n_rounds=4, inner_steps=5, step=0.02, batch_size=10)
ALGORITHM = AlgorithmConfig(
    one=algorithm_one.Settings(8, 60, replace(SHORT, candidates=3)),
    variants=ALL_VARIANTS,
    final_scales=(1.0, 0.5),
    risk=SHORT,
    risk_sizes=(50, 100),
    risk_widths=(4, 8),
    risk_noises=(0.0, 2.0),
    frozen=frozen_patterns.Settings(n_train=60, n_steps=20),
    frozen_widths=(8, 16),
    factors=(0.5, 0.1),
    scaling_width=10,
)
CONFIG = Config("tiny", n_seeds=2, figure=FIGURE, algorithm=ALGORITHM)
