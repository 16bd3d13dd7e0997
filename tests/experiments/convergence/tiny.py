"""Settings so small that the experiment runs within a second."""

from ntkbook.experiments.convergence import curves, short_runs
from ntkbook.experiments.convergence.config import Config

CONFIG = Config(
    "tiny",
    n_spectra=300,
    n_curves=16,
    curves=curves.Settings(width=64, n_steps=30, horizon=1000),
    n_short_runs=12,
    widths=(32, 128, 512),
    n_seeds=2,
    short_runs=short_runs.Settings(n_steps=20),
    datasets=("digits",),
)
