"""Settings so small that the experiment runs within a few seconds."""

from ntkbook.experiments.three_layer_learning.config import Config

CONFIG = Config("tiny", n_seeds=2)
