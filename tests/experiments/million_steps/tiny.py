"""Settings so small that the experiment runs within a second."""

from ntkbook.experiments.million_steps import runs
from ntkbook.experiments.million_steps.config import Config

CONFIG = Config("tiny", n=12, runs=runs.Settings(width=24, n_steps=1200, n_exact=1200), datasets=("digits",))
