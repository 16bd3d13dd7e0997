"""Settings so small that the experiment runs within a few seconds."""

from dataclasses import replace

from ntkbook.experiments.three_layer_learning import algorithm_one, frozen_patterns, nets, starvation
from ntkbook.experiments.three_layer_learning.algorithm_runs import Constants
from ntkbook.experiments.three_layer_learning.config import Config
from ntkbook.experiments.three_layer_learning.config_algorithm import ALL_VARIANTS, AlgorithmConfig
from ntkbook.experiments.three_layer_learning.config_figure import FigureConfig

FIGURE = FigureConfig(
    n_train=80,
    steps=(1e-4, 1.0, 100.0),
    decays=(0.0, 1e-5, 100.0),
    rises=(1e-25, 10.0, 1e4),
    tuned_widths=(20,),
    nets=nets.Settings(n_steps=100, least_epochs=1),
    widths=(20, 100),
    sizes=(60, 80),
    size_width=20,
    linear_sizes=(60, 80),
    wide=100,
    wide_sizes=(60, 80),
    tunes_targets=True,
    target_nets=nets.Settings(n_steps=50, least_epochs=1),
    target_width=10,
    frequencies=(1.0, 5.0),
    starvation=starvation.Settings(width=20, epochs=(1, 2)),
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
