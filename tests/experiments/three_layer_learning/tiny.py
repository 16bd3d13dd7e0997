"""Settings so small that the experiment runs within a few seconds."""

from dataclasses import replace

from ntkbook.experiments.three_layer_learning import algorithm_one, frozen_patterns
from ntkbook.experiments.three_layer_learning.algorithm_runs import Constants
from ntkbook.experiments.three_layer_learning.config import ALL_VARIANTS, Config

SHORT = Constants(n_rounds=4, inner_steps=5, step=0.02, batch_size=10)
CONFIG = Config(
    "tiny",
    n_seeds=2,
    algorithm=algorithm_one.Settings(8, 60, replace(SHORT, candidates=3)),
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
