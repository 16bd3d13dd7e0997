"""Settings so small that the experiment runs within a second, on data that are always there."""

from ntkbook.experiments.kernel.config import Config

CONFIG = Config("tiny", n=12, widths=(16, 64, 256), n_seeds=3, n_terms=50, n_pairs=5, datasets=("digits",))
